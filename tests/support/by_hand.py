"""Slow, literal pieces of the computation in fractions, to hold the core against."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

HALF = Fraction(1, 2)


def shown(value: Fraction, places: int) -> str:
    """Half-up, away from zero, as text."""
    scaled = abs(value) * 10**places + HALF
    whole = scaled.numerator // scaled.denominator
    sign = "-" if value < 0 and whole else ""
    digits = str(whole).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def rounded(value: Fraction, places: int) -> Fraction:
    return Fraction(shown(value, places))


def literal_curve(knots: Sequence[tuple[str, str]], r: Fraction) -> Fraction:
    points = [(Fraction(x), Fraction(y)) for x, y in knots]
    if r < points[0][0]:
        return points[0][1]
    value = points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if r >= x1:
            value = y1  # right-continuous: of two knots at r the later one wins
        elif r >= x0:
            return y0 + (r - x0) * (y1 - y0) / (x1 - x0)
    return value


def literal_band(total: Fraction) -> str:
    for code, least in (("S", 110), ("A", 95), ("B", 80), ("C", 60)):
        if total >= least:
            return code
    return "D"
