"""Compiles what goes over lists: for, some, every and filters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from perfflow.feel import syntax as ast
from perfflow.feel.errors import Position
from perfflow.feel.evaluation import Code, Run, Scope
from perfflow.feel.temporal import civil_from_days, Date
from perfflow.feel.values import kind_of, Range

_MAX_PASSES = 150_000
Source = tuple[str, Code, Code | None, Position]


class CompilerBase:
    """What the parts of the compiler ask of the whole."""

    frames: list[set[str] | None]
    names: frozenset[str]
    host: frozenset[str]
    functions: set[str]
    uses_input: bool
    compile: Callable[[ast.Node], Code]
    inside: Callable[[set[str] | None, ast.Node], Code]
    is_local: Callable[[str], bool]
    note_use: Callable[[str], None]


class IterationCompiler(CompilerBase):
    """The part of the compiler for loops."""

    def _sources(self, node: ast.For | ast.Quantified, frame: set[str]) -> list[Source]:
        """Every iterator sees the variables of those before it."""
        sources: list[Source] = []
        for name, start, end in node.iterators:
            begin = self.compile(start)
            sources.append((name, begin, self.compile(end) if end else None, start.at))
            frame.add(name)
        return sources

    def loop(self, node: ast.For) -> Code:
        frame: set[str] = set()
        self.frames.append(frame)
        sources = self._sources(node, frame)
        frame.add("partial")
        body = self.compile(node.body)
        self.frames.pop()
        cost = 1 + _size(node.body)

        def loop(scope: Scope) -> Any:
            run = scope.run
            results: list[Any] = []
            inner = Scope({}, scope, run)
            for done in _walk(inner, sources, 0):
                if not done:
                    return None
                run.charge(cost + (len(results) >> 4))
                seen = dict(inner.vars)
                seen["partial"] = results.copy()
                results.append(body(Scope(seen, scope, run)))
            return results

        needs_partial = _reads(node.body, "partial")

        def simple(scope: Scope) -> Any:
            run = scope.run
            results: list[Any] = []
            inner = Scope({}, scope, run)
            for done in _walk(inner, sources, 0):
                if not done:
                    return None
                run.charge(cost)
                results.append(body(Scope(dict(inner.vars), scope, run)))
            return results

        return loop if needs_partial else simple

    def quantified(self, node: ast.Quantified) -> Code:
        frame: set[str] = set()
        self.frames.append(frame)
        sources = self._sources(node, frame)
        condition = self.compile(node.condition)
        self.frames.pop()
        decisive = node.quantifier == "some"
        cost, at = 1 + _size(node.condition), node.condition.at

        def quantified(scope: Scope) -> Any:
            run = scope.run
            unknown = False
            inner = Scope({}, scope, run)
            for done in _walk(inner, sources, 0):
                if not done:
                    return None
                run.charge(cost)
                value = condition(inner)
                if value is decisive:
                    return decisive
                if value is not (not decisive):
                    unknown = True
                    run.warn("feel.condition", at, got=kind_of(value))
                    if value is not None:  # no condition at all, whatever the others say
                        return None
            return None if unknown else not decisive

        return quantified

    def filter(self, node: ast.Filter) -> Code:
        source = self.compile(node.source)
        self.frames.append({"item"})
        condition = self.inside(None, node.condition)
        self.frames.pop()
        cost, at = 1 + _size(node.condition), node.condition.at
        constant = node.condition.value if isinstance(node.condition, ast.Literal) else None

        def filter_(scope: Scope) -> Any:
            run = scope.run
            value = source(scope)
            if value is None:
                run.warn("feel.filter_null", at)
                return None
            items = value if type(value) is list else [value]
            if type(constant) is Decimal:
                return pick(run, items, constant, at)
            return filtered(scope, items, condition, cost, at)

        return filter_


def filtered(scope: Scope, items: list[Any], condition: Code, cost: int, at: Position) -> Any:
    """The items for which the condition is true, or the item at the position that it names."""
    run = scope.run
    if not items:
        before = len(run.warnings)
        index = condition(Scope({}, Scope({"item": None}, scope, run), run))
        del run.warnings[before:]
        return pick(run, items, index, at) if type(index) is Decimal else []
    kept: list[Any] = []
    for number, item in enumerate(items):
        run.charge(cost)
        inner = Scope({"item": item}, scope, run)
        verdict = condition(Scope(item if type(item) is dict else {}, inner, run))
        if verdict is True:
            kept.append(item)
        elif type(verdict) is Decimal and number == 0:
            return pick(run, items, verdict, at)
        elif verdict is not False and verdict is not None:
            run.warn("feel.condition", at, got=kind_of(verdict))
            return None
    return kept


def pick(run: Run, items: list[Any], index: Decimal, at: Position) -> Any:
    size = len(items)
    if index == index.to_integral_value() and 1 <= abs(index) <= size:
        position = int(index)
        return items[position - 1 if position > 0 else position]
    run.warn("feel.index", at, size=size, index=index)
    return None


def _walk(inner: Scope, sources: list[Source], level: int) -> Iterator[bool]:
    """Set the loop variables to every combination; yields False once when a source is wrong."""
    name, start, end, at = sources[level]
    run = inner.run
    items = _items(run, start(inner), end(inner) if end else None, end is not None, at)
    if items is None:
        yield False
        return
    last = level == len(sources) - 1
    for item in items:
        inner.vars[name] = item
        if last:
            yield True
            continue
        run.charge(1)
        for done in _walk(inner, sources, level + 1):
            yield done
            if not done:
                return
        for later, *_ in sources[level + 1 :]:
            inner.vars.pop(later, None)


def _items(run: Run, start: Any, end: Any, is_pair: bool, at: Position) -> Any:
    if is_pair:
        found = _steps(run, start, end)
        if found is None:
            run.warn("feel.range_ends", at, start=kind_of(start), end=kind_of(end))
        return found
    return iterable(run, start, at)


def iterable(run: Run, value: Any, at: Position) -> Any:
    """What a loop goes over; None and a warning when it is no list and no range of steps."""
    if type(value) is list:
        return value
    if type(value) is Range:
        return _range_items(run, value, at)
    run.warn("feel.iteration", at, got=kind_of(value))
    return None if value is None else [value]


def _range_items(run: Run, interval: Range, at: Position) -> Any:
    low, high = interval.start, interval.end
    found = _steps(run, low, high) if interval.operator == ".." else None
    if found is None:
        run.warn("feel.iteration", at, got=kind_of(interval))
        return None
    items = iter(found)
    if not interval.start_included:
        next(items, None)
    return items if interval.end_included else _before(items, high)


def _before(items: Iterator[Any], end: Any) -> Iterator[Any]:
    for item in items:
        if item == end:
            return
        yield item


def _steps(run: Run, start: Any, end: Any) -> Iterator[Any] | None:
    """Whole steps from start to end, upwards or downwards; over numbers or days."""
    if type(start) is Decimal and type(end) is Decimal:
        if max(abs(start), abs(end)) >= Decimal(10) ** 30:
            return None
        return _count(start, end)
    if type(start) is Date and type(end) is Date:
        low, high = start.days, end.days
        step = 1 if low <= high else -1
        return _days(run, range(low, high + step, step))
    return None


def _days(run: Run, days: range) -> Iterator[Date]:
    for day in days:
        run.charge(4)
        yield Date(*civil_from_days(day))


def _count(start: Decimal, end: Decimal) -> Iterator[Decimal]:
    step = Decimal(1 if start <= end else -1)
    value = start
    while value <= end if step > 0 else value >= end:
        yield value
        value += step


def _size(node: Any) -> int:
    """How many nodes a tree has: what one pass through a loop costs."""
    if isinstance(node, ast.Node):
        fields = (getattr(node, name) for name in type(node).__slots__ if name != "at")
        return 1 + sum(_size(field) for field in fields)
    if isinstance(node, (list, tuple)):
        return sum(_size(item) for item in node)
    return 0


def _reads(node: Any, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.name == name
    if isinstance(node, ast.Node):
        fields = (getattr(node, field) for field in type(node).__slots__ if field != "at")
        return any(_reads(field, name) for field in fields)
    return isinstance(node, (list, tuple)) and any(_reads(item, name) for item in node)
