"""Units of metrics: how a stored value is shown and how a typed value is stored, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from perfflow.kernel.errors import BadInput
from perfflow.kernel.rounding import exact, round_half_up

STORED_PLACES = 6


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure; a share is stored as a fraction and shown times ``scale``."""

    code: str
    name_zh: str
    name_en: str
    scale: int
    decimals: int


_ROWS = (
    ("cny_10k", "万元", "CNY 10,000", 1, 2),
    ("percent", "%", "%", 100, 2),
    ("permille", "‰", "‰", 1000, 2),
    ("permyriad", "‱", "‱", 10000, 2),
    ("clients", "位", "clients", 1, 0),
    ("households", "户", "clients", 1, 0),
    ("visits", "次", "visits", 1, 0),
    ("plans", "份", "plans", 1, 0),
    ("points", "分", "points", 1, 0),
    ("cases", "件", "cases", 1, 0),
    ("months", "月", "months", 1, 1),
    ("minutes", "分钟", "minutes", 1, 1),
    ("score100", "分", "points", 1, 1),
    ("nps", "分", "points", 100, 1),
    ("rating", "1–5 分", "1–5", 1, 2),
    ("articles", "篇", "articles", 1, 0),
    ("items", "项", "items", 1, 0),
)
UNITS = {row[0]: Unit(*row) for row in _ROWS}


def unit_of(code: str) -> Unit:
    """The unit of that code; unknown ones are ``BadInput``."""
    try:
        return UNITS[code]
    except KeyError:
        raise BadInput("metrics.unknown_unit", unit=code) from None


def shown(value: Decimal | None, unit_code: str) -> Decimal | None:
    """The stored value as people read it: 0.92 in per cent is 92."""
    if value is None:
        return None
    scaled = value * unit_of(unit_code).scale
    if scaled == scaled.to_integral_value():
        return scaled.quantize(Decimal(1))
    return scaled.normalize()


def stored(value: Decimal | None, unit_code: str) -> Decimal | None:
    """What people typed as it is stored: 92 per cent is 0.92, six places at most."""
    if value is None:
        return None
    return round_half_up(exact(value) / unit_of(unit_code).scale, STORED_PLACES)
