"""Adverse impact: worked figures, small groups, and what may never be told."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.calibration.rules import adverse_impact, Judged


def judged(group: str, good: int, others: int, totals: list[int] | None = None) -> list[Judged]:
    people = [True] * good + [False] * others
    return [
        Judged(group, is_good, None if totals is None else totals[place])
        for place, is_good in enumerate(people)
    ]


def test_a_ratio_compares_with_the_best_group_and_four_fifths_is_still_fair() -> None:
    women, men = adverse_impact(judged("F", 4, 6) + judged("M", 5, 5))
    assert (women.rate, women.ratio, women.is_adverse) == (Decimal("0.4"), Decimal("0.8"), False)
    assert (men.rate, men.ratio, men.is_adverse) == (Decimal("0.5"), Decimal("1"), False)
    women, _ = adverse_impact(judged("F", 3, 7) + judged("M", 5, 5))
    assert (women.ratio, women.is_adverse) == (Decimal("0.6"), True)


def test_groups_under_the_smallest_cell_are_counted_and_not_measured() -> None:
    small, _, _ = adverse_impact(judged("A", 0, 4) + judged("B", 5, 5) + judged("C", 5, 5))
    assert (small.group, small.people) == ("A", 4)
    assert (small.rate, small.ratio, small.gap, small.is_adverse) == (None, None, None, False)


def test_one_measurable_group_has_nothing_to_be_compared_with() -> None:
    found = adverse_impact(judged("F", 5, 5) + judged("M", 1, 1))
    assert [one.ratio for one in found] == [None, None]


def test_nobody_in_the_better_bands_gives_no_ratio() -> None:
    assert [one.ratio for one in adverse_impact(judged("F", 0, 5) + judged("M", 0, 5))] == [
        None,
        None,
    ]


def test_the_gap_of_means_has_a_welch_interval() -> None:
    found = adverse_impact(
        judged("F", 2, 3, [90, 92, 94, 96, 98]) + judged("M", 2, 3, [95, 97, 99, 101, 103])
    )
    # Both variances are 10: 1.959964 · √(10/5 + 10/5) = 3.92
    assert [(one.gap, one.margin) for one in found] == [
        (Decimal("-5.00"), Decimal("3.92")),
        (Decimal("5.00"), Decimal("3.92")),
    ]


def test_people_without_a_total_count_in_the_rate_and_not_in_the_gap() -> None:
    few = judged("F", 2, 3) + judged("M", 2, 3, [95, 97, 99, 101, 103])
    assert [(one.rate, one.gap) for one in adverse_impact(few)] == [(Decimal("0.4"), None)] * 2


PEOPLE = st.lists(st.builds(Judged, st.sampled_from("ABC"), st.booleans(), st.integers(0, 120)))


@given(PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_people_changes_nothing(people: list[Judged], dice: object) -> None:
    shuffled = list(people)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert adverse_impact(shuffled) == adverse_impact(people)


@given(PEOPLE)
def test_the_best_group_has_ratio_one_and_nobody_more(people: list[Judged]) -> None:
    ratios = [one.ratio for one in adverse_impact(people) if one.ratio is not None]
    assert ratios == [] or max(ratios) == 1


@pytest.mark.parametrize("min_cell", [1, 2, 10])
def test_the_smallest_cell_is_the_firms_choice(min_cell: int) -> None:
    found = adverse_impact(judged("F", 1, 1) + judged("M", 5, 5), min_cell)
    assert [one.rate is not None for one in found] == [min_cell <= 2, min_cell <= 10]
