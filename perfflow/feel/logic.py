"""Compiles what is true or false: logic with null, comparisons, membership and unary tests."""

from __future__ import annotations

import operator as op
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TYPE_CHECKING

from perfflow.feel import syntax as ast
from perfflow.feel.equality import compare, contains, equal, matches
from perfflow.feel.errors import Position
from perfflow.feel.evaluation import Code, Run, Scope
from perfflow.feel.values import kind_of, Range

if TYPE_CHECKING:
    from perfflow.feel.iteration import CompilerBase as _Base
else:
    _Base = object

_NUMERIC: dict[str, Callable[[Any, Any], bool]] = {
    "=": op.eq,
    "!=": op.ne,
    "<": op.lt,
    "<=": op.le,
    ">": op.gt,
    ">=": op.ge,
}


# What gives a verdict of its own in a cell unless the input is itself true or false.
_CONDITIONS = (ast.Comparison, ast.Logic, ast.Between, ast.In, ast.Quantified, ast.Call)


class LogicCompiler(_Base):
    """The part of the compiler for conditions."""

    def logic(self, node: ast.Logic) -> Code:
        operands = [(self.compile(operand), operand.at) for operand in node.operands]
        decisive = node.operator == "or"
        word = node.operator
        if len(operands) == 2:
            return _pair(operands[0], operands[1], decisive=decisive, word=word)

        def several(scope: Scope) -> Any:
            unknown = False
            for operand, at in operands:
                value = operand(scope)
                if value is decisive:
                    return decisive
                if value is not (not decisive):
                    unknown = True
                    _no_truth(scope.run, word, value, at)
            return None if unknown else not decisive

        return several

    def comparison(self, node: ast.Comparison) -> Code:
        left, right = self.compile(node.left), self.compile(node.right)
        operator, at = node.operator, node.at
        numeric = _NUMERIC[operator]
        if isinstance(node.right, ast.Literal) and type(node.right.value) is Decimal:
            constant = node.right.value
            if isinstance(node.left, ast.Name) and not self.frames:
                return _variable_with_number(node.left.name, left, operator, constant, at)

            def with_number(scope: Scope) -> Any:
                value = left(scope)
                if type(value) is Decimal:
                    return numeric(value, constant)
                return compared(scope.run, operator, value, constant, at)

            return with_number

        def general(scope: Scope) -> Any:
            a, b = left(scope), right(scope)
            if type(a) is Decimal and type(b) is Decimal:
                return numeric(a, b)
            return compared(scope.run, operator, a, b, at)

        return general

    def between(self, node: ast.Between) -> Code:
        value, low, high = self.compile(node.value), self.compile(node.low), self.compile(node.high)
        at = node.at

        def between(scope: Scope) -> Any:
            found = value(scope)
            run = scope.run
            above = compared(run, ">=", found, low(scope), at)
            below = compared(run, "<=", found, high(scope), at)
            if above is False or below is False:
                return False
            return None if above is None or below is None else True

        return between

    def membership(self, node: ast.In) -> Code:
        value, at = self.compile(node.value), node.at
        tests = [self.test(test, shadow=True) for test in node.tests]

        def membership(scope: Scope) -> Any:
            found = value(scope)
            inner = Scope({"?": found}, scope, scope.run)
            return any_passes(inner, found, tests, at)

        return membership

    def instance_of(self, node: ast.InstanceOf) -> Code:
        value, kind = self.compile(node.value), node.type
        return lambda scope: kind.fits(value(scope))

    def condition(self, node: ast.If) -> Code:
        test, then = self.compile(node.condition), self.compile(node.then)
        otherwise, at = self.compile(node.otherwise), node.condition.at

        def condition(scope: Scope) -> Any:
            value = test(scope)
            if value is True:
                return then(scope)
            if value is not False and value is not None:
                scope.run.warn("feel.condition", at, got=kind_of(value))
            return otherwise(scope)

        return condition

    # ----- unary tests

    def tests(self, node: ast.Tests) -> Code:
        """Compiled for a scope in which ``?`` is the value to test."""
        if node.tests is None:
            found = not node.negated
            return lambda scope: found
        tests = [self.test(test, shadow=True) for test in node.tests]
        negated, at = node.negated, node.at

        def run_tests(scope: Scope) -> Any:
            value = scope.vars["?"]
            inner = Scope({"?": value}, scope, scope.run)
            found = any_passes(inner, value, tests, at)
            return found if found is None or not negated else not found

        return run_tests

    def test(self, node: ast.Node, *, shadow: bool) -> tuple[Code, str]:
        """The code of one test and how its value counts: itself, as a range, or by comparison."""
        used, self.uses_input = self.uses_input, False
        self.frames.append({"?"} if shadow else set())
        self.frames.append(_Watched(self))  # notes the use of ? although it is a local name
        code = self.compile(node)
        self.frames.pop()
        self.frames.pop()
        asked, self.uses_input = self.uses_input, used
        if asked and not isinstance(node, ast.UnaryTest):
            return code, "verdict"
        if isinstance(node, (ast.UnaryTest, ast.RangeNode)):
            return code, "range"
        if isinstance(node, _CONDITIONS):
            return code, "condition"
        return code, "value"


