"""A firm's own formula for the total: typed variables, limits, and what it does to a card."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.kernel.errors import BadInput, ComputationError
from perfflow.metrics.rules import NaPolicy
from perfflow.plans.rules.cards import parse_card
from perfflow.plans.rules.overall import OverallFormula
from perfflow.reviews.rules import (
    CardRules,
    LineInputs,
    PersonInputs,
    Row,
    score_card,
    score_person,
    ScoringRules,
    SegmentInputs,
)


def rows(client: int | None = 80) -> list[Row]:
    points = {"RS-01": 110, "CL-01": client, "CP-01": 95, "GR-01": 90}
    shares = {"RS-01": 4000, "CL-01": 2000, "CP-01": 3000, "GR-01": 1000}
    dims = {"RS": "R", "CL": "C", "CP": "K", "GR": "G"}
    return [
        Row(
            code,
            dims[code[:2]],
            shares[code],
            None if score is None else score * 10**4,
            NaPolicy.DIMENSION,
        )
        for code, score in points.items()
    ]


def total(formula: str, client: int | None = 80, add: Any = 0, deduct: Any = 0) -> int | None:
    rules = CardRules(overall=OverallFormula(formula))
    return score_card(rows(client), add, deduct, rules).total_e2


def test_the_standard_sum_written_as_a_formula_gives_the_standard_total() -> None:
    standard = score_card(rows(), "3", "1").total_e2
    assert total("weighted + add - deduct", add="3", deduct="1") == standard
    assert total("0.4 * R + 0.2 * C + 0.3 * K + 0.1 * G") == score_card(rows()).total_e2


def test_a_formula_may_let_the_weakest_dimension_limit_the_total() -> None:
    assert total("min(weighted, C + 10)") == 9000


def test_a_formula_reads_single_metrics_by_their_code() -> None:
    assert total("if metric.CP_01 < 96 then 60 else weighted") == 6000


def test_what_does_not_apply_is_null_and_never_silently_nought() -> None:
    assert total("if C = null then 77 else C", client=None) == 7700
    rules = CardRules(overall=OverallFormula("R + C"))
    score = score_card(rows(None), rules=rules)
    assert (score.status, score.total_e2) == ("NR", None)


def test_the_total_of_a_formula_keeps_the_limits_and_the_rounding() -> None:
    assert total("R * 5") == 12000
    assert total("R - 500") == 0
    assert total("94.995") == 9500
    assert total("94.994") == 9499


@pytest.mark.parametrize(
    "text",
    [
        "",
        "weighted +",
        "weigthed",
        "R + salary",
        "now()",
        "today()",
        "env(1)",
        "x" * 601,
        "R;C",
        "__import__('os')",
    ],
)
def test_a_text_that_is_no_formula_over_the_variables_is_refused(text: str) -> None:
    with pytest.raises(ComputationError) as refused:
        OverallFormula(text)
    assert refused.value.name == "FORMULA"


@pytest.mark.parametrize(
    "text",
    [
        '"100"',
        "null",
        "true",
        "[R]",
        "R / 0",
        "sum(for i in 1..10000000 return i)",
        "count(for i in 1..100000, j in 1..100000 return i)",
    ],
)
def test_a_formula_that_gives_no_number_is_an_error_within_its_limits(text: str) -> None:
    with pytest.raises(ComputationError) as refused:
        OverallFormula(text).points({"R": 1})
    assert refused.value.name == "FORMULA_RESULT"


def test_a_card_file_carries_the_formula_and_names_the_place_of_a_broken_one() -> None:
    card = {
        "post": "FA",
        "line": "front",
        "name_zh": "甲",
        "name_en": "A",
        "lines": [{"metric": "RS-01", "weight_bp": 10000}],
    }
    assert parse_card(card).overall is None
    assert parse_card({**card, "overall": "min(R, 100)"}).overall == OverallFormula("min(R, 100)")
    with pytest.raises(BadInput) as refused:
        parse_card({**card, "overall": "min(R, salary)"})
    assert refused.value.field == "card.overall"


def test_the_tree_of_a_result_shows_the_formula_that_made_it() -> None:
    line = LineInputs("RS-01", "R", 10_000, actual=Decimal(90), target=Decimal(100))
    person = PersonInputs((SegmentInputs("year", 365, (line,)),), 365)
    rules = ScoringRules(card=CardRules(overall=OverallFormula("R - 1")))
    score = score_person(person, rules)
    assert score.total == Decimal("89.00")
    node = score.explanation.find("reviews.explain.segment")
    assert node is not None
    assert node.formula == "clamp(R - 1, 0, cap)"
    failed = score_person(person, ScoringRules(card=CardRules(overall=OverallFormula("C"))))
    assert failed.band == "NR"
    assert failed.explanation.find("reviews.explain.formula_failed") is not None


@given(st.integers(0, 1_200_000), st.integers(0, 1_200_000))
def test_a_formula_is_exact_like_the_sum_that_it_replaces(results: int, clients: int) -> None:
    points = OverallFormula("0.7 * R + 0.3 * C").points(
        {"R": Fraction(results, 10**4), "C": Fraction(clients, 10**4)}
    )
    assert points == Fraction(7 * results + 3 * clients, 10**5)
