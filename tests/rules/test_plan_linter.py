"""The plan linter: shipped cards pass, dangerous plans are refused, each rule by its own case."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfflow.kernel.errors import BadInput
from perfflow.metrics.rules import MetricDefinition, Tag
from perfflow.plans.rules import (
    Finding,
    lint,
    parse_bonus_plan,
    parse_card,
    parse_deferral_policy,
    parse_profile,
    PlanUnderTest,
    Severity,
    Thresholds,
)
from tests.support.plans import CATALOGUE, codes, METRICS, profile, read

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


def findings(
    card: dict[str, Any] | None = None,
    metrics: dict[str, MetricDefinition] | None = None,
    **more: Any,
) -> list[Finding]:
    cards = [parse_card(FA if card is None else card)]
    return lint(PlanUnderTest(cards, METRICS if metrics is None else metrics, **more))


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
        (changed((0, "metric", "CP-08")), "PL-14", "weight_on_points"),
        (changed((0, "kind", "LB_INV")), "PL-14", "kind_against_direction"),
        (changed((0, "kind", "BAND")), "PL-14", "no_steps"),
        (changed(curves={"DOWN": [[1, 100], [0, 0]]}), "PL-14", "broken_curve"),
        (changed((0, "metric", "RS-11")), "PL-19", "market_target"),
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
    assert (found.path, found.params) == ("cards/FA-STD", {"post": "FA", "got_bp": 9900})
    (found,) = [f for f in findings(changed((1, "curve", "STD"))) if f.code == "PL-09"]
    assert found.path == "cards/FA-STD.lines.1"
    assert found.params["points"] == "60"


def test_a_finding_says_in_both_languages_which_text_and_profile_decided() -> None:
    card = changed((3, "metric", "CP-06"))
    (found,) = [f for f in findings(card, thresholds=profile("CN-BANK-WM")) if f.code == "PL-12"]
    assert found.regulation is not None
    assert "适当性管理办法" in found.because["zh"]
    assert "suitability" in found.because["en"]
    (strict,) = [
        f
        for f in findings(changed((0, "weight_bp", 2600)), thresholds=profile("STRICT"))
        if f.code == "PL-03"
    ]
    assert strict.source == "STRICT"
    assert strict.because["en"].startswith("STRICT Strict; Sedgwick")
    assert strict.because["zh"].startswith("STRICT 从严")


def test_another_figure_is_another_finding() -> None:
    marks = {
        f.mark
        for weight in (4100, 4200)
        for f in findings(changed((0, "weight_bp", weight)))
        if f.message.endswith("weight_range")
    }
    assert len(marks) == 2


def test_a_team_target_on_the_market_is_no_personal_bet() -> None:
    team = changed((0, "metric", "RS-11"), (0, "scope", "team"))
    assert "PL-19" not in codes(findings(team))


def test_every_profile_that_names_its_own_complaint_metrics_wants_one_of_them() -> None:
    own = parse_profile(
        {"code": "OWN", "name_zh": "自", "name_en": "Own", "complaint_metrics": ["CL-11"]}
    )
    found = [f for f in findings(thresholds=Thresholds([own])) if f.code == "PL-12"]
    assert [(f.source, f.params["metrics"]) for f in found] == [("OWN", ["CL-11"])]


def test_a_steep_step_of_a_banded_sales_line_is_a_cliff() -> None:
    gentle = [[0, 20], [50, 40], [80, 60], [90, 80], [100, 100]]
    steep = changed((1, "kind", "BAND"), (1, "steps", [[50, 60], [100, 100]]))
    smooth = changed((1, "kind", "BAND"), (1, "steps", gentle))
    assert {f.params["points"] for f in findings(steep) if f.code == "PL-09"} == {"60"}
    assert "PL-09" not in codes(findings(smooth))


def test_internal_audit_is_a_control_post_and_others_may_be_declared_one() -> None:
    for card in (changed(post="IA", line="middle"), changed(line="middle", control=True)):
        assert "PL-10" in codes(findings(card))


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
    assert {(f.message, f.blocks, f.source) for f in found} == {
        ("plans.lint.short_horizon", True, "CN-FUND"),
        ("plans.lint.investor_outcome", True, "CN-FUND"),
    }


def test_half_a_card_on_clients_profit_is_not_too_heavy_where_a_profile_demands_it() -> None:
    card = changed(
        lines=[
            {"metric": "CL-09", "weight_bp": 5000},
            {"metric": "CP-01", "weight_bp": 2000},
            {"metric": "CP-03", "weight_bp": 2000},
            {"metric": "GR-02", "weight_bp": 1000},
        ]
    )
    assert findings(card, thresholds=profile("CN-FUND")) == []
    assert codes(findings(card)) == {"PL-02"}


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
        {"regulations": {"PL-26": {"zh": "无", "en": "none"}}},
    ],
)
def test_a_profile_with_an_unknown_threshold_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        parse_profile({"code": "P", "name_zh": "甲", "name_en": "A"} | broken)
    assert caught.value.code == "kernel.config_wrong_value"


def test_tags_say_what_sells() -> None:
    assert {code for code, m in METRICS.items() if Tag.SALES in m.tags} == {"RS-03", "RS-04"}
