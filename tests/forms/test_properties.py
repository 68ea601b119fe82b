"""Whatever is sent, only what the form shows and lets people fill comes out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from perfflow.db.types import json_text, json_value
from tests.forms.building import form, part, send

OPTIONS = [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]
DEFINITION = form(
    part("radio", "choice", values=OPTIONS),
    part("textfield", "shy", conditional={"hide": '=choice != "a"'}),
    part("number", "fixed", readonly=True),
    part("checkbox", "tick"),
    part("checklist", "many", values=OPTIONS),
    part("datetime", "day"),
    part(
        "dynamiclist",
        "rows",
        children=[
            part("number", "n", validate={"min": 0, "max": 100}, decimalDigits=2),
            part("textfield", "code", readonly=True),
            part("textfield", "note", conditional={"hide": "=n = null or n < 50"}),
        ],
    ),
)
START = {"fixed": Decimal(7), "rows": [{"code": "R01"}, {"code": "C01"}]}
NAMES = [
    "f-choice",
    "f-shy",
    "f-fixed",
    "f-tick",
    "f-many",
    "f-day",
    "f-rows",
    "f-rows-0-n",
    "f-rows-0-code",
    "f-rows-1-note",
    "f-rows-2-n",
    "f-rows-2-note",
    "f-hack",
    "csrf_token",
    "rows",
    "fixed",
]
TEXTS = st.one_of(
    st.sampled_from(["a", "b", "y", "", "0", "1", "2", "60", "-1", "1e9", "2026-02-01", "None"]),
    st.text(max_size=12),
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 200), st.decimals(0, 100, places=2), TEXTS
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["n", "code", "note", "rows", "choice", "x"]), inner, max_size=3
        ),
    ),
    max_leaves=12,
)


def hold_the_line(values: dict[str, Any]) -> None:
    assert set(values) <= {"choice", "shy", "fixed", "tick", "many", "day", "rows"}
    assert values["fixed"] == Decimal(7)
    assert values["choice"] in ("a", "b", None)
    assert ("shy" in values) == (values["choice"] == "a")
    assert set(values["many"]) <= {"a", "b"}
    for row in values["rows"]:
        assert set(row) <= {"n", "code", "note"}
        assert row["code"] in ("R01", "C01", None)
        assert ("note" in row) == (row["n"] is not None and row["n"] >= 50)
    # What comes out can be stored and read again as it is.
    assert json_value(json_text(values)) == values


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=14))
def test_no_page_gets_hidden_unknown_or_readonly_values_through(
    pairs: list[tuple[str, str]],
) -> None:
    outcome = send(DEFINITION, MultiDict(pairs), start=START)
    hold_the_line(outcome.values)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["choice", "shy", "fixed", "tick", "many", "day", "rows", "hack"]),
        TREES,
        max_size=6,
    )
)
def test_no_plain_values_get_hidden_unknown_or_readonly_values_through(
    values: dict[str, Any],
) -> None:
    outcome = send(DEFINITION, values, start=START)
    hold_the_line(outcome.values)
    if "hack" in values:
        assert not outcome.is_valid
    if values.get("fixed") not in (None, 7, "7") and not isinstance(values["fixed"], str):
        assert not outcome.is_valid


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.text("xyz", max_size=3)), max_size=4))
def test_clean_values_pass_again_unchanged(rows: list[tuple[int, str]]) -> None:
    sent = {
        "rows": [
            {"n": Decimal(n), **({"note": note or None} if n >= 50 else {})} for n, note in rows
        ]
    }
    first = send(DEFINITION, sent, start=START)
    assert first.errors == []
    again = send(DEFINITION, first.values, start=START)
    assert again.errors == []
    assert again.values == first.values
