"""Targets that were revised inside a cycle: split by days, or replaced (domain §6.4)."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.kernel.errors import ComputationError
from perfflow.metrics.rules import Aggregation
from perfflow.reviews.rules import prorated_target, revised_target, RevisionMode, TargetChange

YEAR: dict[str, int] = {"start_day": 0, "end_day": 365, "year_days": 365}


def test_a_flow_keeps_its_old_target_until_the_day_and_takes_the_new_one_after() -> None:
    target, _ = revised_target("sum", 1200, [TargetChange(181, 1000)], **YEAR)
    assert target == Fraction(1200 * 181 + 1000 * 184, 365)


def test_replace_takes_the_last_target_for_the_whole_cycle() -> None:
    changes = [TargetChange(200, 900), TargetChange(100, 1000)]
    assert revised_target("sum", 1200, changes, mode=RevisionMode.REPLACE, **YEAR) == (900, None)


def test_a_stock_grows_at_the_pace_of_the_target_of_the_day() -> None:
    target, baseline = revised_target(
        "last", 1200, [TargetChange(181, 1100)], baseline=1000, **YEAR
    )
    assert target == 1000 + Fraction(200 * 181 + 100 * 184, 365)
    assert baseline == 1000


def test_the_part_of_a_stock_before_the_change_is_not_touched_by_it() -> None:
    before: dict[str, Any] = {"start_day": 0, "end_day": 181, "year_days": 365, "baseline": 1000}
    assert revised_target("last", 1200, [TargetChange(181, 1100)], **before) == prorated_target(
        "last", 1200, **before
    )


def test_a_ratio_is_measured_against_the_mean_of_its_targets_by_days() -> None:
    target, _ = revised_target("ratio", "0.9", [TargetChange(73, "0.8")], **YEAR)
    assert target == Fraction(9, 10) * Fraction(1, 5) + Fraction(8, 10) * Fraction(4, 5)


@pytest.mark.parametrize("days", [[400], [-1], [10, 10]])
def test_days_outside_the_cycle_or_twice_the_same_are_refused(days: list[int]) -> None:
    with pytest.raises(ComputationError):
        revised_target("sum", 1, [TargetChange(day, 1) for day in days], **YEAR)


numbers = st.integers(0, 5000).map(lambda n: Fraction(n, 7))


@given(
    st.sampled_from(sorted(Aggregation)),
    numbers,
    st.none() | numbers,
    st.sets(st.integers(0, 364), max_size=4),
    st.sampled_from(list(RevisionMode)),
    st.data(),
)
def test_a_revision_to_the_same_target_changes_nothing(
    aggregation: Aggregation,
    target: Fraction,
    baseline: Fraction | None,
    days: set[int],
    mode: RevisionMode,
    data: st.DataObject,
) -> None:
    start = data.draw(st.integers(0, 364))
    place: dict[str, Any] = {
        "start_day": start,
        "end_day": data.draw(st.integers(start + 1, 365)),
        "year_days": 365,
        "baseline": baseline,
    }
    changes = [TargetChange(day, target) for day in days]
    assert revised_target(aggregation, target, changes, mode=mode, **place) == prorated_target(
        aggregation, target, **place
    )


@given(numbers, st.sets(st.integers(1, 364), max_size=4), st.sets(st.integers(1, 364), max_size=4))
def test_the_flow_targets_of_all_segments_add_up_to_that_of_the_year(
    target: Fraction, changed: set[int], cuts: set[int]
) -> None:
    changes = [TargetChange(day, target + day) for day in changed]
    edges = [0, *sorted(cuts), 365]
    parts = [
        revised_target("sum", target, changes, start_day=a, end_day=b, year_days=365)[0]
        for a, b in itertools.pairwise(edges)
    ]
    assert sum(parts) == revised_target("sum", target, changes, **YEAR)[0]


@given(numbers, numbers, st.integers(1, 364), st.integers(1, 364))
def test_the_baseline_of_a_stock_is_where_the_segment_before_it_ended(
    target: Fraction, baseline: Fraction, change: int, cut: int
) -> None:
    changes = [TargetChange(change, target + 50)]
    before, _ = revised_target(
        "last", target, changes, start_day=0, end_day=cut, year_days=365, baseline=baseline
    )
    _, after = revised_target(
        "last", target, changes, start_day=cut, end_day=365, year_days=365, baseline=baseline
    )
    assert before == after
