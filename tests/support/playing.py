"""Drives processes in tests through the same forms and checks as the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from perfflow.cycles import actions as cycle_actions
from perfflow.db import Database
from perfflow.forms.bindings import start_values
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.models import UserTask
from tests.support.cast import act_as, CHIEF, HEAD, HR, Person, START

CYCLE = "2025-ANNUAL"


@dataclass(slots=True)
class Play:
    """A firm and the hour of its clock."""

    database: Database
    now: datetime = field(default=START)

    def create_cycle(self, **changes: Any) -> None:
        """Let HR create the annual cycle of 2025."""
        given: dict[str, Any] = {
            "code": CYCLE,
            "pack": "ANNUAL-STD",
            "name_zh": "2025 年度考核",
            "name_en": "2025 annual review",
            "starts_on": date(2025, 1, 1),
            "ends_on": date(2025, 12, 31),
        }
        with self.database.writing() as session:
            cycle_actions.create_cycle(session, act_as(session, HR), self.now, **given | changes)

    def launch(self, **changes: Any) -> None:
        """Create the cycle and play it up to everybody's draft of goals."""
        self.create_cycle(**changes)
        self.complete(
            "publish-plan", HR, {"statement": "今年继续以客户为先，请看方案。", "is_checked": True}
        )
        self.complete("publish-objectives", CHIEF)
        self.complete("cascade-goals", HEAD)

    def open_task(self, element: str, person: Person | None = None) -> UserTask:
        """The open task of an element, of one assignee when given."""
        tasks = self.open_tasks(element)
        for task in tasks:
            if person is None or task.assignee_no in (None, person.no):
                return task
        raise AssertionError(f"expected an open task {element} but there is {tasks}")

    def open_tasks(self, element: str | None = None) -> list[UserTask]:
        """Every open task, of one element when given."""
        query = select(UserTask).where(UserTask.status == "open").order_by(UserTask.id)
        if element is not None:
            query = query.where(UserTask.element_id == element)
        with self.database.reading() as session:
            tasks = list(session.scalars(query))
            session.expunge_all()  # leaving the block would empty them
            return tasks

    def start_of(self, element: str, person: Person, language: str = "zh") -> dict[str, Any]:
        """What the form of a step starts with."""
        task = self.open_task(element, person)
        with self.database.reading() as session:
            actor = act_as(session, person)
            view = workflow_queries.task(session, actor, task.id)
            context = view.form_context(session, actor, self.now, language)
            assert view.form is not None
            return start_values(view.form, context)

    def complete(
        self, element: str, person: Person, values: Mapping[str, Any] | None = None
    ) -> None:
        """Complete a step with its start values, changed by ``values``."""
        task = self.open_task(element, person)
        start = self.start_of(element, person)
        with self.database.writing() as session:
            actor = act_as(session, person)
            workflow_actions.complete_task(
                session, actor, self.now, task.id, task.revision, {**start, **(values or {})}
            )

    def is_open(self, element: str, person: Person | None = None) -> bool:
        """True when a task of the element is open."""
        return any(
            person is None or task.assignee_no in (None, person.no)
            for task in self.open_tasks(element)
        )
