"""The plan linter on bonus plans and deferral policies: each rule by its own case."""

from __future__ import annotations

from typing import Any

import pytest

from perfflow.plans.rules import (
    Exposure,
    lint,
    parse_bonus_plan,
    parse_deferral_policy,
    PlanUnderTest,
    Severity,
    STANDARD_DEFERRAL,
    STANDARD_PLAN,
)
from tests.support.plans import codes, METRICS, profile


def bonus(**more: Any) -> Any:
    return parse_bonus_plan({"code": "b", "name_zh": "甲", "name_en": "A"} | more)


def bands(*coefficients: str) -> dict[str, Any]:
    minima = (90, 60, 0)
    rows = [
        {"code": code, "min": minimum, "coefficient": coefficient}
        for code, minimum, coefficient in zip("ABC", minima, coefficients, strict=True)
    ]
    return {"rows": rows}


@pytest.mark.parametrize(
    ("plan", "code", "severity"),
    [
        (bonus(direct_split=True), "PL-20", Severity.WARNING),
        (bonus(bands=bands("1.2", "1", "0.1")), "PL-21", Severity.ERROR),
        (bonus(bands=bands("1", "1.2", "0")), "PL-21", Severity.ERROR),
        (bonus(public_sales_ranking=True), "PL-22", Severity.WARNING),
        (bonus(cap_multiple="3.5"), "PL-23", Severity.WARNING),
        (bonus(cap_multiple="none"), "PL-23", Severity.WARNING),
        (bonus(floor_multiple="0.1"), "PL-21", Severity.ERROR),
        (bonus(pay_mix={"STAFF": {"base_share": 0}}), "PL-20", Severity.WARNING),
        (bonus(guarantee={"multiple": 1, "months_of_service": 18}), "PL-24", Severity.WARNING),
        (
            bonus(guarantee={"multiple": 1, "months_of_service": "unlimited"}),
            "PL-24",
            Severity.WARNING,
        ),
    ],
)
def test_each_mistake_in_a_bonus_plan_is_found(plan: Any, code: str, severity: Severity) -> None:
    found = lint(PlanUnderTest([], METRICS, plan))
    assert [(f.code, f.severity) for f in found if f.code != "PL-25"] == [(code, severity)]


def test_a_guarantee_for_the_first_year_is_no_finding() -> None:
    plan = bonus(guarantee={"multiple": "0.5", "months_of_service": 12})
    assert codes(lint(PlanUnderTest([], METRICS, plan))) == {"PL-25"}


@pytest.mark.parametrize(
    ("mix", "messages"),
    [
        ({}, {"leader_pay_missing", "base_share_missing"}),
        ({"SENIOR": {"performance_over_base_max": "3.5", "base_share": "0.3"}}, {"leader_pay"}),
        ({"SENIOR": {"performance_over_base_max": 3, "base_share": "0.4"}}, {"base_share"}),
        ({"SENIOR": {"performance_over_base_max": 3, "base_share": "0.35"}}, set()),
    ],
)
def test_banks_bind_leaders_pay_to_base_pay(mix: dict[str, Any], messages: set[str]) -> None:
    found = lint(PlanUnderTest([], METRICS, bonus(pay_mix=mix), thresholds=profile("CN-BANK-WM")))
    shown = {f.message.removeprefix("plans.lint.") for f in found if f.code == "PL-15"}
    assert shown == messages
    assert all(
        (f.severity, f.source) == (Severity.WARNING, "CN-BANK-WM")
        for f in found
        if f.code == "PL-15"
    )
    assert "PL-15" not in codes(lint(PlanUnderTest([], METRICS, bonus(pay_mix=mix))))


def test_the_exposure_is_always_shown() -> None:
    (alone,) = lint(PlanUnderTest([], METRICS, bonus()))
    assert (alone.code, alone.severity, alone.params["most"]) == ("PL-25", Severity.INFO, 2)
    known = Exposure(people=3, base_fen=18_000_000, pool_fen=35_000_000)
    (found,) = lint(PlanUnderTest([], METRICS, bonus(), exposure=known))
    assert (found.params["most_fen"], found.params["pool_fen"]) == (36_000_000, 35_000_000)
    (open_,) = lint(PlanUnderTest([], METRICS, bonus(cap_multiple="none"), exposure=known))[-1:]
    # 1.5 × 1.3 × 1.10 × 1.10 without a cap.
    assert str(open_.params["most"]) == "2.3595"


def test_direct_commission_is_refused_for_securities_firms() -> None:
    found = lint(PlanUnderTest([], METRICS, bonus(direct_split=True), thresholds=profile("CN-SEC")))
    assert found[0].blocks


def policy(**categories: Any) -> Any:
    defaults: dict[str, Any] = {
        "SENIOR": {"rate": "0.5"},
        "KEY": {"rate": "0.4"},
        "CONTROL": {"rate": "0.4"},
        "STAFF": {"rate": "0"},
    }
    return parse_deferral_policy(
        {"code": "d", "name_zh": "甲", "name_en": "A", "categories": defaults | categories}
    )


@pytest.mark.parametrize(
    ("categories", "code", "message"),
    [
        ({"KEY": {"rate": "0.39"}}, "PL-16", "deferral_rate"),
        ({"SENIOR": {"rate": "0.5", "years": 2}}, "PL-16", "deferral_years"),
        ({"KEY": {"rate": "0.4", "shares": ["0.4", "0.3", "0.3"]}}, "PL-17", "front_loaded"),
        ({"CONTROL": {"brackets": [[200000, "0.3"], [None, "0.6"]]}}, "PL-16", "deferral_rate"),
    ],
)
def test_each_mistake_in_a_deferral_policy_is_found(
    categories: dict[str, Any], code: str, message: str
) -> None:
    found = lint(PlanUnderTest([], METRICS, deferral=policy(**categories)))
    assert [(f.code, f.message, f.blocks) for f in found] == [(code, f"plans.lint.{message}", True)]


def test_main_leaders_of_banks_defer_more_than_half() -> None:
    leaders = {"SENIOR": {"rate": "0.5", "main_leader_rate": "0.5"}}
    bank = profile("CN-BANK-WM")
    found = lint(PlanUnderTest([], METRICS, deferral=policy(**leaders), thresholds=bank))
    assert [(f.code, f.message, f.source) for f in found] == [
        ("PL-16", "plans.lint.main_leader_rate", "CN-BANK-WM")
    ]
    leaders["SENIOR"]["main_leader_rate"] = "0.51"
    assert lint(PlanUnderTest([], METRICS, deferral=policy(**leaders), thresholds=bank)) == []


def test_the_uk_defers_more_of_particularly_high_awards() -> None:
    flat = policy()
    uk = profile("UK-MIFIDPRU")
    found = lint(PlanUnderTest([], METRICS, deferral=flat, thresholds=uk))
    assert {f.message for f in found} == {"plans.lint.high_award_rate"}
    brackets = {"brackets": [[500000, "0.5"], [None, "0.6"]]}
    marginal = policy(SENIOR=brackets, KEY=brackets, CONTROL=brackets)
    assert lint(PlanUnderTest([], METRICS, deferral=marginal, thresholds=uk)) == []


def test_back_loaded_schedules_are_allowed() -> None:
    slow = policy(KEY={"rate": "0.4", "shares": ["0.3", "0.3", "0.4"]})
    assert lint(PlanUnderTest([], METRICS, deferral=slow)) == []


def test_the_defaults_of_the_code_pass() -> None:
    found = lint(PlanUnderTest([], METRICS, STANDARD_PLAN, STANDARD_DEFERRAL))
    assert codes(found) == {"PL-25"}
