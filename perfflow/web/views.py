"""Pages of the web layer itself: signing in and out, password, language, theme, menu, help."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response

from perfflow.i18n import as_language
from perfflow.kernel.errors import RuleViolation
from perfflow.web import accounts
from perfflow.web.access import public, requires
from perfflow.web.accounts import Identity
from perfflow.web.permissions import Permission
from perfflow.web.requests import (
    current_actor,
    current_person,
    LANGUAGE_COOKIE,
    now,
    reading,
    render,
    THEME_COOKIE,
    toast,
    writing,
)
from perfflow.web.responses import local_path

blueprint = Blueprint("web", __name__, template_folder="templates")
COOKIE_AGE = 365 * 24 * 3600
HOME_ENDPOINT = "home.today"


@blueprint.get("/login")
@public
def login() -> str | Response:
    """The sign-in page; somebody already signed in goes on."""
    target = local_path(request.args.get("next"))
    if current_person() is not None:
        return redirect(target or home_path(), 303)
    return render("web/login.html", target=target, login="", is_refused=False)


@blueprint.post("/login")
@public
def sign_in() -> Response | tuple[str, int]:
    """Check login and password; one sentence for every way in which they may not match."""
    name = request.form.get("login", "").strip()
    target = local_path(request.form.get("next"))
    identity = accounts.identify(reading(), now(), name, request.form.get("password", ""))
    with writing() as writer:
        if identity is None:
            accounts.note_failure(writer, now(), name)
        else:
            accounts.note_success(writer, now(), identity)
    if identity is None:
        return render("web/login.html", target=target, login=name, is_refused=True), 422
    begin_session(identity)
    return redirect(target or home_path(), 303)


@blueprint.post("/logout")
@requires(Permission.WEB_ACCOUNT_USE)
def logout() -> Response:
    """End this session."""
    session.clear()
    return redirect(url_for("web.login"), 303)


@blueprint.get("/account")
@requires(Permission.WEB_ACCOUNT_USE)
def account() -> str:
    """My account: who I am here, language, appearance, password."""
    return render("web/account.html", errors={})


@blueprint.post("/account/password")
@requires(Permission.WEB_ACCOUNT_USE)
def change_password() -> Response | tuple[str, int]:
    """Change the own password; other sessions end, this one goes on."""
    person = current_person()
    assert person is not None
    form = request.form
    try:
        if form.get("new_password", "") != form.get("new_password_again", ""):
            raise RuleViolation("web.passwords_differ", field="new_password_again")
        with writing() as writer:
            identity = accounts.change_password(
                writer,
                current_actor(),
                now(),
                person.account_id,
                form.get("current_password", ""),
                form.get("new_password", ""),
            )
    except RuleViolation as error:
        return render("web/account.html", errors={error.field: error}), 422
    begin_session(identity)
    toast("web.password_changed")
    return redirect(url_for("web.account"), 303)


@blueprint.post("/language")
@public
def choose_language() -> Response:
    """Switch the language, at any time, and come back to the same page."""
    chosen = as_language(request.form.get("language"))
    if chosen is None:
        raise RuleViolation("web.unknown_language", got=request.form.get("language", ""))
    person = current_person()
    if person is not None:
        with writing() as writer:
            accounts.choose_language(writer, person.account_id, chosen)
    return _remember(LANGUAGE_COOKIE, chosen)


@blueprint.post("/theme")
@public
def choose_theme() -> Response:
    """Light, dark or as the system; remembered for the account and on this machine."""
    chosen = request.form.get("theme", "")
    if chosen not in accounts.THEMES:
        raise RuleViolation("web.unknown_theme", got=chosen)
    person = current_person()
    if person is not None:
        with writing() as writer:
            accounts.choose_theme(writer, person.account_id, chosen)
    return _remember(THEME_COOKIE, chosen)


@blueprint.get("/menu")
@requires(Permission.WEB_ACCOUNT_USE)
def menu() -> str:
    """Everything this person can open: the fifth tab on phones."""
    return render("web/menu.html")


@blueprint.get("/help")
@requires(Permission.WEB_ACCOUNT_USE)
def help_page() -> str:
    """How pages are read, keys, and whom to ask."""
    return render("web/help.html")


def begin_session(identity: Identity) -> None:
    """Start a fresh session cookie (never reuse one from before signing in)."""
    session.clear()
    session["account"] = identity.account_id
    session["version"] = identity.session_version
    session.permanent = True


def home_path() -> str:
    """Where people start: today's page, or their account while there is none."""
    has_home = HOME_ENDPOINT in current_app.view_functions
    return url_for(HOME_ENDPOINT if has_home else "web.account")


def _remember(cookie: str, value: str) -> Response:
    response = redirect(local_path(request.form.get("next")) or home_path(), 303)
    response.set_cookie(
        cookie, value, max_age=COOKIE_AGE, samesite="Lax", httponly=True, secure=request.is_secure
    )
    return response
