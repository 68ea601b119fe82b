"""A firm in the middle of a year: a check-in that is overdue, figures to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from perfflow.calendar import FIRM_ZONE
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import ADVISOR, Person, shipped_files
from tests.support.pages import open_pages, Pages
from tests.support.year import build_year, JANUARY, reach, YEAR

SUMMER = datetime(2025, 7, 31, 15, tzinfo=FIRM_ZONE)
ROOMS = ("studio.live", "home", "inbox", "goals", "reviews", "checkins", "people", "cycles")
DUE = date(2025, 7, 15)


@dataclass
class House:
    """The pages, and the task that waits for the advisor since the middle of July."""

    pages: Pages
    task_id: int

    @property
    def database(self) -> Database:
        return self.pages.database

    def page(self, person: Person, address: str, language: str = "en") -> str:
        reply = self.pages.visit(person, language).get(address)
        assert reply.status_code == 200, (address, reply.status_code)
        return reply.text

    def status(self, person: Person, address: str) -> int:
        return self.pages.visit(person).get(address).status_code


def check_in_files() -> dict[str, bytes]:
    """The process of a check-in and its forms: enough to have real tasks quickly."""
    return {
        path: content
        for path, content in shipped_files().items()
        if path.startswith(("processes/check-in/", "forms/check-in"))
    }


@pytest.fixture
def house(database: Database) -> House:
    """The year of the cast with one check-in under way."""
    with database.writing() as session:
        cycle = build_year(session)
        reach(session, ADVISOR)
        workflow_actions.deploy(session, SYSTEM, JANUARY, check_in_files())
        cycle.bundle_number = workflow_queries.current_bundle(session)
        key = f"{YEAR}/{ADVISOR.no}"
        check_in = {
            "sequence": 2, "period_ends_on": date(2025, 6, 30), "due_on": DUE, "is_mid_year": True,
        }  # fmt: skip
        variables = {
            "cycle": YEAR, "employee": ADVISOR.no, "deadlines": {}, "check_in": check_in,
            "check_ins": [check_in], "check_in_no": 0,
        }  # fmt: skip
        workflow_actions.start_instance(session, SYSTEM, JANUARY, "check-in", key, variables)
        (task,) = workflow_queries.open_tasks_of(session, key)
        task_id = task.id
    return House(open_pages(database, SUMMER, *ROOMS), task_id)
