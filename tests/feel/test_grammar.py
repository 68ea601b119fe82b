"""What expressions mean: each line is a text and the value that it has."""

from __future__ import annotations

import pytest

from perfflow.feel import compile, FeelSyntaxError
from perfflow.feel.printer import to_text

VALUES = [
    # literals
    (".5 + 1.5e1", "15.5"),
    ("12345678901234567890123456789012345678", "12345678901234567890123456789012350000"),
    ('"a\\tb\\u4e2d\\U01F40E"', '"a\\tb中🐎"'),
    ('"\\ud83d\\udca9"', '"💩"'),
    ('"\\d+"', '"\\\\d+"'),
    ("null", "null"),
    ('@"P1DT2H"', '@"P1DT2H"'),
    ("1 /* two */ + 3 // four", "4"),
    # operators
    ("2 + 3 * 4", "14"),
    ("(2 + 3) * 4", "20"),
    ("10 - 4 - 3", "3"),
    ("2 ** 3 ** 2", "64"),
    ("-3 ** 2", "9"),
    ("--5", "5"),
    ("2 - -2", "4"),
    ("1 < 2 and 2 < 3", "true"),
    ("1 = 1 or 1 / 0 = 1", "true"),
    ('"a" + "b" < "b"', "true"),
    ("5 between 1 and 10 and true", "true"),
    # ranges and membership
    ("5 in [1..5)", "false"),
    ("5 in ]1..5]", "true"),
    ("5 in (1..5[", "false"),
    ("5 in (> 3, < 1)", "true"),
    ("5 in >= 5", "true"),
    ("5 in (!= 5)", "false"),
    ("[1..3] = [1..3]", "true"),
    ("(< 10) = (< 10)", "true"),
    ("(=10) = [10..10]", "false"),
    ("(>= 7).start included", "true"),
    ("[1..10[ = [1..10)", "true"),
    ("5 in [[1..3], [5..7]]", "true"),
    ("5 in [[5], [6]]", "false"),
    ("[5] in [[5], [6]]", "true"),
    ("null in [1, null]", "true"),
    # lists, filters, paths
    ("[1, 2, 3][2]", "2"),
    ("[1, 2, 3][-1]", "3"),
    ("[1, 2, 3, 4][item > 2][1]", "3"),
    ('[{a: 1, b: "x"}, {a: 2, b: "y"}][a = 2].b', '["y"]'),
    ("[{item: 5}][item = 5]", "[{item: 5}]"),
    ("{limit: 2, found: [1, 2, 3][item > limit]}.found", "[3]"),
    ("[{a: {b: 1}}, {a: {b: 2}}].a.b", "[1, 2]"),
    ("100[1]", "100"),
    ("[][1 = 1]", "[]"),
    # contexts
    ("{a: 1, b: a + 1, c: {d: a + b}}.c.d", "3"),
    ('{"a b": 1}.a b', "1"),
    ('{foo+bar: "x"}', '{"foo+bar": "x"}'),
    ("{foo-bar: 3, x: foo-bar * 2}.x", "6"),
    # loops
    ("for i in 3..1 return i", "[3, 2, 1]"),
    ("for i in [1..3) return i", "[1, 2]"),
    ("for x in [1, 2], y in [x..3] return x * y", "[1, 2, 3, 4, 6]"),
    ("for i in [] return i", "[]"),
    ('for d in @"2026-02-28"..@"2026-03-01" return d', '[@"2026-02-28", @"2026-03-01"]'),
    ("some x in [1, 2], y in [2, 3] satisfies x = y", "true"),
    ("every x in [] satisfies x", "true"),
    ("(for f in [1, 2] return function(x) x * f)[2](10)", "20"),
    # functions
    ("(function(x, y) x - y)(y: 1, x: 5)", "4"),
    ("{f: function(n) if n <= 1 then 1 else n * f(n - 1)}.f(10)", "3628800"),
    ("{twice: function(f, x) f(f(x)), inc: function(x) x + 1}.twice(function(x) x + 1, 5)", "7"),
    ("{g: abs}.g(-3)", "3"),
    ("max([3])", "3"),
    # types
    ("1 instance of number", "true"),
    ("null instance of Any", "false"),
    ('@"2026-01-01" instance of date and time', "false"),
    ("[1..3] instance of range<number>", "true"),
    ("{a: 1, b: 2} instance of context<a: number>", "true"),
    ("{a: 1} instance of context<a: number, b: string>", "false"),
    ("(function(a: string) a) instance of function<string>->Any", "true"),
    ("(function(a: string) a) instance of function<number>->Any", "false"),
    ('duration("P1Y") instance of years and months duration', "true"),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_the_text_has_the_value(text: str, expected: str) -> None:
    result = compile(text).evaluate({})
    assert to_text(result.feel_value) == expected
    assert result.warnings == []


BROKEN = [
    ("1 +", 4),
    ("1 1", 3),
    ("", 1),
    ("(1", 3),
    ("[1, 2", 6),
    ("[1..2", 6),
    ("{a 1}", 2),
    ("{a: 1", 6),
    ("if true then 1", 15),
    ("for in [1] return 1", 5),
    ("for x [1] return x", 7),
    ("some x in [1] return x", 15),
    ("1 between 2", 12),
    ("function(a b", 13),
    ('"abc', 1),
    ("a.", 2),
    ("a.1", 2),
    ("x instance of", 14),
    ("x instance of nonsense", 23),
    ("@5", 2),
    ("f(a: 1, 2)", 9),
    ("5 in", 5),
    ("#", 1),
    ("1 /* open", 3),
    ("and", 1),
    ("（1）", 1),
]


@pytest.mark.parametrize(("text", "column"), BROKEN)
def test_a_text_that_is_no_feel_is_refused_with_its_place(text: str, column: int) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile(text)
    assert (caught.value.line, caught.value.column) == (1, column)
    assert caught.value.message_en != caught.value.message_zh


def test_a_syntax_error_says_what_was_expected_in_both_languages() -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile("score >=\n  90 and")
    error = caught.value
    assert error.expected == "an expression"
    assert error.message_en == "Expected an expression but found the end"
    assert error.message_zh == "此处应为表达式，实际为结尾"
    assert (error.line, error.column) == (2, 9)


def test_the_same_text_is_compiled_once() -> None:
    assert compile("1 + 2 + 3") is compile("1 + 2 + 3")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 in [0..xs[1]]", True),
        ("5 in [0..xs[1])", False),
        ("5 in [0..5[", False),
        ("count([[1..3[, [5..6]])", 2),
        ("(0 in [0..[0, 7][2]])", True),
    ],
)
def test_a_bracket_after_the_end_of_a_range_filters_when_it_reads_as_a_filter(
    text: str, value: object
) -> None:
    assert compile(text).evaluate({"xs": [5]}).value == value


def test_many_open_ends_are_read_in_linear_time() -> None:
    deep = "[0.." * 40 + "1" + "[" * 40
    with pytest.raises(FeelSyntaxError):
        compile(deep + " x")
