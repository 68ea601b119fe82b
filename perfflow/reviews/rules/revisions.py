"""Targets that were revised inside a cycle: the old one until the day, the new one after (§6.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from perfflow.goals.rules.revisions import RevisionMode
from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import Exact, exact
from perfflow.metrics.rules import Aggregation
from perfflow.reviews.rules.segments import prorated_target


@dataclass(frozen=True, slots=True)
class TargetChange:
    """From day ``from_day`` of the cycle (0 = its first) on, ``target`` holds."""

    from_day: int
    target: Exact | str


_FLOWS = (Aggregation.SUM, Aggregation.COUNT)
_STOCKS = (Aggregation.LAST, Aggregation.AVG)


def revised_target(
    aggregation: Aggregation | str,
    target: Exact | str,
    changes: Sequence[TargetChange],
    *,
    mode: RevisionMode = RevisionMode.SPLIT,
    start_day: int,
    end_day: int,
    year_days: int,
    baseline: Exact | str | None = None,
) -> tuple[Fraction, Fraction | None]:
    """Target and baseline of a segment under a target that was revised, exact.

    ``replace``: the last target for the whole cycle. ``split``: every target counts for its own
    days. Flows take Σ Tᵢ·daysᵢ/N inside the segment; stocks with a baseline grow at the pace of
    the target of the day, B + Σ (Tᵢ − B)·daysᵢ/N up to the segment's end, their baseline the same
    at its start; everything else the mean of the targets by days of the segment. Without changes
    this is ``prorated_target``; a change that changes nothing changes nothing. Days outside the
    cycle or two changes on one day: ``DOMAIN``.
    """
    days = [change.from_day for change in changes]
    if len(set(days)) < len(days) or any(not 0 <= day < year_days for day in days):
        raise ComputationError("DOMAIN", name="from_day", value=str(days))
    ordered = sorted(changes, key=lambda change: change.from_day)
    if not ordered or mode is RevisionMode.REPLACE:
        return prorated_target(
            aggregation,
            ordered[-1].target if ordered else target,
            start_day=start_day,
            end_day=end_day,
            year_days=year_days,
            baseline=baseline,
        )
    if not 0 <= start_day < end_day <= year_days:
        raise ComputationError("DOMAIN", name="days", value=f"{start_day}-{end_day}")
    edges = [0, *(change.from_day for change in ordered), year_days]
    targets = [exact(target), *(exact(change.target) for change in ordered)]
    spans = list(zip(targets, edges, edges[1:], strict=False))
    method, base = Aggregation(aggregation), None if baseline is None else exact(baseline)

    def grown(first: int, last: int, floor: Fraction) -> Fraction:
        """Σ (Tᵢ − floor) · days of Tᵢ inside [first, last)."""
        return sum(
            (
                (goal - floor) * max(0, min(end, last) - max(start, first))
                for goal, start, end in spans
            ),
            Fraction(0),
        )

    if method in _FLOWS:
        return grown(start_day, end_day, Fraction(0)) / year_days, base
    if method in _STOCKS and base is not None:
        return (
            base + grown(0, end_day, base) / year_days,
            base + grown(0, start_day, base) / year_days,
        )
    return grown(start_day, end_day, Fraction(0)) / (end_day - start_day), base


def revision_changes(
    target: Exact | str, revisions: Sequence[tuple[RevisionMode, TargetChange]]
) -> tuple[Exact | str, list[TargetChange]]:
    """The target of the cycle's first day and the changes after it, from revisions in order.

    A ``replace`` makes its target hold for the whole cycle and forgets the changes before it.
    """
    changes: list[TargetChange] = []
    for mode, change in revisions:
        if mode is RevisionMode.REPLACE:
            target, changes = change.target, []
        else:
            changes.append(change)
    return target, changes
