"""Figures of the performance page: shares that add up, formulas with their numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.feel import compile
from perfflow.kernel.rounding import round_half_up
from perfflow.plans.rules.curves import ACC, Curve, FLAT100, RAMP, STD
from perfflow.reviews.presentation.wording import curve_formula, points, shares_e2


@given(st.lists(st.fractions(0, 40, max_denominator=9999), min_size=1, max_size=12))
def test_shown_shares_add_up_and_stay_within_a_hundredth(parts: list[Fraction]) -> None:
    total_e2 = int((sum(parts) * 100 * 2 + 1) // 2)
    shown = shares_e2(total_e2, parts)
    assert sum(shown) == total_e2
    assert all(abs(e2 - part * 100) <= 1 for e2, part in zip(shown, parts, strict=True))


def test_the_largest_remainder_gets_the_missing_hundredth() -> None:
    assert shares_e2(10000, [Fraction(100, 3)] * 3) == [3334, 3333, 3333]


def test_no_parts_and_no_total() -> None:
    assert shares_e2(0, []) == []


@pytest.mark.parametrize(
    ("curve", "r", "formula"),
    [
        (STD, "0.940789", "60 + (0.940789 − 0.6) ÷ 0.4 × 40"),
        (STD, "0.5", "0"),
        (STD, "1.3", "120"),
        (STD, "0.6", "60 + (0.600000 − 0.6) ÷ 0.4 × 40"),
        (RAMP, "0.9", "(0.900000 − 0.6) ÷ 0.4 × 100"),
        (FLAT100, "0.5", "0.500000 ÷ 1 × 100"),
        (ACC, "1.1", "100 + (1.100000 − 1) ÷ 0.25 × 50"),
    ],
)
def test_the_formula_of_a_score_gives_the_score(curve: Curve, r: str, formula: str) -> None:
    r_e6 = int(Decimal(r).scaleb(6))
    assert curve_formula(curve, r_e6) == formula
    numbers = formula.replace("−", "-").replace("÷", "/").replace("×", "*")
    computed = compile(numbers).evaluate({}).value
    assert round_half_up(computed, 4) == Decimal(curve.score_e4(r_e6)).scaleb(-4)


def test_points_have_two_places() -> None:
    assert [points(9965), points(-200), points(0)] == ["99.65", "−2.00", "0.00"]
