"""Which rules of a table overlap, which inputs none of them covers and which never decide."""

from __future__ import annotations

from dataclasses import dataclass

from perfflow.feel.decisions.columns import Column, Opaque, Piece, pieces_of
from perfflow.feel.decisions.tables import Rule, Table
from perfflow.feel.errors import FeelError, Pair
from perfflow.feel.parser import parse_tests
from perfflow.feel.syntax import Tests

Box = tuple[int, ...]
MAX_RULES = 400
_MAX_BOXES = 4000
_FEW_BOXES = 200


@dataclass(slots=True)
class Covered:
    """A rule as a box of pieces; ``certain`` when all its cells could be read."""

    rule: Rule
    box: Box
    certain: bool


class Coverage:
    """The rules of one table as boxes over its columns."""

    def __init__(self, table: Table, boolean: list[bool], allowed: list[str]) -> None:
        self.table = table
        self.columns: list[Column | None] = []
        cells = [[self._pieces(rule, i) for rule in table.rules] for i in range(len(table.inputs))]
        for index, clause in enumerate(table.inputs):
            known = [pieces for pieces, certain in cells[index] if certain]
            self.columns.append(_column(clause.label, known, boolean[index], allowed[index]))
        self.rules: list[Covered] = []
        for row, rule in enumerate(table.rules):
            self.rules.append(self._covered(rule, [column[row] for column in cells]))
        self.full: Box = tuple(column.full if column else 1 for column in self.columns)

    @staticmethod
    def _pieces(rule: Rule, index: int) -> tuple[list[Piece] | None, bool]:
        tree = rule.cells[index].tree if index < len(rule.cells) else Tests((0, 0), None)
        if tree is None:
            return None, False
        try:
            return pieces_of(tree), True
        except Opaque:
            return None, False

    def _covered(self, rule: Rule, cells: list[tuple[list[Piece] | None, bool]]) -> Covered:
        box, certain = [], True
        for index, (pieces, readable) in enumerate(cells):
            column = self.columns[index]
            tree = rule.cells[index].tree if index < len(rule.cells) else None
            negated = tree is not None and tree.negated
            if column is None:
                certain = certain and readable and pieces is None and not negated
                box.append(1)
            elif readable:
                box.append(column.mask(pieces, negated=negated))
            else:
                certain = False
                box.append(column.full)
        return Covered(rule, tuple(box), certain)

    def overlaps(self) -> list[tuple[Rule, Rule, Box]]:
        """Pairs of rules that certainly match one input, with the inputs that they share."""
        found = []
        sure = [covered for covered in self.rules if covered.certain]
        for index, first in enumerate(sure):
            for second in sure[index + 1 :]:
                shared = _meet(first.box, second.box)
                if shared is not None:
                    found.append((first.rule, second.rule, shared))
        return found

    def gaps(self) -> list[Box]:
        """Inputs that certainly no rule covers; an empty list also when there are too many."""
        return _subtract([self.full], [covered.box for covered in self.rules]) or []

    def unreachable(self) -> list[Rule]:
        """Rules that match nothing, and for FIRST those that earlier rules cover completely."""
        found = []
        for index, covered in enumerate(self.rules):
            earlier = [other.box for other in self.rules[:index] if other.certain]
            if 0 in covered.box or (
                self.table.policy == "FIRST" and _subtract([covered.box], earlier, _FEW_BOXES) == []
            ):
                found.append(covered.rule)
        return found

    def describe(self, box: Box) -> Pair:
        """The inputs of a box in words."""
        found = [c.describe(mask) for c, mask in zip(self.columns, box, strict=True) if c]
        parts = [part for part in found if part is not None]
        if not parts:
            return Pair("any input", "任意输入")
        return Pair(", ".join(p.en for p in parts), "，".join(p.zh for p in parts))


def _column(
    label: str, cells: list[list[Piece] | None], boolean: bool, allowed: str
) -> Column | None:
    limits = None
    if allowed:
        try:
            limits = pieces_of(parse_tests(allowed, (), lambda _name: None))
        except (FeelError, Opaque):
            limits = None
    for attempt in (limits, None):
        try:
            return Column(label, cells, boolean=boolean, allowed=attempt)
        except Opaque:
            continue
    return None


def _meet(left: Box, right: Box) -> Box | None:
    shared = tuple(a & b for a, b in zip(left, right, strict=True))
    return None if 0 in shared else shared


def _subtract(boxes: list[Box], others: list[Box], most: int = _MAX_BOXES) -> list[Box] | None:
    """The boxes without the others, as boxes; None when they become too many."""
    for other in others:
        rest: list[Box] = []
        for box in boxes:
            if _meet(box, other) is None:
                rest.append(box)
                continue
            for index, (mask, cut) in enumerate(zip(box, other, strict=True)):
                outside = mask & ~cut
                if outside:
                    before = tuple(a & b for a, b in zip(box[:index], other[:index], strict=True))
                    rest.append((*before, outside, *box[index + 1 :]))
        boxes = rest
        if len(boxes) > most:
            return None
    return boxes
