"""Plain values from the API and the simulation pass the same gate, and a stricter door."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from perfflow.calendar import FIRM_ZONE
from perfflow.forms import validate
from perfflow.kernel.errors import RuleViolations
from tests.forms.building import codes, context, form, page, part, send, sentences

OPTIONS = [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]
EVERY_KIND = (
    part("textfield", "text"),
    part("number", "number"),
    part("checkbox", "tick"),
    part("radio", "one", values=OPTIONS),
    part("checklist", "many", values=OPTIONS),
    part("datetime", "day"),
    part("datetime", "moment", subtype="datetime"),
    part("dynamiclist", "rows", children=[part("number", "n")]),
)
GOOD: dict[str, Any] = {
    "text": "x",
    "number": Decimal("1.5"),
    "tick": True,
    "one": "b",
    "many": ["a"],
    "day": date(2026, 2, 1),
    "moment": datetime(2026, 2, 1, 9, 0, tzinfo=FIRM_ZONE),
    "rows": [{"n": 3}],
}


def test_typed_values_come_out_as_they_went_in() -> None:
    outcome = send(form(*EVERY_KIND), GOOD)
    assert outcome.errors == []
    assert outcome.values == {**GOOD, "rows": [{"n": Decimal(3)}]}


def test_a_page_and_plain_values_give_the_same() -> None:
    sent = page(
        ("f-rows", "0"),
        ("f-rows-0-n", "3"),
        text="x",
        number="1.5",
        tick="y",
        one="b",
        many="a",
        day="2026-02-01",
        moment="2026-02-01T09:00",
    )
    definition = form(*EVERY_KIND)
    assert send(definition, sent).values == send(definition, GOOD).values


@pytest.mark.parametrize(
    ("name", "wrong", "got"),
    [
        ("text", 5, "int"),
        ("text", ["x"], "list"),
        ("number", True, "bool"),
        ("number", 1.5, "float"),
        ("number", {"n": 1}, "dict"),
        ("tick", "yes", "str"),
        ("one", True, "bool"),
        ("one", ["a"], "list"),
        ("many", "a", "str"),
        ("day", 20260201, "int"),
        ("rows", {"n": 1}, "dict"),
        ("rows", [1], "list"),
    ],
)
def test_a_wrong_type_is_named_and_kept_out(name: str, wrong: Any, got: str) -> None:
    outcome = send(form(*EVERY_KIND), {**GOOD, name: wrong})
    assert codes(outcome) == [(name, "forms.wrong_type")]
    assert f"but got {got}." in sentences(outcome)[0]
    assert outcome.values[name] in (None, False, [])


def test_unknown_names_are_errors_with_their_place() -> None:
    outcome = send(form(*EVERY_KIND), {**GOOD, "hack": 1, "rows": [{"n": 1, "m": 2}]})
    assert codes(outcome) == [("hack", "forms.unknown_key"), ("rows.0.m", "forms.unknown_key")]
    assert sentences(outcome, "zh")[0] == "表单里没有名为“hack”的字段。"
    assert "hack" not in outcome.values


def test_a_missing_name_is_an_empty_value() -> None:
    definition = form(part("number", "n", "N", validate={"required": True}))
    assert codes(send(definition, {}, start={"n": Decimal(7)})) == [("n", "forms.required")]


def test_a_value_for_a_hidden_field_is_an_error() -> None:
    definition = form(
        part("checkbox", "more"), part("textfield", "why", conditional={"hide": "=more = false"})
    )
    outcome = send(definition, {"more": False, "why": "x"})
    assert codes(outcome) == [("why", "forms.hidden_field")]
    assert outcome.values == {"more": False}
    assert send(definition, {"more": False, "why": None}).is_valid


def test_a_value_for_a_readonly_field_is_an_error_unless_it_is_the_same() -> None:
    definition = form(part("number", "n", readonly=True))
    start = {"n": Decimal(7)}
    assert codes(send(definition, {"n": 8}, start=start)) == [("n", "forms.read_only")]
    assert send(definition, {"n": 7}, start=start).is_valid
    assert send(definition, {}, start=start).values == {"n": Decimal(7)}


def test_a_value_for_a_computed_field_is_an_error_unless_it_is_the_same() -> None:
    definition = form(part("number", "n"), part("expression", "twice", expression="=n * 2"))
    assert codes(send(definition, {"n": 2, "twice": 5})) == [("twice", "forms.computed_field")]
    assert send(definition, {"n": 2, "twice": Decimal(4)}).is_valid


def goal_rows(**settings: Any) -> Any:
    return form(
        part(
            "dynamiclist",
            "lines",
            children=[part("textfield", "metric", readonly=True), part("number", "weight")],
            **settings,
        )
    )


START = {
    "lines": [{"metric": "R01", "weight": Decimal(60)}, {"metric": "C01", "weight": Decimal(40)}]
}


def test_rows_are_matched_by_their_readonly_values() -> None:
    sent = {"lines": [{"metric": "C01", "weight": 30}, {"metric": "R01", "weight": 70}]}
    outcome = send(goal_rows(), sent, start=START)
    assert outcome.errors == []
    assert outcome.values == {
        "lines": [
            {"metric": "C01", "weight": Decimal(30)},
            {"metric": "R01", "weight": Decimal(70)},
        ]
    }


def test_rows_without_readonly_values_are_matched_by_place() -> None:
    outcome = send(goal_rows(), {"lines": [{"weight": 1}, {"weight": 2}]}, start=START)
    assert [row["metric"] for row in outcome.values["lines"]] == ["R01", "C01"]


def test_a_row_with_an_invented_readonly_value_is_an_error() -> None:
    sent = {"lines": [{"metric": "R01", "weight": 1}, {"metric": "X99", "weight": 2}]}
    outcome = send(goal_rows(), sent, start=START)
    assert codes(outcome) == [("lines.1.metric", "forms.read_only")]


def test_fixed_rows_may_not_change_their_number() -> None:
    definition = goal_rows(allowAddRemove=False)
    outcome = send(definition, {"lines": [{"weight": 1}]}, start=START)
    assert ("lines", "forms.rows_fixed") in codes(outcome)


def test_a_flood_of_rows_is_refused_before_they_are_read() -> None:
    outcome = send(goal_rows(), {"lines": [{"weight": 1}] * 100_000})
    assert codes(outcome) == [("lines", "forms.too_many_rows")]


def test_values_below_a_group_path_are_checked_too() -> None:
    definition = form(part("group", "plan", children=[part("textfield", "goal")]))
    assert codes(send(definition, {"plan": {"x": 1}})) == [("plan.x", "forms.unknown_key")]
    assert codes(send(definition, {"plan": "text"})) == [("plan", "forms.wrong_type")]


def test_a_number_may_be_written_as_text() -> None:
    assert send(form(part("number", "n")), {"n": "1,200.5"}).values == {"n": Decimal("1200.5")}


def test_errors_can_be_raised_for_callers_without_a_page() -> None:
    definition = form(part("number", "n", validate={"max": 3}))
    outcome = validate(definition, {"n": 4}, context(), {})
    with pytest.raises(RuleViolations) as raised:
        outcome.raise_errors()
    assert [(one.field, one.code) for one in raised.value.violations] == [("n", "forms.too_large")]
    assert validate(definition, {"n": 3}, context(), {}).raise_errors() is None
