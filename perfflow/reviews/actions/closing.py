"""What ends the reviews of a cycle: the last one of a unit, the publication, the announcement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.cycles.models import Participant
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.people.models import Unit
from perfflow.reviews import queries
from perfflow.reviews.models import ResultPublication
from perfflow.workflow import actions as workflow_actions


def close_review(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str
) -> bool:
    """Note that a review is done; the last one of the calibration unit wakes its session.

    Under the unit's row lock: of two reviews that end at the same time exactly one finds that
    none is left.
    """
    member = session.get_one(Participant, (cycle_code, employee_no))
    unit = member.calibration_unit_code
    session.execute(select(Unit.code).where(Unit.code == unit).with_for_update()).all()
    left = queries.open_reviews(session, cycle_code, unit)
    record(
        session,
        actor,
        now,
        AuditEvent.REVIEWS_REVIEW_CLOSED,
        f"{cycle_code}/{employee_no}",
        left=left,
    )
    if left:
        return False
    key = f"{cycle_code}/calibration/{unit}"
    workflow_actions.publish_message(
        session, actor, now, "reviews-complete", key, dedupe_id=f"reviews-complete/{key}"
    )
    return True


def publish_results(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    *,
    statement: str | None,
    extra: dict[str, Any] | None = None,
) -> ResultPublication:
    """Show everybody the own result; refused while somebody's is not calibrated."""
    if not actor.is_system and not actor.has(Role.HR_PARTNER):
        raise NotAllowed("reviews.hr_only")
    if queries.publication(session, cycle_code) is not None:
        raise Conflict("reviews.published_before", cycle=cycle_code)
    waiting = queries.people_without_stage(session, cycle_code, "calibrated")
    if waiting:
        raise RuleViolation("reviews.not_calibrated", count=len(waiting), first=waiting[0])
    row = ResultPublication(
        cycle_code=cycle_code,
        published_by=actor.employee_no or actor.name,
        published_at=now,
        statement=(statement or "").strip() or None,
        extra=extra or None,
    )
    session.add(row)
    session.flush()
    record(session, actor, now, AuditEvent.REVIEWS_RESULTS_PUBLISHED, cycle_code)
    return row


def announce_results(session: Session, actor: Actor, now: datetime, cycle_code: str) -> int:
    """Tell every appraisal that the results are out; returns how many."""
    row = queries.publication(session, cycle_code)
    if row is None:
        raise Conflict("reviews.not_published", cycle=cycle_code)
    people = queries.active_participants(session, cycle_code)
    workflow_actions.publish_messages(
        session,
        actor,
        now,
        "results-published",
        [f"{cycle_code}/{number}" for number in people],
        payload={"published_on": local_date(row.published_at)},
    )
    record(
        session, actor, now, AuditEvent.REVIEWS_RESULTS_ANNOUNCED, cycle_code, people=len(people)
    )
    return len(people)
