"""Sharing a pool: worked examples, zero cases, and exactness for any input in any order (§5.11)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfflow.kernel.errors import ComputationError
from perfflow.payouts.rules.pool import (
    Claim,
    PoolResult,
    Share,
    share_in_levels,
    share_pool,
    share_with_veto,
)
from perfflow.plans.rules.bonus import VetoShare

Item = tuple[int, int, int | None]


def pool(amount: int, *items: Item, **named: Any) -> PoolResult:
    return share_pool(amount, [Share(f"E{i}", *item) for i, item in enumerate(items, 1)], **named)


def amounts(result: PoolResult) -> list[int]:
    assert result.fen is not None
    return list(result.fen.values())


def test_floors_and_caps_bind_and_the_rest_share_by_one_factor() -> None:
    result = pool(
        23_000_000,
        (12_000_000, 0, 9_000_000),
        (8_000_000, 0, None),
        (5_000_000, 4_500_000, None),
        (0, 0, None),
        (3_333_333, 0, None),
    )
    assert amounts(result) == [9_000_000, 6_705_883, 4_500_000, 0, 2_794_117]
    assert result.k == Fraction(9_500_000, 11_333_333)


def test_equal_claims_differ_by_one_fen_at_most_in_order_of_number() -> None:
    assert amounts(pool(10_000, (1, 0, None), (1, 0, None), (1, 0, None))) == [3334, 3333, 3333]


def test_the_odd_fen_goes_to_the_largest_fraction_then_the_larger_claim() -> None:
    assert amounts(pool(1, (1, 0, None), (3, 0, None))) == [0, 1]
    assert amounts(pool(2, (1, 0, None), (2, 0, None), (1, 0, None))) == [1, 1, 0]


def test_numbers_compare_by_code_point() -> None:
    tied = [Share(no, 1) for no in ("E10", "E2", "e1", "员工")]
    result = share_pool(2, tied)
    assert result.fen == {"E10": 1, "E2": 1, "e1": 0, "员工": 0}


def test_floors_above_the_pool_need_a_human() -> None:
    result = pool(10_000, (10_000, 6000, None), (10_000, 6000, None))
    assert (result.status, result.fen, result.k) == ("INFEASIBLE_FLOORS", None, None)
    assert not result.is_feasible


def test_a_cap_below_its_floor_is_infeasible() -> None:
    assert pool(10_000, (1, 5, 4)).status == "INFEASIBLE_CAPS"
    assert pool(1, (1, 5, 4)).status == "INFEASIBLE_CAPS"


def test_when_every_cap_binds_the_rest_is_surplus() -> None:
    result = pool(10_000, (10_000, 0, 4000), (10_000, 0, 4000))
    assert (result.status, amounts(result), result.surplus_fen) == (
        "SURPLUS:2000",
        [4000, 4000],
        2000,
    )


def test_caps_that_fit_the_pool_exactly_leave_a_surplus_of_zero() -> None:
    result = pool(8000, (10_000, 0, 4000), (10_000, 0, 4000))
    assert (result.status, amounts(result)) == ("SURPLUS:0", [4000, 4000])


def test_nobody_with_a_claim_leaves_everything_over() -> None:
    result = pool(10_000, (0, 300, None), (0, 0, 50))
    assert (result.status, amounts(result)) == ("SURPLUS:9700", [300, 0])
    assert share_pool(5, []).status == "SURPLUS:5"
    assert share_pool(0, []).status == "SURPLUS:0"


def test_a_claim_of_zero_gets_its_floor_whatever_its_cap() -> None:
    assert amounts(pool(1000, (0, 100, 900), (50, 0, None))) == [100, 900]


def test_a_pool_of_exactly_the_floors_gives_the_floors() -> None:
    result = pool(900, (5, 400, None), (7, 500, None))
    assert (result.status, amounts(result)) == ("OK", [400, 500])


def test_an_empty_pool_gives_nothing() -> None:
    result = pool(0, (5, 0, None), (7, 0, 3))
    assert (result.status, amounts(result), result.k) == ("OK", [0, 0], 0)


def test_never_scaling_up_keeps_the_factor_at_one() -> None:
    result = pool(10_000, (1000, 0, None), (2000, 2500, None), never_scale_up=True)
    assert (result.status, amounts(result), result.k) == ("SURPLUS:6500", [1000, 2500], 1)


def test_never_scaling_up_changes_nothing_when_the_pool_is_short() -> None:
    items: tuple[Item, ...] = ((1000, 0, None), (2000, 0, 900))
    assert pool(1500, *items, never_scale_up=True) == pool(1500, *items)


@pytest.mark.parametrize("item", [(-1, 0, None), (1, -1, None), (1, 0, -1)])
def test_negative_amounts_are_refused(item: Item) -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        pool(10, item)
    with pytest.raises(ComputationError, match="DOMAIN"):
        pool(-1, (1, 0, None))


def test_the_same_person_twice_is_refused() -> None:
    with pytest.raises(ComputationError, match="DUPLICATE"):
        share_pool(10, [Share("E1", 1), Share("E1", 2)])


@st.composite
def shares(draw: st.DrawFn) -> list[Share]:
    raw = st.integers(0, 12) | st.integers(0, 10**9)
    people = []
    for index in range(draw(st.integers(1, 8))):
        floor = draw(st.just(0) | st.integers(0, 50) | st.integers(0, 10**8))
        cap = draw(st.none() | st.integers(0, 60).map(lambda n, f=floor: f + n) | st.just(floor))
        people.append(Share(f"E{index}", draw(raw), floor, cap))
    return people


POOLS = st.integers(0, 200) | st.integers(0, 10**10)


@settings(max_examples=400)
@given(POOLS, shares(), st.booleans(), st.randoms())
def test_pools_sum_to_the_fen_for_any_input_in_any_order(
    amount: int, people: list[Share], never_up: bool, random: Any
) -> None:
    result = share_pool(amount, people, never_scale_up=never_up)
    shuffled = list(people)
    random.shuffle(shuffled)
    assert share_pool(amount, shuffled, never_scale_up=never_up) == result
    if result.fen is None:
        assert sum(p.floor_fen for p in people) > amount
        return
    assert sum(result.fen.values()) + result.surplus_fen == amount
    for person in people:
        got = result.fen[person.no]
        assert got >= person.floor_fen
        if person.raw_fen == 0:
            assert got == person.floor_fen
        elif person.cap_fen is not None:
            assert got <= person.cap_fen


@settings(max_examples=400)
@given(POOLS, shares())
def test_everybody_is_within_a_fen_of_the_clamped_exact_share(
    amount: int, people: list[Share]
) -> None:
    result = share_pool(amount, people)
    if result.fen is None or result.k is None:
        return  # nothing was shared: other tests say when
    total = Fraction(0)
    for person in people:
        exact = max(result.k * person.raw_fen, Fraction(person.floor_fen))
        if person.raw_fen == 0:
            exact = Fraction(person.floor_fen)
        elif person.cap_fen is not None:
            exact = min(exact, Fraction(person.cap_fen))
        total += exact
        assert abs(result.fen[person.no] - exact) < 1
    assert total == amount


@given(shares(), st.integers(0, 10**9), st.integers(0, 10**6))
def test_a_larger_pool_gives_a_factor_that_is_not_smaller(
    people: list[Share], amount: int, more: int
) -> None:
    small, large = share_pool(amount, people), share_pool(amount + more, people)
    assume(small.k is not None and large.k is not None)
    assert small.k is not None
    assert large.k is not None
    assert small.k <= large.k


CLAIMS = [
    Claim("E1", 8_134_862, 8_134_862, 0, 12_000_000),
    Claim("E2", 3_693_699, 3_693_699, 0, 12_000_000),
    Claim("E3", 15_904_350, 15_904_350, 0, 18_000_000),
    Claim("E4", 0, 7_560_000, 0, 12_000_000, is_vetoed=True),
    Claim("E5", 3_893_148, 3_893_148, 0, 14_000_000),
    Claim("E6", 6_025_950, 6_025_950, 0, 12_000_000),
]


def test_colleagues_gain_nothing_from_a_veto_when_the_share_returns_to_the_firm() -> None:
    result = share_with_veto(35_000_000, CLAIMS, VetoShare.RETURN)
    assert result.k == Fraction(35_000_000, 45_212_009)
    assert result.awards == {
        "E1": 6_297_446,
        "E2": 2_859_406,
        "E3": 12_312_044,
        "E4": 0,
        "E5": 3_013_805,
        "E6": 4_664_872,
    }
    assert result.returned == {"E4": 5_852_427}
    clean = [Claim(c.no, c.clean_raw_fen, c.clean_raw_fen, 0, c.cap_fen) for c in CLAIMS]
    without_veto = share_with_veto(35_000_000, clean, VetoShare.RETURN)
    assert without_veto.awards is not None
    assert result.awards is not None
    for no in ("E1", "E2", "E3", "E5", "E6"):
        assert without_veto.awards[no] == result.awards[no]


def test_redistributing_shares_the_pool_among_the_others() -> None:
    result = share_with_veto(35_000_000, CLAIMS, VetoShare.REDISTRIBUTE)
    assert result.k == Fraction(35_000_000, 37_652_009)
    assert result.awards is not None
    assert sum(result.awards.values()) == 35_000_000
    assert result.returned_fen == 0
    assert result.awards["E4"] == 0


def test_an_infeasible_pool_with_a_veto_is_told() -> None:
    claims = [Claim("E1", 1, 1, 100, None), Claim("E2", 0, 1, 100, None, is_vetoed=True)]
    assert share_with_veto(150, claims, VetoShare.RETURN).awards is None
    assert share_with_veto(150, claims, VetoShare.REDISTRIBUTE).awards == {"E1": 150, "E2": 0}


def test_a_firm_shares_to_units_and_units_to_people() -> None:
    units = {"U1": [Share("E1", 100), Share("E2", 200)], "U2": [Share("E3", 300, 0, 250)]}
    firm, below = share_in_levels(601, units)
    assert firm.fen == {"U1": 351, "U2": 250}
    assert {no: fen for part in below.values() for no, fen in (part.fen or {}).items()} == {
        "E1": 117,
        "E2": 234,
        "E3": 250,
    }


def test_an_infeasible_firm_reaches_no_unit() -> None:
    firm, below = share_in_levels(1, {"U1": [Share("E1", 1, 5)]})
    assert (firm.status, below) == ("INFEASIBLE_FLOORS", {})
