"""Null never comes alone: a warning says what was missing or wrong, and where."""

from __future__ import annotations

import pytest

from perfflow.feel import compile
from perfflow.feel.messages import TEXTS


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("1 + missing", "feel.unknown_variable", 1, 5),
        ("1 +\n  missing", "feel.unknown_variable", 2, 3),
        ('1 + "a"', "feel.operands", 1, 3),
        ("1 / 0", "feel.division_by_zero", 1, 3),
        ("{a: 1}.b", "feel.no_property", 1, 7),
        ("[1, 2][3]", "feel.index", 1, 8),
        ("nothing(1)", "feel.unknown_function", 1, 1),
        ("abs()", "feel.arguments", 1, 1),
        ('abs("x")', "feel.argument", 1, 1),
        ("substring(text: 1)", "feel.argument_names", 1, 1),
        ("sum(n: 1, m: 2)", "feel.argument_names", 1, 1),
        ("count(1, 2)", "feel.arguments", 1, 1),
        ('@"no date"', "feel.literal", 1, 1),
        ('date("2026-02-30")', "feel.invalid", 1, 1),
        ("[5..1]", "feel.range_order", 1, 1),
        ('[1.."a"]', "feel.range_ends", 1, 1),
        ("{a: 1, a: 2}", "feel.duplicate_key", 1, 8),
        ("for x in null return x", "feel.iteration", 1, 10),
        ("null[1]", "feel.filter_null", 1, 6),
        ('-"a"', "feel.operand", 1, 1),
        ("9 ** 99999", "feel.out_of_range", 1, 3),
        ('matches("a", "(")', "feel.pattern", 1, 1),
        ("5(1)", "feel.not_a_function", 1, 1),
        ("if 1 then 2 else null", "feel.condition", 1, 4),
        ('@"999999999-12-31" + @"P1D"', "feel.out_of_range", 1, 20),
    ],
)
def test_the_reason_for_a_null_has_a_code_and_a_place(
    text: str, code: str, line: int, column: int
) -> None:
    result = compile(text).evaluate({})
    assert result.value is None
    first = result.warnings[0]
    assert (first.code, first.line, first.column) == (code, line, column)


def test_a_warning_reads_in_both_languages() -> None:
    warning = compile('amount + "x"').evaluate({"amount": 5}).warnings[0]
    assert warning.message == "Operator + cannot take a number and a string"
    assert warning.message_zh == "运算符 + 不能用于数字与字符串"


def test_a_missing_name_is_named() -> None:
    warning = compile("业绩 得分 > 1").evaluate({}).warnings[0]
    assert warning.message == "No variable is named 业绩 得分"
    assert warning.message_zh == "没有名为 业绩 得分 的变量"


def test_warnings_stop_at_a_hundred() -> None:
    result = compile("for i in 1..1000 return i + null").evaluate({})
    assert len(result.warnings) == 100
    assert len(result.value) == 1000


def test_a_value_without_trouble_has_no_warnings() -> None:
    assert compile("a.b + 1").evaluate({"a": {"b": 1}}).warnings == []


def test_every_sentence_exists_in_both_languages() -> None:
    for code, (english, chinese) in TEXTS.items():
        assert english, code
        assert chinese, code
        assert any("\u4e00" <= char <= "\u9fff" for char in chinese) or "{" in chinese, code
        fields = [{part.split("}")[0] for part in t.split("{")[1:]} for t in (english, chinese)]
        assert fields[0] == fields[1], code
