"""Faults in feeds, for tests of imports: missing, late, doubled rows and wrong units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from perfflow.seed.measures import ValueRow
from perfflow.seed.streams import Stream

MISSING, LATE, DOUBLED, WRONG_UNIT = 0.01, 0.003, 0.002, 0.001
UNIT_ERROR = 10_000


@dataclass(slots=True)
class Delivery:
    """What a feed delivers of its rows: those of now, those that come a month later."""

    rows: list[ValueRow] = field(default_factory=list)
    late: list[ValueRow] = field(default_factory=list)


def deliver(rows: Iterable[ValueRow], stream: Stream) -> Delivery:
    """``rows`` as a careless feed sends them: 1 % lost, 0.3 % late, 0.2 % twice, 0.1 % × 10000."""
    found = Delivery()
    for row in rows:
        draw = stream.uniform()
        if draw < MISSING:
            continue
        if draw < MISSING + LATE:
            found.late.append(row)
        elif draw < MISSING + LATE + DOUBLED:
            found.rows += [row, row]
        elif draw < MISSING + LATE + DOUBLED + WRONG_UNIT:
            found.rows.append(_in_wrong_unit(row))
        else:
            found.rows.append(row)
    return found


def _in_wrong_unit(row: ValueRow) -> ValueRow:
    """元 where 万元 was meant: ten thousand times too much."""
    if row.value is not None:
        return replace(row, value=str(Decimal(row.value) * UNIT_ERROR))
    return replace(row, numerator=str(Decimal(row.numerator or "0") * UNIT_ERROR))
