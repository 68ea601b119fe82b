"""Statistics of deviation signals: values of domain §5.13 and their edges."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.kernel.errors import ComputationError
from perfflow.signals.rules import pace, pct_rank, poisson_tail, robust_z

SALES = [210, 195, 205, 220, 198, 202, 215, 190, 208, 212, 200, 206]


def test_a_jump_stands_out_against_median_and_spread() -> None:
    assert robust_z(310, SALES) == pytest.approx(11.7474, abs=1e-4)


def test_a_history_that_hardly_moves_falls_back_to_the_mean_deviation() -> None:
    history = [5, 5, 5, 5, 5, 5, 5, 6, 4, 5, 5, 9]
    assert robust_z(8, history) == pytest.approx(4.7873, abs=1e-4)


@pytest.mark.parametrize(("x", "z"), [(6, 10.0), (4, -10.0), (5, 0.0)])
def test_a_history_that_never_moves_gives_all_or_nothing(x: int, z: float) -> None:
    assert robust_z(x, [5] * 12) == z


def test_fewer_than_eight_periods_are_no_signal() -> None:
    assert robust_z(1, [5] * 7) is None
    assert robust_z(5, [5] * 8) == 0.0


def test_only_the_last_twenty_four_periods_count() -> None:
    recent = list(range(24))
    assert robust_z(30, [1000] * 50 + recent) == robust_z(30, recent)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_values_that_are_no_numbers_are_refused(value: float) -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        robust_z(value, [5] * 8)
    with pytest.raises(ComputationError, match="DOMAIN"):
        pct_rank(1, [value])
    with pytest.raises(ComputationError, match="DOMAIN"):
        poisson_tail(1, value)


def test_ranks_count_equals_as_half() -> None:
    assert pct_rank(310, [180, 190, 200, 205, 210, 220, 230, 240, 260, 310]) == 95.0
    assert pct_rank(200, [200] * 4) == 50.0
    assert pct_rank(1, []) is None


@pytest.mark.parametrize(
    ("count", "rate", "tail"),
    [(2, 0.6, 0.121901), (3, 0.6, 0.023115), (4, 1.5, 0.065642), (0, 1.0, 1.0), (-1, 1.0, 1.0)],
)
def test_poisson_tails(count: int, rate: float, tail: float) -> None:
    assert poisson_tail(count, rate) == pytest.approx(tail, abs=1e-6)


def test_without_exposure_any_event_is_impossible() -> None:
    assert poisson_tail(1, 0.0) == 0.0
    assert poisson_tail(0, 0.0) == 1.0
    with pytest.raises(ComputationError, match="DOMAIN"):
        poisson_tail(1, -0.1)


def test_far_tails_keep_their_size() -> None:
    assert poisson_tail(20, 0.5) == pytest.approx(2.4e-25, rel=0.05)
    assert poisson_tail(1000, 1000.0) == pytest.approx(0.5042, abs=1e-3)


@given(st.integers(0, 60), st.floats(0, 50))
def test_more_events_are_never_likelier(count: int, rate: float) -> None:
    here, beyond = poisson_tail(count, rate), poisson_tail(count + 1, rate)
    assert 0 <= beyond <= here + 1e-12 <= 1 + 1e-12


def test_pace_compares_with_the_seasonal_share() -> None:
    assert pace(520, 1200, 0.46) == pytest.approx(0.942029, abs=1e-6)
    for target, share in ((0, 0.5), (100, 0)):
        with pytest.raises(ComputationError, match="DOMAIN"):
            pace(1, target, share)
