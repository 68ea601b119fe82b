"""Formulas that are stopped by their limits: nothing is hidden or let through, and it is said."""

from __future__ import annotations

import pytest

from perfflow.forms.bound import BoundForm
from perfflow.forms.view import form_view
from tests.forms.building import codes, context, form, page, part, send, sentences

ENDLESS = "count(for a in 1..1000, b in 1..1000 return a) > 0"


def test_a_field_whose_condition_is_stopped_stays_shown_and_says_so() -> None:
    definition = form(part("textfield", "why", conditional={"hide": f"={ENDLESS}"}))
    view = form_view(BoundForm(definition, context()))
    (item,) = view.items
    assert item.field is not None
    (sentence,) = item.errors
    assert sentence.startswith("Expected a formula of “why” that can be computed")


def test_a_stopped_condition_is_worded_in_both_languages_when_handed_in() -> None:
    definition = form(part("textfield", "why", "原因", conditional={"hide": f"={ENDLESS}"}))
    outcome = send(definition, page(why="so"))
    assert codes(outcome) == [("why", "forms.formula_failed")]
    assert outcome.values == {"why": "so"}
    chinese, english = sentences(outcome, "zh"), sentences(outcome, "en")
    assert "“原因”的公式无法计算" in chinese[0]
    assert chinese != english


def test_a_condition_that_is_not_stopped_by_these_values_hides_as_ever() -> None:
    definition = form(
        part("textfield", "many"),
        part("textfield", "why", conditional={"hide": f"=many = null or ({ENDLESS})"}),
    )
    assert send(definition, page()).shown == {"many"}
    outcome = send(definition, page(many="x", why="so"))
    assert codes(outcome) == [("why", "forms.formula_failed")]


def test_a_group_whose_condition_is_stopped_keeps_its_fields() -> None:
    inner = part("textfield", "inside")
    group = part("group", "box", children=[inner], conditional={"hide": f"={ENDLESS}"})
    outcome = send(form(group), page(inside="x"))
    assert [code for _, code in codes(outcome)] == ["forms.formula_failed"]
    assert any(place.endswith("inside") for place in outcome.shown)


def test_a_row_says_which_of_its_fields_it_is() -> None:
    rows = part(
        "dynamiclist",
        "lines",
        children=[part("textfield", "what", conditional={"hide": f"={ENDLESS}"})],
    )
    sent = page(("f-lines", "0"), ("f-lines-0-what", "x"))
    assert ("lines.0.what", "forms.formula_failed") in codes(send(form(rows), sent))


def test_a_field_whose_lock_cannot_be_decided_is_shut() -> None:
    definition = form(part("textfield", "why", readonly=f"={ENDLESS}"))
    outcome = send(definition, page(why="typed"), start={"why": "ours"})
    assert codes(outcome) == [("why", "forms.formula_failed")]
    assert outcome.values == {"why": "ours"}


@pytest.mark.parametrize("limit", ["min", "max"])
def test_a_limit_that_is_stopped_lets_nothing_through(limit: str) -> None:
    endless = f"=if {ENDLESS} then 1 else 2"
    definition = form(part("number", "score", validate={limit: endless}))
    assert codes(send(definition, page(score="5"))) == [("score", "forms.formula_failed")]


def test_a_computed_field_that_is_stopped_is_empty() -> None:
    definition = form(part("expression", "sum", expression=f"={ENDLESS}"), part("textfield", "a"))
    outcome = send(definition, page(a="x"))
    assert outcome.errors == []
    assert outcome.values["sum"] is None


def test_a_rule_that_is_stopped_is_not_a_rule_that_holds() -> None:
    definition = form(part("textfield", "a", props={"rule": f"={ENDLESS}", "message": "不对"}))
    assert codes(send(definition, page(a="x"))) == [("a", "forms.formula_failed")]


def test_a_rule_over_the_whole_form_that_is_stopped_is_said_at_the_form() -> None:
    definition = form(part("textfield", "a"), rule=f"={ENDLESS}", message="不对")
    assert codes(send(definition, page(a="x"))) == [("", "forms.formula_failed")]
