"""Functions that make a value from another one, and those about truth."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from perfflow.feel import syntax as ast
from perfflow.feel.equality import equal, order
from perfflow.feel.errors import FeelSyntaxError, NullResult
from perfflow.feel.evaluation import Run
from perfflow.feel.functions import builtin, fail
from perfflow.feel.printer import plain_text
from perfflow.feel.temporal import DateTime, Time
from perfflow.feel.values import NUMBERS, Range, type_name

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,5})?", re.ASCII)


@builtin("number", "from: string")
def number_plain(_run: Run, text: str) -> Any:
    if len(text) > 1000 or _NUMBER.fullmatch(text) is None:
        raise fail("number", text)
    return NUMBERS.create_decimal(text)


@builtin("number", "from: number")
def number_same(_run: Run, value: Decimal) -> Any:
    return value


@builtin("number", "from: string, grouping separator: string?=, decimal separator: string?=")
def number_grouped(run: Run, text: str, grouping: str | None, point: str | None = None) -> Any:
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", "."):
        raise fail("number", grouping if point in (None, ",", ".") else point)
    if grouping is not None and grouping == point:
        raise fail("number", grouping)
    plain = text.replace(grouping, "") if grouping else text
    if point == ",":
        if "." in plain:
            raise fail("number", text)
        plain = plain.replace(",", ".")
    return number_plain(run, plain)


@builtin("string", "from: any?")
def string(run: Run, value: Any) -> Any:
    if value is None:
        raise NullResult("feel.null_operand", operator="string")
    left = [min(run.left, 100_000)]
    text = plain_text(value, left)
    run.charge_text(len(text))
    run.charge(max(0, min(run.left, 100_000) - left[0]) if type(value) in (list, dict) else 0)
    return text


@builtin("not", "negand: any?")
def negation(_run: Run, value: Any) -> Any:
    if type(value) is not bool:
        raise fail("not", value)
    return not value


@builtin("is", "value1: any?, value2: any?")
def identical(run: Run, left: Any, right: Any) -> Any:
    """Same type and same value, zones included: unlike ``=`` also for local and zoned times."""
    if type_name(left) != type_name(right):
        return False
    if type(left) is Time:
        return left.nanos == right.nanos and left.zone == right.zone
    if type(left) is DateTime:
        same_zone = left.time.zone == right.time.zone
        return same_zone and left.date == right.date and left.time.nanos == right.time.nanos
    return equal(run, left, right) is True


_RANGE_TEXT = re.compile(r"\s*([\[(\]])(.*?)\.\.(.*)([\[)\]])\s*", re.DOTALL)
_TEMPORAL = ("date", "time", "date and time", "duration")


@builtin("range", "from: string")
def make_range(run: Run, text: str) -> Any:
    """An interval from its text, whose ends are literals; ``[2..)`` has no end."""
    run.charge(50 + len(text))
    match = _RANGE_TEXT.fullmatch(text) if len(text) <= 300 else None
    if match is None:
        raise fail("range", text)
    opening, low, high, closing = match.groups()
    start, end = _endpoint(text, low), _endpoint(text, high)
    included = (opening == "[", closing == "]")
    found = order(start, end)
    if start is None or end is None:
        wrong = start is end or (included[0] and start is None) or (included[1] and end is None)
    else:
        wrong = found is None or found > 0
    if wrong:
        raise fail("range", text)
    return Range(included[0], start, end, included[1])


def _endpoint(text: str, part: str) -> Any:
    from perfflow.feel.parser import parse

    if not part.strip():
        return None
    try:
        tree = parse(part, (), lambda _name: None)
    except FeelSyntaxError as error:
        raise fail("range", text) from error
    if not is_constant(tree):
        raise fail("range", text)
    return constant_value(tree)


def is_constant(node: ast.Node) -> bool:
    """Whether a node writes down a value: a literal, its negative or a date from a literal."""
    if isinstance(node, ast.Literal):
        return True
    if isinstance(node, ast.Negation):
        return isinstance(node.operand, ast.Literal)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.function, ast.Name)
        and node.function.name in _TEMPORAL
        and len(node.positional) == 1
        and isinstance(node.positional[0], ast.Literal)
    )


def constant_value(node: ast.Node) -> Any:
    from perfflow.feel.compiler import Compiler

    return Compiler().compile(node)(Run({}))
