"""Leniency of the managers on a board, against their peers over the whole cycle."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from perfflow.calibration.presentation.board import Board
from perfflow.calibration.rules import leniency, ManagerStatistics
from perfflow.cycles.queries import participants
from perfflow.people.models import Employee
from perfflow.reviews.queries import latest_results

SHIFT_SPAN = 10  # the leniency scale shows ten points to either side


@dataclass(frozen=True, slots=True)
class Rater:
    """The statistics of a manager with people on this board, within a post family."""

    statistics: ManagerStatistics
    manager: Employee | None
    post_code: str

    @property
    def place(self) -> Fraction:
        """Where the dot stands on the scale, 0 … 1."""
        return _place(self.statistics.leniency)

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        """Where the 95 % interval begins on the scale, and how wide it is."""
        low = _place(self.statistics.leniency - self.statistics.margin)
        return low, _place(self.statistics.leniency + self.statistics.margin) - low


def _place(points: Decimal) -> Fraction:
    share = (Fraction(points) + SHIFT_SPAN) / (2 * SHIFT_SPAN)
    return min(max(share, Fraction(0)), Fraction(1))


def raters(session: Session, board: Board, but_not: str | None) -> list[Rater]:
    """Leniency of the managers on this board: manager's minus objective score, against peers.

    The peer group is a post family over the whole cycle; the reader's own result is left out.
    """
    posts = {seat.participant.post_code for seat in board.seats}
    shown = {seat.participant.manager_no for seat in board.seats}
    peers = [
        one
        for one in participants(session, board.cycle.code)
        if one.post_code in posts and one.employee_no != but_not
    ]
    results = latest_results(
        session, board.cycle.code, [one.employee_no for one in peers], stage="manager"
    )
    scores: dict[str, dict[str, list[tuple[Decimal, Decimal]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one in peers:
        result = results.get(one.employee_no)
        if result is None or one.manager_no is None or result.clean_total_e2 is None:
            continue
        if result.objective_total_e2 is not None:
            pair = (result.clean_total_e2, result.objective_total_e2)
            scores[one.post_code][one.manager_no].append(pair)
    found: list[Rater] = []
    for post_code, group in sorted(scores.items()):
        statistics = leniency(group)
        found += [
            Rater(figures, board.people.get(figures.manager), post_code)
            for figures in (statistics.managers if statistics else ())
            if figures.manager in shown
        ]
    return found
