"""Switches over everybody's pay: risk indicators of the firm, conduct grades of a person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.compliance.rules import mean_conduct_multiplier
from perfflow.kernel.errors import ComputationError
from perfflow.payouts.rules.risk import risk_scaled_pool, ScaledPool


def pool(missed: int, amount: int = 1_000_000, last: Any = 120_000) -> ScaledPool:
    return risk_scaled_pool(amount, missed=missed, people=8, last_average_fen=last)


def test_no_missed_indicator_leaves_the_pool_as_proposed() -> None:
    assert pool(0) == ScaledPool(1_000_000, True)


def test_one_missed_indicator_keeps_the_average_at_last_year() -> None:
    assert pool(1) == ScaledPool(960_000, True)
    assert pool(1, amount=900_000) == ScaledPool(900_000, True)
    assert pool(1, last=None) == ScaledPool(1_000_000, True)


def test_more_missed_indicators_lower_it_and_three_stop_base_pay() -> None:
    assert pool(2) == ScaledPool(864_000, True)
    assert pool(3) == ScaledPool(768_000, False)
    assert pool(9) == ScaledPool(768_000, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"missed": -1},
        {"people": 0},
        {"shares": []},
        {"shares": ["1.1"]},
        {"last_average_fen": -1},
    ],
)
def test_impossible_figures_are_refused(wrong: dict[str, Any]) -> None:
    given_ = {"missed": 1, "people": 8, "last_average_fen": 1, **wrong}
    with pytest.raises(ComputationError):
        risk_scaled_pool(100, **given_)


@given(st.integers(0, 10**12), st.integers(0, 6), st.integers(1, 500), st.integers(0, 10**9))
def test_a_missed_indicator_never_enlarges_a_pool(
    amount: int, missed: int, people: int, last: int
) -> None:
    fewer = risk_scaled_pool(amount, missed=missed, people=people, last_average_fen=last)
    more = risk_scaled_pool(amount, missed=missed + 1, people=people, last_average_fen=last)
    assert more.amount_fen <= fewer.amount_fen <= amount


def test_conduct_grades_of_a_year_multiply_by_their_mean() -> None:
    assert mean_conduct_multiplier([]) == Decimal("1.0000")
    assert mean_conduct_multiplier(["A", "A", "C", "B"]) == Decimal("0.8125")
    assert mean_conduct_multiplier(["E"]) == Decimal("0.0000")
    with pytest.raises(ComputationError):
        mean_conduct_multiplier(["F"])
