"""The calibration board as its page shows it: columns with their guide, and one move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from perfflow.calibration import queries
from perfflow.calibration.models import CalibrationSession
from perfflow.calibration.ports import pool_preview
from perfflow.calibration.queries import Seat
from perfflow.calibration.rules import (
    Deviation,
    guided_deviations,
    neighbours,
    total_for_band,
)
from perfflow.cycles.models import Cycle
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import ComputationError
from perfflow.people.models import Employee
from perfflow.people.queries import employees_by_no
from perfflow.plans.queries import bonus_plan
from perfflow.plans.rules.bands import Band, BandTable, NOT_RATED
from perfflow.reviews.rules import calibrate


@dataclass(frozen=True, slots=True)
class Column:
    """One band: who stands in it, who was moved out of it, and its guide."""

    band: Band
    seats: Sequence[Seat]
    moved_out: Sequence[Seat]
    before: int  # people in the band by the managers' results
    deviation: Deviation | None

    @property
    def code(self) -> str:
        return self.band.code


@dataclass(frozen=True, slots=True)
class Preview:
    """What one move would change: bands, coefficient, and whether the limits allow it."""

    seat: Seat
    total: Decimal
    band: str
    error: ComputationError | None
    counts: Mapping[str, tuple[int, int]]
    coefficients: tuple[Decimal | None, Decimal | None]
    factors: tuple[Fraction | None, Fraction | None]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the page but the one move."""

    row: CalibrationSession
    cycle: Cycle
    bands: BandTable
    seats: Sequence[Seat]
    columns: Sequence[Column]
    not_rated: Sequence[Seat]
    people: Mapping[str, Employee]
    gaps: Mapping[str, Sequence[str]]
    is_binding: bool

    @property
    def counts(self) -> Mapping[str, int]:
        return Counter(seat.band for seat in self.seats)

    @property
    def moved(self) -> int:
        return sum(seat.is_moved for seat in self.seats)

    @property
    def most(self) -> int:
        """The longest bar of the board, now or in the guide."""
        quotas = [column.deviation.quota for column in self.columns if column.deviation]
        return max([1, *quotas, *self.counts.values()])

    def seat_of(self, employee_no: str | None) -> Seat | None:
        """The person's seat; the reader's own is never there."""
        return next(
            (seat for seat in self.seats if seat.participant.employee_no == employee_no), None
        )


def board_page(session: Session, actor: Actor, row: CalibrationSession) -> Board:
    """The board for one reader: without the reader's own card."""
    cycle = session.get_one(Cycle, row.cycle_code)
    bands = bonus_plan(session, cycle.release_number).bands
    seats = queries.board(session, row, but_not=actor.employee_no)
    shares = queries.guide_of(session, row)
    deviations = {}
    if shares:
        found = guided_deviations(Counter(seat.band for seat in seats), shares)
        deviations = {one.band: one for one in found}
    numbers = {seat.participant.employee_no for seat in seats}
    managers = {seat.participant.manager_no or "" for seat in seats}
    history = queries.history(session, row.id)
    voices = {one.proposer_no for one in history} | {one.approver_no or "" for one in history}
    return Board(
        row=row,
        cycle=cycle,
        bands=bands,
        seats=seats,
        columns=[_column(band, seats, deviations.get(band.code)) for band in bands.bands],
        not_rated=[seat for seat in seats if seat.band == NOT_RATED],
        people=employees_by_no(session, numbers | managers | voices),
        gaps=queries.process_gaps_of(session, row.cycle_code, numbers),
        is_binding=queries.is_guide_binding(len(seats)),
    )


def _column(band: Band, seats: Sequence[Seat], deviation: Deviation | None) -> Column:
    def by_total(seat: Seat) -> tuple[Decimal, str]:
        return (-(seat.total or Decimal(0)), seat.participant.employee_no)

    here = sorted((seat for seat in seats if seat.band == band.code), key=by_total)
    left = [
        seat for seat in seats if seat.result.clean_band == band.code and seat.band != band.code
    ]
    before = sum(seat.result.clean_band == band.code for seat in seats)
    return Column(band, here, left, before, deviation)


def total_in_band(board: Board, seat: Seat, code: str) -> Decimal | None:
    """What to type to move somebody into a band; None for people without a total."""
    if seat.total is None or code not in board.bands.codes:
        return None
    return total_for_band(board.bands, code, seat.total)


def steps_of(board: Board, seat: Seat) -> tuple[str | None, str | None]:
    """The bands next to where somebody stands: the better and the lower one."""
    return neighbours(board.bands, seat.band)


def preview(session: Session, board: Board, seat: Seat, total: Decimal, on: date) -> Preview:
    """What moving a person to ``total`` would do to counts, coefficient and pool factor."""
    base, error = seat.result.clean_total_e2, None
    moved, band = seat.total or Decimal(0), seat.band
    if base is not None:
        try:
            moved, band = calibrate(
                base,
                seat.result.clean_band,
                total - base,
                band_cap=seat.result.band_cap,
                bands=board.bands,
            )
        except ComputationError as problem:
            error = problem
    now = {one.participant.employee_no: one.band for one in board.seats}
    then = {**now, seat.participant.employee_no: band}
    before, after = Counter(now.values()), Counter(then.values())
    touched = [code for code in board.bands.codes if before[code] != after[code]]
    return Preview(
        seat=seat,
        total=moved,
        band=band,
        error=error,
        counts={code: (before[code], after[code]) for code in touched},
        coefficients=(_coefficient(board.bands, seat.band), _coefficient(board.bands, band)),
        factors=(pool_factor(session, board, now, on), pool_factor(session, board, then, on)),
    )


def _coefficient(bands: BandTable, code: str) -> Decimal | None:
    return None if code == NOT_RATED else bands.coefficient(code, capped=True)


def pool_factor(
    session: Session, board: Board, bands: Mapping[str, str], on: date
) -> Fraction | None:
    """k of the pool of the session's unit, if people had these bands."""
    rated = {number: code for number, code in bands.items() if code != NOT_RATED}
    return pool_preview().factor(session, board.cycle.code, board.row.unit_code, rated, on)


def factors_of(session: Session, board: Board, on: date) -> tuple[Fraction | None, Fraction | None]:
    """k before the session (managers' bands) and with all its moves."""
    before = {seat.participant.employee_no: seat.result.clean_band for seat in board.seats}
    now = {seat.participant.employee_no: seat.band for seat in board.seats}
    first = pool_factor(session, board, before, on)
    return first, first if now == before else pool_factor(session, board, now, on)
