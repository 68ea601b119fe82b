"""Reads of calibration: sessions, the people in them, and where each stands now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.calibration.models import CalibrationAdjustment, CalibrationSession
from perfflow.calibration.rules import guide, MIN_POOL
from perfflow.checkins.models import ProcessGap
from perfflow.cycles.models import Cycle, Participant
from perfflow.cycles.queries import participants
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotFound
from perfflow.kernel.rounding import Exact
from perfflow.people.models import Unit
from perfflow.people.queries import chunks
from perfflow.plans.queries import bonus_plan
from perfflow.reviews.models import Result
from perfflow.reviews.queries import latest_results

UNIT, FIRM = "unit", "firm"
NO_GUIDE, GUIDED, FORCED = "none", "guided", "forced"


@dataclass(frozen=True, slots=True)
class Seat:
    """One person on the board: the manager's result and what the sessions made of it."""

    participant: Participant
    result: Result
    total: Decimal | None
    band: str
    adjustment: CalibrationAdjustment | None

    @property
    def is_moved(self) -> bool:
        return self.total != self.result.clean_total_e2


def session_named(session: Session, cycle_code: str, unit_code: str) -> CalibrationSession:
    """The session of a unit in a cycle."""
    found = session.scalar(
        select(CalibrationSession).where(
            CalibrationSession.cycle_code == cycle_code,
            CalibrationSession.unit_code == unit_code,
        )
    )
    if found is None:
        raise NotFound("calibration.no_session", cycle=cycle_code, unit=unit_code)
    return found


def session_for(session: Session, actor: Actor, session_id: int) -> CalibrationSession:
    """A session that this person may open: committee, auditors, HR of the unit."""
    found = session.get(CalibrationSession, session_id)
    if found is None or not may_see(session, actor, found):
        raise NotFound("calibration.no_session_here", session=session_id)
    return found


def may_see(session: Session, actor: Actor, row: CalibrationSession) -> bool:
    """Committee members and auditors see all sessions, HR partners those of their units."""
    if actor.is_system or actor.has(Role.CALIBRATION_COMMITTEE, Role.AUDITOR):
        return True
    path = session.get_one(Unit, row.unit_code).path.split("/")
    return actor.has(Role.HR_PARTNER) and not actor.unit_scopes.isdisjoint(path)


def sessions_of(session: Session, actor: Actor, cycle_code: str) -> list[CalibrationSession]:
    """The sessions of a cycle that this person may see; units first, the firm last."""
    rows = session.scalars(
        select(CalibrationSession)
        .where(CalibrationSession.cycle_code == cycle_code)
        .order_by(CalibrationSession.kind.desc(), CalibrationSession.unit_code)
    )
    return [row for row in rows if may_see(session, actor, row)]


def open_unit_sessions(session: Session, cycle_code: str) -> int:
    """How many unit sessions of the cycle are not closed."""
    found = session.scalar(
        select(func.count())
        .select_from(CalibrationSession)
        .where(
            CalibrationSession.cycle_code == cycle_code,
            CalibrationSession.kind == UNIT,
            CalibrationSession.status != "closed",
        )
    )
    return int(found or 0)


def adjustments_of_cycle(session: Session, cycle_code: str) -> dict[str, CalibrationAdjustment]:
    """The last adjustment of each person over all sessions of a cycle."""
    rows = session.scalars(
        select(CalibrationAdjustment)
        .join(CalibrationSession, CalibrationSession.id == CalibrationAdjustment.session_id)
        .where(CalibrationSession.cycle_code == cycle_code)
        .order_by(CalibrationAdjustment.id)
    )
    return {row.employee_no: row for row in rows}


def history(session: Session, session_id: int) -> Sequence[CalibrationAdjustment]:
    """Every adjustment of a session, the newest first."""
    return session.scalars(
        select(CalibrationAdjustment)
        .where(CalibrationAdjustment.session_id == session_id)
        .order_by(CalibrationAdjustment.id.desc())
    ).all()


def guide_of(session: Session, row: CalibrationSession) -> dict[str, Exact | str]:
    """The shares by band that the session is measured against, best first; empty without one."""
    if row.distribution_mode == NO_GUIDE:
        return {}
    cycle = session.get_one(Cycle, row.cycle_code)
    bands = bonus_plan(session, cycle.release_number).bands
    return guide(bands.codes, (cycle.extra or {}).get("distribution"))


def is_guide_binding(people: int) -> bool:
    """Fewer than ten people are not held to a guide: they are measured in the firm's session."""
    return people >= MIN_POOL


def people_in(session: Session, row: CalibrationSession) -> list[Participant]:
    """Who is calibrated in a session: the unit's participants, or all of the firm."""
    unit = row.unit_code if row.kind == UNIT else None
    return participants(session, row.cycle_code, calibration_unit_code=unit)


def board(session: Session, row: CalibrationSession, but_not: str | None = None) -> list[Seat]:
    """The people of a session with their result before it and where they stand now.

    ``but_not`` leaves out the reader: nobody sees the own case on a board.
    """
    people = [one for one in people_in(session, row) if one.employee_no != but_not]
    numbers = [one.employee_no for one in people]
    results = latest_results(session, row.cycle_code, numbers, stage="manager")
    moved = adjustments_of_cycle(session, row.cycle_code)
    return [
        _seat(one, results[one.employee_no], moved.get(one.employee_no))
        for one in people
        if one.employee_no in results
    ]


def _seat(one: Participant, result: Result, last: CalibrationAdjustment | None) -> Seat:
    if last is None:
        return Seat(one, result, result.clean_total_e2, result.clean_band, None)
    return Seat(one, result, last.to_total_e2, last.to_band, last)


def process_gaps_of(
    session: Session, cycle_code: str, numbers: Iterable[str]
) -> Mapping[str, list[str]]:
    """The steps of the year that did not happen, by person; people without gaps are left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for part in chunks(sorted(set(numbers))):
        rows = session.scalars(
            select(ProcessGap)
            .where(ProcessGap.cycle_code == cycle_code, ProcessGap.employee_no.in_(part))
            .order_by(ProcessGap.id)
        )
        for row in rows:
            found[row.employee_no].append(row.kind)
    return found


def adjusted_counts(session: Session, cycle_code: str) -> Mapping[int, int]:
    """How many people each session of a cycle has moved."""
    rows = session.execute(
        select(
            CalibrationAdjustment.session_id,
            func.count(CalibrationAdjustment.employee_no.distinct()),
        )
        .join(CalibrationSession, CalibrationSession.id == CalibrationAdjustment.session_id)
        .where(CalibrationSession.cycle_code == cycle_code)
        .group_by(CalibrationAdjustment.session_id)
    )
    return {row[0]: row[1] for row in rows}
