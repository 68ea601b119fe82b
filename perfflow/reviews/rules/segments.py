"""Segments of a cycle: joiners, leavers, transfers, leave and concurrent posts (domain §5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import Exact, exact
from perfflow.metrics.rules import Aggregation

MIN_SEGMENT_DAYS = 30
MIN_PRESENT_DAYS = 90
LONG_LEAVE_DAYS = 30
MANAGER_INPUT_DAYS = 60


@dataclass(frozen=True, slots=True)
class Assignment:
    """A post held from ``start`` up to and not including ``end`` (None = still)."""

    post: str
    unit: str
    manager: str | None
    card_version: str
    start: date
    end: date | None
    fte: Decimal = Decimal(1)

    @property
    def key(self) -> tuple[str, str, str | None, str]:
        """What makes a segment: a change of any of these starts a new one."""
        return (self.post, self.unit, self.manager, self.card_version)


@dataclass(frozen=True, slots=True)
class Leave:
    """Unpaid leave from ``start`` up to and not including ``end``."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch under one post, unit, manager and card.

    ``start`` … ``end`` (exclusive) is the stretch; ``days`` are calendar days in it without long
    unpaid leave. ``share`` is the FTE share among concurrent posts.
    """

    assignment: Assignment
    start: date
    end: date
    days: int
    share: Fraction

    @property
    def weight(self) -> Fraction:
        """Days times share: its weight in the person total."""
        return self.days * self.share


def build_segments(
    first_day: date,
    last_day: date,
    assignments: Sequence[Assignment],
    leaves: Iterable[Leave] = (),
) -> list[Segment]:
    """The segments of a person inside the cycle window, both ends included, in order of time.

    Assignments that continue each other with the same key are one segment, wherever the record
    was split. Concurrent posts give one segment each, weighted by their FTE share.
    """
    stop = last_day + timedelta(days=1)
    inside = [a for a in assignments if a.start < stop and (a.end is None or a.end > first_day)]
    cuts = sorted(
        {first_day, stop}
        | {a.start for a in inside if a.start > first_day}
        | {a.end for a in inside if a.end is not None and a.end < stop}
    )
    long_leaves = [leave for leave in leaves if (leave.end - leave.start).days > LONG_LEAVE_DAYS]
    pieces: list[Segment] = []
    for start, end in pairwise(cuts):
        active = [a for a in inside if a.start <= start and (a.end is None or a.end >= end)]
        total = sum((exact(a.fte) for a in active), Fraction(0))
        days = (end - start).days - _days_away(start, end, long_leaves)
        for assignment in sorted(active, key=lambda a: (a.post, a.unit, a.manager or "")):
            if total:
                share = exact(assignment.fte) / total
                pieces.append(Segment(assignment, start, end, days, share))
    return _joined(pieces)


def _days_away(start: date, end: date, leaves: Iterable[Leave]) -> int:
    away = set()
    for leave in leaves:
        day = max(start, leave.start)
        while day < min(end, leave.end):
            away.add(day)
            day += timedelta(days=1)
    return len(away)


def _joined(pieces: Sequence[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for piece in pieces:
        for index, before in enumerate(joined):
            if (
                before.end == piece.start
                and before.share == piece.share
                and before.assignment.key == piece.assignment.key
            ):
                joined[index] = Segment(
                    before.assignment,
                    before.start,
                    piece.end,
                    before.days + piece.days,
                    piece.share,
                )
                break
        else:
            joined.append(piece)
    return [segment for segment in joined if segment.days > 0]


def merge_groups(
    days: Sequence[int], min_days: int = MIN_SEGMENT_DAYS
) -> list[tuple[int, tuple[int, ...]]]:
    """Which segments stay: (index of the one whose score stays, indices whose days it then has).

    The first short one joins its predecessor, the very first its successor; repeated until none
    is short. A lone short segment stays.
    """
    kept: list[tuple[int, tuple[int, ...]]] = [(index, (index,)) for index in range(len(days))]
    lengths = list(days)
    while len(kept) > 1:
        short = next((i for i, length in enumerate(lengths) if length < min_days), None)
        if short is None:
            break
        receiver = short - 1 if short else 1
        index, members = kept[receiver]
        kept[receiver] = (index, tuple(sorted((*members, *kept[short][1]))))
        lengths[receiver] += lengths[short]
        del kept[short], lengths[short]
    return kept


def merge_short(days: Sequence[int], min_days: int = MIN_SEGMENT_DAYS) -> list[tuple[int, int]]:
    """The same with the days: (index of the one whose score stays, days it then has)."""
    return [
        (index, sum(days[member] for member in members))
        for index, members in merge_groups(days, min_days)
    ]


def weighted_total(parts: Sequence[tuple[Exact, Exact | str | None]]) -> Fraction | None:
    """Σ weight·total / Σ weight over the segments that were rated, exact; None without any."""
    above = below = Fraction(0)
    for weight, total in parts:
        if total is not None:
            above += exact(weight) * exact(total)
            below += exact(weight)
    return above / below if below else None


def prorated_total(
    parts: Sequence[tuple[int, Exact | str | None]], min_days: int = MIN_SEGMENT_DAYS
) -> Fraction | None:
    """Person total of (days, total) after merging short segments, exact (N3 follows).

    200 d @ 98.40, 20 d @ 60, 145 d @ 104 → 100.62. No days at all, or negative ones: ``DOMAIN``.
    """
    if not sum(days for days, _ in parts) or any(days < 0 for days, _ in parts):
        raise ComputationError("DOMAIN", name="days", value="0")
    kept = merge_short([days for days, _ in parts], min_days)
    return weighted_total([(days, parts[index][1]) for index, days in kept])


def prorated_target(
    aggregation: Aggregation | str,
    target: Exact | str,
    *,
    start_day: int,
    end_day: int,
    year_days: int,
    baseline: Exact | str | None = None,
) -> tuple[Fraction, Fraction | None]:
    """Target and baseline of a segment, exact (shown with 2 dp).

    ``start_day`` and ``end_day`` count days from the cycle start (0 … ``year_days``). Flows (sum,
    count) take their share of days; stocks (last, avg) the line B + (T − B)·days/N at the end of
    the segment, their baseline the same at its start; ratios and maxima stay. Stocks without a
    baseline stay too. Days out of order: ``DOMAIN``.
    """
    if not 0 <= start_day < end_day <= year_days:
        raise ComputationError("DOMAIN", name="days", value=f"{start_day}-{end_day}")
    method, goal = Aggregation(aggregation), exact(target)
    base = None if baseline is None else exact(baseline)
    if method in (Aggregation.SUM, Aggregation.COUNT):
        return goal * (end_day - start_day) / year_days, base
    if method in (Aggregation.LAST, Aggregation.AVG) and base is not None:
        slope = (goal - base) / year_days
        return base + slope * end_day, base + slope * start_day
    return goal, base


def rating_managers(days: Mapping[str, int]) -> tuple[str | None, tuple[str, ...]]:
    """(who rates, who gives input): the manager with most days, and everybody with ≥ 60 days.

    Equal days: the manager first in the mapping, which callers fill in order of time, loses to
    the later one, who knows the person now.
    """
    rater = None
    for manager, length in days.items():
        if rater is None or length >= days[rater]:
            rater = manager
    return rater, tuple(name for name, length in days.items() if length >= MANAGER_INPUT_DAYS)


def present_share(present_days: int, cycle_days: int) -> Fraction:
    """p = present days / cycle days, exact: joined 1 June 2025 → 214/365."""
    if cycle_days <= 0 or not 0 <= present_days <= cycle_days:
        raise ComputationError("DOMAIN", name="days", value=str(present_days))
    return Fraction(present_days, cycle_days)


def present_days(
    first_day: date,
    last_day: date,
    assignments: Sequence[Assignment],
    leaves: Iterable[Leave] = (),
) -> int:
    """Calendar days in the window on which at least one post is held, without long leave."""
    stop = last_day + timedelta(days=1)
    long_leaves = [leave for leave in leaves if (leave.end - leave.start).days > LONG_LEAVE_DAYS]
    total, reached = 0, first_day
    for assignment in sorted(assignments, key=lambda held: held.start):
        start, end = max(assignment.start, reached), min(assignment.end or stop, stop)
        if start < end:
            total += (end - start).days - _days_away(start, end, long_leaves)
            reached = end
    return total
