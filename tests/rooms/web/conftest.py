"""A small application with the web layer only, one room of probes, and three people who sign in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, UTC

import pytest
from argon2 import PasswordHasher
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from perfflow.db import Database
from perfflow.kernel.actor import Role, SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation, RuleViolations
from perfflow.web import (
    accounts,
    create_base_app,
    install,
    Permission,
    reading,
    requires,
    Standing,
    writing,
)

PASSWORD = "a calm sentence"
# A hash says how dear it is to check; this one is cheap, so that tests do not wait.
CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
GU = "E00001"
SHEN = "E00002"
XU = "xu.nianan"
STANDINGS = {
    GU: Standing(
        "顾明川",
        "Gu Mingchuan",
        "团队主管",
        "Team lead",
        "东湖支行",
        "East Lake branch",
        frozenset({Role.EMPLOYEE, Role.LINE_MANAGER}),
    ),
    SHEN: Standing("沈知夏", "Shen Zhixia", roles=frozenset({Role.EMPLOYEE})),
}
SignIn = Callable[..., FlaskClient]


class Cast:
    """Gu manages Shen; whoever else asks is not in the firm."""

    def standing(self, session: Session, employee_no: str, on: date) -> Standing | None:
        return STANDINGS.get(employee_no)


def token(page: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token" (?:value|content)="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def probes() -> Blueprint:
    """Routes that fail in every way, and one that opens for managers."""
    room = Blueprint("home", __name__)

    @room.get("/")
    @requires(Permission.HOME_PAGE_VIEW)
    def today() -> str:
        return "today"

    @room.get("/team")
    @requires(Permission.TEAM_BOARD_VIEW)
    def team() -> str:
        return "team"

    @room.route("/fail/<kind>", methods=["GET", "POST"])
    @requires(Permission.HOME_PAGE_VIEW)
    def fail(kind: str) -> str:
        raise FAILURES[kind]

    @room.post("/write")
    @requires(Permission.HOME_PAGE_VIEW)
    def write() -> str:
        reading()
        with writing() as session:
            accounts.create_account(session, SYSTEM, PROBE_TIME, "written", "another calm sentence")
            raise RuleViolation("web.password_length", minimum=10, maximum=256, got=3)

    return room


PROBE_TIME = datetime(2025, 1, 13, tzinfo=UTC)
FAILURES: dict[str, Exception] = {
    "missing": NotFound("web.account_not_found", login="x"),
    "forbidden": NotAllowed("web.status_403"),
    "conflict": Conflict("web.changed_meanwhile"),
    "rule": RuleViolation(
        "web.password_length", field="new_password", minimum=10, maximum=256, got=3
    ),
    "rules": RuleViolations(
        [
            RuleViolation("web.passwords_differ", field="new_password_again"),
            RuleViolation("web.password_has_login", field="new_password"),
        ]
    ),
    "stale": StaleDataError("row gone"),
    "surprise": ZeroDivisionError("secret detail"),
}


@pytest.fixture
def app(database: Database, clock: VirtualClock) -> Flask:
    """The application of these tests, with its accounts."""
    made = create_base_app("a secret for tests")
    install(
        made,
        database=database,
        clock=clock,
        principals=Cast(),
        waiting_counts=lambda session, actor: {"home.today": 3},
    )
    made.register_blueprint(probes())
    with database.writing() as session:
        for login, employee_no in ((GU, GU), (SHEN, SHEN), (XU, None)):
            accounts.create_account(
                session,
                SYSTEM,
                clock.now(),
                login,
                employee_no=employee_no,
                password_hash=CHEAP_HASH,
            )
        accounts.grant_role(
            session, SYSTEM, clock.now(), Role.PROCESS_ADMIN, date(2025, 1, 1), login=XU
        )
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that has not signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """``sign_in(GU)``: a browser in which that person has signed in."""

    def enter(login: str, password: str = PASSWORD, next_path: str = "") -> FlaskClient:
        browser = app.test_client()
        page = browser.get("/login?lang=en")
        answer = browser.post(
            "/login",
            data={
                "login": login,
                "password": password,
                "csrf_token": token(page.text),
                "next": next_path,
            },
        )
        assert answer.status_code == 303, answer.text
        return browser

    return enter
