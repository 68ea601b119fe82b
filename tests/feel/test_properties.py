"""What holds for every value and every text, however strange."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from perfflow.feel import compile, FeelError, to_feel, to_python
from perfflow.feel.equality import equal
from perfflow.feel.evaluation import Run
from perfflow.feel.printer import to_text
from perfflow.feel.temporal import (
    civil_from_days,
    Date,
    DateTime,
    DaysDuration,
    Time,
    YearsDuration,
)
from perfflow.feel.values import NUMBERS, Range

numbers = st.decimals(allow_nan=False, allow_infinity=False, places=6).map(NUMBERS.create_decimal)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
days = st.integers(-365_000_000_000, 365_000_000_000).map(
    lambda number: Date(*civil_from_days(number))
)
nanos = st.integers(0, 86_399_999_999_999)
zones = st.one_of(
    st.none(),
    st.integers(-64_800, 64_800),
    st.sampled_from(["Asia/Shanghai", "Europe/Paris", "Etc/UTC"]),
)
times = st.builds(Time, nanos, zones)
datetimes = st.builds(DateTime, days, times)
durations = st.one_of(
    st.builds(DaysDuration, st.integers(-(10**18), 10**18)),
    st.builds(YearsDuration, st.integers(-(10**9), 10**9)),
)
atoms = st.one_of(st.none(), st.booleans(), numbers, texts, days, times, datetimes, durations)
ranges = st.builds(
    lambda ends, low, high: Range(low, min(ends), max(ends), high),
    st.tuples(numbers, numbers),
    st.booleans(),
    st.booleans(),
)
values = st.recursive(
    st.one_of(atoms, ranges),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)


@given(values)
def test_a_printed_value_reads_back_as_the_same_value(value: Any) -> None:
    text = to_text(value)
    result = compile(text).evaluate({})
    assert result.warnings == []
    assert equal(Run({}), result.feel_value, value) is True
    assert to_text(result.feel_value) == text


plain = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts, st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=8,
)


@given(plain)
def test_plain_python_goes_in_and_comes_out_unchanged(value: Any) -> None:
    assert to_python(to_feel(value)) == value


WORDS = [
    "1", "2.5", "-", "+", "*", "/", "**", "(", ")", "[", "]", "{", "}", ",", ":", ".", "..", "<",
    "<=", "=", "!=", ">", "and", "or", "not", "if", "then", "else", "for", "in", "return", "some",
    "every", "satisfies", "between", "instance", "of", "function", "external", "true", "false",
    "null", '"a"', '"日"', '@"2026-01-01"', '@"P1D"', "?", "x", "业绩", "item", "partial", "date",
    "count", "list", "string", "number", "sum", "duration", "a", "b", " ", "\n", "//", "/*", "@",
    "get value", "sort", "date and time", "list<", "->", "'",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=25))
@settings(max_examples=400)
def test_any_mixture_of_words_gives_a_value_or_one_of_our_errors(words: list[str]) -> None:
    for kind in ("expression", "unary"):
        try:
            expression = compile(" ".join(words), kind)  # type: ignore[arg-type]
            result = expression.evaluate_unary(1, {"x": [1, {"a": 2}], "业绩": date(2026, 1, 1)})
        except FeelError as error:
            sentences = (error.message_en, error.message_zh)
            assert all(sentences)
        else:
            assert all(warning.message for warning in result.warnings)


@given(st.text(max_size=40))
def test_any_text_gives_a_value_or_one_of_our_errors(text: str) -> None:
    try:
        compile(text).evaluate({})
    except FeelError as error:
        assert error.message_en  # noqa: PT017 - either outcome is fine


OPERATORS = ["+", "-", "*", "/", "**", "<", "=", "and", "or"]
operands = st.recursive(
    st.one_of(
        st.integers(-50, 50).map(str),
        st.sampled_from(["x", "y", "true", "null", '"a"', "[1, 2]", '@"P1D"', '@"2026-01-01"']),
    ),
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from(["+", "-", "*", "/", "**", "<", "=", "and", "or"]),
            inner,
        ),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
        st.builds("[{}, {}][{}]".format, inner, inner, inner),
        st.builds("(for x in [{}] return {})".format, inner, inner),
        st.builds("{{a: {}, b: {}}}.a".format, inner, inner),
        st.builds("count([{}])".format, inner),
        st.builds("({} in [{}..{}])".format, inner, inner, inner),
        st.builds("(some x in [{}] satisfies {})".format, inner, inner),
        st.builds("(function(x) {})({})".format, inner, inner),
    ),
    max_leaves=8,
)


@given(operands)
def test_a_null_is_always_explained(text: str) -> None:
    result = compile(text).evaluate({"x": 5, "y": Decimal("1.5")})
    if result.feel_value is None and "null" not in text:
        assert result.warnings


@given(operands)
def test_the_same_text_in_the_same_context_gives_the_same_value(text: str) -> None:
    first = compile(text).evaluate({"x": 5, "y": 2})
    second = compile(text).evaluate({"y": 2, "x": 5, "other": 1})
    assert to_text(first.feel_value) == to_text(second.feel_value)
    assert len(first.warnings) == len(second.warnings)


@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(-100, 100))
def test_between_membership_and_comparison_agree(value: int, low: int, high: int) -> None:
    context = {"v": value, "low": low, "high": high}
    plainly = low <= value <= high
    assert compile("v between low and high").evaluate(context).value is plainly
    assert compile("v >= low and v <= high").evaluate(context).value is plainly
    if low <= high:
        assert compile("v in [low..high]").evaluate(context).value is plainly


@given(st.lists(st.integers(-20, 20), max_size=12))
def test_functions_over_lists_agree_with_python(items: list[int]) -> None:
    context = {"xs": items}

    def value(text: str) -> Any:
        return compile(text).evaluate(context).value

    assert value("count(xs)") == len(items)
    assert value("sort(xs, function(a, b) a < b)") == sorted(items)
    assert value("distinct values(xs)") == list(dict.fromkeys(items))
    assert value("reverse(reverse(xs))") == items
    assert value("xs[item > 0]") == [item for item in items if item > 0]
    assert value("some x in xs satisfies x = 7") is (7 in items)
    if items:
        assert value("sum(xs)") == sum(items)
        assert value("[min(xs), max(xs)]") == [min(items), max(items)]
