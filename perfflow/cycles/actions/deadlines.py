"""Moving the deadline of a step: for everybody, for a unit, or for one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import end_of_day, local_date
from perfflow.cycles import queries
from perfflow.cycles.models import CycleDeadline, Participant
from perfflow.cycles.rules import PackStep
from perfflow.jobs import job_kind, JobContext, now_or_later
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.people import queries as people_queries
from perfflow.people.access import is_in_hr_scope
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.models import ProcessInstance, UserTask

MOVE = "cycles.job_deadline"
RUNNING = ("active", "incident")


def move_cycle_deadline(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    name: str,
    due_on: date,
    reason: str,
    *,
    unit_code: str | None = None,
    employee_no: str | None = None,
) -> int | None:
    """Give a step of the cycle another due date; the batch when many instances are concerned.

    Open tasks and timers move at once, steps to come know the new date. Nobody is reminded of
    what would have been due before.
    """
    found = queries.cycle(session, cycle_code)
    if found.status == "archived":
        raise Conflict("cycles.archived_already", cycle=cycle_code)
    if unit_code is not None:
        people_queries.unit(session, unit_code)
    _guard(session, actor, local_date(now), unit_code, employee_no)
    step = queries.pack(session, found.pack_code, found.release_number).step(name)
    if step is None:
        raise RuleViolation("cycles.unknown_step", field="step", step=name)
    if due_on < local_date(now):
        raise RuleViolation("cycles.deadline_past", field="due_on", on=due_on)
    if not reason.strip():
        raise RuleViolation("cycles.reason_needed", field="reason")
    if unit_code is None and employee_no is None:
        _set_for_all(session, cycle_code, step, due_on)
    ids = _instances(session, cycle_code, unit_code, employee_no)
    record(
        session, actor, now, AuditEvent.CYCLES_DEADLINE_MOVED, cycle_code,
        step=name, due_on=due_on, unit=unit_code, employee=employee_no, reason=reason.strip(),
        instances=len(ids),
    )  # fmt: skip
    arguments = {"name": name, "due_on": due_on}
    return now_or_later(session, actor, now, MOVE, cycle_code, ids, arguments)


def _guard(
    session: Session, actor: Actor, on: date, unit_code: str | None, employee_no: str | None
) -> None:
    """HR moves what concerns its units; process admins, and HR of the firm, everything."""
    if actor.is_system or actor.has(Role.PROCESS_ADMIN):
        return
    if actor.has(Role.HR_PARTNER):
        if employee_no is not None:
            if is_in_hr_scope(session, actor, employee_no, on):
                return
        else:
            code = unit_code or people_queries.root_unit(session).code
            path = people_queries.unit(session, code).path.split("/")
            if not actor.unit_scopes.isdisjoint(path):
                return
    raise NotAllowed("cycles.operators_only")


def _set_for_all(session: Session, cycle_code: str, step: PackStep, due_on: date) -> None:
    row = session.get(CycleDeadline, (cycle_code, step.name))
    if row is None:
        row = CycleDeadline(cycle_code=cycle_code, name=step.name, step_code=step.code)
        session.add(row)
    row.due_on = due_on
    session.flush()


def _instances(
    session: Session, cycle_code: str, unit_code: str | None, employee_no: str | None
) -> list[int]:
    """Running instances of the cycle that the change concerns."""
    table = ProcessInstance
    query = select(table.id).where(table.status.in_(RUNNING))
    if unit_code is None and employee_no is None:
        mine = or_(
            table.business_key == cycle_code,
            table.business_key.startswith(f"{cycle_code}/", autoescape=True),
        )
        return list(session.scalars(query.where(mine).order_by(table.id)))
    numbers = [employee_no] if employee_no else _people(session, cycle_code, unit_code or "")
    if employee_no is not None:
        queries.participant(session, cycle_code, employee_no)
    found: list[int] = []
    for part in people_queries.chunks([number for number in numbers if number]):
        keys = [f"{cycle_code}/{number}" for number in part]
        found += session.scalars(query.where(table.business_key.in_(keys)).order_by(table.id))
    return found


def _people(session: Session, cycle_code: str, unit_code: str) -> list[str]:
    """Who takes part from a unit and those below it."""
    below = {unit.code for unit in people_queries.units_under(session, unit_code)} | {unit_code}
    return list(
        session.scalars(
            select(Participant.employee_no)
            .where(Participant.cycle_code == cycle_code, Participant.unit_code.in_(below))
            .order_by(Participant.employee_no)
        )
    )


@job_kind(MOVE)
def move_chunk(context: JobContext, ids: Sequence[int]) -> Mapping[str, Any]:
    """Open tasks first: their boundary timers stand at the old date."""
    session, now = context.session, context.now
    found = queries.cycle(session, context.subject)
    name, due_on = context.arguments["name"], context.arguments["due_on"]
    step = queries.pack(session, found.pack_code, found.release_number).step(name)
    assert step is not None
    tasks = session.scalars(
        select(UserTask.id).where(
            UserTask.instance_id.in_(ids),
            UserTask.definition_key == step.process,
            UserTask.element_id == step.element,
            UserTask.status == "open",
        )
    ).all()
    moved = workflow_actions.move_deadlines(session, context.actor, now, tasks, end_of_day(due_on))
    changed = workflow_actions.set_deadline(session, context.actor, now, ids, name, due_on)
    return {"tasks": moved, "instances": changed}
