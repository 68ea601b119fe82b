"""Moves one person's result in a session, within limits, always with a reason."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calibration import queries
from perfflow.calibration.models import CalibrationAdjustment, CalibrationSession
from perfflow.calibration.rules import needs_second_approval
from perfflow.cycles.models import Cycle
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import ComputationError, Conflict, NotAllowed, NotFound, RuleViolation
from perfflow.plans.queries import bonus_plan
from perfflow.reviews.rules import calibrate

REASON_CODES = ("leniency", "severity", "evidence", "scope", "data", "other")
SHORTEST_REASON = 10


def adjust(
    session: Session,
    actor: Actor,
    now: datetime,
    row: CalibrationSession,
    employee_no: str,
    *,
    to_total: Decimal,
    reason_code: str,
    reason: str,
    seen_total: Decimal | None = None,
) -> CalibrationAdjustment:
    """Move a person to ``to_total`` (2 dp), at most ±10 points and one band from the manager's.

    The band follows the total and never passes a cap; a veto cannot be touched. A second move of
    the same person replaces the first, counted from the manager's result again. ``seen_total`` is
    what the page showed: when another member moved the person meanwhile, nothing happens.
    """
    _guard(actor, row, employee_no)
    seat = _seat(session, row, employee_no)
    if seen_total is not None and seen_total != seat.total:
        raise Conflict("calibration.moved_meanwhile", total=seat.total)
    violation = _reason_problem(reason_code, reason)
    if violation is not None:
        raise violation
    base = seat.result.clean_total_e2
    if base is None or seat.total is None:
        raise RuleViolation("calibration.not_rated", field="to_total", employee=employee_no)
    if seat.result.gate == "VETO":
        raise RuleViolation("calibration.veto_stands", field="to_total", employee=employee_no)
    cycle = session.get_one(Cycle, row.cycle_code)
    bands = bonus_plan(session, cycle.release_number).bands
    try:
        total, band = calibrate(
            base,
            seat.result.clean_band,
            to_total - base,
            band_cap=seat.result.band_cap,
            bands=bands,
        )
    except ComputationError as error:
        raise RuleViolation(error.code, field="to_total", **error.params) from error
    if total == seat.total:
        raise RuleViolation("calibration.nothing_moves", field="to_total", total=total)
    adjustment = CalibrationAdjustment(
        session_id=row.id,
        employee_no=employee_no,
        from_total_e2=seat.total,
        to_total_e2=total,
        from_band=seat.band,
        to_band=band,
        reason_code=reason_code,
        reason=reason.strip(),
        proposer_no=actor.employee_no,
        proposed_at=now,
    )
    _keep(session, actor, now, row, adjustment)
    return adjustment


def _keep(
    session: Session,
    actor: Actor,
    now: datetime,
    row: CalibrationSession,
    adjustment: CalibrationAdjustment,
) -> None:
    session.add(adjustment)
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.CALIBRATION_RESULT_ADJUSTED,
        f"{row.cycle_code}/{adjustment.employee_no}",
        from_total=adjustment.from_total_e2,
        to_total=adjustment.to_total_e2,
        from_band=adjustment.from_band,
        to_band=adjustment.to_band,
        reason_code=adjustment.reason_code,
        reason=adjustment.reason,
    )


def _guard(actor: Actor, row: CalibrationSession, employee_no: str) -> None:
    if not actor.has(Role.CALIBRATION_COMMITTEE) or actor.employee_no is None:
        raise NotAllowed("calibration.only_committee")
    if actor.employee_no == employee_no:
        raise NotAllowed("calibration.own_result")
    if row.status != "open":
        raise Conflict("calibration.session_not_open", unit=row.unit_code)


def _seat(session: Session, row: CalibrationSession, employee_no: str) -> queries.Seat:
    for seat in queries.board(session, row):
        if seat.participant.employee_no == employee_no:
            return seat
    raise NotFound("calibration.not_in_session", employee=employee_no)


def _reason_problem(reason_code: str, reason: str) -> RuleViolation | None:
    if reason_code not in REASON_CODES:
        return RuleViolation("calibration.unknown_reason", field="reason_code", got=reason_code)
    if len(reason.strip()) < SHORTEST_REASON:
        return RuleViolation(
            "calibration.reason_too_short",
            field="reason",
            minimum=SHORTEST_REASON,
            got=len(reason.strip()),
        )
    return None


def approve_adjustments(
    session: Session, actor: Actor, now: datetime, row: CalibrationSession
) -> int:
    """A second member stands for the moves that others proposed; returns how many."""
    if not actor.has(Role.CALIBRATION_COMMITTEE) or actor.employee_no is None:
        raise NotAllowed("calibration.only_committee")
    if row.status != "open":
        raise Conflict("calibration.session_not_open", unit=row.unit_code)
    count = 0
    for adjustment in queries.history(session, row.id):
        mine = actor.employee_no in (adjustment.proposer_no, adjustment.employee_no)
        if adjustment.approver_no is None and not mine:
            adjustment.approver_no = actor.employee_no
            count += 1
    if not count:
        raise Conflict("calibration.nothing_to_stand_for")
    session.flush()
    subject = f"{row.cycle_code}/calibration/{row.unit_code}"
    record(session, actor, now, AuditEvent.CALIBRATION_MOVES_APPROVED, subject, moves=count)
    return count


def unapproved_moves(session: Session, row: CalibrationSession) -> int:
    """Moves that still need a second member: above 20 % of the people all of them do."""
    seats = queries.board(session, row)
    moved = [seat for seat in seats if seat.is_moved and _of(seat, row)]
    if not needs_second_approval(len(moved), len(seats)):
        return 0
    return sum(
        seat.adjustment is not None and seat.adjustment.approver_no is None for seat in moved
    )


def _of(seat: queries.Seat, row: CalibrationSession) -> bool:
    return seat.adjustment is not None and seat.adjustment.session_id == row.id
