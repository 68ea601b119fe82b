"""Open tasks follow the organisation: somebody leaves, is away, or gets another manager.

The step says how, in its property ``reroute``: ``follow`` (without it: the person that its
expressions name now) or ``keep`` (whoever has the task keeps it). Whatever a step says, no open
task stays with somebody who has left. Each change is logged and can be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from sqlalchemy import delete, insert, Row, select, update
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound
from perfflow.notifications import notify
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine import store
from perfflow.workflow.engine.expressions import Evaluator
from perfflow.workflow.engine.outside import Outside
from perfflow.workflow.engine.waits import FALLBACK_GROUP, WaitRows
from perfflow.workflow.models import table_of, TaskGroup, TaskRerouting
from perfflow.workflow.ports import directory

log_table = table_of(TaskRerouting)
group_table = table_of(TaskGroup)
MAX_LINE = 20
POLICIES = ("follow", "keep")


class Cause(StrEnum):
    """Why an open task goes to somebody else."""

    LEFT = "left"
    MOVED = "moved"  # the person concerned has another manager or unit
    AWAY = "away"


REASONS = {
    Cause.LEFT: {"zh": "原办理人已离职", "en": "the holder has left"},
    Cause.MOVED: {"zh": "汇报关系已变更", "en": "the reporting line has changed"},
    Cause.AWAY: {"zh": "原办理人休假中", "en": "the holder is away"},
}


def reroute_tasks(
    session: Session,
    actor: Actor,
    now: datetime,
    task_ids: Sequence[int],
    cause: Cause,
    *,
    before: datetime | None = None,
    tells: bool = True,
) -> list[Row[Any]]:
    """Give open tasks to whom they belong after a change; the rows of the log.

    ``before`` is a moment before the change (``moved``): only a task that is with the person (or
    group) whom the step named then goes to whom it names now. A hand-made choice is respected.
    """
    done = []
    for task_id in sorted(set(task_ids)):
        task = store.lock_task(session, task_id)
        if task is None or task.status != "open":
            continue
        found = _new_holders(session, now, task, cause, before)
        if found is None or found == (task.assignee_no, groups_of(task)):
            continue
        done.append(_move(session, actor, now, task, cause, *found))
        if tells and found[0] is not None:
            _tell(session, now, task, found[0], REASONS[cause])
    return done


def groups_of(task: Any) -> list[str]:
    """The candidate groups of a task."""
    return [*([task.candidate_group] if task.candidate_group else []), *(task.more_groups or [])]


def _new_holders(
    session: Session, now: datetime, task: Row[Any], cause: Cause, before: datetime | None
) -> tuple[str | None, list[str]] | None:
    """Person and groups that the task should be with; None: it stays."""
    element = _element(session, task)
    keeps = element.properties.get("reroute") == "keep"
    named = _named(session, now, task, element)
    if cause is Cause.MOVED:
        if keeps or before is None:
            return None
        was = _named(session, before, task, element)
        is_as_named = task.assignee_no == was[0] or (was[0] is None and was[1] == groups_of(task))
        # A claimed task of a group stays with whoever has taken it.
        if not is_as_named or (was[0] is None and task.assignee_no is not None):
            return None
        return named
    holder, on = task.assignee_no, local_date(now)
    if holder is None:
        return None
    if cause is Cause.AWAY:
        deputy = None if keeps else directory().deputy_of(session, holder, on)
        return (deputy, groups_of(task)) if _may_take(session, now, task, deputy) else None
    if named[0] != holder and _may_take(session, now, task, named[0]):
        return named
    if groups_of(task):
        return None, groups_of(task)  # back to the group that it was claimed from
    return _above(session, now, task, holder)


def _element(session: Session, task: Row[Any]) -> Element:
    bundle = store.bundle(session, task.bundle_number)
    return bundle.processes[task.definition_key].elements[task.element_id]


def _named(
    session: Session, at: datetime, task: Row[Any], element: Element
) -> tuple[str | None, list[str]]:
    """Whom the step's expressions name at that moment."""
    table = store.instance_table
    row = session.execute(select(table).where(table.c.id == task.instance_id)).one()
    ambient = {"business_key": row.business_key, "definition_key": row.definition_key}
    outside = Outside(row.variables, ambient, Evaluator(session, at), _no_work)
    instance = SimpleNamespace(id=row.id)
    rows = WaitRows(session, at, instance, outside, Actor("system"))
    return rows.holders(element, task.scope, task.locals or {})


