"""Cuts the values of a table's input column into pieces that every cell takes whole or not at all.

Ordered values fall into points and the open intervals between them, texts and truth values into
the ones that the cells name and, unless the allowed values say otherwise, all the others. A set
of pieces is an integer with one bit for each.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfflow.feel import syntax as ast
from perfflow.feel.builtins.conversion import constant_value, is_constant
from perfflow.feel.errors import Pair
from perfflow.feel.printer import to_text
from perfflow.feel.temporal import Date, DateTime, DaysDuration, YearsDuration

_MOST_PARTS = 3
_ORDERED = (Decimal, Date, DateTime, DaysDuration, YearsDuration)


class Opaque(Exception):
    """A cell whose meaning depends on more than its input."""


@dataclass(slots=True)
class Piece:
    """What a single test of a cell says: an interval or a value."""

    low: Any = None
    low_included: bool = False
    high: Any = None
    high_included: bool = False
    value: Any = None
    is_value: bool = False
    complement: bool = False


def pieces_of(node: ast.Tests) -> list[Piece] | None:
    """The tests of a cell; None when it takes everything."""
    if node.tests is None:
        return None
    return [_piece(test) for test in node.tests]


def _value(node: ast.Node) -> Any:
    if not is_constant(node):
        raise Opaque
    return constant_value(node)


def _piece(node: ast.Node) -> Piece:
    if isinstance(node, ast.RangeNode):
        low, high = _value(node.start), _value(node.end)
        if low is None or high is None or type(low) is not type(high):
            raise Opaque
        return Piece(low, node.start_included, high, node.end_included)
    if isinstance(node, ast.UnaryTest):
        bound = _value(node.operand)
        if bound is None:
            raise Opaque
        if node.operator in ("<", "<="):
            return Piece(None, False, bound, node.operator == "<=")
        if node.operator in (">", ">="):
            return Piece(bound, node.operator == ">=", None, False)
        return Piece(value=bound, is_value=True, complement=node.operator == "!=")
    return Piece(value=_value(node), is_value=True)


def _key(value: Any) -> Any:
    """Something that Python can sort for a value of an ordered type."""
    if isinstance(value, Date):
        return value.days
    if isinstance(value, DateTime):
        return value.instant()
    if isinstance(value, DaysDuration):
        return value.nanos
    return value.months if isinstance(value, YearsDuration) else value


class Column:
    """The pieces of one input; ``full`` is the set of all that can occur."""

    def __init__(
        self, label: str, cells: list[list[Piece] | None], *, boolean: bool, allowed: Any
    ) -> None:
        self.label = label
        found = [p for cell in [*cells, allowed] if cell is not None for p in cell]
        values = [
            value
            for piece in found
            for value in ((piece.value,) if piece.is_value else (piece.low, piece.high))
            if value is not None
        ]
        kinds = {type(value) for value in values}
        if len(kinds) > 1 or not kinds <= {*_ORDERED, str, bool}:
            raise Opaque
        self.kind: type | None = next(iter(kinds), bool if boolean else None)
        self.ordered = self.kind in _ORDERED
        self.points: list[Any] = self._points(values)
        self.keys = [_key(point) for point in self.points] if self.ordered else []
        self.full = self.universe = self._everything()
        if allowed is not None:
            self.full &= self.mask(allowed)

    def _points(self, values: list[Any]) -> list[Any]:
        if self.kind is bool:
            return [True, False]
        if self.ordered:
            return list({_key(value): value for value in sorted(values, key=_key)}.values())
        return list(dict.fromkeys(values))

    def _everything(self) -> int:
        if self.kind is bool:
            return 0b11
        if not self.ordered:
            return (1 << (len(self.points) + 1)) - 1  # the last one: any other text
        full = (1 << (2 * len(self.points) + 1)) - 1
        if self.kind is Date:  # no day lies between a day and the next
            for index, (day, following) in enumerate(zip(self.keys, self.keys[1:], strict=False)):
                if following - day <= 1:
                    full &= ~(1 << (2 * index + 2))
        return full

    def mask(self, cell: list[Piece] | None, *, negated: bool = False) -> int:
        if cell is None:
            return 0 if negated else self.full
        found = 0
        for piece in cell:
            one = self._value_mask(piece) if piece.is_value else self._interval_mask(piece)
            found |= self.full & ~one if piece.complement else one
        found &= self.full
        return self.full & ~found if negated else found

    def _value_mask(self, piece: Piece) -> int:
        if piece.value is None:
            return 0  # null is looked at by no check
        if self.ordered:
            return 1 << (2 * bisect_left(self.keys, _key(piece.value)) + 1)
        return 1 << self.points.index(piece.value)

    def _interval_mask(self, piece: Piece) -> int:
        first, last = 0, 2 * len(self.points)
        if piece.low is not None:
            first = 2 * bisect_left(self.keys, _key(piece.low)) + (1 if piece.low_included else 2)
        if piece.high is not None:
            last = 2 * bisect_left(self.keys, _key(piece.high)) + (1 if piece.high_included else 0)
        return ((1 << (last + 1)) - 1) & ~((1 << first) - 1) if last >= first else 0

    def describe(self, mask: int) -> Pair | None:
        """The values of a set in words; None when it is the whole column."""
        if mask == self.full:
            return None
        if self.ordered:
            parts = [Pair(text, text) for text in self._intervals(mask)]
        else:
            parts = [self._text(i) for i in range(len(self.points) + 1) if mask >> i & 1]
        shown = parts[:_MOST_PARTS]
        if len(parts) > len(shown):
            shown.append(Pair("…", "…"))
        return Pair(" or ".join(p.en for p in shown), " 或 ".join(p.zh for p in shown))

    def _text(self, index: int) -> Pair:
        if index == len(self.points):
            return Pair(f"{self.label} = any other text", f"{self.label} = 其他文本")
        text = f"{self.label} = {to_text(self.points[index])}"
        return Pair(text, text)

    def _intervals(self, mask: int) -> list[str]:
        """Neighbouring pieces become one interval, across days that do not exist."""
        found, index, size = [], 0, 2 * len(self.points) + 1
        while index < size:
            if not mask >> index & 1:
                index += 1
                continue
            last = index
            while last + 1 < size and (mask >> last + 1 & 1 or not self.universe >> last + 1 & 1):
                last += 1
            end = last
            while not mask >> end & 1:
                end -= 1
            found.append(self._interval(index, end))
            index = last + 1
        return found

    def _interval(self, first: int, last: int) -> str:
        low = to_text(self.points[(first - 1) // 2]) if first else None
        high = to_text(self.points[last // 2]) if last // 2 < len(self.points) else None
        if first == last and first % 2:
            return f"{self.label} = {low or high}"
        if low is None:
            return f"{self.label} {'<=' if last % 2 else '<'} {high}"
        if high is None:
            return f"{self.label} {'>=' if first % 2 else '>'} {low}"
        return f"{self.label} in {'(['[first % 2]}{low}..{high}{')]'[last % 2]}"
