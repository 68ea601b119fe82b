"""Turns the tree of an expression into closures and finds the names that it reads."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from perfflow.feel import syntax as ast
from perfflow.feel.arithmetic import negate, operate
from perfflow.feel.calls import CallCompiler
from perfflow.feel.equality import order
from perfflow.feel.errors import NullResult
from perfflow.feel.evaluation import Code, Run, Scope
from perfflow.feel.functions import BUILTINS
from perfflow.feel.iteration import IterationCompiler
from perfflow.feel.logic import LogicCompiler
from perfflow.feel.properties import lookup, MISSING
from perfflow.feel.values import kind_of, NUMBERS, Range


class Compiler(LogicCompiler, IterationCompiler, CallCompiler):
    """Compiles one text.

    ``frames`` are the scopes around the place that is compiled: a set of names, or None for the
    entries of a filtered item, which are only known when the filter runs.
    """

    def __init__(
        self, names: frozenset[str] = frozenset(), host: frozenset[str] = frozenset()
    ) -> None:
        self.names = names
        self.host = host
        self.frames: list[set[str] | None] = []
        self.variables: set[str] = set()
        self.possible: set[str] = set()
        self.functions: set[str] = set()
        self.uses_input = False

    def compile(self, node: ast.Node) -> Code:
        return _METHODS[type(node)](self, node)

    def _literal(self, node: ast.Literal) -> Code:
        value = node.value
        if node.invalid is None:
            return lambda scope: value
        at, text = node.at, node.invalid

        def invalid(scope: Scope) -> Any:
            scope.run.warn("feel.literal", at, value=text)
            return None

        return invalid

    # ----- names

    def is_local(self, name: str) -> bool:
        return any(frame is not None and name in frame for frame in self.frames)

    def note_use(self, name: str) -> None:
        if self.is_local(name):
            return
        if name == "?":
            self.uses_input = True
        elif None in self.frames:
            self.possible.add(name)
        else:
            self.variables.add(name)

    def _name(self, node: ast.Name) -> Code:
        name, at = node.name, node.at
        self.note_use(name)
        if name in BUILTINS and name not in self.names:
            self.variables.discard(name)
        if not self.frames:

            def outermost(scope: Scope) -> Any:
                try:
                    return scope.vars[name]
                except KeyError:
                    return _outside(scope.run, name, at)

            return outermost

        def nested(scope: Scope) -> Any:
            here: Scope | None = scope
            while here is not None:
                if name in here.vars:
                    return here.vars[name]
                here = here.parent
            return _outside(scope.run, name, at)

        return nested

    # ----- arithmetic

    def _chain(self, node: ast.Chain) -> Code:
        if len(node.rest) == 1:
            operator, right, at = node.rest[0]
            return self._binary(operator, self.compile(node.first), self.compile(right), at)
        first = self.compile(node.first)
        rest = [(operator, self.compile(part), at) for operator, part, at in node.rest]

        def chain(scope: Scope) -> Any:
            value = first(scope)
            for operator, part, at in rest:
                value = _operate(scope.run, operator, value, part(scope), at)
            return value

        return chain

    def _binary(self, operator: str, left: Code, right: Code, at: Any) -> Code:
        fast = _FAST.get(operator)
        if fast is None:
            return lambda scope: _operate(scope.run, operator, left(scope), right(scope), at)

        def binary(scope: Scope) -> Any:
            a, b = left(scope), right(scope)
            if type(a) is Decimal and type(b) is Decimal:
                try:
                    return fast(a, b)
                except ArithmeticError:
                    pass
            return _operate(scope.run, operator, a, b, at)

        return binary

    def _negation(self, node: ast.Negation) -> Code:
        operand, at = self.compile(node.operand), node.at
        if isinstance(node.operand, ast.Literal) and type(node.operand.value) is Decimal:
            value = negate(node.operand.value)
            return lambda scope: value

        def negation(scope: Scope) -> Any:
            try:
                return negate(operand(scope))
            except NullResult as reason:
                scope.run.warn(reason.code, at, **reason.params)
                return None

        return negation

    # ----- structures

    def _list(self, node: ast.ListNode) -> Code:
        items = [self.compile(item) for item in node.items]
        size = len(items)
        if all(isinstance(item, ast.Literal) and item.invalid is None for item in node.items):
            values = [item.value for item in node.items if isinstance(item, ast.Literal)]

            def constant(scope: Scope) -> Any:
                scope.run.charge(size)
                return values.copy()

            return constant

        def build(scope: Scope) -> Any:
            scope.run.charge(size)
            return [item(scope) for item in items]

        return build

    def _context(self, node: ast.ContextNode) -> Code:
        frame: set[str] = set()
        self.frames.append(frame)
        entries: list[tuple[str, Code]] = []
        twice = None
        for key, value, at in node.entries:
            if key in frame:
                twice = (key, at)
            entries.append((key, self.compile(value)))
            frame.add(key)
        self.frames.pop()
        size = len(entries)

        def build(scope: Scope) -> Any:
            run = scope.run
            run.charge(size)
            if twice is not None:
                run.warn("feel.duplicate_key", twice[1], name=twice[0])
                return None
            values: dict[str, Any] = {}
            inner = Scope(values, scope, run)
            for key, value in entries:
                values[key] = value(inner)
            return values

        return build

    def _range(self, node: ast.RangeNode) -> Code:
        start, end, at = self.compile(node.start), self.compile(node.end), node.at
        low, high = node.start_included, node.end_included

        def build(scope: Scope) -> Any:
            a, b = start(scope), end(scope)
            found = order(a, b)
            if found is None:
                scope.run.warn("feel.range_ends", at, start=kind_of(a), end=kind_of(b))
                return None
            if found > 0:
                scope.run.warn("feel.range_order", at)
                return None
            return Range(low, a, b, high)

        return build

    def _unary(self, node: ast.UnaryTest) -> Code:
        operand, operator = self.compile(node.operand), node.operator

        def build(scope: Scope) -> Any:
            return one_sided(operator, operand(scope))

        return build

    def _path(self, node: ast.Path) -> Code:
        source, name, at = self.compile(node.source), node.name, node.at

        def path(scope: Scope) -> Any:
            value = source(scope)
            if type(value) is dict and name in value:
                return value[name]
            return read(scope.run, value, name, at)

        return path

    def inside(self, frame: set[str] | None, node: ast.Node) -> Code:
        """Compile a node below one more scope."""
        self.frames.append(frame)
        try:
            return self.compile(node)
        finally:
            self.frames.pop()


def read(run: Run, value: Any, name: str, at: Any) -> Any:
    """The entry behind a dot; of a list, the entries of its items."""
    if type(value) is list:
        run.charge(len(value))
        return [_entry(item, name) for item in value]
    found = lookup(value, name)
    if found is MISSING:
        run.warn("feel.no_property", at, got=kind_of(value), name=name)
        return None
    return found


def _entry(item: Any, name: str) -> Any:
    found = lookup(item, name)
    return None if found is MISSING else found


def one_sided(operator: str, operand: Any) -> Range:
    if operator == "<":
        return Range(False, None, operand, False, operator)
    if operator == "<=":
        return Range(False, None, operand, True, operator)
    if operator == ">":
        return Range(False, operand, None, False, operator)
    if operator == ">=":
        return Range(True, operand, None, False, operator)
    return Range(True, operand, operand, True, operator)


def _outside(run: Run, name: str, at: Any) -> Any:
    """A name that no variable has: a function of the host or of the standard, or nothing."""
    if run.functions is not None and name in run.functions:
        return run.functions[name]
    known = BUILTINS.get(name)
    if known is not None:
        return known.as_value()
    run.warn("feel.unknown_variable", at, name=name)
    return None


def _operate(run: Run, operator: str, left: Any, right: Any, at: Any) -> Any:
    try:
        return operate(run, operator, left, right)
    except NullResult as reason:
        run.warn(reason.code, at, **reason.params)
    except ArithmeticError:
        run.warn("feel.out_of_range", at)
    return None


_FAST: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
}

_METHODS: dict[type, Callable[..., Code]] = {
    ast.Literal: Compiler._literal,
    ast.Name: Compiler._name,
    ast.Chain: Compiler._chain,
    ast.Negation: Compiler._negation,
    ast.ListNode: Compiler._list,
    ast.ContextNode: Compiler._context,
    ast.RangeNode: Compiler._range,
    ast.UnaryTest: Compiler._unary,
    ast.Path: Compiler._path,
    ast.Logic: Compiler.logic,
    ast.Comparison: Compiler.comparison,
    ast.Between: Compiler.between,
    ast.In: Compiler.membership,
    ast.InstanceOf: Compiler.instance_of,
    ast.If: Compiler.condition,
    ast.Tests: Compiler.tests,
    ast.For: Compiler.loop,
    ast.Quantified: Compiler.quantified,
    ast.Filter: Compiler.filter,
    ast.Call: Compiler.call,
    ast.FunctionNode: Compiler.function,
}
