"""Attainment of every kind, with the edge cases of domain §5.2."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.kernel.errors import ComputationError
from perfflow.reviews.rules.attainment import (
    clipped_e6,
    from_baseline,
    in_range,
    inverse,
    less_is_better,
    Milestone,
    milestones,
    more_is_better,
    rating_score,
    Step,
    stepped_score,
)

SANE = st.decimals("-1e6", "1e6", places=4)


def code_of(call: object, *arguments: object, **named: object) -> str:
    with pytest.raises(ComputationError) as caught:
        call(*arguments, **named)  # type: ignore[operator]
    return caught.value.name


@pytest.mark.parametrize(
    ("actual", "target", "scale", "r_e6"),
    [
        ("3600000", "4000000", None, 900_000),
        ("-150", "-200", None, 1_250_000),
        ("-260", "-200", None, 700_000),
        ("100", "0", "500", 1_200_000),
        ("5999995", "10000000", None, 600_000),
        ("5999994", "10000000", None, 599_999),
        ("1000", "1", None, 10_000_000),
        ("-5", "1", None, 0),
    ],
)
def test_more_is_better_measures_the_gap_against_the_target(
    actual: str, target: str, scale: str | None, r_e6: int
) -> None:
    assert more_is_better(actual, target, scale) == r_e6


def test_less_is_better_is_bounded_and_symmetric() -> None:
    assert less_is_better("0.8", "1.0") == 1_200_000
    assert less_is_better("2.5", "1.0") == 0
    assert less_is_better("1", "0", "4") == 750_000
    assert less_is_better("0", "1") == 2_000_000


def test_a_target_of_zero_needs_a_scale() -> None:
    assert code_of(more_is_better, 1, 0) == "SCALE_REQUIRED"
    assert code_of(less_is_better, 1, 0) == "SCALE_REQUIRED"
    assert code_of(more_is_better, 1, 0, 0) == "SCALE_REQUIRED"
    assert code_of(more_is_better, 1, 0, -1) == "DOMAIN"


def test_the_inverse_kind_wants_a_positive_target_and_no_negative_actual() -> None:
    assert inverse("0.8", "1.0") == 1_250_000
    assert inverse(0, 1) == 10_000_000
    assert inverse("0.01", 1) == 10_000_000
    assert code_of(inverse, 1, 0) == "DOMAIN"
    assert code_of(inverse, 0, -1) == "DOMAIN"
    assert code_of(inverse, -1, 1) == "DOMAIN"


def test_improvement_from_a_baseline_works_upwards_and_downwards() -> None:
    assert from_baseline(94, 95, 90) == 800_000
    assert from_baseline(3, 2, 5) == 666_667
    assert from_baseline(88, 95, 90) == 0
    assert code_of(from_baseline, 1, 5, 5) == "BASE_EQ_TARGET"


def test_a_range_falls_off_by_the_tolerance_of_its_side() -> None:
    assert in_range(34, 20, 30, 10, 10) == 600_000
    assert in_range(9, 20, 30, 10, 10) == 0
    assert in_range(20, 20, 30) == in_range(30, 20, 30) == 1_000_000
    assert in_range(18, 20, 30, 4, 100) == 500_000


def test_a_range_without_tolerance_is_all_or_nothing() -> None:
    assert in_range("30.0001", 20, 30) == 0
    assert in_range(25, 25, 25) == 1_000_000


def test_a_range_the_wrong_way_round_is_refused() -> None:
    assert code_of(in_range, 1, 3, 2, 1, 1) == "RANGE_ORDER"
    assert code_of(in_range, 1, 2, 3, -1, 1) == "DOMAIN"


def test_late_milestones_lose_a_rate_a_day_down_to_the_floor() -> None:
    parts = [
        Milestone("0.3", 0),
        Milestone("0.3", 4),
        Milestone("0.2", 20),
        Milestone("0.2", None),
    ]
    assert milestones(parts, "0.05", "0.5") == 640_000


def test_an_early_milestone_earns_no_more_than_its_weight() -> None:
    assert milestones([Milestone(1, -30)]) == 1_000_000


def test_milestones_that_miss_the_whole_are_refused() -> None:
    assert code_of(milestones, [Milestone("0.3", 0), Milestone("0.3", 0)]) == "WEIGHTS"
    assert code_of(milestones, []) == "WEIGHTS"
    assert code_of(milestones, [Milestone("1.5", 0), Milestone("-0.5", 0)]) == "WEIGHTS"


def test_a_table_gives_the_score_of_the_highest_step_reached() -> None:
    steps = [Step(80, 60), Step(100, 100), Step(90, 80)]
    assert stepped_score("99.99", steps) == 800_000
    assert stepped_score(100, steps) == 1_000_000
    assert stepped_score(79, steps, 10) == 100_000
    assert stepped_score(1, []) == 0


def test_a_table_for_less_is_better_takes_the_lowest_limit_above() -> None:
    steps = [Step(5, 60), Step(1, 120), Step(3, 100)]
    assert stepped_score(2, steps, less_is_better=True) == 1_000_000
    assert stepped_score(6, steps, less_is_better=True) == 0


@pytest.mark.parametrize(
    ("rating", "score_e4"),
    [(1, 0), (2, 600_000), (3, 800_000), (4, 1_000_000), (5, 1_200_000), ("4.2333", 1_046_660)],
)
def test_ratings_are_linear_between_their_anchors(rating: int | str, score_e4: int) -> None:
    assert rating_score(rating) == score_e4


def test_ratings_outside_one_to_five_are_refused() -> None:
    assert code_of(rating_score, "0.99") == "DOMAIN"
    assert code_of(rating_score, "5.01") == "DOMAIN"


def test_floats_never_enter() -> None:
    with pytest.raises(TypeError):
        more_is_better(0.1, 1)  # type: ignore[arg-type]


@given(SANE, st.decimals("0.0001", "1e6", places=4))
def test_attainment_is_the_exact_ratio_rounded_once(actual: Decimal, target: Decimal) -> None:
    exact = Fraction(actual) / Fraction(target)
    expected = min(max(exact, Fraction(0)), Fraction(10)) * 10**6
    assert abs(more_is_better(actual, target) - expected) <= Fraction(1, 2)


@given(SANE, SANE.filter(bool))
def test_more_and_less_mirror_each_other_around_the_target(
    actual: Decimal, target: Decimal
) -> None:
    mirrored = 2 * target - actual
    assert more_is_better(actual, target) == less_is_better(mirrored, target)


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_the_sign_of_the_denominator_does_not_matter(above: int, below: int) -> None:
    assert clipped_e6(above, below) == clipped_e6(-above, -below)
