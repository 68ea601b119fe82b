"""Functions over numbers."""

from __future__ import annotations

from decimal import (
    Context,
    Decimal,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
)
from typing import Any

from perfflow.feel.errors import NullResult
from perfflow.feel.evaluation import Run
from perfflow.feel.functions import builtin, fail
from perfflow.feel.temporal import DaysDuration, YearsDuration
from perfflow.feel.values import NUMBERS

_LEAST_SCALE, _MOST_SCALE = -6111, 6176
# Rounding needs room for more digits than a number may have: 1E+6000 with two decimals.
_WIDE = Context(prec=14_000, Emax=20_000, Emin=-20_000, rounding=ROUND_HALF_EVEN)


def rounded(name: str, value: Decimal, scale: Decimal, mode: str) -> Decimal:
    if not _LEAST_SCALE <= scale <= _MOST_SCALE:
        raise fail(name, scale)
    places = int(scale)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return value
    found = value.quantize(Decimal((0, (1,), -places)), rounding=mode, context=_WIDE)
    return NUMBERS.create_decimal(found)


@builtin("decimal", "n: number, scale: number")
def decimal(_run: Run, value: Decimal, scale: Decimal) -> Any:
    return rounded("decimal", value, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale: number=")
def floor(_run: Run, value: Decimal, scale: Decimal = Decimal(0)) -> Any:
    return rounded("floor", value, scale, ROUND_FLOOR)


@builtin("ceiling", "n: number, scale: number=")
def ceiling(_run: Run, value: Decimal, scale: Decimal = Decimal(0)) -> Any:
    return rounded("ceiling", value, scale, ROUND_CEILING)


@builtin("round up", "n: number, scale: number")
def round_up(_run: Run, value: Decimal, scale: Decimal) -> Any:
    return rounded("round up", value, scale, ROUND_UP)


@builtin("round down", "n: number, scale: number")
def round_down(_run: Run, value: Decimal, scale: Decimal) -> Any:
    return rounded("round down", value, scale, ROUND_DOWN)


@builtin("round half up", "n: number, scale: number")
def round_half_up(_run: Run, value: Decimal, scale: Decimal) -> Any:
    return rounded("round half up", value, scale, ROUND_HALF_UP)


@builtin("round half down", "n: number, scale: number")
def round_half_down(_run: Run, value: Decimal, scale: Decimal) -> Any:
    return rounded("round half down", value, scale, ROUND_HALF_DOWN)


@builtin("abs", "n: number")
def absolute(_run: Run, value: Decimal) -> Any:
    return abs(value)


@builtin("abs", "n: duration")
def absolute_duration(_run: Run, value: Any) -> Any:
    if isinstance(value, YearsDuration):
        return YearsDuration(abs(value.months))
    return DaysDuration(abs(value.nanos))


@builtin("modulo", "dividend: number, divisor: number")
def modulo(_run: Run, dividend: Decimal, divisor: Decimal) -> Any:
    """``dividend - divisor * floor(dividend / divisor)``, exact: the sign is the divisor's."""
    if not divisor:
        raise NullResult("feel.division_by_zero")
    rest = _WIDE.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return NUMBERS.create_decimal(rest)


@builtin("sqrt", "number: number")
def square_root(_run: Run, value: Decimal) -> Any:
    if value < 0:
        raise fail("sqrt", value)
    return NUMBERS.sqrt(value)


@builtin("log", "number: number")
def logarithm(_run: Run, value: Decimal) -> Any:
    if value <= 0:
        raise fail("log", value)
    return NUMBERS.ln(value)


@builtin("exp", "number: number")
def exponential(_run: Run, value: Decimal) -> Any:
    return NUMBERS.exp(value)


@builtin("odd", "number: number")
def odd(_run: Run, value: Decimal) -> Any:
    return _WIDE.remainder(value, Decimal(2)) in (1, -1)


@builtin("even", "number: number")
def even(_run: Run, value: Decimal) -> Any:
    return not _WIDE.remainder(value, Decimal(2))
