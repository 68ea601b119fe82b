"""Adverse impact: how groups fare against each other, with sizes and intervals (domain §5.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from perfflow.kernel.rounding import DECIMAL34, Exact, exact, round_half_up, score4

MIN_CELL = 5
"""Groups with fewer people are named and counted, never measured."""
FOUR_FIFTHS = Fraction(4, 5)
Z_95 = Fraction(1959964, 1000000)
"""The two-sided 95 % point of the normal distribution, 6 decimals."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One person: the group, whether the result is a favourable one, and the total if any."""

    group: str
    is_favourable: bool
    total: Exact | None


@dataclass(frozen=True, slots=True)
class GroupImpact:
    """One group against the others; None where it is too small to be measured.

    ``rate``: share with a favourable result, 4 dp. ``ratio``: rate over the best rate, 4 dp; below
    four fifths it ``is_adverse``. ``gap``: mean total less the mean of everybody else, 2 dp, with
    its 95 % ``margin`` (Welch: 1.959964 · √(s²/n + s²/n)), 2 dp.
    """

    group: str
    people: int
    rate: Decimal | None = None
    ratio: Decimal | None = None
    is_adverse: bool = False
    gap: Decimal | None = None
    margin: Decimal | None = None


def adverse_impact(people: Sequence[Judged], min_cell: int = MIN_CELL) -> list[GroupImpact]:
    """Figures of every group, by name; ratios need two groups of at least ``min_cell`` people."""
    groups: dict[str, list[Judged]] = {}
    for person in people:
        groups.setdefault(person.group, []).append(person)
    rates = {
        name: Fraction(sum(one.is_favourable for one in members), len(members))
        for name, members in groups.items()
        if len(members) >= min_cell
    }
    best = max(rates.values()) if len(rates) > 1 else Fraction(0)
    found = []
    for name, members in sorted(groups.items()):
        if name not in rates:
            found.append(GroupImpact(name, len(members)))
            continue
        ratio = rates[name] / best if best else None
        gap, margin = _gap(members, [one for one in people if one.group != name], min_cell)
        found.append(
            GroupImpact(
                name,
                len(members),
                score4(rates[name]),
                None if ratio is None else score4(ratio),
                ratio is not None and ratio < FOUR_FIFTHS,
                gap,
                margin,
            )
        )
    return found


def _gap(
    members: Sequence[Judged], others: Sequence[Judged], min_cell: int
) -> tuple[Decimal | None, Decimal | None]:
    here, there = (
        [exact(one.total) for one in side if one.total is not None] for side in (members, others)
    )
    if min(len(here), len(there)) < max(min_cell, 2):
        return None, None
    gap = _mean(here) - _mean(there)
    spread = _variance(here) / len(here) + _variance(there) / len(there)
    quotient = DECIMAL34.divide(Decimal(spread.numerator), Decimal(spread.denominator))
    margin = exact(DECIMAL34.sqrt(quotient)) * Z_95
    return round_half_up(gap, 2), round_half_up(margin, 2)


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _variance(values: Sequence[Fraction]) -> Fraction:
    mean = _mean(values)
    return sum(((value - mean) ** 2 for value in values), Fraction(0)) / (len(values) - 1)
