"""Adverse impact on a board: groups before and after the moves, as figures for the committee."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from perfflow.calibration.presentation.board import Board
from perfflow.calibration.queries import FIRM, Seat
from perfflow.calibration.rules import adverse_impact, GroupImpact, Judged
from perfflow.people.models import Employee
from perfflow.plans.queries import bonus_plan
from perfflow.plans.rules.bands import NOT_RATED

YEAR = 365  # days, to sort people into spans of service


@dataclass(frozen=True, slots=True)
class Fairness:
    """The groups of one attribute: by the managers' results, and with the moves."""

    attribute: str  # gender, service, unit
    rows: list[tuple[GroupImpact, GroupImpact]]

    @property
    def is_adverse(self) -> bool:
        """True when some group is below four fifths with the moves."""
        return any(after.is_adverse for _, after in self.rows)


def fairness(session: Session, board: Board) -> list[Fairness]:
    """Gender, length of service and, for the firm, units.

    Favourable is the band that counts for the streak, or a better one. Groups under five people
    are counted and not measured.
    """
    line = bonus_plan(session, board.cycle.release_number).streak.minimum_band
    units = {seat.participant.employee_no: seat.participant.unit_code for seat in board.seats}
    attributes: dict[str, Callable[[Employee], str]] = {
        "gender": lambda person: person.gender,
        "service": lambda person: _service(person.hired_on, board.cycle.ends_on),
    }
    if board.row.kind == FIRM:
        attributes["unit"] = lambda person: units[person.no]
    return [
        Fairness(name, _compared(board, group, line)) for name, group in sorted(attributes.items())
    ]


def _service(hired_on: date, on: date) -> str:
    days = (on - hired_on).days
    return "service_0" if days < YEAR else "service_1" if days < 3 * YEAR else "service_3"


def _compared(
    board: Board, group: Callable[[Employee], str], line: str
) -> list[tuple[GroupImpact, GroupImpact]]:
    def judged(seat: Seat, band: str, is_now: bool) -> Judged:
        person = board.people[seat.participant.employee_no]
        total = seat.total if is_now else seat.result.clean_total_e2
        return Judged(group(person), board.bands.rank(band) <= board.bands.rank(line), total)

    rated = [seat for seat in board.seats if NOT_RATED not in (seat.band, seat.result.clean_band)]
    before = adverse_impact([judged(seat, seat.result.clean_band, False) for seat in rated])
    after = adverse_impact([judged(seat, seat.band, True) for seat in rated])
    return list(zip(before, after, strict=True))
