"""Routes: each declares who may enter, and nobody else gets in."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from perfflow.db import Database
from perfflow.kernel.clock import VirtualClock
from perfflow.web import declared_permission, Permission, undeclared_routes

PLACE = re.compile(r"<(?:(\w+)[^:>]*:)?[^>]+>")


@pytest.fixture
def app(database: Database, clock: VirtualClock, tmp_path: object) -> Flask:
    from perfflow.app import create_app
    from perfflow.config import Settings

    settings = Settings.from_environment({"PERFFLOW_VAR": str(tmp_path)})
    return create_app(settings, database, clock)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Somebody who has not signed in."""
    return app.test_client()


def test_every_route_declares_a_permission(app: Flask) -> None:
    assert list(undeclared_routes(app)) == []


def test_nobody_gets_in_without_signing_in(app: Flask, stranger: FlaskClient) -> None:
    entered = []
    for rule in app.url_map.iter_rules():
        permission = declared_permission(app, rule.endpoint)
        if not isinstance(permission, Permission) or "GET" not in (rule.methods or ()):
            continue
        path = re.sub(
            r"<(?:(\w+)[^:>]*:)?[^>]+>", lambda m: "1" if m[1] == "int" else "x", rule.rule
        )
        answer = stranger.get(path)
        if answer.status_code not in (302, 303, 401) or "Location" not in answer.headers:
            entered.append((path, answer.status_code))
    assert entered == []


def test_permissions_of_routes_are_members_of_the_one_list(app: Flask) -> None:
    declared = {declared_permission(app, endpoint) for endpoint in app.view_functions}
    assert declared - {None, "public"} <= set(Permission)
    assert declared & set(Permission)
