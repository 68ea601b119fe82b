"""Drafts: what a person has typed into a task's form so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.workflow.access import is_candidate, is_holder, require_not_judged, require_visible
from perfflow.workflow.engine import store
from perfflow.workflow.models import table_of, TaskDraft

draft_table = table_of(TaskDraft)
MAX_DRAFT_FIELDS = 2_000


def save_draft(
    session: Session, actor: Actor, now: datetime, task_id: int, data: Mapping[str, Any]
) -> None:
    """Keep the draft of this person for this task; the draft of another person stays hers."""
    task = store.lock_task(session, task_id)
    require_visible(session, actor, now, task)
    assert task is not None
    if task.status != "open":
        raise Conflict("workflow.task_done")
    if actor.employee_no is None or not (
        is_holder(actor, task) or is_candidate(session, actor, now, task)
    ):
        raise NotAllowed("workflow.not_your_task")
    require_not_judged(task, actor.employee_no)
    if len(data) > MAX_DRAFT_FIELDS:
        raise RuleViolation("workflow.draft_too_big", limit=MAX_DRAFT_FIELDS, got=len(data))
    key = {"task_id": task_id, "employee_no": actor.employee_no}
    values = {"data": dict(data), "saved_at": now}
    changed = session.execute(
        update(draft_table)
        .where(draft_table.c.task_id == task_id, draft_table.c.employee_no == actor.employee_no)
        .values(**values)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(draft_table), [key | values])
