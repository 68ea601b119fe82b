"""Stored values read again: in words, with the firm's own fields, and for exports."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from perfflow.calendar import FIRM_ZONE
from perfflow.forms import export_columns, export_row, record_extra, record_rows
from tests.forms.building import form, part

OPTIONS = [
    {"label": "同意", "value": "accept", "label@en": "Accept"},
    {"label": "还价", "value": "counter"},
]
DEFINITION = form(
    part("radio", "decision", "决定", values=OPTIONS, props={"label@en": "Decision"}),
    part("checklist", "many", values=OPTIONS, props={"values.counter@en": "Answer"}),
    part(
        "number",
        "pay",
        "Pay",
        appearance={"suffixAdorner": "万元"},
        props={"suffixAdorner@en": "CNY 10k"},
    ),
    part("group", "plan", children=[part("datetime", "on", "On")]),
    part("textfield", "secret", props={"read": "hr-partner"}),
    part(
        "dynamiclist",
        "lines",
        "Lines",
        children=[part("textfield", "what", "What"), part("textfield", "own", "Own")],
    ),
)
VALUES: dict[str, Any] = {
    "decision": "accept",
    "many": ["accept", "counter"],
    "pay": Decimal("1200.50"),
    "plan": {"on": date(2026, 1, 19)},
    "lines": [{"what": "a", "extra": {"own": "x"}}, {"what": None}],
    "extra": {"secret": "s"},
}


def shown(language: str, roles: set[str] | None = None) -> dict[str, str]:
    return {row.key: row.shown for row in record_rows(DEFINITION, VALUES, language, roles)}


def test_a_record_speaks_the_language_of_its_reader() -> None:
    english = shown("en")
    assert english["decision"] == "Accept"
    assert english["many"] == "Accept, Answer"
    assert english["pay"] == "1,200.5 CNY 10k"
    assert english["plan.on"] == "19 Jan 2026"
    chinese = shown("zh")
    assert chinese["decision"] == "同意"
    assert chinese["many"] == "同意、还价"
    assert chinese["pay"] == "1,200.5 万元"
    assert chinese["plan.on"] == "2026年1月19日"


def test_a_record_shows_rows_with_the_fields_that_the_firm_added() -> None:
    [lines] = [row for row in record_rows(DEFINITION, VALUES, "en") if row.key == "lines"]
    assert [[(cell.label, cell.shown) for cell in row] for row in lines.rows] == [
        [("What", "a"), ("Own", "x")],
        [("What", "–")],
    ]


def test_a_record_hides_what_a_role_may_not_read() -> None:
    assert "secret" not in shown("en", {"employee"})
    assert shown("en", {"hr-partner"})["secret"] == "s"
    assert shown("en", None)["secret"] == "s"


def test_fields_that_were_never_shown_are_not_in_the_record() -> None:
    assert [row.key for row in record_rows(DEFINITION, {"decision": "accept"}, "en")] == [
        "decision"
    ]


def test_extra_fields_are_shown_with_their_labels_and_orphans_under_their_key() -> None:
    rows = record_extra(DEFINITION, {"decision": "counter", "gone": 5}, "zh")
    assert [(row.label, row.shown) for row in rows] == [("决定", "还价"), ("gone", "5")]
    assert record_extra(DEFINITION, None, "zh") == []
    assert record_extra(DEFINITION, {}, "zh") == []


def test_exports_have_single_fields_first_and_rows_in_one_cell() -> None:
    columns = export_columns(DEFINITION, "en")
    assert [column.key for column in columns] == [
        "decision",
        "many",
        "pay",
        "plan.on",
        "secret",
        "lines.what",
        "lines.own",
    ]
    assert columns[0].heading == "Decision"
    assert export_columns(DEFINITION)[0].heading == "决定"
    cells = export_row(DEFINITION, VALUES)
    assert cells["pay"] == "1200.50"
    assert cells["plan.on"] == "2026-01-19"
    assert cells["many"] == "accept\ncounter"
    assert cells["lines.what"] == "a\n"
    assert cells["lines.own"] == "x\n"
    assert cells["secret"] == "s"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_text_that_looks_like_a_formula_is_disarmed(text: str) -> None:
    assert export_row(DEFINITION, {"decision": text})["decision"] == f"'{text}"


def test_numbers_and_times_are_exported_exactly() -> None:
    definition = form(part("number", "n"), part("datetime", "at", subtype="datetime"))
    at = datetime(2026, 1, 19, 9, 30, tzinfo=FIRM_ZONE)
    cells = export_row(definition, {"n": Decimal("-0.10"), "at": at})
    assert cells == {"n": "-0.10", "at": "2026-01-19T09:30+08:00"}