def _no_work(_element: Element, _values: dict[str, Any]) -> dict[str, Any]:
    raise AssertionError("whom a step is for is asked, not done")


def _may_take(session: Session, now: datetime, task: Row[Any], person: str | None) -> bool:
    """At work, and not the person judged."""
    return (
        person is not None
        and person not in (task.not_for or ())
        and directory().is_at_work(session, person, local_date(now))
    )


def _above(
    session: Session, now: datetime, task: Row[Any], holder: str
) -> tuple[str | None, list[str]]:
    """The nearest above the leaver who may take it; else the HR group of the person concerned."""
    on, current, seen = local_date(now), holder, {holder}
    for _ in range(MAX_LINE):
        above = directory().manager_of(session, current, on)
        if above is None or above in seen:
            break
        if _may_take(session, now, task, above):
            return above, []
        seen.add(above)
        current = above
    person = task.subject_no or holder
    return None, [directory().hr_group_of(session, person, on) or FALLBACK_GROUP]


def _move(
    session: Session,
    actor: Actor,
    now: datetime,
    task: Row[Any],
    cause: Cause,
    assignee: str | None,
    groups: list[str],
) -> Row[Any]:
    _set_holders(session, now, task, assignee, groups)
    row = session.execute(
        insert(log_table).returning(*log_table.c),
        {
            "task_id": task.id,
            "business_key": task.business_key,
            "cause": cause.value,
            "old_assignee_no": task.assignee_no,
            "old_groups": groups_of(task),
            "new_assignee_no": assignee,
            "new_groups": groups,
            "moved_by": actor.employee_no or actor.name,
            "moved_at": now,
        },
    ).one()
    record(
        session, actor, now, AuditEvent.WORKFLOW_TASK_REROUTED, task.business_key,
        element=task.element_key, task=task.id, cause=cause.value,
        old=task.assignee_no or ",".join(groups_of(task)), new=assignee or ",".join(groups),
    )  # fmt: skip
    return row


def _set_holders(
    session: Session, now: datetime, task: Row[Any], assignee: str | None, groups: list[str]
) -> None:
    tasks = store.task_table
    session.execute(
        update(tasks)
        .where(tasks.c.id == task.id)
        .values(
            assignee_no=assignee,
            claimed_at=now if assignee else None,
            candidate_group=groups[0] if groups else None,
            more_groups=groups[1:] or None,
            revision=task.revision + 1,
        )
    )
    session.execute(delete(group_table).where(group_table.c.task_id == task.id))
    if groups[1:]:
        rows = [{"group_name": name, "task_id": task.id} for name in groups[1:]]
        session.execute(insert(group_table), rows)


def _tell(
    session: Session, now: datetime, task: Row[Any], person: str, reason: dict[str, str]
) -> None:
    notify(
        session,
        now,
        person,
        "workflow.task_reassigned",
        {"task": {"zh": task.name_zh, "en": task.name_en}, "reason": reason},
        link=f"/inbox/tasks/{task.id}",
    )


def undo_rerouting(session: Session, actor: Actor, now: datetime, rerouting_id: int) -> None:
    """Give a task back to whom it was with, unless somebody has acted since or she has left."""
    if not actor.is_system and not actor.has(Role.HR_PARTNER, Role.PROCESS_ADMIN):
        raise NotAllowed("workflow.may_not_reassign")
    row = session.execute(
        select(log_table).where(log_table.c.id == rerouting_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("workflow.no_rerouting", rerouting=rerouting_id)
    if row.undone_at is not None:
        raise Conflict("workflow.rerouting_undone")
    task = store.lock_task(session, row.task_id)
    is_as_left = (
        task is not None
        and task.status == "open"
        and task.assignee_no == row.new_assignee_no
        and groups_of(task) == row.new_groups
    )
    if task is None or not is_as_left:
        raise Conflict("workflow.task_moved_on")
    old = row.old_assignee_no
    if old is not None and not directory().is_at_work(session, old, local_date(now)):
        raise Conflict("workflow.has_left", employee=old)
    _set_holders(session, now, task, old, row.old_groups)
    session.execute(
        update(log_table)
        .where(log_table.c.id == rerouting_id)
        .values(undone_at=now, undone_by=actor.employee_no or actor.name)
    )
    record(
        session, actor, now, AuditEvent.WORKFLOW_REROUTING_UNDONE, task.business_key,
        element=task.element_key, task=task.id, cause=row.cause,
    )  # fmt: skip
