"""Decision tables: every hit policy, aggregation, defaults and what is recorded of a run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from perfflow.feel.decisions import DecisionModel, load_dmn
from tests.feel.dmn import decision, input_data, model, table

GRADES = '"A", "B", "C"'
OVERLAPPING = [[">= 80", '"B"'], [">= 90", '"A"'], ["< 60", '"C"'], [">= 95", '"A"']]


def one_table(logic: str, *inputs: str) -> DecisionModel:
    names = inputs or ("score",)
    return load_dmn(
        model(
            *(input_data(name) for name in names),
            decision("grade", logic, [f"in-{name}" for name in names]),
        )
    )


@pytest.mark.parametrize(
    ("policy", "score", "expected"),
    [
        ("UNIQUE", 85, "B"),
        ("UNIQUE", 50, "C"),
        ("UNIQUE", 70, None),
        ("UNIQUE", 92, None),
        ("ANY", 85, "B"),
        ("ANY", 92, None),
        ("FIRST", 97, "B"),
        ("PRIORITY", 92, "A"),
        ("PRIORITY", 85, "B"),
        ("RULE ORDER", 97, ["B", "A", "A"]),
        ("OUTPUT ORDER", 97, ["A", "A", "B"]),
        ("COLLECT", 92, ["B", "A"]),
        ("COLLECT", 70, None),
    ],
)
def test_the_hit_policy_decides_among_matching_rules(
    policy: str, score: int, expected: Any
) -> None:
    logic = table(["score"], OVERLAPPING, policy=policy, output_values=[GRADES])
    result = one_table(logic).evaluate("grade", {"score": score})
    assert result.value == expected


@pytest.mark.parametrize(
    ("aggregation", "expected"), [("SUM", 60), ("MIN", 10), ("MAX", 30), ("COUNT", 3)]
)
def test_collected_results_are_aggregated(aggregation: str, expected: int) -> None:
    rules = [["> 1", "10"], ["> 2", "20"], ["> 3", "30"], ["> 100", "1000"]]
    logic = table(["score"], rules, policy="COLLECT", aggregation=aggregation)
    assert one_table(logic).evaluate("grade", {"score": 5}).value == expected


def test_the_count_of_no_rules_is_zero() -> None:
    logic = table(["score"], [["> 9", "1"]], policy="COLLECT", aggregation="COUNT")
    assert one_table(logic).evaluate("grade", {"score": 5}).value == 0


def test_several_outputs_make_a_context() -> None:
    rules = [["< 60", '"C"', "0"], [">= 60", '"B"', "score * 10"]]
    logic = table(["score"], rules, outputs=["grade", "bonus"])
    assert one_table(logic).evaluate("grade", {"score": 70}).value == {"grade": "B", "bonus": 700}


def test_several_outputs_are_ordered_by_the_first_column_first() -> None:
    rules = [["-", '"B"', "1"], ["-", '"A"', "1"], ["-", '"A"', "2"]]
    logic = table(
        ["score"], rules, policy="OUTPUT ORDER", outputs=["g", "n"], output_values=[GRADES, "2, 1"]
    )
    assert one_table(logic).evaluate("grade", {"score": 1}).value == [
        {"g": "A", "n": 2}, {"g": "A", "n": 1}, {"g": "B", "n": 1},
    ]  # fmt: skip


def test_the_default_output_is_used_when_no_rule_matches() -> None:
    logic = table(["score"], [["> 90", '"A"']], defaults=['"none"'])
    assert one_table(logic).evaluate("grade", {"score": 5}).value == "none"


def test_two_rules_of_a_unique_table_give_null_and_name_the_rules() -> None:
    result = one_table(table(["score"], OVERLAPPING)).evaluate("grade", {"score": 92})
    assert result.value is None
    assert result.warnings[0].message == "Expected one matching rule but rules 1, 2 match"


def test_an_input_outside_the_allowed_values_gives_null_with_a_warning() -> None:
    logic = table(["score"], [["-", "1"]], input_values=["[0..100]"])
    model_ = one_table(logic)
    assert model_.evaluate("grade", {"score": 100}).value == 1
    result = model_.evaluate("grade", {"score": 101})
    assert result.value is None
    assert result.warnings[0].code == "feel.not_allowed"


def test_an_output_outside_its_values_gives_null_with_a_warning() -> None:
    logic = table(["score"], [["-", '"D"']], output_values=[GRADES])
    result = one_table(logic).evaluate("grade", {"score": 1})
    assert (result.value, result.warnings[0].code) == (None, "feel.not_allowed")


@pytest.mark.parametrize(
    ("cell", "value", "matches"),
    [
        ("[60..80)", 60, True),
        ("[60..80)", 80, False),
        ("(60..80]", 80, True),
        ("]60..80[", 60, False),
        ("-5", -5, True),
        ("< -5, > 5", 0, False),
        ("not(< -5, > 5)", 0, True),
        ("1, 2, 3", 2, True),
        ('"A", "B"', "B", True),
        ('not("A", "B")', "C", True),
        ('"A"', 5, False),
        ("< 5", "A", False),
        ("< 5", None, False),
        ("true", True, True),
        ("true", False, False),
        ("not(null)", None, False),
        ("null", None, True),
        ('date("2026-01-01")', None, False),
        ("? > limit", 11, True),
        ("limit", 10, True),
        ("[1..limit]", 10, True),
    ],
)
def test_constant_and_computed_cells_mean_the_same(cell: str, value: Any, matches: bool) -> None:
    logic = table(["score"], [[cell, "1"]], defaults=["0"])
    result = one_table(logic, "score", "limit").evaluate("grade", {"score": value, "limit": 10})
    assert result.value == (1 if matches else 0)


def test_a_run_names_the_rules_that_matched() -> None:
    result = one_table(table(["score"], OVERLAPPING, policy="COLLECT")).evaluate(
        "grade", {"score": 97}
    )
    assert [(rule.number, rule.id) for rule in result.matched_rules] == [
        (1, "rule-1"), (2, "rule-2"), (4, "rule-4"),
    ]  # fmt: skip


def test_a_run_can_be_recorded_as_plain_data() -> None:
    result = one_table(table(["score"], OVERLAPPING)).evaluate("grade", {"score": 85})
    assert result.record() == {
        "value": '"B"',
        "warnings": [],
        "tables": [
            {
                "decision": "grade",
                "inputs": [{"label": "score", "value": "85"}],
                "rules": [{"number": 1, "id": "rule-1", "annotations": []}],
                "value": '"B"',
            }
        ],
    }


def test_numbers_in_cells_are_exact() -> None:
    logic = table(["score"], [["0.1", '"exact"']], defaults=['"off"'])
    assert one_table(logic).evaluate("grade", {"score": Decimal("0.1")}).value == "exact"
    assert one_table(logic).evaluate("grade", {"score": Decimal("0.10000001")}).value == "off"


def test_a_broken_cell_matches_nothing_and_says_so() -> None:
    logic = table(["score"], [["< <", "1"], ["-", "2"]], policy="FIRST")
    result = one_table(logic).evaluate("grade", {"score": 1})
    assert result.value == 2
    assert result.warnings[0].code == "feel.syntax_inside"


def test_a_table_in_which_no_rule_matches_says_so() -> None:
    result = one_table(table(["score"], [["> 90", "1"]])).evaluate("grade", {"score": 1})
    assert result.value is None
    assert result.warnings[0].message == "No rule of grade matches"
