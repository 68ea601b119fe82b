"""The entries behind a dot: of contexts, lists of them, dates, times, durations and ranges."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from perfflow.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    NANOS,
    Time,
    YearsDuration,
)
from perfflow.feel.values import Range

MISSING = object()


def _second(value: Time) -> Decimal:
    return Decimal(value.second)


def _offset(offset: int | None) -> DaysDuration | None:
    return None if offset is None else DaysDuration(offset * NANOS)


def _zone(value: Time) -> str | None:
    return value.zone if isinstance(value.zone, str) else None


def _signed(value: DaysDuration, index: int) -> Decimal:
    part = value.parts()[index]
    return Decimal(-part if value.nanos < 0 else part)


def _months(value: YearsDuration, part: int) -> Decimal:
    found = divmod(abs(value.months), 12)[part]
    return Decimal(-found if value.months < 0 else found)


PROPERTIES: dict[tuple[type, str], Callable[[Any], Any]] = {
    (Date, "year"): lambda v: Decimal(v.year),
    (Date, "month"): lambda v: Decimal(v.month),
    (Date, "day"): lambda v: Decimal(v.day),
    (Date, "weekday"): lambda v: Decimal(v.weekday),
    (DateTime, "year"): lambda v: Decimal(v.date.year),
    (DateTime, "month"): lambda v: Decimal(v.date.month),
    (DateTime, "day"): lambda v: Decimal(v.date.day),
    (DateTime, "weekday"): lambda v: Decimal(v.date.weekday),
    (DateTime, "hour"): lambda v: Decimal(v.time.hour),
    (DateTime, "minute"): lambda v: Decimal(v.time.minute),
    (DateTime, "second"): lambda v: _second(v.time),
    (DateTime, "time offset"): lambda v: _offset(v.offset()),
    (DateTime, "timezone"): lambda v: _zone(v.time),
    (Time, "hour"): lambda v: Decimal(v.hour),
    (Time, "minute"): lambda v: Decimal(v.minute),
    (Time, "second"): _second,
    (Time, "time offset"): lambda v: _offset(v.offset()),
    (Time, "timezone"): _zone,
    (YearsDuration, "years"): lambda v: _months(v, 0),
    (YearsDuration, "months"): lambda v: _months(v, 1),
    (DaysDuration, "days"): lambda v: _signed(v, 0),
    (DaysDuration, "hours"): lambda v: _signed(v, 1),
    (DaysDuration, "minutes"): lambda v: _signed(v, 2),
    (DaysDuration, "seconds"): lambda v: _signed(v, 3),
    (Range, "start"): lambda v: v.start,
    (Range, "end"): lambda v: v.end,
    (Range, "start included"): lambda v: v.start_included,
    (Range, "end included"): lambda v: v.end_included,
}


def lookup(value: Any, name: str) -> Any:
    """The entry, or ``MISSING``."""
    if type(value) is dict:
        return value.get(name, MISSING)
    getter = PROPERTIES.get((type(value), name))
    return MISSING if getter is None else getter(value)
