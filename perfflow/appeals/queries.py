"""Reads of appeals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.appeals.models import Appeal
from perfflow.calibration.models import CalibrationAdjustment, CalibrationSession
from perfflow.people.models import Assignment, Unit


def appeal(session: Session, cycle_code: str, employee_no: str) -> Appeal | None:
    """The appeal of a person in a cycle."""
    return session.scalar(
        select(Appeal).where(Appeal.cycle_code == cycle_code, Appeal.employee_no == employee_no)
    )


def has_open_appeal(session: Session, cycle_code: str, employee_no: str) -> bool:
    """True while the appeal is not decided; the award is held so long."""
    row = appeal(session, cycle_code, employee_no)
    return row is not None and row.status == "open"


def people_with_open_appeals(
    session: Session, cycle_code: str, employee_nos: Iterable[str]
) -> frozenset[str]:
    """Of several people those whose appeal is not decided."""
    numbers = sorted(set(employee_nos))
    rows = session.scalars(
        select(Appeal.employee_no).where(Appeal.cycle_code == cycle_code, Appeal.status == "open")
    )
    return frozenset(rows) & frozenset(numbers)


def appeals_under(session: Session, unit_codes: Iterable[str] | None) -> Sequence[Appeal]:
    """Appeals of people who now work under the units; None means everywhere. Newest first."""
    query = select(Appeal).order_by(Appeal.filed_at.desc(), Appeal.id.desc())
    if unit_codes is None:
        return session.scalars(query).all()
    scopes = frozenset(unit_codes)
    rows = session.execute(
        query.add_columns(Unit.path)
        .join(Assignment, Assignment.employee_no == Appeal.employee_no)
        .join(Unit, Unit.code == Assignment.unit_code)
        .where(Assignment.valid_to.is_(None))
    )
    found: dict[int, Appeal] = {}
    for row, path in rows:
        if not scopes.isdisjoint(path.split("/")):
            found[row.id] = row
    return list(found.values())


def calibrators_of(session: Session, cycle_code: str, employee_no: str) -> frozenset[str]:
    """Who moved the person in calibration; they may not decide the appeal."""
    rows = session.execute(
        select(CalibrationAdjustment.proposer_no, CalibrationAdjustment.approver_no)
        .join(CalibrationSession, CalibrationSession.id == CalibrationAdjustment.session_id)
        .where(
            CalibrationSession.cycle_code == cycle_code,
            CalibrationAdjustment.employee_no == employee_no,
        )
    )
    return frozenset(number for pair in rows for number in pair if number)
