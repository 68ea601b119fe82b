"""The life of sessions: planned, opened, summed up, closed; the firm's session closes the stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calibration import queries
from perfflow.calibration.actions.adjusting import SHORTEST_REASON, unapproved_moves
from perfflow.calibration.models import CalibrationSession
from perfflow.calibration.queries import FIRM, FORCED, UNIT
from perfflow.calibration.rules import broken_limits, Deviation, guided_deviations
from perfflow.cycles.models import Cycle
from perfflow.cycles.queries import appraisal_keys, deadlines, participants
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.people.models import Unit
from perfflow.reviews.actions import record_results
from perfflow.workflow import actions as workflow_actions

PROCESS = "calibration"
CHUNK = 200


def open_sessions(session: Session, actor: Actor, now: datetime, cycle_code: str) -> int:
    """Plan one session for each unit with participants and one for the firm; start them."""
    cycle = session.get_one(Cycle, cycle_code)
    root = session.scalars(select(Unit.code).where(Unit.parent_code.is_(None))).one()
    people = participants(session, cycle_code)
    units = sorted({one.calibration_unit_code for one in people} - {root})
    planned = [(unit, UNIT) for unit in units] + [(root, FIRM)]
    due = deadlines(session, cycle_code)
    for unit, kind in planned:
        session.add(
            CalibrationSession(
                cycle_code=cycle_code,
                unit_code=unit,
                kind=kind,
                status="waiting",
                distribution_mode=(cycle.extra or {}).get("distribution_mode", "guided"),
            )
        )
    session.flush()
    for unit, kind in planned:
        workflow_actions.start_instance(
            session,
            actor,
            now,
            PROCESS,
            f"{cycle_code}/calibration/{unit}",
            {"cycle": cycle_code, "unit": unit, "kind": kind, "deadlines": due},
            bundle_number=cycle.bundle_number,
        )
    cycle.status = "calibrating"
    record(
        session,
        actor,
        now,
        AuditEvent.CALIBRATION_SESSIONS_PLANNED,
        cycle_code,
        sessions=len(planned),
    )
    return len(planned)


def open_session(
    session: Session, actor: Actor, now: datetime, cycle_code: str, unit_code: str
) -> None:
    """All reviews are in: the session may begin."""
    row = queries.session_named(session, cycle_code, unit_code)
    row.status, row.opened_at = "open", now
    subject = f"{cycle_code}/calibration/{unit_code}"
    record(session, actor, now, AuditEvent.CALIBRATION_SESSION_OPENED, subject)


def sum_up_session(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    unit_code: str,
    *,
    summary: str,
    deviation_reason: str = "",
    extra: dict[str, Any] | None = None,
) -> CalibrationSession:
    """A member states what the session found; nothing may wait for a second approval.

    A guided distribution that was left needs a reason, a forced one cannot be left.
    """
    row = queries.session_named(session, cycle_code, unit_code)
    if not actor.has(Role.CALIBRATION_COMMITTEE):
        raise NotAllowed("calibration.only_committee")
    if row.status != "open":
        raise Conflict("calibration.session_not_open", unit=unit_code)
    waiting = unapproved_moves(session, row)
    if waiting:
        raise RuleViolation("calibration.second_approval_needed", field="summary", moves=waiting)
    _guard_distribution(session, row, deviation_reason)
    row.summary, row.extra = summary, extra or None
    row.deviation_reason = deviation_reason.strip() or None
    row.closed_by = actor.employee_no or actor.name
    return row


def _guard_distribution(session: Session, row: CalibrationSession, reason: str) -> None:
    shares = queries.guide_of(session, row)
    counts = Counter(seat.band for seat in queries.board(session, row))
    if not shares or not queries.is_guide_binding(counts.total()):
        return
    if row.distribution_mode == FORCED:
        broken = broken_limits(counts, shares)
        if broken:
            raise RuleViolation("calibration.distribution_is_forced", bands=_listed(broken))
        return
    beyond = [one for one in guided_deviations(counts, shares) if one.is_beyond]
    if beyond and len(reason.strip()) < SHORTEST_REASON:
        raise RuleViolation(
            "calibration.deviation_needs_reason",
            field="deviation_reason",
            bands=_listed(beyond),
            minimum=SHORTEST_REASON,
        )


def _listed(deviations: Sequence[Deviation]) -> str:
    return ", ".join(f"{one.band} {one.actual}/{one.quota}" for one in deviations)


def close_session(
    session: Session, actor: Actor, now: datetime, cycle_code: str, unit_code: str
) -> None:
    """Close a session; the last unit wakes the firm's, and the firm's ends calibration.

    Under the cycle's row lock: of two sessions that end at the same time one finds none left.
    """
    row = queries.session_named(session, cycle_code, unit_code)
    row.status, row.closed_at = "closed", now
    session.flush()
    subject = f"{cycle_code}/calibration/{unit_code}"
    record(session, actor, now, AuditEvent.CALIBRATION_SESSION_CLOSED, subject, kind=row.kind)
    session.execute(select(Cycle.code).where(Cycle.code == cycle_code).with_for_update()).all()
    if row.kind == FIRM:
        _finish(session, actor, now, cycle_code)
    elif queries.open_unit_sessions(session, cycle_code) == 0:
        root = session.scalars(select(Unit.code).where(Unit.parent_code.is_(None))).one()
        key = f"{cycle_code}/calibration/{root}"
        workflow_actions.publish_message(
            session, actor, now, "reviews-complete", key, dedupe_id=f"reviews-complete/{key}"
        )


def _finish(session: Session, actor: Actor, now: datetime, cycle_code: str) -> None:
    """The link ``calibrated`` for everybody, moved or not, then tell cycle and appraisals."""
    numbers = [one.employee_no for one in participants(session, cycle_code)]
    firm = session.scalars(
        select(CalibrationSession).where(
            CalibrationSession.cycle_code == cycle_code, CalibrationSession.kind == FIRM
        )
    ).one()
    moves: dict[str, Decimal] = {}
    reasons: dict[str, tuple[str, str]] = {}
    for seat in queries.board(session, firm):
        base, last = seat.result.clean_total_e2, seat.adjustment
        if last is not None and base is not None and last.to_total_e2 != base:
            moves[last.employee_no] = last.to_total_e2 - base
            reasons[last.employee_no] = (last.reason_code, last.reason)
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        record_results(
            session, actor, now, cycle_code, part, "calibrated", moves=moves, reasons=reasons
        )
        session.flush()
    workflow_actions.publish_messages(
        session, actor, now, "result-calibrated", appraisal_keys(session, cycle_code)
    )
    workflow_actions.publish_message(
        session,
        actor,
        now,
        "calibrations-complete",
        cycle_code,
        dedupe_id=f"calibrations-complete/{cycle_code}",
    )