class _Watched(set[str]):
    """A frame without names that tells the compiler when ``?`` is read below it."""

    def __init__(self, compiler: Any) -> None:
        super().__init__()
        self.compiler = compiler

    def __contains__(self, name: object) -> bool:
        if name == "?":
            self.compiler.uses_input = True
        return False


def any_passes(
    scope: Scope, value: Any, tests: list[tuple[Code, str]], at: Position
) -> bool | None:
    """True when one test passes, false when none does, null when that cannot be told."""
    unknown = False
    for code, kind in tests:
        verdict = _passes(scope, value, code(scope), kind, at)
        if verdict is True:
            return True
        if verdict is None:
            unknown = True
    return None if unknown else False


def _passes(scope: Scope, value: Any, test: Any, kind: str, at: Position) -> bool | None:
    run = scope.run
    decides = kind == "verdict" or (kind == "condition" and type(value) is not bool)
    if decides and (type(test) is bool or (test is None and kind == "verdict")):
        return bool(test) if test is not None else None
    if test is None:
        return value is None if kind == "value" else None
    if type(test) is Range and type(value) is not Range:
        found = contains(run, test, value)
        if found is None:
            bound = test.start if test.start is not None else test.end
            run.warn("feel.operands", at, operator="in", left=kind_of(value), right=kind_of(bound))
        return found
    found = matches(run, value, test)
    return False if found is None else found


def compared(run: Run, operator: str, left: Any, right: Any, at: Position) -> bool | None:
    """A comparison of any two values; null and a warning when they cannot be compared."""
    if operator == "=" or operator == "!=":
        found = equal(run, left, right)
        if found is not None and operator == "!=":
            found = not found
    else:
        found = compare(operator, left, right)
    if found is None:
        if left is None or right is None:
            run.warn("feel.null_operand", at, operator=operator)
        else:
            kinds = {"left": kind_of(left), "right": kind_of(right)}
            run.warn("feel.operands", at, operator=operator, **kinds)
    return found


def _variable_with_number(
    name: str, left: Code, operator: str, constant: Decimal, at: Position
) -> Code:
    """``score >= 90``, the commonest condition, without the detour over two closures."""
    numeric = _NUMERIC[operator]

    def at_least(scope: Scope) -> Any:
        value = scope.vars.get(name)
        if type(value) is Decimal:
            return value >= constant
        return compared(scope.run, operator, left(scope), constant, at)

    def same(scope: Scope) -> Any:
        value = scope.vars.get(name)
        if type(value) is Decimal:
            return value == constant
        return compared(scope.run, operator, left(scope), constant, at)

    def other(scope: Scope) -> Any:
        value = scope.vars.get(name)
        if type(value) is Decimal:
            return numeric(value, constant)
        return compared(scope.run, operator, left(scope), constant, at)

    return at_least if operator == ">=" else same if operator == "=" else other


def _pair(
    first: tuple[Code, Position], second: tuple[Code, Position], *, decisive: bool, word: str
) -> Code:
    left, left_at = first
    right, right_at = second
    neutral = not decisive

    def pair(scope: Scope) -> Any:
        a = left(scope)
        if a is decisive:
            return decisive
        b = right(scope)
        if b is decisive:
            return decisive
        if a is neutral and b is neutral:
            return neutral
        if a is not neutral:
            _no_truth(scope.run, word, a, left_at)
        if b is not neutral:
            _no_truth(scope.run, word, b, right_at)
        return None

    return pair


def _no_truth(run: Run, word: str, value: Any, at: Position) -> None:
    if value is None:
        run.warn("feel.null_operand", at, operator=word)
    else:
        run.warn("feel.operand", at, operator=word, got=kind_of(value))
