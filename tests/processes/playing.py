"""Plays the people of a firm who agree with everything, up to the step that a test is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from perfflow.db import Database
from perfflow.kernel.clock import VirtualClock
from perfflow.simulation.answers import ACCEPTS_EVERYTHING
from perfflow.simulation.driver import Simulation
from perfflow.workflow.models import EventLog, UserTask
from tests.support.cast import START


def time_of(database: Database) -> datetime:
    """The virtual time that a database has come to."""
    with database.reading() as session:
        last: datetime | None = session.scalar(select(func.max(EventLog.at)))
    return last or START


def play(database: Database, until: datetime, stops: Sequence[str]) -> None:
    """Everybody agrees and is punctual until one of the steps ``stops`` is open."""
    simulation = Simulation(
        database,
        VirtualClock(time_of(database)),
        seed=42,
        pace=lambda task: 0.2,
        change_answer=agree,
        agreeable=ACCEPTS_EVERYTHING,
        is_punctual=lambda task: True,
    )

    def is_over() -> bool:
        with database.reading() as session:
            wanted = select(UserTask.id).where(
                UserTask.element_id.in_(stops), UserTask.status == "open"
            )
            return session.scalar(wanted.limit(1)) is not None

    simulation.run(until, is_over)


def agree(task: UserTask, values: dict[str, Any]) -> None:
    """Change what a person would answer into the answer of somebody who agrees."""
    match task.element_id:
        case "countersign-goals" | "approve-payout":
            values["decision"] = "approve"
            values.pop("comment", None)
            values.pop("note", None)
        case "score-review":
            for row in values.get("ratings", []):
                row["rating"] = "4"
        case "check-data":
            values["outcome"] = "confirmed"
            values.pop("note", None)
        case "confirm-result":
            values["outcome"] = "confirmed"
            values.pop("ground", None)
            values.pop("text", None)
