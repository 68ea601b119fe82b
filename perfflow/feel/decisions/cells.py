"""Cells of a decision table that hold constants only, as plain predicates over the input."""

from __future__ import annotations

import operator as op
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from perfflow.feel import syntax as ast

Predicate = Callable[[Any], bool]
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": op.lt,
    "<=": op.le,
    ">": op.gt,
    ">=": op.ge,
    "=": op.eq,
    "!=": op.ne,
}


def quick_test(node: ast.Tests) -> tuple[type, Predicate] | None:
    """The type of input that the predicate decides, and the predicate.

    None for every cell that is not made of constants of one type. Inputs of other types take the
    general way, which knows about null and warns.
    """
    if node.tests is None:
        return None
    if all(_constant(test, str) for test in node.tests):
        texts = frozenset(test.value for test in node.tests if isinstance(test, ast.Literal))
        if node.negated:
            return str, lambda value: value not in texts
        return str, lambda value: value in texts
    if len(node.tests) == 1 and _constant(node.tests[0], bool) and not node.negated:
        wanted = node.tests[0].value if isinstance(node.tests[0], ast.Literal) else None
        return bool, lambda value: value is wanted
    predicates = [_numeric(test) for test in node.tests]
    found = [predicate for predicate in predicates if predicate is not None]
    if len(found) != len(predicates):
        return None
    if len(found) == 1 and not node.negated:
        return Decimal, found[0]
    expected = not node.negated
    return Decimal, lambda value: any(test(value) for test in found) is expected


def _constant(node: ast.Node, kind: type) -> bool:
    return isinstance(node, ast.Literal) and type(node.value) is kind


def number_of(node: ast.Node) -> Decimal | None:
    """The number that a node writes down, with its sign."""
    if isinstance(node, ast.Literal) and type(node.value) is Decimal:
        return node.value
    if isinstance(node, ast.Negation):
        inner = number_of(node.operand)
        return -inner if inner is not None else None
    return None


def _numeric(node: ast.Node) -> Predicate | None:
    if isinstance(node, ast.RangeNode):
        return _interval(node)
    if isinstance(node, ast.UnaryTest):
        bound = number_of(node.operand)
        return None if bound is None else _bounded(_ORDER[node.operator], bound)
    number = number_of(node)
    return None if number is None else _bounded(op.eq, number)


def _bounded(compare: Callable[[Any, Any], bool], bound: Decimal) -> Predicate:
    return lambda value: compare(value, bound)


def _interval(node: ast.RangeNode) -> Predicate | None:
    low, high = number_of(node.start), number_of(node.end)
    if low is None or high is None or low > high:
        return None
    start, end = low, high
    if node.start_included:
        if node.end_included:
            return lambda value: start <= value <= end
        return lambda value: start <= value < end
    if node.end_included:
        return lambda value: start < value <= end
    return lambda value: start < value < end
