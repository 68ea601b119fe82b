"""Who holds a task: claim, release and reassign."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation
from perfflow.notifications import notify
from perfflow.workflow.access import (
    is_candidate,
    is_holder,
    is_hr_of,
    may_read,
    require_not_judged,
    require_visible,
)
from perfflow.workflow.engine import store
from perfflow.workflow.ports import directory

_SET_HOLDER = (
    update(store.task_table)
    .where(
        store.task_table.c.id == bindparam("at"),
        store.task_table.c.revision == bindparam("at_revision"),
        store.task_table.c.status == "open",
    )
    .values(
        assignee_no=bindparam("holder"),
        claimed_at=bindparam("claimed_at"),
        revision=bindparam("revision"),
    )
)


def claim_task(
    session: Session, actor: Actor, now: datetime, task_id: int, revision: int | None = None
) -> None:
    """A member of the candidate group takes the task; others of the group see who holds it."""
    task = _open_task(session, actor, now, task_id)
    if is_holder(actor, task):
        return
    if task.assignee_no is not None:
        raise Conflict("workflow.already_claimed", employee=task.assignee_no)
    if not is_candidate(session, actor, now, task) or actor.employee_no is None:
        raise NotAllowed("workflow.not_your_task")
    require_not_judged(task, actor.employee_no)
    _set_holder(session, now, task, actor.employee_no, revision)
    _record(session, actor, now, AuditEvent.WORKFLOW_TASK_CLAIMED, task)


def release_task(
    session: Session, actor: Actor, now: datetime, task_id: int, revision: int | None = None
) -> None:
    """Give a claimed task back to its group."""
    task = _open_task(session, actor, now, task_id)
    if not is_holder(actor, task):
        raise NotAllowed("workflow.not_your_task")
    if task.candidate_group is None:
        raise RuleViolation("workflow.no_group_to_release_to")
    _set_holder(session, now, task, None, revision)
    _record(session, actor, now, AuditEvent.WORKFLOW_TASK_RELEASED, task)


def reassign_task(
    session: Session,
    actor: Actor,
    now: datetime,
    task_id: int,
    to_employee_no: str,
    reason: str,
    revision: int | None = None,
) -> None:
    """Give the task to somebody else; the manager of its holder, HR or a process admin may."""
    task = store.lock_task(session, task_id)
    if task is None or not (
        may_read(session, actor, now, task) or _may_reassign(session, actor, now, task)
    ):
        raise NotFound("workflow.no_task")
    if task.status != "open":
        raise Conflict("workflow.task_done")
    if not _may_reassign(session, actor, now, task):
        raise NotAllowed("workflow.may_not_reassign")
    if not reason.strip():
        raise RuleViolation("workflow.reason_required", field="reason")
    if not to_employee_no.strip():
        raise RuleViolation("workflow.person_required", field="to_employee_no")
    require_not_judged(task, to_employee_no)
    if to_employee_no == task.assignee_no:
        raise RuleViolation("workflow.already_holds", field="to_employee_no")
    _set_holder(session, now, task, to_employee_no, revision)
    _record(
        session,
        actor,
        now,
        AuditEvent.WORKFLOW_TASK_REASSIGNED,
        task,
        to=to_employee_no,
        reason=reason,
    )
    notify(
        session,
        now,
        to_employee_no,
        "workflow.task_reassigned",
        {"task": {"zh": task.name_zh, "en": task.name_en}, "reason": reason},
        link=f"/inbox/tasks/{task.id}",
    )


def _open_task(session: Session, actor: Actor, now: datetime, task_id: int) -> Any:
    task = store.lock_task(session, task_id)
    require_visible(session, actor, now, task)
    assert task is not None
    if task.status != "open":
        raise Conflict("workflow.task_done")
    return task


def _may_reassign(session: Session, actor: Actor, now: datetime, task: Any) -> bool:
    if actor.is_system or actor.has(Role.PROCESS_ADMIN) or is_hr_of(session, actor, now, task):
        return True
    holder = task.assignee_no or task.subject_no
    if holder is None or actor.employee_no is None:
        return False
    return directory().manager_of(session, holder, local_date(now)) == actor.employee_no


def _set_holder(
    session: Session, now: datetime, task: Any, holder: str | None, revision: int | None
) -> None:
    if revision is not None and revision != task.revision:
        raise Conflict("workflow.task_moved_on")
    changed = session.execute(
        _SET_HOLDER,
        {
            "at": task.id,
            "at_revision": task.revision,
            "holder": holder,
            "claimed_at": now if holder else None,
            "revision": task.revision + 1,
        },
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("workflow.task_moved_on")


def _record(
    session: Session, actor: Actor, now: datetime, event: AuditEvent, task: Any, **details: Any
) -> None:
    record(
        session,
        actor,
        now,
        event,
        task.business_key,
        element=task.element_key,
        task=task.id,
        **details,
    )
