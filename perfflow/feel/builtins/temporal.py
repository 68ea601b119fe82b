"""Functions about dates, times and durations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from perfflow.feel.errors import NullResult
from perfflow.feel.evaluation import Run
from perfflow.feel.functions import builtin, fail
from perfflow.feel.temporal import (
    Date,
    DateTime,
    days_from_civil,
    DaysDuration,
    NANOS,
    Time,
    YearsDuration,
)
from perfflow.feel.temporal_text import (
    make_date,
    parse_date,
    parse_datetime,
    parse_duration,
    parse_time,
)

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day_of(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


def _read(name: str, value: Any, text: str) -> Any:
    if value is None:
        raise fail(name, text)
    return value


@builtin("date", "from: string")
def date_text(_run: Run, text: str) -> Any:
    return _read("date", parse_date(text), text)


@builtin("date", "from: day")
def date_from(_run: Run, value: Date | DateTime) -> Any:
    return day_of(value)


@builtin("date", "year: number, month: number, day: number")
def date_parts(_run: Run, year: Decimal, month: Decimal, day: Decimal) -> Any:
    parts = [_small("date", part) for part in (year, month, day)]
    return _read("date", make_date(*parts), f"{year}-{month}-{day}")


def _small(name: str, value: Decimal) -> int:
    if value.adjusted() > 12:
        raise fail(name, value)
    return int(value)


@builtin("time", "from: string")
def time_text(_run: Run, text: str) -> Any:
    return _read("time", parse_time(text), text)


@builtin("time", "from: time")
def time_same(_run: Run, value: Time) -> Any:
    return value


@builtin("time", "from: day")
def time_from(_run: Run, value: Date | DateTime) -> Any:
    return value.time if isinstance(value, DateTime) else Time(0, 0)


@builtin("time", "hour: number, minute: number, second: number, offset: days and time duration?=")
def time_parts(
    _run: Run,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DaysDuration | None = None,
) -> Any:
    hours, minutes = _small("time", hour), _small("time", minute)
    nanos = _small("time", second * NANOS) if second.adjusted() < 4 else -1
    zone = None if offset is None else offset.nanos // NANOS
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= nanos < 60 * NANOS):
        raise fail("time", f"{hour}:{minute}:{second}")
    if zone is not None and abs(zone) > 18 * 3600:
        raise fail("time", offset)
    return Time((hours * 3600 + minutes * 60) * NANOS + nanos, zone)


@builtin("date and time", "from: string")
def datetime_text(_run: Run, text: str) -> Any:
    return _read("date and time", parse_datetime(text), text)


@builtin("date and time", "from: date and time")
def datetime_same(_run: Run, value: DateTime) -> Any:
    return value


@builtin("date and time", "date: day, time: time")
def datetime_parts(_run: Run, date: Date | DateTime, time: Time) -> Any:
    return DateTime(day_of(date), time)


@builtin("duration", "from: string")
def duration(_run: Run, text: str) -> Any:
    return _read("duration", parse_duration(text), text)


@builtin("duration", "from: duration")
def duration_same(_run: Run, value: Any) -> Any:
    return value


@builtin("years and months duration", "from: day, to: day")
def years_and_months(_run: Run, start: Date | DateTime, end: Date | DateTime) -> Any:
    a, b = day_of(start), day_of(end)
    months = (b.year - a.year) * 12 + b.month - a.month
    if months > 0 and b.day < a.day:
        months -= 1
    elif months < 0 and b.day > a.day:
        months += 1
    return YearsDuration(months)


@builtin("now", "")
def now(run: Run) -> Any:
    return run.now()


@builtin("today", "")
def today(run: Run) -> Any:
    return run.now().date


@builtin("day of year", "date: day")
def day_of_year(_run: Run, value: Date | DateTime) -> Any:
    date = day_of(value)
    return Decimal(date.days - days_from_civil(date.year, 1, 1) + 1)


@builtin("day of week", "date: day")
def day_of_week(_run: Run, value: Date | DateTime) -> Any:
    return _WEEKDAYS[day_of(value).weekday - 1]


@builtin("month of year", "date: day")
def month_of_year(_run: Run, value: Date | DateTime) -> Any:
    return _MONTHS[day_of(value).month - 1]


@builtin("week of year", "date: day")
def week_of_year(_run: Run, value: Date | DateTime) -> Any:
    """The week of ISO 8601: the week belongs to the year of its Thursday."""
    date = day_of(value)
    thursday = date.days - date.weekday + 4
    year = date.year
    for candidate in (year + 1, year, year - 1):
        first = days_from_civil(candidate, 1, 1)
        if thursday >= first:
            return Decimal((thursday - first) // 7 + 1)
    raise NullResult("feel.out_of_range")
