"""Score curves: attainment to score along knots, with jumps and caps (domain §5.3)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import ceil_int, Exact, exact, score4

MAX_SCORE = 150
Knots = Sequence[tuple[Exact | str, Exact | str]]


class Curve:
    """Linear between knots, right-continuous at jumps, flat before the first and after the last.

    Raises ``ComputationError("KNOTS")`` when there is no knot, when r descends, or when a value is
    negative or above ``max_value``. Scoring many people goes through ``score_e4``, which needs
    four integer operations; ``at`` takes any exact number.
    """

    __slots__ = ("_cuts", "_first", "_lines", "knots", "name")

    def __init__(self, name: str, knots: Knots, max_value: Exact = MAX_SCORE) -> None:
        self.name = name
        self.knots = tuple((exact(r), exact(s)) for r, s in knots)
        if not self.knots:
            raise ComputationError("KNOTS", curve=name)
        for (before, _), (after, _) in pairwise(self.knots):
            if after < before:
                raise ComputationError("KNOTS", curve=name)
        if any(r < 0 or s < 0 or s > max_value for r, s in self.knots):
            raise ComputationError("KNOTS", curve=name)
        self._cuts = [ceil_int(r * 10**6) for r, _ in self.knots]
        self._lines = [_line(self.knots, index) for index in range(len(self.knots))]
        self._first = _line(self.knots[:1], 0)

    def score_e4(self, r_e6: int) -> int:
        """The score × 10⁴, half-up (N2), at an attainment × 10⁶."""
        index = bisect_right(self._cuts, r_e6) - 1
        base, slope, below = self._lines[index] if index >= 0 else self._first
        return (base + slope * r_e6) // below

    def at(self, r: Exact | str) -> Fraction:
        """The exact value at any exact ``r``, before rounding."""
        place = exact(r)
        index = bisect_right(self.knots, place, key=lambda knot: knot[0]) - 1
        if index < 0:
            return self.knots[0][1]
        if index == len(self.knots) - 1:
            return self.knots[-1][1]
        (r0, s0), (r1, s1) = self.knots[index], self.knots[index + 1]
        return s0 + (place - r0) * (s1 - s0) / (r1 - r0)

    @property
    def top(self) -> Fraction:
        """The highest value that the curve gives."""
        return max(s for _, s in self.knots)

    def jumps(self) -> list[Fraction]:
        """The heights of its jumps (cliffs), in points."""
        return [abs(s1 - s0) for (r0, s0), (r1, s1) in pairwise(self.knots) if r0 == r1]

    def steepest_above_target(self) -> Fraction:
        """The greatest slope beyond r = 1; 1 means a point for each per cent."""
        slopes = [
            (s1 - s0) / (r1 - r0) / 100
            for (r0, s0), (r1, s1) in pairwise(self.knots)
            if r1 > r0 and r1 > 1
        ]
        return max(slopes, default=Fraction(0))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Curve) and self.knots == other.knots and self.name == other.name

    def __hash__(self) -> int:
        return hash((self.name, self.knots))

    def __repr__(self) -> str:
        return f"Curve({self.name!r})"


def _line(knots: Sequence[tuple[Fraction, Fraction]], index: int) -> tuple[int, int, int]:
    """(P, Q, D) with score × 10⁴ half-up = (P + Q·r_e6) // D on the interval after a knot."""
    r0, s0 = knots[index]
    slope = Fraction(0)
    if index + 1 < len(knots) and knots[index + 1][0] > r0:
        r1, s1 = knots[index + 1]
        slope = (s1 - s0) / (r1 - r0)
    start, step = (s0 - slope * r0) * 10**4, slope / 100
    below = start.denominator * step.denominator
    return int(2 * start * below) + below, int(2 * step * below), 2 * below


STD = Curve("STD", [("0", "0"), ("0.6", "0"), ("0.6", "60"), ("1", "100"), ("1.2", "120")])
RAMP = Curve("RAMP", [("0", "0"), ("0.6", "0"), ("1", "100"), ("1.2", "120")])
ACC = Curve("ACC", [("0", "0"), ("0.6", "0"), ("0.6", "60"), ("1", "100"), ("1.25", "150")])
FLAT100 = Curve("FLAT100", [("0", "0"), ("1", "100")])
SHIPPED: Mapping[str, Curve] = MappingProxyType({c.name: c for c in (STD, RAMP, ACC, FLAT100)})


def curve_named(name: str, own: Mapping[str, Curve] | None = None) -> Curve:
    """The curve of that name, the firm's own before the shipped; else ``UNKNOWN_CURVE``."""
    found = (own or {}).get(name) or SHIPPED.get(name)
    if found is None:
        raise ComputationError("UNKNOWN_CURVE", curve=name)
    return found


def parse_knots(name: str, rows: Any) -> Curve:
    """A curve from ``[[r, score], …]``; anything else raises ``KNOTS``."""
    if not isinstance(rows, (list, tuple)):
        raise ComputationError("KNOTS", curve=name)
    try:
        return Curve(name, [(r, s) for r, s in rows])
    except (TypeError, ValueError) as error:
        raise ComputationError("KNOTS", curve=name) from error


def curve_score(curve: Curve, r: Exact | str) -> Decimal:
    """The score at ``r``, 4 decimals half-up (N2). ``r`` is taken as it is, not rounded to N1."""
    return score4(curve.at(r))
