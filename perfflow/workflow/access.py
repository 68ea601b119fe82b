"""Who may see a task, who may work on it, and whose judgement is ruled out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotAllowed, NotFound, RuleViolation
from perfflow.workflow.definitions.foreign import PERSON
from perfflow.workflow.ports import directory

SHORTEST_REASON = 4


def groups_of_actor(session: Session, actor: Actor, now: datetime) -> frozenset[str]:
    """The candidate groups that the actor belongs to today; asked once per session."""
    on = local_date(now)
    key = ("perfflow.workflow.groups", actor.name, actor.employee_no, on)
    known: frozenset[str] | None = session.info.get(key)
    if known is None:
        if actor.employee_no is not None:
            mine = directory().groups_of(session, actor.employee_no, on)
            known = mine | {PERSON + actor.employee_no}
        else:
            roles = {role.value for role in actor.roles}
            known = frozenset(
                roles | {f"{role}/{unit}" for role in roles for unit in actor.unit_scopes}
            )
        session.info[key] = known
    return known


def members_of_group(session: Session, group: str, now: datetime) -> list[str]:
    """Who belongs to a candidate group today; ``person/E1`` is the group of one person."""
    if group.startswith(PERSON):
        return [group.removeprefix(PERSON)]
    return directory().members_of(session, group, local_date(now))


def is_holder(actor: Actor, task: Any) -> bool:
    """The task is this person's own."""
    return actor.employee_no is not None and task.assignee_no == actor.employee_no


def is_candidate(session: Session, actor: Actor, now: datetime, task: Any) -> bool:
    """The task belongs to a group of this person."""
    names = {task.candidate_group, *(task.more_groups or ())} - {None}
    return bool(names and not names.isdisjoint(groups_of_actor(session, actor, now)))


def may_read(session: Session, actor: Actor, now: datetime, task: Any) -> bool:
    """Holder, group, HR of the person concerned, auditors, process admins, the system."""
    if actor.is_system or is_holder(actor, task) or actor.has(Role.AUDITOR):
        return True
    if actor.employee_no is not None and task.completed_by == actor.employee_no:
        return True
    if is_candidate(session, actor, now, task):
        return True
    return is_hr_of(session, actor, now, task)


def is_hr_of(session: Session, actor: Actor, now: datetime, task: Any) -> bool:
    """The actor is the HR partner of the person whom the task is about."""
    return is_hr_of_person(session, actor, now, task.subject_no or task.assignee_no)


def is_hr_of_person(session: Session, actor: Actor, now: datetime, person: str | None) -> bool:
    """The actor is an HR partner, and of the unit of that person."""
    if person is None or not actor.has(Role.HR_PARTNER):
        return False
    group = directory().hr_group_of(session, person, local_date(now))
    return group in groups_of_actor(session, actor, now)


def require_visible(session: Session, actor: Actor, now: datetime, task: Any | None) -> None:
    """Who may not know of the task gets the same answer as for a number that never was."""
    if task is None or not may_read(session, actor, now, task):
        raise NotFound("workflow.no_task")


def require_not_judged(task: Any, employee_no: str | None) -> None:
    """Nobody works on the task in which she is the person judged."""
    if employee_no is not None and task.not_for and employee_no in task.not_for:
        raise NotAllowed("workflow.own_case", employee=employee_no)


def require_admin(actor: Actor) -> None:
    """Only process admins change what runs."""
    if not actor.has(Role.PROCESS_ADMIN):
        raise NotAllowed("workflow.only_admins_change")


def require_change(actor: Actor, reason: str) -> None:
    """A process admin who says why."""
    require_admin(actor)
    if len(reason.strip()) < SHORTEST_REASON:
        raise RuleViolation("workflow.reason_required", field="reason")
