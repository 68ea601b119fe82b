"""Reads of recorded evaluations of decisions, and who may read one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotFound
from perfflow.workflow.access import is_hr_of_person
from perfflow.workflow.models import DecisionEvaluation, table_of

evaluation_table = table_of(DecisionEvaluation)


def evaluations_of(session: Session, instance_id: int) -> list[Row[Any]]:
    """What was decided in an instance, in order."""
    return list(
        session.execute(
            select(evaluation_table)
            .where(evaluation_table.c.instance_id == instance_id)
            .order_by(evaluation_table.c.id)
        )
    )


def readable_evaluations(
    session: Session, actor: Actor, now: datetime, instance_id: int
) -> list[Row[Any]]:
    """Those evaluations of an instance that the actor may read; most people need no look."""
    if not (actor.is_system or actor.has(Role.AUDITOR, Role.PROCESS_ADMIN, Role.HR_PARTNER)):
        return []
    return [
        row
        for row in evaluations_of(session, instance_id)
        if may_read_evaluation(session, actor, now, row)
    ]


def evaluation(session: Session, actor: Actor, now: datetime, evaluation_id: int) -> Row[Any]:
    """One evaluation; for who may not read it, it does not exist."""
    row = session.execute(
        select(evaluation_table).where(evaluation_table.c.id == evaluation_id)
    ).one_or_none()
    if row is None or not may_read_evaluation(session, actor, now, row):
        raise NotFound("workflow.no_evaluation")
    return row


def may_read_evaluation(session: Session, actor: Actor, now: datetime, row: Any) -> bool:
    """Auditors, process admins, and HR of the person concerned; nobody in the own case."""
    if actor.is_system or actor.has(Role.AUDITOR):
        return True
    if row.subject_no is not None and row.subject_no == actor.employee_no:
        return False
    return actor.has(Role.PROCESS_ADMIN) or is_hr_of_person(session, actor, now, row.subject_no)
