"""Three answers: true, false and null, in conditions, comparisons and unary tests."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from perfflow.feel import compile

ANSWERS = (True, False, None)


@pytest.mark.parametrize(("left", "right"), list(product(ANSWERS, ANSWERS)))
def test_and_is_false_as_soon_as_one_side_is(left: Any, right: Any) -> None:
    expected = False if False in (left, right) else None if None in (left, right) else True
    assert compile("a and b").evaluate({"a": left, "b": right}).value is expected
    assert compile("a and b and true").evaluate({"a": left, "b": right}).value is expected


@pytest.mark.parametrize(("left", "right"), list(product(ANSWERS, ANSWERS)))
def test_or_is_true_as_soon_as_one_side_is(left: Any, right: Any) -> None:
    expected = True if True in (left, right) else None if None in (left, right) else False
    assert compile("a or b").evaluate({"a": left, "b": right}).value is expected
    assert compile("a or b or false").evaluate({"a": left, "b": right}).value is expected


@pytest.mark.parametrize(
    ("text", "expected", "warned"),
    [
        ("null = null", True, False),
        ("1 = null", False, False),
        ("1 != null", True, False),
        ('1 = "1"', None, True),
        ('1 != "1"', None, True),
        ("1 < null", None, True),
        ('1 < "a"', None, True),
        ("true < false", None, True),
        ("[1] = 1", None, True),
        ('[1, "a"] = [1, 2]', False, False),
        ("{} = {}", True, False),
        ("1.0 = 1.00", True, False),
        ('true and "yes"', None, True),
        ('false and "yes"', False, False),
        ("not(null)", None, True),
        ('not("yes")', None, True),
        ("null in [1..10]", None, True),
        ("true in [false, 2, 3]", False, False),
        ('if "yes" then 1 else 2', 2, True),
        ("if null then 1 else 2", 2, False),
        ("true and null", None, True),
        ("false or null", None, True),
        ("all([true, null])", None, True),
        ("any([false, null])", None, True),
        ("some x in [null, false] satisfies x", None, True),
        ('some x in ["a", true] satisfies x', None, True),
        ("every x in [true, null] satisfies x", None, True),
        ('[1, 2]["a"]', None, True),
    ],
)
def test_what_cannot_be_compared_is_null_with_a_warning(
    text: str, expected: Any, warned: bool
) -> None:
    result = compile(text).evaluate({})
    assert result.value == expected
    assert (result.value is None) == (expected is None)
    assert bool(result.warnings) is warned


@pytest.mark.parametrize(
    ("tests", "value", "expected"),
    [
        ("-", 5, True),
        ("-", None, True),
        ("5", 5, True),
        ("1, 5, 7", 5, True),
        ("< 5", 5, False),
        ("<= 5, > 10", 5, True),
        ("[1..5)", 5, False),
        ("not(5)", 5, False),
        ("not(1, 2)", 5, True),
        ("not(-)", 5, False),
        ('"A", "B"', "B", True),
        ("? > 3 and ? < 7", 5, True),
        ("? in [1, 5]", 5, True),
        ("even(?)", 4, True),
        ("even(?)", 5, False),
        ("count(?) > 1", [1, 2], True),
        ("allowed", 5, True),
        ("[1, 5]", 5, True),
        ("null", None, True),
        ("null", 5, False),
        ("not(null)", 5, True),
        ("true", True, True),
        ("true", False, False),
        ("true", 5, False),
        ("limit = 5", 3, True),
        ("limit = 6", 3, False),
        ("> limit", 6, True),
        ('starts with(?, "E")', "E00001", True),
    ],
)
def test_a_cell_of_a_table_accepts_or_refuses_its_input(
    tests: str, value: Any, expected: bool
) -> None:
    context = {"allowed": [3, 5], "limit": 5}
    assert compile(tests, "unary").evaluate_unary(value, context).value is expected


def test_a_test_that_cannot_be_told_is_null_not_true() -> None:
    result = compile("< 5", "unary").evaluate_unary("a", {})
    assert result.value is None
    assert result.warnings[0].code == "feel.operands"
