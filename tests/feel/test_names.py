"""Names: words with spaces, Chinese, names with operators, and which names a text reads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from perfflow.feel import compile


def test_words_side_by_side_are_one_name() -> None:
    assert compile("Applicant Age * 2").evaluate({"Applicant Age": 21}).value == 42


def test_chinese_names_need_no_quotes() -> None:
    expression = compile("业绩得分 >= 90 and 客户 投诉 = 0")
    assert expression.variables == {"业绩得分", "客户 投诉"}
    assert expression.evaluate({"业绩得分": 95, "客户 投诉": 0}).value is True


def test_a_name_that_was_declared_may_contain_operators() -> None:
    expression = compile("Date-Time2.year + pros and cons", names=["Date-Time2", "pros and cons"])
    context = {"Date-Time2": date(2026, 1, 1), "pros and cons": 4}
    assert expression.evaluate(context).value == 2030


def test_without_declaration_the_operator_counts() -> None:
    assert compile("a-b").evaluate({"a": 5, "b": 3, "a-b": 100}).value == 2
    assert compile("a-b", names=["a-b"]).evaluate({"a": 5, "b": 3, "a-b": 100}).value == 100


def test_the_longest_known_name_wins() -> None:
    expression = compile("a - b - c", names=["a", "a - b"])
    assert expression.evaluate({"a": 1, "a - b": 10, "c": 3}).value == 7


def test_numbers_may_end_a_name() -> None:
    assert compile("level 2 + 1").evaluate({"level 2": 5}).value == 6


def test_keywords_end_a_name() -> None:
    expression = compile("if is vetoed then cap else raw score")
    assert expression.variables == {"is vetoed", "cap", "raw score"}


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("a + b.c", {"a", "b"}),
        ("for i in xs return i + offset", {"xs", "offset"}),
        ("{a: 1, b: a + c}", {"c"}),
        ("function(x) x + y", {"y"}),
        ("some x in xs satisfies x > low", {"xs", "low"}),
        ("count(scores) + sum(1, 2)", {"scores"}),
        ("today() > due", {"due"}),
        ("5", set()),
        ("a in (low..high)", {"a", "low", "high"}),
        ("f: 1", None),
    ],
)
def test_the_variables_of_a_text_are_known_before_it_runs(
    text: str, variables: set[str] | None
) -> None:
    if variables is not None:
        assert compile(text).variables == variables


def test_names_inside_a_filter_may_be_entries_of_the_items() -> None:
    expression = compile("lines[weight > limit]")
    assert expression.variables == {"lines"}
    assert expression.possible == {"weight", "limit"}
    context = {"lines": [{"weight": 10}, {"weight": 30}], "limit": 20}
    assert expression.evaluate(context).value == [{"weight": 30}]


def test_a_host_function_with_spaces_is_called_by_its_name() -> None:
    names = frozenset({"working days after"})
    expression = compile("working days after(start, 3)", functions=names)
    result = expression.evaluate(
        {"start": date(2026, 3, 2)},
        functions={"working days after": lambda day, n: date(2026, 3, day.day + int(n))},
    )
    assert result.value == date(2026, 3, 5)
    assert expression.functions == names
    assert expression.variables == {"start"}


def test_a_host_function_that_fails_gives_null_and_says_why() -> None:
    def broken(_value: Decimal) -> None:
        raise ValueError("calendar does not cover 2031")

    result = compile("due(1)").evaluate({}, functions={"due": broken})
    assert result.value is None
    assert "calendar does not cover 2031" in result.warnings[0].message


def test_a_local_name_hides_a_function_of_the_standard() -> None:
    assert compile("{count: function(x) 7, n: count([1])}.n").evaluate({}).value == 7


def test_the_input_of_unary_tests_is_no_variable() -> None:
    assert compile("? > limit", "unary").variables == {"limit"}


def test_a_declared_host_function_replaces_one_of_the_standard() -> None:
    expression = compile('today() + duration("P1D")', functions=["today"])
    result = expression.evaluate({}, functions={"today": lambda: date(2026, 3, 2)})
    assert result.value == date(2026, 3, 3)


def test_a_declared_host_function_that_is_not_given_leaves_the_standard_one() -> None:
    assert compile("abs(x)", functions=["abs"]).evaluate({"x": -1}).value == 1


def test_blanks_inside_a_declared_name_do_not_matter() -> None:
    expression = compile("Date - Time +  x", names=["Date-Time"])
    assert expression.variables == {"Date-Time", "x"}
    assert compile("a  b").variables == {"a b"}


def test_a_declared_name_may_begin_with_a_constant_or_keyword() -> None:
    assert compile("true north + 1", names=["true north"]).evaluate({"true north": 4}).value == 5
    assert compile("in stock + 1", names=["in stock"]).evaluate({"in stock": 4}).value == 5
