"""What ends the reviews of a cycle: the last one of a unit, the publication, the announcement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.cycles.actions import exclude_participant
from perfflow.cycles.models import Participant
from perfflow.cycles.queries import cycle as cycle_named
from perfflow.cycles.queries import participant
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.people.models import Unit
from perfflow.reviews import queries
from perfflow.reviews.models import ResultPublication
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries

BEFORE_CALIBRATION = frozenset({"draft", "planned", "running"})


def close_review(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str
) -> bool:
    """Note that a review is done; the last one of the calibration unit wakes its session."""
    member = session.get_one(Participant, (cycle_code, employee_no))
    left = _wake_session(session, actor, now, cycle_code, member.calibration_unit_code)
    record(
        session,
        actor,
        now,
        AuditEvent.REVIEWS_REVIEW_CLOSED,
        f"{cycle_code}/{employee_no}",
        left=left,
    )
    return not left


def _wake_session(session: Session, actor: Actor, now: datetime, cycle_code: str, unit: str) -> int:
    """How many reviews of a unit are open; none: tell its calibration session.

    Under the unit's row lock: of two reviews that end at the same time exactly one finds that
    none is left.
    """
    session.execute(select(Unit.code).where(Unit.code == unit).with_for_update()).all()
    left = queries.open_reviews(session, cycle_code, unit)
    if not left:
        key = f"{cycle_code}/calibration/{unit}"
        workflow_actions.publish_message(
            session, actor, now, "reviews-complete", key, dedupe_id=f"reviews-complete/{key}"
        )
    return left


def withdraw_participant(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str, reason: str
) -> None:
    """Take somebody out of a running cycle: the appraisal ends, colleagues do not wait for it.

    Refused once the cycle is in calibration: a result that others were compared with stays.
    """
    member = participant(session, cycle_code, employee_no)
    if cycle_named(session, cycle_code).status not in BEFORE_CALIBRATION:
        raise Conflict("reviews.too_late_to_withdraw", employee=employee_no)
    exclude_participant(session, actor, now, cycle_code, employee_no, reason)
    found = workflow_queries.instance_by_key(session, f"{cycle_code}/{employee_no}")
    if found is not None and found.status == "active":
        workflow_actions.cancel_instance(session, actor, now, found.id, reason)
    session.flush()
    if queries.people_with_stage(session, cycle_code, "computed"):
        _wake_session(session, actor, now, cycle_code, member.calibration_unit_code)


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
