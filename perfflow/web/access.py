"""Who may call a route: every view declares one permission, or that it is public."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.i18n import translate
from perfflow.kernel.actor import Role
from perfflow.kernel.errors import NotAllowed
from perfflow.web.permissions import GRANTS, Permission, permits
from perfflow.web.requests import current_language, current_person
from perfflow.web.responses import local_path, problem_json, wants_json

P = ParamSpec("P")
R = TypeVar("R")
DECLARED = "perfflow_permission"
PUBLIC = "public"


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Let only people with ``permission`` in; others are asked to sign in, or refused with 403."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            person = current_person()
            if person is None:
                return ask_to_sign_in()
            if not permits(person.actor, permission):
                raise NotAllowed("web.not_for_your_role", roles=holders(permission))
            return view(*args, **kwargs)

        setattr(guarded, DECLARED, permission)
        return guarded

    return decorate


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Declare that a route is open to people who have not signed in."""
    setattr(view, DECLARED, PUBLIC)
    return view


def holders(permission: Permission) -> str:
    """The names of the roles that hold ``permission``, for a sentence in the reader's language."""
    language = current_language()
    separator = "、" if language == "zh" else ", "
    return separator.join(
        translate(f"web.role.{role.value}", None, language)
        for role in Role
        if role in GRANTS[permission]
    )


def ask_to_sign_in() -> Response:
    """The way to the sign-in page and back again; 401 for programs."""
    if wants_json():
        return problem_json(401, "web.sign_in_first")
    target = local_path(request.full_path.rstrip("?")) if request.method == "GET" else None
    return redirect(url_for("web.login", next=target), 303)


def undeclared_routes(app: Flask) -> list[str]:
    """Endpoints that declare neither a permission nor that they are public (must be none)."""
    return sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if not hasattr(view, DECLARED) and endpoint.rsplit(".", 1)[-1] != "static"
    )


def declared_permission(app: Flask, endpoint: str) -> Permission | str | None:
    """The permission that ``endpoint`` declares, ``"public"``, or None when it declares none."""
    found: Permission | str | None = getattr(app.view_functions[endpoint], DECLARED, None)
    return found
