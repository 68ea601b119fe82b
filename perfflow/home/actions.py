"""What the overview pages do by themselves: reminding whoever holds a step."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotFound
from perfflow.notifications import notify
from perfflow.workflow.access import may_read, members_of_group
from perfflow.workflow.models import table_of, UserTask

task_table = table_of(UserTask)


def remind_holder(session: Session, actor: Actor, now: datetime, task_id: int) -> int:
    """Tell the holder (or the group) of an open task that it waits; at most once a day.

    Returns how many people were told.
    """
    task = session.execute(select(task_table).where(task_table.c.id == task_id)).one_or_none()
    may = task is not None and (
        actor.has(Role.PROCESS_ADMIN) or may_read(session, actor, now, task)
    )
    if task is None or not may:
        raise NotFound("workflow.no_task")
    if task.status != "open":
        raise Conflict("workflow.task_done")
    today = local_date(now)
    if task.assignee_no is not None:
        recipients = [task.assignee_no]
    else:
        recipients = members_of_group(session, task.candidate_group or "", now)
    told = [
        number
        for number in recipients
        if notify(
            session,
            now,
            number,
            "home.reminder",
            {"task": {"zh": task.name_zh, "en": task.name_en}},
            link=f"/inbox/tasks/{task.id}",
            dedupe_key=f"reminder/{task.id}/{today.isoformat()}",
        )
    ]
    if told:
        record(
            session,
            actor,
            now,
            AuditEvent.WORKFLOW_TASK_REMINDED,
            task.business_key,
            element=task.element_key,
            task=task.id,
            recipients=told,
        )
    return len(told)
