"""Periods of values (``2025-03``, ``2025-Q1``, ``2025-H1``, ``2025``) and the days they span."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache

from perfflow.kernel.errors import RuleViolation

_PERIOD = re.compile(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])|H([12])))?")


@lru_cache(maxsize=4096)
def period_days(period: str) -> tuple[date, date]:
    """The first and the last day of a period; other texts raise ``metrics.bad_period``."""
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise RuleViolation("metrics.bad_period", field="period", got=period)
    year, month, quarter, half = (int(part) if part else 0 for part in match.groups())
    first, length = 1, 12
    if match.group(2) is not None:
        if not 1 <= month <= 12:
            raise RuleViolation("metrics.bad_period", field="period", got=period)
        first, length = month, 1
    elif quarter:
        first, length = 3 * quarter - 2, 3
    elif half:
        first, length = 6 * half - 5, 6
    last = first + length - 1
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def lies_within(period: str, first_on: date, last_on: date) -> bool:
    """True when the whole period lies between the two days."""
    first, last = period_days(period)
    return first >= first_on and last <= last_on


def month_of(day: date) -> str:
    """The month period of a day: ``2025-03``."""
    return f"{day.year:04d}-{day.month:02d}"


def month_before(period: str) -> str:
    """The month before a month."""
    first, _ = period_days(period)
    year, month = (first.year, first.month - 1) if first.month > 1 else (first.year - 1, 12)
    return f"{year:04d}-{month:02d}"


def a_year_earlier(first_on: date, last_on: date) -> tuple[date, date]:
    """The same days a year before; 29 February becomes the 28th."""

    def earlier(day: date) -> date:
        if (day.month, day.day) == (2, 29):
            return date(day.year - 1, 2, 28)
        if day.month == 2 and day.day == 28 and monthrange(day.year - 1, 2)[1] == 29:
            return date(day.year - 1, 2, 29)
        return day.replace(year=day.year - 1)

    return earlier(first_on), earlier(last_on)
