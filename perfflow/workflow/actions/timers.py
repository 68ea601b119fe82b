"""Timers: which are due, firing one, and moving a deadline with everything that hangs on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.kernel.actor import Actor, SYSTEM
from perfflow.kernel.errors import Conflict, NotFound
from perfflow.notifications import notify
from perfflow.notifications.ports import address_book
from perfflow.workflow.access import members_of_group
from perfflow.workflow.actions.beginning import begin_by, free_key
from perfflow.workflow.actions.deliveries import deliver
from perfflow.workflow.engine import store
from perfflow.workflow.engine.expressions import add_duration
from perfflow.workflow.engine.step import Step
from perfflow.workflow.engine.transitions import Operation
from perfflow.workflow.engine.unit import unit_of
from perfflow.workflow.engine.waits import due_key, ladder_rows
from perfflow.workflow.models import LadderNotice, table_of, Timer
from perfflow.workflow.ports import directory

timer_table = table_of(Timer)
notice_table = table_of(LadderNotice)


def next_due(session: Session) -> datetime | None:
    """When the earliest timer falls due."""
    earliest: datetime | None = session.execute(select(func.min(timer_table.c.due_at))).scalar_one()
    return earliest


def due_timers(session: Session, now: datetime, limit: int = 100) -> list[int]:
    """Ids of timers that are due, in the order in which they fell due."""
    return list(
        session.execute(
            select(timer_table.c.id)
            .where(timer_table.c.due_at <= now)
            .order_by(timer_table.c.due_at, timer_table.c.id)
            .limit(limit)
        ).scalars()
    )


def fire_timer(
    session: Session, now: datetime, timer_id: int, skipping: frozenset[str] = frozenset()
) -> bool:
    """Fire one due timer; False when somebody else has it, or it is no longer due.

    Work at the places ``skipping`` (scope path and element id) is left out. Deleting the row is
    the claim: the caller's transaction makes it this worker's or nobody's.
    """
    due = (timer_table.c.id == timer_id, timer_table.c.due_at <= now)
    row = session.execute(select(timer_table).where(*due)).one_or_none()
    if row is None:
        return False
    if row.kind == "ladder":
        return _send_rung(session, now, row)
    if row.kind == "start":
        return _fire_start(session, now, timer_id)
    # Completion locks the instance before it deletes timers; the same order here, or two
    # transactions could wait for each other.
    instance = store.lock_instance(session, row.instance_id)
    row = session.execute(delete(timer_table).where(*due).returning(*timer_table.c)).one_or_none()
    if row is None or instance is None or instance.status not in ("active", "incident"):
        return False
    return _fire_event(session, now, row, instance, skipping)


def _fire_start(session: Session, now: datetime, timer_id: int) -> bool:
    """The time has come at which a process begins by itself."""
    row = session.execute(
        delete(timer_table).where(timer_table.c.id == timer_id).returning(*timer_table.c)
    ).one_or_none()
    if row is None:
        return False
    repeats = _next_of_cycle(row, now)
    if repeats is not None:
        values = dict(row._mapping) | {"due_at": repeats[0], "repeat": repeats[1]}
        del values["id"]
        session.execute(insert(timer_table), [values])
    process_key = row.element_key.partition("/")[0]
    key = free_key(session, process_key, process_key)
    with unit_of(session) as unit:
        on = deliver(session, SYSTEM, now, unit)
        return begin_by(session, SYSTEM, now, row, key, {}, unit, on)


def _fire_event(
    session: Session, now: datetime, row: Any, instance: Any, skipping: frozenset[str]
) -> bool:
    with unit_of(session) as unit, unit.moves(instance.id):
        step = Step(session, SYSTEM, now, instance)
        step.outside.skipped = skipping
        repeats = _next_of_cycle(row, now)
        leaf = step.move(
            Operation("fire", row.element_key, row.slot, ("timer",), rearm=repeats is not None)
        )
        if not leaf.has_moved:
            return False
        step.save(
            leaf,
            "timer",
            row.element_key,
            outcome="auto",
            deliver=deliver(session, SYSTEM, now, unit),
        )
        if repeats is not None:
            _continue_cycle(session, row, repeats)
    return True


def _next_of_cycle(row: Any, now: datetime) -> tuple[datetime, str] | None:
    """The next due time of a repeating timer; periods slept through are not made up for."""
    if not row.repeat:
        return None
    left, duration = row.repeat.split(" ")
    count = int(left)
    if count == 1:
        return None
    due_at = add_duration(row.due_at, duration)
    while due_at <= now:
        due_at = add_duration(due_at, duration)
    return due_at, f"{count - 1 if count > 0 else count} {duration}"


def _continue_cycle(session: Session, row: Any, repeats: tuple[datetime, str]) -> None:
    session.execute(
        update(timer_table)
        .where(
            timer_table.c.instance_id == row.instance_id,
            timer_table.c.element_key == row.element_key,
            timer_table.c.slot == row.slot,
            timer_table.c.kind == "event",
        )
        .values(due_at=repeats[0], repeat=repeats[1])
    )


def _send_rung(session: Session, now: datetime, row: Any) -> bool:
    """A rung tells people; it never touches the tokens, and never twice."""
    claimed = session.execute(delete(timer_table).where(timer_table.c.id == row.id))
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    task = session.execute(
        select(store.task_table).where(store.task_table.c.id == row.task_id)
    ).one_or_none()
    if task is None or task.status != "open":
        return False
    _, action, *rest = row.rung.split(" ")
    recipients = _recipients(session, now, task, rest[0] if rest else None)
    sent = session.execute(
        select(notice_table.c.id).where(
            notice_table.c.task_id == task.id, notice_table.c.rung == row.rung
        )
    ).first()
    if sent is not None:
        return False
    code = "workflow.reminder" if action == "remind" else "workflow.escalation"
    holder = task.assignee_no or task.candidate_group or ""
    known = {number for number in (task.assignee_no, task.subject_no) if number}
    names = {no: one.spelled() for no, one in address_book().addresses(session, known).items()}
    for employee_no in recipients:
        notify(
            session,
            now,
            employee_no,
            code,
            {
                "task": {"zh": task.name_zh, "en": task.name_en},
                "subject": names.get(task.subject_no or "", task.business_key),
                "due_on": None if task.due_at is None else local_date(task.due_at),
                "holder": names.get(holder, holder),
            },
            link=f"/inbox/tasks/{task.id}",
            dedupe_key=f"ladder/{task.id}/{row.rung}",
        )
    session.execute(
        insert(notice_table),
        [{"task_id": task.id, "rung": row.rung, "recipients": recipients, "sent_at": now}],
    )
    event = (
        AuditEvent.WORKFLOW_TASK_REMINDED
        if action == "remind"
        else AuditEvent.WORKFLOW_TASK_ESCALATED
    )
    record(
        session,
        SYSTEM,
        now,
        event,
        task.business_key,
        element=task.element_key,
        task=task.id,
        rung=row.rung,
        to=recipients,
    )
    return True


def _recipients(session: Session, now: datetime, task: Any, whom: str | None) -> list[str]:
    on, people = local_date(now), directory()
    person = task.subject_no or task.assignee_no
    found: str | None = None
    if whom is None or whom == "assignee":
        if task.assignee_no is None and task.candidate_group:
            return members_of_group(session, task.candidate_group, now)
        found = task.assignee_no
    elif whom == "manager":
        found = people.manager_of(session, task.assignee_no or person, on) if person else None
    elif whom == "second-line":
        found = people.second_line_of(session, person, on) if person else None
    elif whom == "hr-partner":
        group = people.hr_group_of(session, person, on) if person else "hr-partner"
        return people.members_of(session, group, on)
    else:
        return people.members_of(session, whom, on)
    return [found] if found else []


def move_deadline(
    session: Session, actor: Actor, now: datetime, task_id: int, due_at: datetime
) -> None:
    """Give a task another due date: rungs still ahead are armed anew, sent ones stay sent.

    Boundary timers of the task that were to fire at the old due date move with it.
    """
    task = store.lock_task_of_instance(session, task_id)
    if task is None:
        raise NotFound("workflow.no_task")
    if task.status != "open":
        raise Conflict("workflow.task_done")
    old = task.due_at
    session.execute(
        update(store.task_table)
        .where(store.task_table.c.id == task_id)
        .values(due_at=due_at, due_key=due_key(due_at), revision=task.revision + 1)
    )
    session.execute(delete(timer_table).where(timer_table.c.task_id == task_id))
    process = store.bundle(session, task.bundle_number).processes[task.definition_key]
    element = process.elements[task.element_id]
    sent = set(
        session.execute(
            select(notice_table.c.rung).where(notice_table.c.task_id == task_id)
        ).scalars()
    )
    values = dict(task._mapping) | {"due_at": due_at}
    rows = [
        row for row in ladder_rows(session, now, element.ladder, values) if row["rung"] not in sent
    ]
    if rows:
        session.execute(insert(timer_table), rows)
    prefix = task.element_key.removesuffix(task.element_id)
    keys = [
        prefix + part.id
        for event in process.boundary_events(task.element_id)
        for part in event.parts or (event,)
    ]
    if keys and old is not None:
        session.execute(
            update(timer_table)
            .where(
                timer_table.c.instance_id == task.instance_id,
                timer_table.c.element_key.in_(keys),
                timer_table.c.due_at == old,
            )
            .values(due_at=due_at)
        )
    record(
        session,
        actor,
        now,
        AuditEvent.WORKFLOW_DEADLINE_MOVED,
        task.business_key,
        element=task.element_key,
        old=old,
        new=due_at,
    )
