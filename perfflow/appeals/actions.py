"""What happens to an objection: it is filed, and decided by somebody who had no part before."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.appeals import queries
from perfflow.appeals.models import Appeal
from perfflow.appeals.rules import check_decision, check_filing, check_text, Outcome
from perfflow.audit import AuditEvent, record
from perfflow.interviews.actions import close_objection
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotAllowed
from perfflow.notifications import notify
from perfflow.reviews.actions import record_correction
from perfflow.reviews.queries import latest_result, manager_review


def file_appeal(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    ground: str | None,
    text: str | None,
) -> Appeal:
    """The employee objects to the own result."""
    if not actor.is_system and actor.employee_no != employee_no:
        raise NotAllowed("appeals.self_only")
    check_filing(ground, text)
    if queries.appeal(session, cycle_code, employee_no) is not None:
        raise Conflict("appeals.already_filed")
    row = Appeal(
        cycle_code=cycle_code,
        employee_no=employee_no,
        ground=str(ground),
        text=(text or "").strip(),
        status="open",
        filed_at=now,
    )
    session.add(row)
    session.flush()
    record(session, actor, now, AuditEvent.APPEALS_APPEAL_LODGED, _key(row), ground=row.ground)
    return row


def decide_appeal(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    outcome: str,
    to_total: Decimal | None,
    decision: str | None,
    extra: dict[str, Any] | None = None,
) -> Appeal:
    """Uphold the result, or write a corrected one within the limits of a correction."""
    row = queries.appeal(session, cycle_code, employee_no)
    if row is None:
        raise Conflict("appeals.nothing_filed")
    if row.status != "open":
        raise Conflict("appeals.already_decided")
    _guard_fresh(session, actor, row)
    result = latest_result(session, cycle_code, employee_no)
    check_decision(outcome, to_total, result.total_e2 if result else None)
    words = check_text(decision, "decision")
    if outcome == Outcome.CORRECTED and to_total is not None:
        record_correction(
            session,
            actor,
            now,
            cycle_code,
            employee_no,
            "appealed",
            to_total=to_total,
            reason_code=row.ground,
            reason=words,
        )
        row.to_total_e2 = to_total
    row.status = outcome
    row.decision = words
    row.decided_by = actor.employee_no or actor.name
    row.decided_at = now
    row.extra = extra or None
    close_objection(session, now, cycle_code, employee_no)
    record(session, actor, now, AuditEvent.APPEALS_APPEAL_DECIDED, _key(row), outcome=outcome)
    notify(
        session,
        now,
        employee_no,
        "appeals.notice_decided",
        {"cycle": cycle_code},
        link=f"/appeals/{cycle_code}/{employee_no}",
    )
    return row


def _guard_fresh(session: Session, actor: Actor, row: Appeal) -> None:
    """Nobody decides the own appeal, nor one against a score or move of the own."""
    if actor.is_system:
        return
    if actor.employee_no == row.employee_no:
        raise NotAllowed("appeals.own_appeal")
    review = manager_review(session, row.cycle_code, row.employee_no)
    involved = queries.calibrators_of(session, row.cycle_code, row.employee_no)
    if (review is not None and review.manager_no == actor.employee_no) or (
        actor.employee_no in involved
    ):
        raise NotAllowed("appeals.took_part_before")


def _key(row: Appeal) -> str:
    return f"{row.cycle_code}/{row.employee_no}"
