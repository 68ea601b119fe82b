"""Background work of people: every night open tasks follow who left, moved, is away or is back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.jobs import enqueue_once, job_kind, JobContext
from perfflow.kernel.actor import SYSTEM
from perfflow.people import queries
from perfflow.people.actions import hand_over
from perfflow.people.models import Absence, Assignment, Employee
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.actions import Cause
from perfflow.workflow.models import UserTask

HAND_OVER = "people.job_hand_over"
LOOKS_BACK = timedelta(days=7)  # nights that were missed


def plan_hand_over(session: Session, now: datetime, on: date) -> int | None:
    """Ask for what the day brings; None when it brings nothing, or was asked for already."""
    items = [
        *(["left", number] for number in leavers_with_tasks(session, on)),
        *(["moved", number, day.isoformat()] for number, day in movers(session, on)),
        *(["away", number] for number in away_with_deputy(session, on)),
        *(["back", str(number)] for number in hand_over.lent_by_returned(session, on)),
    ]
    if not items:
        return None
    key = f"hand-over/{on.isoformat()}"
    return enqueue_once(session, SYSTEM, now, HAND_OVER, "firm", items, dedupe_key=key)


@job_kind(HAND_OVER)
def hand_over_chunk(context: JobContext, items: Sequence[Any]) -> Mapping[str, Any]:
    """One person, or one hand-over, an item."""
    session, now, moved = context.session, context.now, 0
    for cause, subject, *rest in items:
        if cause == "left":
            moved += hand_over.hand_over_tasks(session, now, queries.employee(session, subject))
        elif cause == "moved":
            day = date.fromisoformat(rest[0])
            moved += hand_over.follow_transfer(session, now, [subject], day)
        elif cause == "away":
            tasks = hand_over.open_tasks_with(session, subject)
            moved += len(workflow_actions.reroute_tasks(session, SYSTEM, now, tasks, Cause.AWAY))
        else:
            moved += hand_over.give_back(session, now, [int(subject)])
    return {"tasks": moved}


def leavers_with_tasks(session: Session, on: date) -> list[str]:
    """Who has left and still holds an open task."""
    return list(
        session.scalars(
            select(Employee.no)
            .join(UserTask, UserTask.assignee_no == Employee.no)
            .where(UserTask.status == "open", Employee.left_on.is_not(None), Employee.left_on <= on)
            .distinct()
            .order_by(Employee.no)
        )
    )


def movers(session: Session, on: date) -> list[tuple[str, date]]:
    """Who got another assignment in these days, has had one before, and whom tasks are about."""
    rows = session.execute(
        select(Assignment.employee_no, Assignment.valid_from)
        .join(Employee, Employee.no == Assignment.employee_no)
        .where(
            Assignment.valid_from <= on,
            Assignment.valid_from > on - LOOKS_BACK,
            Assignment.valid_from > Employee.hired_on,
            select(UserTask.id)
            .where(UserTask.subject_no == Assignment.employee_no, UserTask.status == "open")
            .exists(),
        )
        .distinct()
        .order_by(Assignment.employee_no, Assignment.valid_from)
    )
    return [(row.employee_no, row.valid_from) for row in rows]


def away_with_deputy(session: Session, on: date) -> list[str]:
    """Who is away, has a deputy and still holds an open task."""
    return list(
        session.scalars(
            select(Absence.employee_no)
            .join(UserTask, UserTask.assignee_no == Absence.employee_no)
            .where(
                UserTask.status == "open",
                Absence.deputy_no.is_not(None),
                Absence.first_on <= on,
                Absence.last_on >= on,
            )
            .distinct()
            .order_by(Absence.employee_no)
        )
    )
