"""An application with some rooms' pages, in which people of the cast are signed in already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.people.principals import PeoplePrincipals
from perfflow.web import accounts, create_base_app, install
from perfflow.web.models import Account
from tests.support.cast import CAST, Person

UNUSED_HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$unused"


@dataclass
class Visitor:
    """A signed-in person with her browser."""

    client: FlaskClient

    def get(self, address: str) -> TestResponse:
        return self.client.get(address)

    def post(self, address: str, **fields: Any) -> TestResponse:
        return self.client.post(address, data=fields)


@dataclass
class Pages:
    """The application; ``visit`` signs somebody in without a password."""

    app: Flask
    database: Database
    accounts: dict[str, tuple[int, int]] = field(default_factory=dict)
    rooms: tuple[str, ...] = ()

    def visit(self, person: Person, language: str = "en") -> Visitor:
        client = self.app.test_client()
        number, version = self.accounts[person.no]
        with client.session_transaction() as cookie:
            cookie["account"], cookie["version"] = number, version
        client.set_cookie("perfflow_language", language)
        return Visitor(client)

    def on(self, now: datetime) -> Pages:
        """The same firm and accounts at another time."""
        app = open_app(self.database, now, self.rooms)
        return Pages(app, self.database, self.accounts, self.rooms)


def open_pages(
    database: Database, now: datetime, *rooms: str, also: Iterable[Person] = ()
) -> Pages:
    """Accounts for the cast (``also`` for more) and ``rooms``' blueprints; no form tokens."""
    with database.writing() as session:
        for person in (*CAST, *also):
            accounts.create_account(
                session, SYSTEM, now, person.no, employee_no=person.no, password_hash=UNUSED_HASH
            )
        session.flush()
        known = {
            row.login: (row.id, row.session_version) for row in session.scalars(select(Account))
        }
    return Pages(open_app(database, now, rooms), database, known, rooms)


def open_app(database: Database, now: datetime, rooms: Iterable[str]) -> Flask:
    """An application with the blueprints of ``rooms``; no form tokens."""
    app = create_base_app("a secret for tests")
    app.config["WTF_CSRF_ENABLED"] = False
    install(
        app, database=database, clock=VirtualClock(now), principals=PeoplePrincipals(),
        waiting_counts=None,
    )  # fmt: skip
    for room in rooms:
        app.register_blueprint(import_module(f"perfflow.{room}.views").blueprint)
    return app
