"""The way in and out: which Python values FEEL takes, and what comes back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone, UTC
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from perfflow.feel import compile, FeelLimitError, FeelValueError, to_feel, to_python
from perfflow.feel.printer import to_text

LOCAL = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001 - a local time is a value of FEEL


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (5, "5"),
        (Decimal("1.50"), "1.5"),
        ("a", '"a"'),
        (date(2026, 3, 2), '@"2026-03-02"'),
        (LOCAL, '@"2026-03-02T09:30:00"'),
        (datetime(2026, 3, 2, 9, 30, tzinfo=UTC), '@"2026-03-02T09:30:00Z"'),
        (
            datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
            '@"2026-03-02T09:30:00@Asia/Shanghai"',
        ),
        (
            datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=8))),
            '@"2026-03-02T00:00:00+08:00"',
        ),
        (time(9, 30, 0, 250_000), '@"09:30:00.25"'),
        (timedelta(days=1, hours=2), '@"P1DT2H"'),
        (timedelta(seconds=-90), '@"-PT1M30S"'),
        ([1, "a", None], '[1, "a", null]'),
        ((1, 2), "[1, 2]"),
        ({"a": {"b": 1}}, "{a: {b: 1}}"),
    ],
)
def test_a_plain_value_has_a_feel_value(value: Any, text: str) -> None:
    assert to_text(to_feel(value)) == text


@pytest.mark.parametrize(
    "value",
    [
        None,
        False,
        Decimal("12.5"),
        "绩效",
        date(2026, 3, 2),
        LOCAL,
        datetime(2026, 3, 2, 9, 30, 1, 500_000, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
        time(9, 30),
        timedelta(days=3, seconds=5),
        [Decimal(1), ["x"]],
        {"a": [date(2026, 1, 1)]},
    ],
)
def test_a_value_comes_back_as_it_went_in(value: Any) -> None:
    assert to_python(to_feel(value)) == value
    assert compile("x").evaluate({"x": value}).value == value


class Intruder:
    """An object that no expression may touch."""

    secret = "secret"


@pytest.mark.parametrize(
    "value",
    [
        Intruder(),
        Intruder,
        object(),
        len,
        lambda: 1,
        1.5,
        float("nan"),
        b"bytes",
        {1, 2},
        range(3),
        1 + 2j,
        Decimal("NaN"),
        Decimal("Infinity"),
        [Intruder()],
        {"a": {"b": len}},
        {1: "a"},
        iter([]),
        type,
        Ellipsis,
        pytest,
    ],
)
def test_a_value_outside_the_list_is_refused(value: Any) -> None:
    with pytest.raises(FeelValueError):
        to_feel(value)
    with pytest.raises(FeelValueError):
        compile("x").evaluate({"x": value})


def test_a_value_that_the_text_does_not_read_is_not_looked_at() -> None:
    assert compile("x + 1").evaluate({"x": 1, "session": object()}).value == 2


def test_the_context_of_the_caller_is_never_changed() -> None:
    context = {"xs": [1, 2], "m": {"a": 1}}
    compile('[append(xs, 3), context put(m, "a", 2), for x in xs return x]').evaluate(context)
    assert context == {"xs": [1, 2], "m": {"a": 1}}


def test_numbers_are_cut_to_34_digits() -> None:
    long = Decimal("1." + "1" * 50)
    assert len(to_feel(long).as_tuple().digits) == 34
    assert compile("1/3").evaluate({}).value == Decimal("0.3333333333333333333333333333333333")


def test_dates_beyond_the_years_of_python_come_back_as_text() -> None:
    result = compile("date(999999999, 12, 31)").evaluate({})
    assert result.value == "999999999-12-31"


def test_durations_of_months_ranges_and_functions_come_back_as_text() -> None:
    assert compile('duration("P14M")').evaluate({}).value == "P1Y2M"
    assert compile("[1..3)").evaluate({}).value == "[1..3)"
    assert compile("function(a, b) a").evaluate({}).value == "function(a, b)"


def test_a_huge_list_is_refused_before_it_is_copied() -> None:
    with pytest.raises(FeelLimitError):
        compile("count(xs)").evaluate({"xs": [0] * 900_000})


def test_a_list_inside_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(FeelLimitError):
        to_feel(loop)


def test_a_text_of_a_subclass_becomes_a_plain_text() -> None:
    class Shout(str):
        def upper(self) -> str:
            return "owned"

    assert type(to_feel(Shout("a"))) is str
    assert compile("upper case(x)").evaluate({"x": Shout("a")}).value == "A"
