"""What happens to open tasks when people leave, move or are away, and when they come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date, start_of_day
from perfflow.kernel.actor import Actor, SYSTEM
from perfflow.kernel.errors import Conflict, RuleViolation
from perfflow.notifications import notify
from perfflow.people import queries
from perfflow.people.guards import require_hr_of_unit
from perfflow.people.models import Absence, Employee
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.actions import Cause
from perfflow.workflow.models import TaskRerouting, UserTask

ABSENCES = ("unpaid", "sick", "parental", "holiday")


def open_tasks_with(session: Session, employee_no: str) -> list[int]:
    """Open tasks that somebody holds."""
    return list(
        session.scalars(
            select(UserTask.id)
            .where(UserTask.assignee_no == employee_no, UserTask.status == "open")
            .order_by(UserTask.id)
        )
    )


def hand_over_tasks(session: Session, now: datetime, person: Employee) -> int:
    """Give what a leaver had open to those it belongs to now: the policy of each step says who."""
    moved = workflow_actions.reroute_tasks(
        session, SYSTEM, now, open_tasks_with(session, person.no), Cause.LEFT, tells=False
    )
    heirs = Counter(row.new_assignee_no for row in moved if row.new_assignee_no is not None)
    for heir, count in sorted(heirs.items()):
        notify(
            session,
            now,
            heir,
            "people.tasks_of_leaver",
            {"name_zh": person.name_zh, "name_en": person.name_en, "count": count},
            link="/inbox/",
        )
    return len(moved)


def follow_transfer(session: Session, now: datetime, numbers: Collection[str], on: date) -> int:
    """Open tasks about people who moved on a day follow their new line; how many."""
    moved = 0
    before = start_of_day(on) - timedelta(hours=12)
    for part in queries.chunks(numbers):
        tasks = session.scalars(
            select(UserTask.id).where(UserTask.subject_no.in_(part), UserTask.status == "open")
        ).all()
        moved += len(
            workflow_actions.reroute_tasks(session, SYSTEM, now, tasks, Cause.MOVED, before=before)
        )
    return moved


def record_absence(
    session: Session,
    actor: Actor,
    now: datetime,
    employee_no: str,
    *,
    kind: str,
    first_on: date,
    last_on: date,
    deputy_no: str | None,
) -> int:
    """Record that somebody is away; from the first day on the deputy has the open tasks.

    Gives how many tasks went to the deputy at once. They come back after the last day.
    """
    queries.employee(session, employee_no)
    current = queries.last_assignment(session, employee_no, first_on)
    require_hr_of_unit(session, actor, current.unit_code if current else None)
    if kind not in ABSENCES:
        raise RuleViolation("people.unknown_absence", field="kind", got=kind)
    if last_on < first_on:
        raise RuleViolation("people.dates_out_of_order", field="last_on", first=first_on)
    if deputy_no is not None:
        deputy = queries.employee(session, deputy_no)
        if deputy_no == employee_no or not queries.is_employed(deputy, first_on):
            raise RuleViolation("people.no_deputy", field="deputy_no", employee=deputy_no)
    if queries.absences_between(session, [employee_no], first_on, last_on)[employee_no]:
        raise Conflict("people.absent_already", employee=employee_no)
    session.add(
        Absence(
            employee_no=employee_no,
            kind=kind,
            first_on=first_on,
            last_on=last_on,
            deputy_no=deputy_no,
        )
    )
    session.flush()
    record(
        session, actor, now, AuditEvent.PEOPLE_ABSENCE_RECORDED, employee_no,
        kind=kind, first_on=first_on, last_on=last_on, deputy=deputy_no,
    )  # fmt: skip
    if deputy_no is None or not first_on <= local_date(now) <= last_on:
        return 0
    tasks = open_tasks_with(session, employee_no)
    return len(workflow_actions.reroute_tasks(session, SYSTEM, now, tasks, Cause.AWAY))


def give_back(session: Session, now: datetime, rerouting_ids: Collection[int]) -> int:
    """Return to people who are back what nobody has acted on since; how many."""
    done = 0
    for number in sorted(rerouting_ids):
        try:
            workflow_actions.undo_rerouting(session, SYSTEM, now, number)
            done += 1
        except Conflict:
            continue  # somebody has gone on with it
    return done


def lent_by_returned(session: Session, on: date) -> list[int]:
    """Hand-overs for an absence that is over and that still hold."""
    rows = session.execute(
        select(TaskRerouting.id, TaskRerouting.old_assignee_no)
        .join(UserTask, UserTask.id == TaskRerouting.task_id)
        .where(
            TaskRerouting.cause == Cause.AWAY.value,
            TaskRerouting.undone_at.is_(None),
            UserTask.status == "open",
            UserTask.assignee_no == TaskRerouting.new_assignee_no,
        )
        .order_by(TaskRerouting.id)
    ).all()
    people = {row.old_assignee_no for row in rows if row.old_assignee_no}
    away = queries.absences_between(session, people, on, on)
    return [row.id for row in rows if not away.get(row.old_assignee_no or "")]
