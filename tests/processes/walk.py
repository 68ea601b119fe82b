"""A firm whose people walk the shipped processes through the pages, on a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from flask import Flask
from lxml import html
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from perfflow.calendar import end_of_day, FIRM_ZONE
from perfflow.db import Database
from perfflow.inbox.queries import waiting_counts
from perfflow.inbox.views import blueprint
from perfflow.kernel.clock import VirtualClock
from perfflow.people.principals import PeoplePrincipals
from perfflow.web import create_base_app, install
from perfflow.web.models import Account
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.models import Incident, ProcessInstance, Timer, UserTask
from perfflow.workflow.worker import run_due
from tests.processes.pages import TaskForm
from tests.processes.playing import play, time_of
from tests.support.cast import Person

Waiting = tuple[str, str | None]


@dataclass(frozen=True)
class OpenTask:
    """What a test asks of a task."""

    id: int
    revision: int
    due_at: datetime | None


@dataclass
class Walk:
    """The firm: who waits for what, handing in as a person, and time that passes."""

    database: Database
    clock: VirtualClock
    app: Flask
    accounts: dict[str, tuple[int, int]] = field(default_factory=dict)

    # -- looking ------------------------------------------------------------------------------
    def waiting(self, key: str) -> list[Waiting]:
        """(element, assignee or group) of the open tasks of a case."""
        with self.database.reading() as session:
            return [
                (row.element_id, row.assignee_no or row.candidate_group)
                for row in workflow_queries.open_tasks_of(session, key)
            ]

    def steps(self, key: str) -> list[str]:
        """The elements that wait for somebody in a case."""
        return [element for element, _ in self.waiting(key)]

    def task(self, key: str, element: str) -> OpenTask:
        """The open task of an element."""
        with self.database.reading() as session:
            found = session.execute(
                select(UserTask.id, UserTask.revision, UserTask.due_at).where(
                    UserTask.business_key == key,
                    UserTask.element_id == element,
                    UserTask.status == "open",
                )
            ).all()
        assert found, f"{element} is not open in {key}: {self.waiting(key)}"
        return OpenTask(*found[-1])

    def status(self, key: str) -> str:
        """The status of the process instance of a business key."""
        with self.database.reading() as session:
            return session.scalars(
                select(ProcessInstance.status).where(ProcessInstance.business_key == key)
            ).one()

    def appraisals(self) -> list[str]:
        """The keys of everybody's appraisal."""
        with self.database.reading() as session:
            keys = select(ProcessInstance.business_key).where(
                ProcessInstance.definition_key == "appraisal"
            )
            return sorted(session.scalars(keys))

    def variable(self, key: str, name: str) -> Any:
        """A variable of an instance."""
        with self.database.reading() as session:
            return workflow_queries.variables_of(session, key).get(name)

    def incidents(self) -> list[str]:
        """What failed by itself."""
        with self.database.reading() as session:
            return [row.detail for row in session.scalars(select(Incident))]

    # -- acting -------------------------------------------------------------------------------
    def visit(self, person: Person, language: str = "en") -> Any:
        """A browser in which the person is signed in."""
        client = self.app.test_client()
        number, version = self.accounts[person.no]
        with client.session_transaction() as cookie:
            cookie["account"], cookie["version"] = number, version
        client.set_cookie("perfflow_language", language)
        return client

    def open(self, person: Person, key: str, element: str) -> tuple[str, TaskForm]:
        """The address of an open task and its form as the person sees it."""
        address = f"/inbox/tasks/{self.task(key, element).id}"
        answer = self.visit(person).get(address)
        assert answer.status_code == 200, answer.text
        return address, TaskForm(answer.text)

    def send(self, person: Person, key: str, element: str, **values: Any) -> TestResponse:
        """Open a task, fill its form in and hand it in; whatever comes of it."""
        address, form = self.open(person, key, element)
        form.fill(values)
        answer: TestResponse = self.visit(person).post(address, data=form.sent)
        return answer

    def hand_in(self, person: Person, key: str, element: str, **values: Any) -> None:
        """Hand a task in; fails with what the page says when it is refused."""
        answer = self.send(person, key, element, **values)
        assert answer.status_code == 303, _alerts(answer)

    def refusal(self, person: Person, key: str, element: str, **values: Any) -> str:
        """What the page says about a form that breaks a rule."""
        answer = self.send(person, key, element, **values)
        assert answer.status_code == 422, answer.status_code
        return _alerts(answer)

    def turned_away(self, person: Person, key: str, element: str) -> tuple[int, int]:
        """(GET, POST) answers to somebody who has no business with a task."""
        row = self.task(key, element)
        address, client = f"/inbox/tasks/{row.id}", self.visit(person)
        got = client.get(address).status_code
        posted = client.post(address, data={"revision": str(row.revision)}).status_code
        assert self.task(key, element).revision == row.revision
        return got, posted

    def play(self, day: date, *stops: str) -> None:
        """Let everybody agree and answer until one of the steps is open, or the day has come."""
        moment = datetime.combine(day, time(0), FIRM_ZONE)
        play(self.database, moment, stops)
        self.clock.advance_to(max(self.clock.now(), time_of(self.database)))

    # -- time ---------------------------------------------------------------------------------
    def advance_to(self, moment: datetime | date, limit: int = 500) -> None:
        """Let time pass, firing what falls due on its day; a date means nine in the morning."""
        target = moment
        if not isinstance(target, datetime):
            target = datetime.combine(target, time(9), FIRM_ZONE)
        while True:
            with self.database.reading() as session:
                due = session.scalar(select(func.min(Timer.due_at)))
            if due is None or due > target:
                break
            self.clock.advance_to(max(due, self.clock.now()))
            fired = run_due(self.database, self.clock, limit)
            assert fired.failed == 0, self.incidents()
        self.clock.advance_to(target)

    def pass_day(self, day: date) -> None:
        """Let a day end with everything that is due on it."""
        self.advance_to(end_of_day(day))

    def next_timer(self, key: str) -> datetime | None:
        """When the next timer event of a case falls due; reminders are not meant."""
        with self.database.reading() as session:
            found: datetime | None = session.scalar(
                select(func.min(Timer.due_at))
                .join(ProcessInstance, ProcessInstance.id == Timer.instance_id)
                .where(ProcessInstance.business_key == key, Timer.kind == "event")
            )
            return found


def _alerts(answer: TestResponse) -> str:
    """The sentences of a page that say what is wrong."""
    if answer.status_code not in (409, 422):
        return f"{answer.status_code}: {answer.text[:500]}"
    page = html.document_fromstring(answer.text)
    found = [one for one in page.iter() if "error" in (one.get("class") or "") or one.get("role")]
    return " ".join(" ".join("".join(map(str, one.itertext())).split()) for one in found)


def open_walk(database: Database, clock: VirtualClock) -> Walk:
    """The inbox pages of a firm that is in ``database``, at the time it had come to."""
    app = create_base_app("a secret for tests")
    app.config["WTF_CSRF_ENABLED"] = False
    install(
        app,
        database=database,
        clock=clock,
        principals=PeoplePrincipals(),
        waiting_counts=waiting_counts,
    )
    app.register_blueprint(blueprint)
    with database.reading() as session:
        known = {
            row.login: (row.id, row.session_version) for row in session.scalars(select(Account))
        }
    return Walk(database, clock, app, known)
