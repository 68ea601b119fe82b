"""Proves process states: logs and states are as written, no task outlives its instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.workflow.models import ProcessInstance, UserTask
from perfflow.workflow.queries import verify_logs
from perfflow.workflow.queries.instances import LogFault


def check_processes(session: Session) -> tuple[int, list[LogFault]]:
    """How many instances were checked, and what does not hold."""
    count = session.scalar(select(func.count(ProcessInstance.id))) or 0
    return count, [*verify_logs(session), *_tasks(session)]


def _tasks(session: Session) -> Iterator[LogFault]:
    """Nothing that is over has open tasks; no token has two."""
    over = session.execute(
        select(UserTask.business_key, UserTask.element_key)
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(UserTask.status == "open", ProcessInstance.status.in_(("completed", "cancelled")))
    )
    for business_key, element in over:
        yield LogFault("task", f"{business_key}/{element}", "no open task", "open")
    slots = Counter(
        (row.instance_id, row.element_key, row.slot)
        for row in session.execute(
            select(UserTask.instance_id, UserTask.element_key, UserTask.slot).where(
                UserTask.status == "open"
            )
        )
    )
    for (instance, place, slot), tasks in slots.items():
        if tasks > 1:
            yield LogFault("task", f"{instance}/{place}#{slot}", "1", str(tasks))
