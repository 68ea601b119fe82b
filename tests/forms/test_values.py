"""What each kind of field makes of what was typed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from perfflow.calendar import FIRM_ZONE
from tests.forms.building import codes, form, page, part, send, sentences

CITY = [{"label": "东湖", "value": "east"}, {"label": "西山", "value": "west"}]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1200.5", Decimal("1200.5")),
        ("1,200.50", Decimal("1200.50")),
        (" 42 ", Decimal(42)),
        ("−3", Decimal(-3)),
        ("１２３．５", Decimal("123.5")),
        ("0.1", Decimal("0.1")),
    ],
)
def test_numbers_are_read_exactly_however_people_write_them(typed: str, kept: Decimal) -> None:
    outcome = send(form(part("number", "target")), page(target=typed))
    assert outcome.errors == []
    assert outcome.values == {"target": kept}


@pytest.mark.parametrize(
    "typed", ["abc", "1e5", "NaN", "Infinity", "1,20", "12,3456", "--1", "-", ".", "1.2.3"]
)
def test_what_is_no_number_is_refused_with_an_example(typed: str) -> None:
    outcome = send(form(part("number", "target", "Target")), page(target=typed))
    assert codes(outcome) == [("target", "forms.not_a_number")]
    assert sentences(outcome) == ["Expected a number for “Target”, such as 1200.5."]


def test_a_number_of_a_thousand_digits_is_refused() -> None:
    outcome = send(form(part("number", "target")), page(target="9" * 1000))
    assert codes(outcome) == [("target", "forms.number_too_long")]


@pytest.mark.parametrize(
    ("settings", "typed", "code"),
    [
        ({"validate": {"min": 1}}, "0.99", "forms.too_small"),
        ({"validate": {"max": 10}}, "10.01", "forms.too_large"),
        ({"decimalDigits": 2}, "1.005", "forms.too_precise"),
        ({"decimalDigits": 0}, "1.5", "forms.whole_number"),
        ({"increment": "0.25"}, "0.3", "forms.not_a_step"),
        ({"validate": {"max": "=limit + 1"}}, "12", "forms.too_large"),
    ],
)
def test_numbers_keep_to_their_limits(settings: dict[str, Any], typed: str, code: str) -> None:
    outcome = send(form(part("number", "n", **settings)), page(n=typed), limit=10)
    assert codes(outcome) == [("n", code)]


@pytest.mark.parametrize(
    ("settings", "typed"),
    [
        ({"validate": {"min": 1, "max": 10}}, "10"),
        ({"decimalDigits": 2}, "1.50"),
        ({"decimalDigits": 2}, "1.5000"),
        ({"decimalDigits": 0}, "100"),
        ({"increment": "0.25"}, "0.75"),
    ],
)
def test_numbers_on_the_edge_of_their_limits_pass(settings: dict[str, Any], typed: str) -> None:
    outcome = send(form(part("number", "n", **settings)), page(n=typed))
    assert outcome.errors == []
    assert outcome.values == {"n": Decimal(typed)}


def test_a_limit_that_cannot_be_computed_limits_nothing() -> None:
    outcome = send(form(part("number", "n", validate={"max": "=missing"})), page(n="5"))
    assert outcome.errors == []


def test_texts_are_trimmed_and_composed() -> None:
    outcome = send(form(part("textfield", "t")), page(t="  cafe\u0301 "))
    assert outcome.values == {"t": "caf\u00e9"}


def test_control_characters_in_a_text_are_refused() -> None:
    outcome = send(form(part("textarea", "t")), page(t="a\x00b"))
    assert codes(outcome) == [("t", "forms.control_characters")]


def test_lines_of_a_paragraph_are_kept_and_refused_in_a_single_line() -> None:
    assert send(form(part("textarea", "t")), page(t="a\r\nb")).values == {"t": "a\nb"}
    assert codes(send(form(part("textfield", "t")), page(t="a\nb"))) == [("t", "forms.one_line")]


@pytest.mark.parametrize(
    ("limits", "typed", "code"),
    [
        ({"minLength": 3}, "ab", "forms.too_short"),
        ({"maxLength": 3}, "四个汉字", "forms.too_long"),
        ({"validationType": "email"}, "name@", "forms.not_an_email"),
        ({"validationType": "phone"}, "call me", "forms.not_a_phone"),
        ({"pattern": "^[A-Z]{2}$"}, "abc", "forms.pattern"),
    ],
)
def test_texts_keep_to_their_limits(limits: dict[str, Any], typed: str, code: str) -> None:
    outcome = send(form(part("textfield", "t", validate=limits)), page(t=typed))
    assert codes(outcome) == [("t", code)]


@pytest.mark.parametrize(
    ("limits", "typed"),
    [
        ({"minLength": 3, "maxLength": 4}, "四个汉字"),
        ({"validationType": "email"}, "name@example.com"),
        ({"validationType": "phone"}, "+86 21 5555-0100"),
        ({"pattern": "[0-9]"}, "room 9"),
    ],
)
def test_texts_within_their_limits_pass(limits: dict[str, Any], typed: str) -> None:
    assert send(form(part("textfield", "t", validate=limits)), page(t=typed)).is_valid


def test_a_text_is_never_longer_than_the_house_limit() -> None:
    outcome = send(form(part("textarea", "t", validate={"maxLength": 99999})), page(t="x" * 10001))
    assert codes(outcome) == [("t", "forms.too_long")]


def test_a_pattern_that_hangs_other_engines_answers_at_once() -> None:
    definition = form(part("textfield", "t", validate={"pattern": "^(a+)+$"}))
    assert codes(send(definition, page(t="a" * 5000 + "b"))) == [("t", "forms.pattern")]


def test_a_pattern_speaks_in_the_words_of_the_file() -> None:
    definition = form(
        part(
            "textfield",
            "t",
            validate={"pattern": "^A", "patternErrorMessage": "以 A 开头"},
            props={"patternErrorMessage@en": "Starts with A"},
        )
    )
    outcome = send(definition, page(t="b"))
    assert sentences(outcome, "zh") == ["以 A 开头"]
    assert sentences(outcome, "en") == ["Starts with A"]


@pytest.mark.parametrize(
    ("settings", "typed", "kept"),
    [
        ({}, "2026-02-01", date(2026, 2, 1)),
        ({"subtype": "time"}, "9:05", "09:05"),
        (
            {"subtype": "datetime"},
            "2026-02-01T09:30",
            datetime(2026, 2, 1, 9, 30, tzinfo=FIRM_ZONE),
        ),
    ],
)
def test_dates_and_times_are_typed(settings: dict[str, Any], typed: str, kept: Any) -> None:
    outcome = send(form(part("datetime", "d", **settings)), page(d=typed))
    assert outcome.errors == []
    assert outcome.values == {"d": kept}


@pytest.mark.parametrize(
    ("settings", "typed", "code"),
    [
        ({}, "2026-02-30", "forms.not_a_date"),
        ({}, "tomorrow", "forms.not_a_date"),
        ({"subtype": "time"}, "25:00", "forms.not_a_time"),
        ({"subtype": "time"}, "noon", "forms.not_a_time"),
        ({"subtype": "datetime"}, "2026", "forms.not_a_moment"),
        ({"disallowPassedDates": True}, "2026-01-29", "forms.in_the_past"),
        ({"validate": {"min": "2026-03-01"}}, "2026-02-28", "forms.too_early"),
        ({"validate": {"max": '=date("2026-03-01")'}}, "2026-03-02", "forms.too_late"),
    ],
)
def test_wrong_or_unwanted_days_are_refused(
    settings: dict[str, Any], typed: str, code: str
) -> None:
    outcome = send(form(part("datetime", "d", **settings)), page(d=typed))
    assert codes(outcome) == [("d", code)]


def test_today_is_not_in_the_past() -> None:
    definition = form(part("datetime", "d", disallowPassedDates=True))
    assert send(definition, page(d="2026-01-30")).is_valid


@pytest.mark.parametrize("kind", ["radio", "select"])
def test_a_choice_takes_only_what_was_offered(kind: str) -> None:
    definition = form(part(kind, "city", "City", values=CITY))
    assert send(definition, page(city="west")).values == {"city": "west"}
    assert codes(send(definition, page(city="moon"))) == [("city", "forms.not_an_option")]
    # An unset radio button must not turn into the text "None".
    assert send(definition, page()).values == {"city": None}


def test_a_choice_keeps_the_type_of_its_value() -> None:
    numbers = [{"label": "one", "value": 1}, {"label": "two", "value": 2}]
    assert send(form(part("radio", "n", values=numbers)), page(n="2")).values == {"n": 2}


@pytest.mark.parametrize("kind", ["checklist", "taglist"])
def test_several_choices_come_in_the_order_of_the_options(kind: str) -> None:
    definition = form(part(kind, "cities", values=CITY))
    sent = page(("f-cities", "west"), ("f-cities", "east"), ("f-cities", "west"))
    assert send(definition, sent).values == {"cities": ["east", "west"]}
    assert send(definition, page()).values == {"cities": []}
    assert codes(send(definition, page(cities="moon"))) == [("cities", "forms.not_an_option")]


def test_the_number_of_choices_is_limited() -> None:
    definition = form(part("checklist", "c", values=CITY, props={"minItems": "2"}))
    assert codes(send(definition, page(c="east"))) == [("c", "forms.choose_more")]
    definition = form(part("checklist", "c", values=CITY, props={"maxItems": "1"}))
    both = page(("f-c", "west"), ("f-c", "east"))
    assert codes(send(definition, both)) == [("c", "forms.choose_fewer")]


def test_options_come_from_values_of_the_case() -> None:
    definition = form(part("select", "metric", valuesKey="metrics"))
    metrics = [{"label": "Net new", "value": "R01"}]
    assert send(definition, page(metric="R01"), start={"metrics": metrics}).is_valid
    assert not send(definition, page(metric="R02"), start={"metrics": metrics}).is_valid


def test_options_come_from_an_expression() -> None:
    definition = form(part("select", "m", valuesExpression='=append(known, "C01")'))
    assert send(definition, page(m="C01"), known=["R01"]).values == {"m": "C01"}


def test_a_box_is_yes_or_no_and_may_have_to_be_ticked() -> None:
    free = form(part("checkbox", "ok"))
    assert send(free, page(ok="y")).values == {"ok": True}
    assert send(free, page()).values == {"ok": False}
    needed = form(part("checkbox", "ok", "I know why", validate={"required": True}))
    outcome = send(needed, page())
    assert sentences(outcome) == ["Tick “I know why” to go on."]
    assert sentences(outcome, "zh") == ["需要勾选“I know why”才能继续。"]


@pytest.mark.parametrize("kind", ["textfield", "textarea", "number", "datetime", "select"])
def test_a_required_field_may_not_be_empty_or_blank(kind: str) -> None:
    definition = form(part(kind, "k", "Reason", values=CITY, validate={"required": True}))
    for sent in (page(), page(k=""), page(k="   ")):
        outcome = send(definition, sent)
        assert codes(outcome) == [("k", "forms.required")]
        assert sentences(outcome) == ["“Reason” is still empty."]


@pytest.mark.parametrize(
    "key", ["meta", "data", "errors", "validate", "_x", "process", "populate_obj"]
)
def test_keys_that_mean_something_to_the_form_library_are_ordinary_keys(key: str) -> None:
    outcome = send(form(part("textfield", key)), page(**{key: "value"}))
    assert outcome.values == {key: "value"}


def test_what_was_typed_stays_in_the_field_that_was_refused() -> None:
    outcome = send(form(part("number", "n")), page(n="abc"))
    component = outcome.form.definition.components[0]
    assert outcome.form.root.entry(component)._value() == "abc"
    assert outcome.values == {"n": None}
