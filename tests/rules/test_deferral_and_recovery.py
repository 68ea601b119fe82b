"""Deferral, tranches, vest dates, malus before clawback, and ledger identities (§5.11)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.calendar.rules import WorkingCalendar
from perfflow.kernel.errors import ComputationError
from perfflow.payouts.rules import (
    check_award,
    check_pool,
    defer,
    defer_by_policy,
    Entry,
    EntryKind,
    malus_clawback,
    marginal_deferral,
    not_faster_than_equal,
    RecoveryMode,
    repayment_plan,
    set_off_limit,
    tranches,
    vest_date,
    vest_dates,
)
from perfflow.payouts.rules.deferral import deferred_part, equal_shares
from perfflow.payouts.rules.ledger import held_balance, tranche_balance
from perfflow.payouts.rules.recovery import pro_rata
from perfflow.payouts.rules.statement import broken_identities, StatementAmounts
from perfflow.plans.rules.deferral import parse_deferral_policy, PayCategory, STANDARD_DEFERRAL

BRACKETS = [(20_000_000, "0"), (50_000_000, "0.2"), (None, "0.4")]
FEN = st.integers(0, 10**10)


@pytest.mark.parametrize(
    ("amount", "rate", "deferred", "parts"),
    [
        (1_234_567, "0.4", 493_827, (164_609, 164_609, 164_609)),
        (8_000_000, "0.5", 4_000_000, (1_333_333, 1_333_333, 1_333_334)),
        (1, "0.4", 1, (0, 0, 1)),
        (0, "0.4", 0, (0, 0, 0)),
        (100, "0", 0, (0, 0, 0)),
        (100, "1", 100, (33, 33, 34)),
    ],
)
def test_the_deferred_part_is_never_below_its_rate(
    amount: int, rate: str, deferred: int, parts: tuple[int, ...]
) -> None:
    found = defer(amount, rate, equal_shares(3))
    assert (found.deferred_fen, found.now_fen) == (deferred, amount - deferred)
    assert found.tranches_fen == parts


@given(FEN, st.fractions(0, 1), st.lists(st.integers(0, 9), min_size=1, max_size=7).filter(any))
def test_tranches_sum_to_the_deferred_part_and_nothing_is_lost(
    amount: int, rate: Fraction, weights: list[int]
) -> None:
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    found = defer(amount, rate, shares)
    assert found.deferred_fen + found.now_fen == amount
    assert sum(found.tranches_fen) == found.deferred_fen
    assert found.deferred_fen >= amount * rate
    assert min(found.tranches_fen) >= 0


@given(FEN, st.integers(1, 12))
def test_equal_tranches_are_never_front_loaded(deferred: int, years: int) -> None:
    parts = tranches(deferred, equal_shares(years))
    assert max(parts) - min(parts) <= 1
    paid = 0
    for year, part in enumerate(parts, start=1):
        paid += part
        assert paid * years <= deferred * year


@pytest.mark.parametrize(
    ("shares", "allowed"),
    [
        (["0.3", "0.3", "0.4"], True),
        (["0.2", "0.3", "0.5"], True),
        (["0.4", "0.3", "0.3"], False),
        (["0.3", "0.4", "0.3"], False),
        (["1/3", "1/3", "1/3"], True),
        (["0", "1"], True),
        (["1"], True),
    ],
)
def test_a_schedule_may_be_slower_than_equal_but_not_faster(
    shares: list[str], allowed: bool
) -> None:
    assert not_faster_than_equal(shares) is allowed


@pytest.mark.parametrize("shares", [[], ["0.5"], ["0.6", "0.6"], ["1.5", "-0.5"]])
def test_shares_that_miss_the_whole_are_refused(shares: list[str]) -> None:
    with pytest.raises(ComputationError, match="WEIGHTS"):
        tranches(100, shares)


@pytest.mark.parametrize(
    ("amount", "deferred"),
    [
        (0, 0),
        (15_000_000, 0),
        (20_000_000, 0),
        (20_000_001, 1),
        (30_000_001, 2_000_001),
        (50_000_000, 6_000_000),
        (80_000_000, 18_000_000),
    ],
)
def test_brackets_are_marginal(amount: int, deferred: int) -> None:
    assert marginal_deferral(amount, BRACKETS) == deferred


@pytest.mark.parametrize(
    "brackets",
    [
        [],
        [(None, "0"), (100, "0.2")],
        [(100, "0"), (100, "0.2"), (None, "0.4")],
        [(0, "0"), (None, "0.4")],
        [(100, "2"), (None, "0")],
        [(100, "0")],
    ],
)
def test_broken_brackets_are_refused(brackets: list[tuple[int | None, str]]) -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        marginal_deferral(200, brackets)


def test_rates_outside_zero_to_one_are_refused() -> None:
    for rate in ("-0.1", "1.1"):
        with pytest.raises(ComputationError, match="DOMAIN"):
            deferred_part(100, rate)
    with pytest.raises(ComputationError, match="DOMAIN"):
        equal_shares(0)


@pytest.mark.parametrize(
    ("category", "deferred"),
    [
        (PayCategory.SENIOR, 5_000_000),
        (PayCategory.KEY, 4_000_000),
        (PayCategory.CONTROL, 4_000_000),
        (PayCategory.STAFF, 0),
    ],
)
def test_each_category_defers_by_its_rule(category: PayCategory, deferred: int) -> None:
    found = defer_by_policy(10_000_000, category, STANDARD_DEFERRAL)
    assert found.deferred_fen == deferred
    assert len(found.tranches_fen) == (3 if deferred else 0)


def test_main_leaders_defer_more_than_half() -> None:
    found = defer_by_policy(10_000_000, PayCategory.SENIOR, STANDARD_DEFERRAL, is_main_leader=True)
    assert found.deferred_fen > 5_000_000


def test_back_loaded_shares_of_a_policy_are_followed() -> None:
    policy = parse_deferral_policy(
        {
            "code": "p",
            "name_zh": "甲",
            "name_en": "A",
            "categories": {
                "SENIOR": {"rate": "0.5", "shares": ["0.3", "0.3", "0.4"]},
                "KEY": {"rate": "0.4"},
                "CONTROL": {"rate": "0.4"},
                "STAFF": {"rate": "0"},
            },
        }
    )
    found = defer_by_policy(987_654, PayCategory.SENIOR, policy)
    assert found.tranches_fen == (148_148, 148_148, 197_531)


CALENDAR = WorkingCalendar(frozenset({date(2027, 3, 1)}), frozenset({date(2026, 2, 28)}))


def test_a_leap_day_vests_on_the_last_of_february() -> None:
    assert vest_date(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert vest_date(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_vesting_waits_for_the_next_working_day() -> None:
    assert vest_date(date(2025, 3, 1), 1, CALENDAR) == date(2026, 3, 2)
    assert vest_dates(date(2025, 2, 28), 2, CALENDAR) == [date(2026, 2, 28), date(2027, 3, 2)]


@pytest.mark.parametrize(
    ("paid", "unvested", "ratio", "target", "malus", "clawback"),
    [
        (26_000_000, [4_000_000], 1, 30_000_000, (4_000_000,), 26_000_000),
        (26_000_000, [4_000_000], "0.3", 9_000_000, (4_000_000,), 5_000_000),
        (22_000_000, [4_000_000] * 2, "0.1", 3_000_000, (1_500_000, 1_500_000), 0),
        (1_000_000, [333_333, 333_333, 333_334], "0.2", 400_000, (133_333, 133_333, 133_334), 0),
        (5_000_000, [], "0.5", 2_500_000, (), 2_500_000),
        (0, [], 1, 0, (), 0),
        (0, [3, 3], "0.5", 3, (2, 1), 0),
        (1, [], "0.5", 1, (), 1),
        (100, [100], 0, 0, (0,), 0),
    ],
)
def test_unpaid_money_stops_before_paid_money_is_asked_back(
    paid: int,
    unvested: list[int],
    ratio: int | str,
    target: int,
    malus: tuple[int, ...],
    clawback: int,
) -> None:
    found = malus_clawback(paid, unvested, ratio)
    assert (found.target_fen, found.malus_fen, found.clawback_fen) == (target, malus, clawback)


def test_only_the_excess_comes_back_when_correct_data_gives_less() -> None:
    found = malus_clawback(700, [300], mode=RecoveryMode.EXCESS_ONLY, correct_fen=600)
    assert (found.target_fen, found.malus_fen, found.clawback_fen) == (400, (300,), 100)


def test_nothing_comes_back_when_correct_data_gives_more() -> None:
    found = malus_clawback(700, [300], mode=RecoveryMode.EXCESS_ONLY, correct_fen=1200)
    assert (found.target_fen, found.malus_fen, found.clawback_fen) == (0, (0,), 0)


def test_the_excess_needs_to_know_what_is_correct() -> None:
    with pytest.raises(ComputationError, match="INPUT_REQUIRED"):
        malus_clawback(1, [], mode=RecoveryMode.EXCESS_ONLY)


@pytest.mark.parametrize(
    ("paid", "unvested", "ratio"), [(-1, [], 1), (1, [-1], 1), (1, [], "1.01"), (1, [], "-0.1")]
)
def test_impossible_recoveries_are_refused(paid: int, unvested: list[int], ratio: str) -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        malus_clawback(paid, unvested, ratio)


@given(FEN, st.lists(FEN, max_size=6), st.fractions(0, 1))
def test_recovery_takes_its_target_and_no_tranche_goes_below_zero(
    paid: int, unvested: list[int], ratio: Fraction
) -> None:
    found = malus_clawback(paid, unvested, ratio)
    assert sum(found.malus_fen) + found.clawback_fen == found.target_fen
    assert 0 <= found.clawback_fen <= paid
    assert all(0 <= m <= u for m, u in zip(found.malus_fen, unvested, strict=True))
    assert found.clawback_fen == 0 or sum(found.malus_fen) == sum(unvested)


def test_parts_of_nothing_are_nothing() -> None:
    assert pro_rata(0, [0, 0]) == (0, 0)


@given(FEN, st.integers(1, 60))
def test_instalments_add_up(amount: int, count: int) -> None:
    plan = repayment_plan(amount, count)
    assert sum(plan) == amount
    assert len(plan) == count
    assert max(plan) - min(plan) <= 1


def test_set_off_is_limited_to_a_share_of_the_wage() -> None:
    assert set_off_limit(1_234_567) == 246_913
    with pytest.raises(ComputationError):
        set_off_limit(1, "1.5")
    with pytest.raises(ComputationError):
        repayment_plan(1, 0)


def entries(*rows: tuple[str, int] | tuple[str, int, int]) -> list[Entry]:
    return [Entry(EntryKind(row[0]), *row[1:]) for row in rows]


def test_a_paid_award_balances() -> None:
    ledger = entries(
        ("AWARD", 100), ("DEFER", 20, 1), ("DEFER", 20, 2), ("PAY", 60), ("VEST", 20, 1)
    )
    assert check_award(ledger) == []
    assert [tranche_balance(ledger, number) for number in (1, 2)] == [0, 20]


def test_held_money_leaves_by_release_or_forfeit() -> None:
    ledger = entries(("AWARD", 100), ("HELD", 100))
    assert held_balance(ledger) == 100
    assert held_balance([*ledger, *entries(("RELEASE", 60), ("FORFEIT", 40))]) == 0
    assert check_award(ledger) == []


@pytest.mark.parametrize(
    ("rows", "identity"),
    [
        ([("AWARD", 100), ("PAY", 99)], "award = deferred + paid + held"),
        ([("AWARD", 10), ("DEFER", 10, 1), ("VEST", 10, 1), ("MALUS", 1, 1)], "tranche ≥ 0"),
        ([("AWARD", 10), ("HELD", 10), ("RELEASE", 11)], "held ≥ 0"),
        ([("AWARD", -5), ("PAY", -5)], "amount ≥ 0"),
    ],
)
def test_each_broken_identity_is_found(rows: list[tuple[str, int]], identity: str) -> None:
    assert identity in {finding.identity for finding in check_award(entries(*rows))}


def test_adjustments_may_be_negative() -> None:
    assert check_award(entries(("AWARD", 9), ("PAY", 9), ("ADJUST", -7))) == []
    found = check_award(entries(("AWARD", 1), ("PAY", 1), ("ADJUST", -7)))
    assert [finding.identity for finding in found] == ["paid ≥ 0"]


def test_awards_returns_and_surplus_make_the_pool() -> None:
    assert check_pool(100, [30, 40], 20, 10) == []
    (finding,) = check_pool(100, [30, 40], 20, 9)
    assert (finding.expected, finding.got) == (100, 99)


def test_the_net_of_a_statement_counts_everything_once() -> None:
    amounts = StatementAmounts(
        award_fen=100,
        deferred_fen=40,
        now_fen=60,
        vested_fen=15,
        malus_on_due_fen=5,
        set_off_fen=3,
        adjust_fen=-2,
        held_fen=60,
    )
    assert amounts.net_fen == 60 + 15 - 5 - 3 - 2 - 60
    assert broken_identities(amounts) == []
    tree = amounts.node()
    assert tree.value == "0.05"
    assert sum(Decimal(child.value or 0) for child in tree.children) == Decimal(tree.value)


@pytest.mark.parametrize(
    ("amounts", "broken"),
    [
        (StatementAmounts(100, 40, 61), "award = now + deferred"),
        (StatementAmounts(0, 1, -1), "no negative part"),
        (StatementAmounts(100, 0, 100, held_fen=101), "held ≤ now + vested"),
    ],
)
def test_statements_that_do_not_add_up_are_found(amounts: StatementAmounts, broken: str) -> None:
    assert broken in broken_identities(amounts)
