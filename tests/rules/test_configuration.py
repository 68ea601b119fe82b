"""Reading configuration: exact numbers, named mistakes, nothing surprising."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from perfflow.kernel.configuration import decimal_of, load_configuration, Reader
from perfflow.kernel.errors import BadInput
from perfflow.plans.rules import (
    Line,
    NrPolicy,
    parse_bonus_plan,
    parse_card,
    parse_deferral_policy,
    PayCategory,
    STANDARD_PLAN,
    VetoShare,
)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def code_of(call: Any, *arguments: Any) -> tuple[str, str | None]:
    with pytest.raises(BadInput) as caught:
        call(*arguments)
    return caught.value.code, caught.value.field


def test_decimals_of_a_file_stay_exact() -> None:
    assert load_configuration("rate: 0.1\nwhole: 3\ntext: '0.1'") == {
        "rate": Decimal("0.1"),
        "whole": 3,
        "text": "0.1",
    }


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "a: &x 1\nb: *x",
        "a: !!python/object/apply:os.system ['true']",
        "\x00",
        "[" * 60 + "]" * 60,
        "a: 2025-99-99",
        "? [1]\n: 2",
    ],
)
def test_files_that_are_broken_or_clever_are_refused(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_configuration(text)
    assert caught.value.code in {"kernel.config_not_yaml", "kernel.config_repeated_key"}


def test_a_repeated_key_is_named_with_its_line() -> None:
    with pytest.raises(BadInput) as caught:
        load_configuration("a: 1\nb: 2\na: 3")
    assert caught.value.code == "kernel.config_repeated_key"
    assert caught.value.params == {"key": "a", "line": 3}


def reader(**data: Any) -> Reader:
    return Reader(data, "file")


def test_each_kind_of_value_is_read() -> None:
    one = reader(t="x", v=1, n=Decimal("1.5"), f=True, c="red", d="2025-01-31", l=["a"], m={"k": 2})
    assert (one.text("t"), one.text("v"), one.integer("v")) == ("x", "1", 1)
    assert (one.number("n"), one.number("v"), one.flag("f")) == (Decimal("1.5"), 1, True)
    assert one.choice("c", Colour) is Colour.RED
    assert one.day("d") == date(2025, 1, 31)
    assert one.texts("l") == ("a",)
    assert one.child("m").integer("k") == 2
    one.finish()


def test_defaults_stand_in_for_missing_and_null() -> None:
    one = reader(n=None)
    assert one.text("t", "x") == "x"
    assert one.integer("i", 0) == 0
    assert one.number("n", "0.2") == Decimal("0.2")
    assert one.optional_number("o") is None
    assert one.day("d") is None
    assert one.items("l") == []
    assert one.choice("c", Colour, Colour.BLUE) is Colour.BLUE
    assert not one.flag("f")


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("text", 1.5),
        ("text", True),
        ("text", []),
        ("integer", "1"),
        ("integer", True),
        ("integer", Decimal(1)),
        ("number", "x"),
        ("number", True),
        ("number", []),
        ("number", "1e99"),
        ("flag", "yes"),
        ("day", "31.1.2025"),
        ("day", 5),
        ("day", datetime(2025, 1, 1)),  # noqa: DTZ001
        ("items", "a"),
        ("texts", [1]),
        ("pairs", [[1]]),
        ("pairs", [["x", 1]]),
        ("pairs", ["ab"]),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_place(method: str, value: Any) -> None:
    assert code_of(getattr(reader(k=value), method), "k") == ("kernel.config_wrong_value", "file.k")


def test_missing_unknown_and_misplaced_keys_are_named() -> None:
    assert code_of(reader().text, "k") == ("kernel.config_missing_key", "file.k")
    assert code_of(reader(k=1).finish) == ("kernel.config_unknown_key", "file.k")
    assert code_of(Reader, [], "file") == ("kernel.config_not_mapping", "file")
    assert code_of(list, reader(rows=[1]).readers("rows")) == (
        "kernel.config_not_mapping",
        "file.rows.0",
    )
    assert code_of(reader(c="green").choice, "c", Colour) == ("kernel.config_wrong_value", "file.c")


def test_pairs_keep_open_ends() -> None:
    assert reader(k=[[None, "0.4"], [5, 0]]).pairs("k") == [(None, Decimal("0.4")), (5, 0)]


def test_a_binary_fraction_is_read_as_it_was_typed() -> None:
    assert decimal_of(0.1) == Decimal("0.1")
    assert decimal_of(float("nan")) is None
    assert decimal_of(None) is None


CARD: dict[str, Any] = {
    "post": "FA",
    "line": "front",
    "name_zh": "甲",
    "name_en": "A",
    "lines": [{"metric": "RS-01", "weight_bp": 10_000}],
}


def test_a_card_is_read_with_its_defaults() -> None:
    card = parse_card(CARD)
    (line,) = card.lines
    assert (card.code, card.version, card.line, card.min_coverage_bp) == (
        "FA-STD",
        1,
        Line.FRONT,
        6000,
    )
    assert (line.curve, line.scope, line.window_months) == ("STD", "person", 12)
    assert card.policy_of(line) is card.na_policy


def test_a_card_may_bring_its_own_curves() -> None:
    card = parse_card(CARD | {"curves": {"OWN": [[0, 0], [1, 100]]}})
    assert card.curves["OWN"].score_e4(500_000) == 500_000


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"colour": 1}, "card.colour"),
        ({"line": "top"}, "card.line"),
        ({"lines": []}, None),
        ({"lines": [{"metric": "RS-01"}]}, "card.lines.0.weight_bp"),
        ({"lines": [{"metric": "RS-01", "weight_bp": 1, "x": 1}]}, "card.lines.0.x"),
        ({"na_policy": "guess"}, "card.na_policy"),
    ],
)
def test_a_mistake_in_a_card_is_found_at_its_place(
    change: dict[str, Any], place: str | None
) -> None:
    if place is None:
        assert parse_card(CARD | change).lines == ()
    else:
        assert code_of(parse_card, CARD | change)[1] == place


NAMES = {"code": "x", "name_zh": "甲", "name_en": "A"}


def test_a_bonus_plan_without_more_is_the_standard_one() -> None:
    plan = parse_bonus_plan(NAMES)
    assert (plan.veto_share, plan.nr_policy) == (VetoShare.RETURN, NrPolicy.PRORATED)
    assert (plan.organisation, plan.streak, plan.client) == (
        STANDARD_PLAN.organisation,
        STANDARD_PLAN.streak,
        STANDARD_PLAN.client,
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"organisation": {"unit": "0.6"}}, "plans.organisation_weights"),
        ({"organisation": {"min": 2, "max": 1}}, "plans.organisation_weights"),
        ({"client": {"knots": [[1, 1], [0, 1]]}}, "plans.client_knots"),
        ({"cap_multiple": 1, "floor_multiple": 2}, "plans.cap_below_floor"),
        ({"streak": {"factors": ["x"]}}, "kernel.config_wrong_value"),
        ({"leavers": {"good": "nothing"}}, "kernel.config_wrong_value"),
        ({"leavers": {"lost": "pro_rata"}}, "kernel.config_unknown_key"),
        ({"bands": {"rows": []}}, "plans.bands_broken"),
    ],
)
def test_a_mistake_in_a_bonus_plan_is_found(change: dict[str, Any], code: str) -> None:
    assert code_of(parse_bonus_plan, NAMES | change)[0] == code


FLAT = {name: {"rate": "0.4"} for name in ("SENIOR", "KEY", "CONTROL", "STAFF")}


def test_bracket_limits_are_written_in_yuan_and_kept_in_fen() -> None:
    staff = {"brackets": [[200_000, 0], [None, "0.2"]]}
    policy = parse_deferral_policy(NAMES | {"categories": FLAT | {"STAFF": staff}})
    assert policy.categories[PayCategory.STAFF].brackets == (
        (20_000_000, 0),
        (None, Decimal("0.2")),
    )


@pytest.mark.parametrize(
    ("category", "code"),
    [
        ({}, "kernel.config_wrong_value"),
        ({"rate": "0.4", "brackets": [[None, "0.4"]]}, "kernel.config_wrong_value"),
        ({"rate": "1.1"}, "plans.deferral_rate"),
        ({"brackets": [[100, "0"]]}, "plans.deferral_brackets"),
        ({"brackets": [[200, "0"], [100, "0"], [None, "0"]]}, "plans.deferral_brackets"),
        ({"brackets": [["0.001", "0"], [None, "0"]]}, "kernel.config_wrong_value"),
        ({"brackets": [[100, None], [None, "0"]]}, "kernel.config_wrong_value"),
        ({"rate": "0.4", "years": 0}, "kernel.config_wrong_value"),
        ({"rate": "0.4", "shares": ["0.5", "0.5"]}, "plans.tranche_shares"),
        ({"rate": "0.4", "shares": ["0.5", "0.6", "-0.1"]}, "plans.tranche_shares"),
        ({"rate": "0.4", "shares": "slowly"}, "kernel.config_wrong_value"),
    ],
)
def test_a_mistake_in_a_deferral_policy_is_found(category: dict[str, Any], code: str) -> None:
    data = NAMES | {"categories": FLAT | {"STAFF": category}}
    assert code_of(parse_deferral_policy, data)[0] == code
