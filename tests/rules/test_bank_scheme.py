"""The real scheme of a bank of 2019 (domain §4.3) can be written down, scored, and is refused."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perfflow.cli import main
from perfflow.kernel.configuration import load_configuration
from perfflow.metrics.rules import NaPolicy, parse_metrics
from perfflow.plans.rules import parse_bonus_plan, parse_card, VetoShare
from perfflow.reviews.rules.attainment import Kind, Step
from perfflow.reviews.rules.card import CardRules, Row, score_card
from perfflow.reviews.rules.lines import LineInputs, score_line

SCHEME = Path(__file__).parent / "data" / "bank-scheme"


def read(name: str) -> Any:
    return load_configuration((SCHEME / name).read_text("utf-8"))


ADVISOR = parse_card(read("cards/FA.yaml"))
BRANCH = parse_card(read("cards/BRANCH.yaml"))
METRICS = parse_metrics(read("metrics/bank.yaml"))


def linted(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
    code = main(["plan-lint", str(SCHEME), "--json", *more])
    return code, json.loads(capsys.readouterr().out)


def test_publishing_it_is_refused_and_the_reasons_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, answer = linted(capsys)
    errors = {
        (one["code"], one["path"].split(".")[0])
        for one in answer["findings"]
        if one["severity"] == "E"
    }
    wanted = {(rule, "cards/BANK-FA") for rule in ("PL-03", "PL-04", "PL-05", "PL-12")}
    assert (code, answer["ok"]) == (1, False)
    assert errors >= wanted


def test_every_reason_stands_in_two_languages_with_its_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, answer = linted(capsys)
    assert answer["findings"]
    for one in answer["findings"]:
        assert set(one) == {"code", "severity", "path", "file", "message", "source"}
        assert one["message"]["zh"] != one["message"]["en"]
        assert "%(" not in one["message"]["zh"] + one["message"]["en"]
        assert (SCHEME / one["file"].removeprefix("catalogue/")).is_file()


def test_an_unknown_profile_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan-lint", str(SCHEME), "--profile", "NOWHERE"]) == 2
    assert "NOWHERE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("reached", "points"),
    [("1", "100"), ("2", "129"), ("1.2", "120"), ("0.5", "50")],
)
def test_the_caps_of_120_to_150_per_cent_hold(reached: str, points: str) -> None:
    rows = []
    for line in ADVISOR.lines:
        inputs = LineInputs(
            line.metric, "R", line.weight_bp, actual=reached, target=1,
            curve=ADVISOR.curves[line.curve],
        )  # fmt: skip
        rows.append(
            Row(line.metric, "R", line.weight_bp, score_line(inputs).score_e4, NaPolicy.CARD)
        )
    score = score_card(rows, rules=CardRules(deduct_cap=ADVISOR.deduct_cap, total_cap=130))
    assert score.total_e2 == Fraction(points) * 100


def test_the_deductions_together_take_ten_points_at_most() -> None:
    rows = [
        Row(line.metric, "R", line.weight_bp, 100_0000, NaPolicy.CARD) for line in ADVISOR.lines
    ]
    worst = sum((METRICS[code].points_cap or 0 for code in ADVISOR.deductions), start=0)
    rules = CardRules(deduct_cap=ADVISOR.deduct_cap, total_cap=130)
    assert str(worst) == "19.8"
    assert score_card(rows, deduct=worst, rules=rules).total_e2 == 9000
    assert score_card(rows, deduct="4.8", rules=rules).total_e2 == 9520


@pytest.mark.parametrize(
    ("percentile", "score"), [("49.9", 0), ("50", 60), ("79", 60), ("80", 100), ("100", 100)]
)
def test_the_rank_in_the_bank_decides_in_steps(percentile: str, score: int) -> None:
    (line,) = BRANCH.lines
    inputs = LineInputs(
        line.metric,
        "R",
        line.weight_bp,
        kind=Kind.BAND,
        actual=percentile,
        steps=tuple(Step(limit, points) for limit, points in line.steps),
    )
    assert score_line(inputs).score_e4 == score * 10_000


def test_its_bonus_plan_is_read_too() -> None:
    plan = parse_bonus_plan(read("plans/bonus.yaml"))
    assert (plan.bands.of(12_900), plan.veto_share) == ("A", VetoShare.RETURN)
