"""Factors, raw bonus, and the golden scenario of domain §5.11 to the last 分."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.kernel.errors import ComputationError
from perfflow.payouts.rules import (
    bonus_base_fen,
    BonusFactors,
    client_factor,
    compute_run,
    leaver_effect,
    Member,
    organisation_factor,
    performance_coefficient,
    raw_bonus_fen,
    RunResult,
    streak_factor,
    streak_length,
)
from perfflow.plans.rules.bonus import (
    BonusPlan,
    LeaverClass,
    NrPolicy,
    parse_bonus_plan,
    STANDARD_PLAN,
    VetoShare,
)
from perfflow.plans.rules.deferral import PayCategory, STANDARD_DEFERRAL

POOL = 35_000_000


@pytest.mark.parametrize(
    ("quarters", "exact", "factor"),
    [
        (
            [(30, 92), (28, 90), (25, 88), (30, 86), (22, 85), (20, 84), (18, 80), (15, 82)],
            "87.4767",
            "1.0248",
        ),
        ([(3, 60)], "81.7391", "0.9565"),
        ([(40, 70), (40, 74), (35, 78), (30, 82)], "76.2148", "0.8828"),
        ([], "85.0000", "1.0000"),
        ([(0, 0)], "85.0000", "1.0000"),
        ([(10_000, 100)], "99.9701", "1.1000"),
        ([(10_000, 0)], "0.1697", "0.8000"),
    ],
)
def test_long_term_satisfaction_becomes_a_factor(
    quarters: list[tuple[int, int]], exact: str, factor: str
) -> None:
    found = client_factor(quarters)
    assert str(found.exact_score.quantize(Decimal("0.0001"))) == exact
    assert str(found.factor) == factor


def test_only_the_newest_twelve_quarters_count() -> None:
    twelve = [(5, 90)] * 12
    assert client_factor([*twelve, (10_000, 0)]) == client_factor(twelve)
    assert client_factor(twelve).answers == 60


def test_a_few_bad_answers_cannot_ruin_a_bonus() -> None:
    assert client_factor([(1, 0)]).factor > Decimal("0.94")


@pytest.mark.parametrize("quarter", [(-1, 80), (1, 101), (1, -1)])
def test_impossible_survey_quarters_are_refused(quarter: tuple[int, int]) -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        client_factor([quarter])


@pytest.mark.parametrize(
    ("unit", "branch", "firm", "factor"),
    [
        ("1.10", "1.00", "0.95", "1.0400"),
        ("1.10", "1.00", "1.00", "1.0500"),
        ("3", "3", "3", "1.3000"),
        ("0", "0", "0", "0.6000"),
        ("1.00005", "1", "1", "1.0000"),
        ("1.0001", "1", "1", "1.0001"),
    ],
)
def test_the_organisation_factor_is_weighted_and_clamped(
    unit: str, branch: str, firm: str, factor: str
) -> None:
    assert str(organisation_factor(unit, branch, firm)) == factor


@pytest.mark.parametrize(
    ("newest_first", "length"),
    [
        ([], 0),
        ([("B", 0)], 0),
        ([("A", 0)], 1),
        ([("A", 0), ("S", 1)], 2),
        ([("A", 0), ("NR", 0), ("S", 0), ("A", 0)], 3),
        ([("A", 0), ("NR", 0), ("NR", 0), ("A", 0)], 1),
        ([("A", 0), ("NR", 0), ("A", 0), ("NR", 0), ("A", 0)], 2),
        ([("NR", 0), ("A", 0)], 1),
        ([("A", 2), ("S", 0)], 0),
        ([("A", 0), ("S", 2), ("S", 0)], 1),
        ([("A", 0), ("C", 0), ("S", 0)], 1),
    ],
)
def test_a_run_of_good_cycles_counts_back_from_the_one_being_paid(
    newest_first: list[tuple[str, int]], length: int
) -> None:
    assert streak_length(newest_first) == length


def test_longer_runs_pay_up_to_ten_per_cent_more() -> None:
    assert [str(streak_factor(n)) for n in range(5)] == [
        "1.0000",
        "1.0000",
        "1.0500",
        "1.1000",
        "1.1000",
    ]
    with pytest.raises(ComputationError):
        streak_factor(-1)


def test_without_a_rating_the_plan_decides() -> None:
    assert performance_coefficient("NR", None) == 1
    assert performance_coefficient("NR", None, nr_policy=NrPolicy.ZERO) == 0
    assert str(performance_coefficient("A", Decimal(100))) == "1.2000"


def factors(base: int, cp: str, co: str, cl: str, cs: str, p: Any = 1, g: int = 1) -> BonusFactors:
    return BonusFactors(base, cp, co, cl, cs, Fraction(p), g)


@pytest.mark.parametrize(
    ("given_factors", "raw"),
    [
        (factors(6_000_000, "1.2", "1.05", "1.04", "1.05"), 8_255_520),
        (factors(6_000_000, "1.0", "0.95", "1.00", "1.00", "214/365"), 3_341_918),
        (factors(6_000_000, "1.2", "1.05", "1.04", "1.05", 1, 0), 0),
        (factors(1, "0.5", "1", "1", "1"), 1),
        (factors(1, "0.4999", "1", "1", "1"), 0),
    ],
)
def test_the_raw_bonus_is_one_product_rounded_once(given_factors: BonusFactors, raw: int) -> None:
    assert raw_bonus_fen(given_factors) == raw


def test_negative_factors_are_refused() -> None:
    with pytest.raises(ComputationError, match="DOMAIN"):
        raw_bonus_fen(factors(1, "-1", "1", "1", "1"))
    with pytest.raises(ComputationError, match="DOMAIN"):
        raw_bonus_fen(factors(-1, "1", "1", "1", "1"))


def member(no: str, given_factors: BonusFactors, category: str = "STAFF", **more: Any) -> Member:
    clean = more.pop("clean", given_factors.performance)
    return Member(no, given_factors, clean, PayCategory(category), **more)


def golden() -> list[Member]:
    one = Decimal("1.0000")
    return [
        member("E1", factors(6_000_000, "1.2", "1.05", "1.0248", "1.05")),
        member("E2", factors(6_000_000, "1.0", "1.05", "1.0000", "1.00", "214/365")),
        member("E3", factors(9_000_000, "1.5", "1.05", "1.0200", "1.10"), "KEY"),
        member(
            "E4",
            factors(6_000_000, "1.2", "1.05", "1.0000", "1.00", 1, 0),
            is_vetoed=True,
            clean=Decimal("1.2"),
        ),
        member("E5", factors(7_000_000, "0.6", "1.05", "0.8828", "1.00")),
        member(
            "E6",
            factors(6_000_000, "1.0", "1.05", "0.9565", "1.00"),
            held_reason="FREEZE",
            clean=one,
        ),
    ]


def run(mode: VetoShare, members: list[Member] | None = None) -> RunResult:
    return compute_run(POOL, members or golden(), STANDARD_PLAN, STANDARD_DEFERRAL, mode)


def column(result: RunResult, name: str) -> dict[str, int]:
    assert result.awards is not None
    return {no: getattr(award, name) for no, award in result.awards.items()}


def test_the_golden_raw_bonuses() -> None:
    assert column(run(VetoShare.REDISTRIBUTE), "raw_fen") == {
        "E1": 8_134_862,
        "E2": 3_693_699,
        "E3": 15_904_350,
        "E4": 0,
        "E5": 3_893_148,
        "E6": 6_025_950,
    }
    assert column(run(VetoShare.RETURN), "clean_raw_fen")["E4"] == 7_560_000


def test_the_golden_scenario_redistributed() -> None:
    result = run(VetoShare.REDISTRIBUTE)
    assert str(result.k) == "35000000/37652009"
    assert column(result, "award_fen") == {
        "E1": 7_561_885,
        "E2": 3_433_534,
        "E3": 14_784_132,
        "E4": 0,
        "E5": 3_618_935,
        "E6": 5_601_514,
    }
    assert column(result, "deferred_fen") == {
        "E1": 0,
        "E2": 0,
        "E3": 5_913_653,
        "E4": 0,
        "E5": 0,
        "E6": 0,
    }
    assert result.awards is not None
    assert result.awards["E3"].tranches_fen == (1_971_217, 1_971_218, 1_971_218)
    assert result.awards["E3"].now_fen == 8_870_479
    assert (result.award_sum_fen, result.returned_fen, result.surplus_fen) == (POOL, 0, 0)


def test_the_golden_scenario_returned() -> None:
    result = run(VetoShare.RETURN)
    assert str(result.k) == "35000000/45212009"
    assert column(result, "award_fen") == {
        "E1": 6_297_446,
        "E2": 2_859_406,
        "E3": 12_312_044,
        "E4": 0,
        "E5": 3_013_805,
        "E6": 4_664_872,
    }
    assert column(result, "returned_fen")["E4"] == 5_852_427
    assert result.award_sum_fen == 29_147_573
    assert result.awards is not None
    assert result.awards["E3"].deferred_fen == 4_924_818
    assert result.awards["E3"].tranches_fen == (1_641_606, 1_641_606, 1_641_606)


@pytest.mark.parametrize("mode", list(VetoShare))
def test_held_money_is_counted_but_not_paid(mode: VetoShare) -> None:
    result = run(mode)
    assert result.awards is not None
    held = result.awards["E6"]
    assert (held.held_fen, held.net_fen) == (held.now_fen, 0)
    freed = [replace(m, held_reason=None) for m in golden()]
    again = run(mode, freed)
    assert again.awards is not None
    assert column(again, "award_fen") == column(result, "award_fen")
    assert again.awards["E6"].net_fen == held.now_fen


def test_an_own_cap_moves_money_to_the_others() -> None:
    members = [replace(m, cap_fen=14_000_000) if m.no == "E3" else m for m in golden()]
    assert column(run(VetoShare.REDISTRIBUTE, members), "award_fen") == {
        "E1": 7_855_195,
        "E2": 3_566_714,
        "E3": 14_000_000,
        "E4": 0,
        "E5": 3_759_306,
        "E6": 5_818_785,
    }


def test_the_plan_chooses_the_mode_when_nobody_else_does() -> None:
    result = compute_run(POOL, golden(), STANDARD_PLAN, STANDARD_DEFERRAL)
    assert result.mode is VetoShare.RETURN


def test_an_infeasible_run_has_no_awards() -> None:
    plan = parse_bonus_plan(
        {"code": "x", "name_zh": "甲", "name_en": "A", "floor_multiple": 2, "cap_multiple": 2}
    )
    result = compute_run(POOL, golden(), plan, STANDARD_DEFERRAL)
    assert (result.status, result.awards) == ("INFEASIBLE_FLOORS", None)
    assert (result.award_sum_fen, result.returned_fen) == (0, 0)


@pytest.mark.parametrize("mode", list(VetoShare))
@given(order=st.permutations(range(6)))
def test_the_order_of_people_does_not_matter(mode: VetoShare, order: list[int]) -> None:
    people = golden()
    shuffled = run(mode, [people[index] for index in order])
    assert shuffled.awards == run(mode).awards


@pytest.mark.parametrize("mode", list(VetoShare))
def test_every_identity_of_the_statement_holds(mode: VetoShare) -> None:
    result = run(mode)
    assert result.awards is not None
    for award in result.awards.values():
        assert award.award_fen == award.now_fen + award.deferred_fen
        assert sum(award.tranches_fen) == award.deferred_fen
        assert award.net_fen == award.now_fen - award.held_fen
    assert result.award_sum_fen + result.returned_fen + result.surplus_fen == POOL


def test_the_tree_of_an_award_shows_every_factor_and_its_source() -> None:
    people = [replace(golden()[0], sources={"performance": "result 7"}), *golden()[1:]]
    result = run(VetoShare.REDISTRIBUTE, people)
    assert result.awards is not None
    tree = result.awards["E1"].explanation
    assert tree.value == "75618.85"
    raw = tree.find("payouts.explain.raw")
    assert raw is not None
    assert raw.value == "81348.62"
    product = Decimal(raw.children[0].value or 0)
    for child in raw.children[1:]:
        product *= Decimal(child.value or 0)
    assert abs(product - Decimal(raw.value)) <= Decimal("0.005")
    cp = tree.find("payouts.explain.performance")
    assert cp is not None
    assert cp.source == "result 7"
    k = tree.find("payouts.explain.k")
    assert k is not None
    assert k.value == "35000000/37652009"


def test_the_tree_of_a_held_award_says_why() -> None:
    result = run(VetoShare.RETURN)
    assert result.awards is not None
    held = result.awards["E6"].explanation.find("payouts.explain.held_freeze")
    assert held is not None
    assert held.value == "46648.72"
    returned = result.awards["E4"].explanation.find("payouts.explain.returned")
    assert returned is not None
    assert returned.value == "58524.27"


def plan_of(**more: Any) -> BonusPlan:
    return parse_bonus_plan({"code": "x", "name_zh": "甲", "name_en": "A"} | more)


def test_the_base_is_a_target_or_months_of_salary() -> None:
    months = plan_of(base={"rule": "months_salary", "months": "2.5"})
    assert bonus_base_fen(plan_of(), target_bonus_fen=6_000_000) == 6_000_000
    assert bonus_base_fen(months, month_salary_fen=1_234_567) == 3_086_418
    for plan in (plan_of(), months):
        with pytest.raises(ComputationError, match="INPUT_REQUIRED"):
            bonus_base_fen(plan)


@pytest.mark.parametrize(
    ("why", "is_gone", "is_paid", "has_malus"),
    [
        (LeaverClass.GOOD, True, True, False),
        (LeaverClass.RESIGNED, True, False, False),
        (LeaverClass.RESIGNED, False, True, False),
        (LeaverClass.DISMISSED, False, False, True),
    ],
)
def test_leavers_are_paid_by_why_they_left(
    why: LeaverClass, is_gone: bool, is_paid: bool, has_malus: bool
) -> None:
    found = leaver_effect(STANDARD_PLAN, why, is_gone_at_payout=is_gone)
    assert (found.is_paid, found.has_malus) == (is_paid, has_malus)
