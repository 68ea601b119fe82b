"""A small firm in goal setting: advisors with open goal sheets of four rows, and their browsers."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode, urlsplit

import lxml.html
import yaml
from flask import Flask
from sqlalchemy import select

from perfflow.app import create_app
from perfflow.calendar import FIRM_ZONE
from perfflow.config import Settings
from perfflow.cycles.actions import create_cycle, launch_participants, Population
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.web.accounts import create_account
from perfflow.web.passwords import hash_password
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.models import UserTask
from tests.support import cast

PASSWORD = "a calm and steady lake"
NOW = datetime(2025, 1, 6, 9, tzinfo=FIRM_ZONE)
CARD = "catalogue/cards/FA.yaml"
WEIGHTS = {"RS-01": 3000, "CL-04": 2500, "CP-03": 2500, "GR-02": 2000}
FIRST_ADVISOR = 101
COOKIE = "perfflow_session"


@dataclass
class Stage:
    """The firm's database, application and advisors."""

    database: Database
    clock: VirtualClock
    app: Flask
    advisors: list[str]

    def open_sheets(self) -> list[tuple[str, int]]:
        """(employee number, task) of every goal sheet that waits for its author."""
        wanted = select(UserTask.assignee_no, UserTask.id).where(
            UserTask.element_id == "draft-goals", UserTask.status == "open"
        )
        with self.database.reading() as session:
            rows = session.execute(wanted.order_by(UserTask.id)).all()
        mine = set(self.advisors)
        return [(str(author), int(task_id)) for author, task_id in rows if author in mine]


def build_stage(database: Database, *, advisors: int, cycles: int, var: str) -> Stage:
    """Everything that ``advisors × cycles`` goal sheets need; ``var`` holds the secret key."""
    clock = VirtualClock(NOW)
    people = [_advisor(number) for number in range(advisors)]
    with database.writing() as session:
        cast.build_firm(session)
        for person in people:
            cast.hire(session, person)
        workflow_actions.deploy(session, SYSTEM, NOW, _files())
        hashed = hash_password(PASSWORD)
        for person in people:
            create_account(
                session, SYSTEM, NOW, person.no, employee_no=person.no, password_hash=hashed
            )
    for number in range(cycles):
        with database.writing() as session:
            create_cycle(
                session,
                SYSTEM,
                NOW,
                code=f"2025-BENCH-{number:03d}",
                pack="ANNUAL-STD",
                name_zh=f"二〇二五年度 {number}",
                name_en=f"Year 2025, {number}",
                starts_on=date(2025, 1, 1),
                ends_on=date(2025, 12, 31),
                population=Population(("T02",), ("FA",)),
            )
            launch_participants(session, SYSTEM, NOW, f"2025-BENCH-{number:03d}")
    settings = Settings.from_environment({"PERFFLOW_VAR": var})
    app = create_app(settings, database, clock)
    return Stage(database, clock, app, [person.no for person in people])


def _advisor(number: int) -> cast.Person:
    no = f"E{FIRST_ADVISOR + number:05d}"
    return cast.Person(no, f"顾问{number}", f"Advisor {number}", "FA", "T02", "E00010")


def _files() -> dict[str, bytes]:
    """What the product ships, with a card of four rows for advisors."""
    files = dict(cast.shipped_files())
    card = yaml.safe_load(files[CARD])
    kept = [line for line in card["lines"] if line["metric"] in WEIGHTS]
    card["lines"] = [{**line, "weight_bp": WEIGHTS[line["metric"]]} for line in kept]
    files[CARD] = yaml.safe_dump(card, allow_unicode=True, sort_keys=False).encode()
    return files


class Browser:
    """One connection that is kept, with a session cookie."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc)
        self._cookies: dict[str, str] = {}

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        return self._request("GET", path, None, {})

    def post(self, path: str, body: str) -> tuple[int, str]:
        """Status and text of the answer to an encoded form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._request("POST", path, body, kind)

    def sign_in(self, login: str) -> None:
        """Sign in with the one password of the stage."""
        fields = form_fields(self.get("/login")[1], "login")
        status, _ = self.post("/login", urlencode({**fields, "login": login, "password": PASSWORD}))
        if status != 303:
            raise SystemExit(f"expected to sign in as {login} but got {status}")

    def _request(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        sent = {**headers, "Cookie": cookies} if cookies else headers
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, text


def form_fields(page: str, having: str) -> dict[str, str]:
    """The values of the first form on a page that has the field ``having``."""
    for form in lxml.html.fromstring(page).forms:
        fields = dict(form.form_values())
        if having in form.fields:
            return fields
    raise SystemExit(f"expected a form with the field {having}")


def sheet_body(page: str) -> str:
    """A complete goal sheet: what the page starts with, and a reason in every row."""
    fields = form_fields(page, "revision")
    fields.update(_reasons(page, fields))
    return urlencode(fields)


def _reasons(page: str, fields: dict[str, str]) -> Iterator[tuple[str, str]]:
    for box in lxml.html.fromstring(page).xpath("//textarea[@name]"):
        if not fields.get(box.name):
            yield box.name, "Clients stay when their plan fits them."
