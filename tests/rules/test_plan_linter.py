"""The plan linter: shipped cards pass, dangerous plans are refused, each rule by its own case."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfflow.kernel.configuration import load_configuration
from perfflow.kernel.errors import BadInput
from perfflow.metrics.rules import MetricDefinition, parse_metrics, Tag
from perfflow.plans.rules import (
    Finding,
    lint,
    parse_bonus_plan,
    parse_card,
    parse_deferral_policy,
    parse_profile,
    PlanUnderTest,
    Severity,
    STANDARD_DEFERRAL,
    STANDARD_PLAN,
    Thresholds,
)

CATALOGUE = Path(__file__).parents[2] / "catalogue"


def read(path: Path) -> Any:
    return load_configuration(path.read_text("utf-8"))


def shipped_metrics() -> dict[str, MetricDefinition]:
    found: dict[str, MetricDefinition] = {}
    for path in sorted((CATALOGUE / "metrics").glob("*.yaml")):
        found |= parse_metrics(read(path), path.name)
    return found


METRICS = shipped_metrics()
FA: dict[str, Any] = {
    "post": "FA",
    "line": "front",
    "name_zh": "理财顾问",
    "name_en": "Advisor",
    "lines": [
        {"metric": "RS-01", "weight_bp": 2500},
        {"metric": "RS-03", "weight_bp": 1500, "curve": "RAMP"},
        {"metric": "CL-01", "weight_bp": 2500},
        {"metric": "CP-01", "weight_bp": 1000},
        {"metric": "CP-03", "weight_bp": 1500},
        {"metric": "GR-02", "weight_bp": 1000},
    ],
    "gates": ["CP-19"],
}


def profile(code: str) -> Thresholds:
    return Thresholds([parse_profile(read(CATALOGUE / "profiles" / f"{code}.yaml"))])


def findings(
    card: dict[str, Any] | None = None,
    metrics: dict[str, MetricDefinition] | None = None,
    **more: Any,
) -> list[Finding]:
    cards = [parse_card(FA if card is None else card)]
    return lint(PlanUnderTest(cards, METRICS if metrics is None else metrics, **more))


def codes(found: list[Finding]) -> set[str]:
    return {finding.code for finding in found}


def changed(*changes: tuple[int, str, Any], **top: Any) -> dict[str, Any]:
    card = deepcopy(FA)
    for index, key, value in changes:
        card["lines"][index][key] = value
    return card | top


def test_the_shipped_catalogue_passes() -> None:
    cards = [parse_card(read(path)) for path in sorted((CATALOGUE / "cards").glob("*.yaml"))]
    bonus = parse_bonus_plan(read(CATALOGUE / "plans" / "bonus-STD.yaml"))
    policy = parse_deferral_policy(read(CATALOGUE / "plans" / "deferral-CN.yaml"))
    found = lint(PlanUnderTest(cards, METRICS, bonus, policy))
    assert len(cards) == 7
    assert [finding for finding in found if finding.blocks] == []


def test_a_sound_card_has_no_findings() -> None:
    assert findings() == []


def test_the_real_bank_scheme_can_be_written_down_and_is_refused() -> None:
    bank = {
        "post": "FA",
        "line": "front",
        "name_zh": "某行方案",
        "name_en": "A bank's scheme",
        "deduct_cap": 10,
        "curves": {"C130": [[0, 0], [1, 100], ["1.3", 130]]},
        "lines": [
            {"metric": "RS-02", "weight_bp": 1500, "curve": "C130"},
            {"metric": "RS-09", "weight_bp": 2000},
            {"metric": "RS-01", "weight_bp": 2500},
            {"metric": "RS-05", "weight_bp": 2000},
            {"metric": "RS-04", "weight_bp": 2000},
        ],
        "deductions": ["CP-02", "CP-08"],
        "gates": ["CP-19"],
    }
    found = findings(bank)
    assert codes(found) >= {"PL-03", "PL-04", "PL-05", "PL-12"}
    assert all(finding.blocks for finding in found if finding.code in {"PL-04", "PL-05", "PL-12"})


@pytest.mark.parametrize(
    ("card", "code", "message"),
    [
        (changed((0, "weight_bp", 2400)), "PL-01", "weights_sum"),
        (changed((0, "weight_bp", 4100)), "PL-02", "weight_range"),
        (changed((0, "weight_bp", 400)), "PL-02", "weight_range"),
        (changed((0, "weight_bp", 2550)), "PL-02", "weight_step"),
        (changed(lines=FA["lines"][:3]), "PL-02", "line_count"),
        (changed((0, "weight_bp", 4000)), "PL-03", "results_too_heavy"),
        (changed((2, "metric", "GR-04"), (4, "metric", "GR-08")), "PL-04", "front_balance"),
        (changed((4, "metric", "CL-04")), "PL-05", "compliance_too_light"),
        (changed((1, "curve", "ACC")), "PL-08", "accelerator"),
        (changed((1, "curve", "STD")), "PL-09", "cliff"),
        (changed((3, "metric", "CP-06")), "PL-12", "no_complaint_metric"),
        (changed((4, "metric", "CP-06")), "PL-12", "no_procedure_metric"),
        (changed((0, "metric", "ZZ-99")), "PL-13", "unknown_metric"),
        (changed((0, "metric", "CP-08")), "PL-13", "weight_on_points"),
        (changed((0, "curve", "NONE")), "PL-14", "unknown_curve"),
        (changed((0, "target", 5), (0, "baseline", 9)), "PL-14", "baseline_direction"),
        (changed((3, "target", 9), (3, "baseline", 5)), "PL-14", "baseline_direction"),
        (changed(gates=[]), "PL-18", "no_gate"),
        (changed(gates=["CP-01"]), "PL-18", "no_gate"),
    ],
)
def test_each_mistake_on_a_card_is_found(card: dict[str, Any], code: str, message: str) -> None:
    assert (code, f"plans.lint.{message}") in {(f.code, f.message) for f in findings(card)}


def test_a_finding_names_its_place_and_the_figures() -> None:
    (found,) = [f for f in findings(changed((0, "weight_bp", 2400))) if f.code == "PL-01"]
    assert (found.path, found.params) == ("cards/FA", {"post": "FA", "got_bp": 9900})
    (found,) = [f for f in findings(changed((1, "curve", "STD"))) if f.code == "PL-09"]
    assert found.path == "cards/FA.lines.1"
    assert found.params["points"] == "60"


def test_sales_alone_are_refused() -> None:
    sales = changed((0, "metric", "RS-03"), (1, "metric", "RS-04"))
    only = sales | {"lines": sales["lines"][:2]}
    assert "PL-06" in codes(findings(only))
    assert "PL-06" not in codes(findings(sales))


def test_control_posts_neither_sell_nor_are_scored_by_sellers() -> None:
    control = changed(post="RC", line="middle", scored_by="TL")
    messages = {f.message for f in findings(control) if f.code == "PL-10"}
    assert messages == {"plans.lint.control_sells", "plans.lint.control_scored_by_sales"}


def test_the_limit_of_results_follows_the_post() -> None:
    found = findings(
        changed(
            post="TL",
            line="back",
            lines=[
                {"metric": "RS-01", "weight_bp": 4000},
                {"metric": "RS-05", "weight_bp": 600},
                {"metric": "CL-01", "weight_bp": 3000},
                {"metric": "CP-01", "weight_bp": 2400},
            ],
        )
    )
    (result,) = [f for f in found if f.code == "PL-03"]
    assert (result.params["got_bp"], result.params["max_bp"]) == (4600, 4500)


def test_a_metric_without_an_owner_is_incomplete() -> None:
    metrics = METRICS | {"RS-01": replace(METRICS["RS-01"], owner="")}
    (found,) = findings(metrics=metrics)
    assert (found.code, found.params["missing"]) == ("PL-13", "owner")


def test_short_contests_for_one_product_warn_and_block_in_the_us() -> None:
    metrics = METRICS | {"RS-07": replace(METRICS["RS-07"], product_scope="fund-x")}
    card = changed((1, "metric", "RS-07"), (1, "window_months", 3))
    (found,) = [f for f in findings(card, metrics) if f.code == "PL-07"]
    assert (found.severity, found.source) == (Severity.WARNING, "default")
    us = findings(card, metrics, thresholds=profile("US-BD"))
    (found,) = [f for f in us if f.code == "PL-07"]
    assert (found.severity, found.source) == (Severity.ERROR, "US-BD")


def test_the_strict_profile_turns_accelerators_into_errors() -> None:
    card = changed((1, "curve", "ACC"))
    (found,) = [f for f in findings(card, thresholds=profile("STRICT")) if f.code == "PL-08"]
    assert found.blocks


def test_of_several_profiles_the_strictest_wins_and_is_named() -> None:
    both = Thresholds([*profile("CN-FUND").profiles, *profile("STRICT").profiles])
    found = both.of("results_max_bp", "TL")
    assert (found.value, found.decided_by) == (3300, "STRICT")
    assert both.of("long_horizon_min_bp").decided_by == "CN-FUND"
    assert both.of("weight_min_bp").decided_by == "default"


def test_a_looser_profile_never_loosens_the_default() -> None:
    loose = parse_profile(
        {"code": "L", "name_zh": "松", "name_en": "Loose", "thresholds": {"results_max_bp": 9000}}
    )
    assert Thresholds([loose]).of("results_max_bp").value == 5000


def test_funds_want_a_long_horizon() -> None:
    found = [f for f in findings(thresholds=profile("CN-FUND")) if f.code == "PL-11"]
    assert [(f.blocks, f.source) for f in found] == [(True, "CN-FUND")]


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
    ],
)
def test_each_mistake_in_a_bonus_plan_is_found(plan: Any, code: str, severity: Severity) -> None:
    found = lint(PlanUnderTest([], METRICS, plan))
    assert [(f.code, f.severity) for f in found] == [(code, severity)]


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
    ],
)
def test_each_mistake_in_a_deferral_policy_is_found(
    categories: dict[str, Any], code: str, message: str
) -> None:
    found = lint(PlanUnderTest([], METRICS, deferral=policy(**categories)))
    assert [(f.code, f.message, f.blocks) for f in found] == [(code, f"plans.lint.{message}", True)]


def test_back_loaded_schedules_are_allowed() -> None:
    slow = policy(KEY={"rate": "0.4", "shares": ["0.3", "0.3", "0.4"]})
    assert lint(PlanUnderTest([], METRICS, deferral=slow)) == []


def test_the_defaults_of_the_code_pass() -> None:
    assert lint(PlanUnderTest([], METRICS, STANDARD_PLAN, STANDARD_DEFERRAL)) == []


@pytest.mark.parametrize(
    "path", sorted((CATALOGUE / "profiles").glob("*.yaml")), ids=lambda p: p.stem
)
def test_every_shipped_profile_is_read_and_not_yet_verified(path: Path) -> None:
    found = parse_profile(read(path), path.name)
    assert found.code == path.stem
    assert found.verified_by is None
    assert found.verified_on is None


@pytest.mark.parametrize(
    "broken",
    [
        {"thresholds": {"results_max": 1}},
        {"thresholds": {"results_max_bp": "much"}},
        {"severities": {"PL-01": "W"}},
        {"severities": {"PL-08": "X"}},
    ],
)
def test_a_profile_with_an_unknown_threshold_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        parse_profile({"code": "P", "name_zh": "甲", "name_en": "A"} | broken)
    assert caught.value.code == "kernel.config_wrong_value"


def test_tags_say_what_sells() -> None:
    assert {code for code, m in METRICS.items() if Tag.SALES in m.tags} == {"RS-03", "RS-04"}
