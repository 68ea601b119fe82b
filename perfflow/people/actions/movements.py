"""Actions on employees: hire, assign, transfer, leave, and roles."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.people import queries
from perfflow.people.actions.hand_over import follow_transfer, hand_over_tasks
from perfflow.people.guards import require_hr_of_unit
from perfflow.people.models import Assignment, Employee
from perfflow.people.rules import LeaverClass, require_no_loop
from perfflow.web import accounts


def hire(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    no: str,
    name_zh: str,
    name_en: str,
    email: str,
    gender: str,
    grade: int,
    hired_on: date,
    post_code: str,
    unit_code: str,
    manager_no: str | None,
) -> Employee:
    """Add an employee with her first assignment."""
    require_hr_of_unit(session, actor, unit_code)
    if session.get(Employee, no) is not None:
        raise Conflict("people.employee_exists", field="no", employee=no)
    person = Employee(
        no=no,
        name_zh=name_zh,
        name_en=name_en,
        email=email,
        gender=gender,
        grade=grade,
        hired_on=hired_on,
    )
    session.add(person)
    session.flush()
    assign(
        session,
        actor,
        now,
        no,
        post_code=post_code,
        unit_code=unit_code,
        manager_no=manager_no,
        valid_from=hired_on,
    )
    record(session, actor, now, AuditEvent.PEOPLE_EMPLOYEE_HIRED, no, hired_on=hired_on)
    return person


def assign(
    session: Session,
    actor: Actor,
    now: datetime,
    employee_no: str,
    *,
    post_code: str,
    unit_code: str,
    manager_no: str | None,
    valid_from: date,
    valid_to: date | None = None,
    fte_bp: int = 10000,
) -> Assignment:
    """Add an assignment; on no day may the shares of working time exceed 100 %."""
    require_hr_of_unit(session, actor, unit_code)
    queries.employee(session, employee_no)
    queries.post(session, post_code)
    if valid_to is not None and valid_to <= valid_from:
        raise RuleViolation("people.dates_out_of_order", field="valid_to", first=valid_from)
    if manager_no is not None:
        queries.employee(session, manager_no)
        line = [manager_no, *queries.managers_above(session, manager_no, valid_from)]
        managers = dict(pairwise(line))
        require_no_loop(employee_no, manager_no, managers)
    _require_free_time(session, employee_no, valid_from, valid_to, fte_bp)
    row = Assignment(
        employee_no=employee_no,
        post_code=post_code,
        unit_code=unit_code,
        manager_no=manager_no,
        fte_bp=fte_bp,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.PEOPLE_EMPLOYEE_ASSIGNED,
        employee_no,
        unit=unit_code,
        post=post_code,
        manager=manager_no,
        valid_from=valid_from,
    )
    return row


def _require_free_time(
    session: Session, employee_no: str, first: date, before: date | None, fte_bp: int
) -> None:
    last = date.max if before is None else before - timedelta(days=1)
    held = queries.assignments_between(session, [employee_no], first, last)[employee_no]
    starts = {first, *(row.valid_from for row in held if row.valid_from >= first)}
    for day in sorted(starts):
        taken = sum(
            row.fte_bp
            for row in held
            if row.valid_from <= day and (row.valid_to is None or row.valid_to > day)
        )
        if taken + fte_bp > 10000:
            raise RuleViolation(
                "people.over_full_time", field="fte_bp", employee=employee_no, on=day
            )


def transfer(
    session: Session,
    actor: Actor,
    now: datetime,
    employee_no: str,
    *,
    unit_code: str,
    manager_no: str | None,
    on: date,
    post_code: str | None = None,
) -> Assignment:
    """End the current assignment on the day and start another; history stays."""
    current = queries.assignment_on(session, employee_no, on)
    if current is None:
        raise RuleViolation("people.not_at_work", field="on", employee=employee_no, on=on)
    require_hr_of_unit(session, actor, current.unit_code)
    if current.valid_from == on:
        raise RuleViolation("people.moved_that_day", field="on", employee=employee_no, on=on)
    current.valid_to = on
    session.flush()
    row = assign(
        session,
        actor,
        now,
        employee_no,
        post_code=post_code or current.post_code,
        unit_code=unit_code,
        manager_no=manager_no,
        valid_from=on,
        fte_bp=current.fte_bp,
    )
    if on <= local_date(now):
        # A later day is found by the nightly round.
        follow_transfer(session, now, [employee_no], on)
    return row


def leave(
    session: Session,
    actor: Actor,
    now: datetime,
    employee_no: str,
    *,
    left_on: date,
    leaver_class: LeaverClass,
) -> int:
    """Record that somebody leaves and hand the open tasks to the manager; gives their number.

    ``left_on`` is the first day on which the person no longer works here.
    """
    person = queries.employee(session, employee_no)
    current = queries.last_assignment(session, employee_no, local_date(now))
    require_hr_of_unit(session, actor, current.unit_code if current else None)
    if person.left_on is not None:
        raise Conflict("people.left_already", employee=employee_no, on=person.left_on)
    if left_on <= person.hired_on:
        raise RuleViolation("people.left_before_hired", field="left_on", first=person.hired_on)
    person.left_on = left_on
    person.leaver_class = leaver_class.value
    for row in queries.assignments_of(session, employee_no):
        if row.valid_from >= left_on:
            session.delete(row)
        elif row.valid_to is None or row.valid_to > left_on:
            row.valid_to = left_on
    session.flush()
    moved = hand_over_tasks(session, now, person)
    record(
        session,
        actor,
        now,
        AuditEvent.PEOPLE_EMPLOYEE_LEFT,
        employee_no,
        left_on=left_on,
        leaver_class=leaver_class.value,
        tasks=moved,
    )
    return moved


def grant_role(
    session: Session,
    actor: Actor,
    now: datetime,
    employee_no: str,
    role: Role,
    *,
    valid_from: date,
    unit_code: str | None = None,
    valid_to: date | None = None,
) -> None:
    """Give a role to an employee; nobody grants a role to herself."""
    if not actor.is_system and not actor.has(Role.PROCESS_ADMIN):
        raise NotAllowed("people.admin_only")
    if actor.employee_no == employee_no:
        raise NotAllowed("people.own_role")
    queries.employee(session, employee_no)
    accounts.grant_role(
        session,
        actor,
        now,
        role,
        valid_from,
        employee_no=employee_no,
        unit_code=unit_code,
        valid_to=valid_to,
    )
    record(
        session,
        actor,
        now,
        AuditEvent.PEOPLE_ROLE_GRANTED,
        employee_no,
        role=role.value,
        unit=unit_code,
    )
