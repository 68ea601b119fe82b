"""Exact numbers and the named roundings N1–N7 (domain §5.1); no float ever enters.

Inputs are ``int``, ``Decimal``, ``Fraction`` or decimal text; ``exact`` turns each into a
``Fraction`` and refuses floats. Half-up means away from zero, as in the field.
"""

from __future__ import annotations

from decimal import Context, Decimal, ROUND_HALF_UP
from fractions import Fraction

Exact = int | Decimal | Fraction
DECIMAL34 = Context(prec=34, rounding=ROUND_HALF_UP)
"""34 significant digits, half-up: the context for anything that cannot stay a fraction."""


def exact(value: Exact | str) -> Fraction:
    """The exact rational value of ``value``; ``"214/365"`` is read as a fraction.

    Raises ``TypeError`` for floats and booleans, ``ValueError`` for text that is no number.
    """
    if isinstance(value, (float, bool)):
        raise TypeError(f"expected an exact number but got {value!r}")
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"expected a finite number but got {value}")
    return Fraction(value)


def round_half_up(value: Exact, places: int) -> Decimal:
    """``value`` to ``places`` decimals, ties away from zero, with exactly ``places`` shown."""
    scaled = scaled_half_up(value, places)
    return Decimal(scaled).scaleb(-places, DECIMAL34)


def scaled_half_up(value: Exact, places: int) -> int:
    """``value`` × 10**places as the nearest integer, ties away from zero (storage form)."""
    power: int = 10**places
    shifted = exact(value) * power
    magnitude = abs(shifted)
    whole = (2 * magnitude.numerator + magnitude.denominator) // (2 * magnitude.denominator)
    return whole if shifted >= 0 else -whole


def floor_int(value: Exact) -> int:
    """The greatest integer not above ``value``."""
    fraction = exact(value)
    return fraction.numerator // fraction.denominator


def ceil_int(value: Exact) -> int:
    """The smallest integer not below ``value``."""
    return -floor_int(-exact(value))


def ratio6(value: Exact) -> Decimal:
    """N1: attainment and percentages, 6 decimals."""
    return round_half_up(value, 6)


def score4(value: Exact) -> Decimal:
    """N2, N4, N6: metric and dimension scores, coefficients, rater means, 4 decimals."""
    return round_half_up(value, 4)


def total2(value: Exact) -> Decimal:
    """N3, N7: card totals, person totals, S_LT, 2 decimals."""
    return round_half_up(value, 2)


def fen_half_up(yuan: Exact) -> int:
    """N5: an amount in 元 as whole 分, half-up."""
    return scaled_half_up(yuan, 2)
