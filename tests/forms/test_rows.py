"""Lists of rows: numbers, limits, nesting, read-only columns, adding and removing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from perfflow.forms.bound import BoundForm, MAX_ROWS
from perfflow.forms.rendering import with_row_change
from tests.forms.building import codes, context, form, page, part, send, sentences

LINES = {
    "lines": [
        {"metric": "R01", "weight": Decimal(60)},
        {"metric": "C01", "weight": Decimal(40)},
    ]
}


def lines(**settings: Any) -> dict[str, Any]:
    return part(
        "dynamiclist",
        "lines",
        "Goals",
        children=[
            part("textfield", "metric", readonly=True),
            part("number", "weight", "Weight", validate={"required": True, "max": 100}),
        ],
        **settings,
    )


def rows(*numbers: int, **values: str) -> MultiDict[str, str]:
    """A page with those row numbers; ``weight_3="5"`` fills the field of row 3."""
    sent = MultiDict([("f-lines", str(number)) for number in numbers])
    for name, value in values.items():
        key, _, number = name.rpartition("_")
        sent.add(f"f-lines-{number}-{key}", value)
    return sent


def test_rows_keep_their_readonly_values_by_number() -> None:
    sent = rows(0, 1, weight_0="50", weight_1="50", metric_1="FORGED")
    outcome = send(form(lines()), sent, start=LINES)
    assert outcome.errors == []
    assert outcome.values == {
        "lines": [
            {"metric": "R01", "weight": Decimal(50)},
            {"metric": "C01", "weight": Decimal(50)},
        ]
    }


def test_a_removed_row_does_not_shift_the_others() -> None:
    outcome = send(form(lines()), rows(1, weight_1="100"), start=LINES)
    assert outcome.values == {"lines": [{"metric": "C01", "weight": Decimal(100)}]}


def test_an_added_row_has_no_value_of_the_server() -> None:
    sent = rows(0, 1, 7, weight_0="1", weight_1="2", weight_7="3", metric_7="FORGED")
    outcome = send(form(lines()), sent, start=LINES)
    assert outcome.values["lines"][2] == {"metric": None, "weight": Decimal(3)}


def test_errors_count_rows_as_the_values_do() -> None:
    outcome = send(form(lines()), rows(1, 5, weight_1="50"), start=LINES)
    assert codes(outcome) == [("lines.1.weight", "forms.required")]


def test_a_row_of_unticked_boxes_is_still_a_row() -> None:
    definition = form(part("dynamiclist", "r", children=[part("checkbox", "done")]))
    outcome = send(definition, page(("f-r", "0"), ("f-r", "1"), ("f-r-1-done", "y")))
    assert outcome.values == {"r": [{"done": False}, {"done": True}]}


def test_rows_without_their_number_are_found_by_their_fields() -> None:
    outcome = send(form(lines()), MultiDict({"f-lines-0-weight": "9"}), start=LINES)
    assert outcome.values == {"lines": [{"metric": "R01", "weight": Decimal(9)}]}


@pytest.mark.parametrize("number", ["-1", "x", "1e3", "9999999", "１"])
def test_strange_row_numbers_are_ignored(number: str) -> None:
    sent = MultiDict([("f-lines", number)])
    assert send(form(lines()), sent).values == {"lines": []}


def test_the_number_of_rows_is_limited() -> None:
    definition = form(lines(props={"minItems": "2", "maxItems": "=1 + 1"}))
    assert codes(send(definition, rows(0, weight_0="1"))) == [("lines", "forms.too_few_rows")]
    sent = rows(0, 1, 2, weight_0="1", weight_1="1", weight_2="1")
    outcome = send(definition, sent)
    assert sentences(outcome) == ["“Goals” may have at most 2 rows but has 3."]


def test_a_flood_of_rows_is_an_error_and_not_a_heavy_page() -> None:
    outcome = send(form(lines()), rows(*range(5000)))
    assert ("lines", "forms.too_many_rows") in codes(outcome)
    assert len(outcome.values["lines"]) == MAX_ROWS + 1


def test_a_rule_looks_across_rows() -> None:
    definition = form(
        lines(
            props={"rule": "=sum(lines.weight) = 100", "message": "合计 100", "message@en": "100"}
        )
    )
    assert send(definition, rows(0, 1, weight_0="60", weight_1="40"), start=LINES).is_valid
    outcome = send(definition, rows(0, 1, weight_0="60", weight_1="30"), start=LINES)
    assert codes(outcome) == [("lines", "forms.rule")]


def test_a_row_sees_itself_its_parent_and_its_place() -> None:
    definition = form(
        part("number", "cap"),
        part(
            "dynamiclist",
            "r",
            children=[
                part("number", "n", validate={"max": "=parent.cap"}),
                part("expression", "place", expression="=i[1]"),
                part("expression", "twice", expression="=this.n * 2"),
            ],
        ),
    )
    sent = page(("f-cap", "5"), ("f-r", "0"), ("f-r", "3"), ("f-r-0-n", "4"), ("f-r-3-n", "6"))
    outcome = send(definition, sent)
    assert codes(outcome) == [("r.1.n", "forms.too_large")]
    assert [row["place"] for row in outcome.values["r"]] == [Decimal(1), Decimal(2)]
    assert outcome.values["r"][0]["twice"] == Decimal(8)


def test_a_row_hides_fields_by_its_own_values() -> None:
    definition = form(
        part(
            "dynamiclist",
            "r",
            children=[
                part("number", "n"),
                part(
                    "textfield", "why", conditional={"hide": "=n < 10"}, validate={"required": True}
                ),
            ],
        )
    )
    sent = page(("f-r", "0"), ("f-r", "1"), ("f-r-0-n", "5"), ("f-r-1-n", "50"), ("f-r-0-why", "x"))
    outcome = send(definition, sent)
    assert codes(outcome) == [("r.1.why", "forms.required")]
    assert outcome.values["r"][0] == {"n": Decimal(5)}


def test_lists_nest() -> None:
    definition = form(
        part(
            "dynamiclist",
            "goals",
            children=[
                part("textfield", "name"),
                part("dynamiclist", "steps", children=[part("textfield", "what")]),
            ],
        )
    )
    sent = page(
        ("f-goals", "0"),
        ("f-goals-0-name", "grow"),
        ("f-goals-0-steps", "0"),
        ("f-goals-0-steps", "2"),
        ("f-goals-0-steps-0-what", "call"),
        ("f-goals-0-steps-2-what", "visit"),
    )
    assert send(definition, sent).values == {
        "goals": [{"name": "grow", "steps": [{"what": "call"}, {"what": "visit"}]}]
    }


def test_fixed_rows_can_be_filled_but_not_added_or_removed() -> None:
    definition = form(lines(allowAddRemove=False))
    outcome = send(definition, rows(0, 9, weight_0="50", weight_9="50"), start=LINES)
    assert [row["metric"] for row in outcome.values["lines"]] == ["R01", "C01"]
    assert codes(outcome) == [("lines.1.weight", "forms.required")]


def test_a_list_that_somebody_may_not_write_stays_as_it_is() -> None:
    definition = form(lines(props={"write": "hr-partner"}))
    outcome = send(definition, rows(0, weight_0="1"), start=LINES)
    assert outcome.values == {"lines": LINES["lines"]}


def test_a_form_starts_with_the_rows_there_are_or_with_empty_ones() -> None:
    about = context()
    with_rows = BoundForm(form(lines()), about, None, LINES)
    assert len(next(iter(with_rows.root.lists.values())).rows) == 2
    empty = BoundForm(form(lines(defaultRepetitions=3)), about, None, {})
    assert len(next(iter(empty.root.lists.values())).rows) == 3
    none = BoundForm(form(lines(defaultRepetitions=0)), about, None, {})
    assert next(iter(none.root.lists.values())).rows == []


def test_the_button_for_one_more_row_adds_the_next_number() -> None:
    changed = with_row_change(
        MultiDict([*rows(0, 4, weight_4="7").items(True), ("add_row", "f-lines")])
    )
    assert changed is not None
    assert changed.getlist("f-lines") == ["0", "4", "5"]
    assert "add_row" not in changed


def test_the_button_for_one_row_less_takes_its_fields_along() -> None:
    sent = rows(0, 4, weight_0="3", weight_4="7")
    sent.add("remove_row", "f-lines-0")
    changed = with_row_change(sent)
    assert changed is not None
    assert changed.getlist("f-lines") == ["4"]
    assert "f-lines-0-weight" not in changed
    assert changed["f-lines-4-weight"] == "7"


def test_an_ordinary_submission_is_no_row_change() -> None:
    assert with_row_change(rows(0, weight_0="3")) is None
