"""Reading dates, times and durations from the texts of ISO 8601 that FEEL allows."""

from __future__ import annotations

import re

from perfflow.feel.temporal import (
    civil_from_days,
    Date,
    DateTime,
    DAY_NANOS,
    days_in_month,
    DaysDuration,
    find_zone,
    in_bounds,
    NANOS,
    Time,
    YearsDuration,
    Zone,
)

_DATE = r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d{2})-(\d{2})"
_TIME = r"(\d{2}):(\d{2}):(\d{2})(\.\d+)?"
_ZONE = r"([Zz]|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z0-9_+/-]+)?"
_DATE_RE = re.compile(_DATE, re.ASCII)
_TIME_RE = re.compile(_TIME + _ZONE, re.ASCII)
_DATE_TIME_RE = re.compile(_DATE + "T" + _TIME + _ZONE, re.ASCII)
_YEARS_RE = re.compile(r"(-)?P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?", re.ASCII)
_DAYS_RE = re.compile(
    r"(-)?P(?:(\d{1,12})D)?(?:T(?:(\d{1,14})H)?(?:(\d{1,16})M)?(?:(\d{1,18})(\.\d*)?S)?)?",
    re.ASCII,
)
_MAX_TEXT = 100


def parse_date(text: str) -> Date | None:
    match = _DATE_RE.fullmatch(text) if len(text) <= _MAX_TEXT else None
    return make_date(*(int(part) for part in match.groups())) if match else None


def make_date(year: int, month: int, day: int) -> Date | None:
    if not in_bounds(year) or not 1 <= month <= 12:
        return None
    return Date(year, month, day) if 1 <= day <= days_in_month(year, month) else None


def parse_time(text: str) -> Time | None:
    match = _TIME_RE.fullmatch(text) if len(text) <= _MAX_TEXT else None
    if match is None:
        return None
    nanos, zone = _clock(match.groups())
    return None if nanos is None else Time(nanos % DAY_NANOS, zone)


def parse_datetime(text: str) -> DateTime | None:
    match = _DATE_TIME_RE.fullmatch(text) if len(text) <= _MAX_TEXT else None
    if match is None:
        date = parse_date(text)
        return DateTime(date, Time(0)) if date else None
    parts = match.groups()
    date = make_date(*(int(part) for part in parts[:3]))
    nanos, zone = _clock(parts[3:])
    if date is None or nanos is None:
        return None
    if nanos == DAY_NANOS:
        date = Date(*civil_from_days(date.days + 1))
        nanos = 0
    return DateTime(date, Time(nanos, zone))


def _clock(parts: tuple[str | None, ...]) -> tuple[int | None, Zone]:
    hour, minute, second = (int(part or 0) for part in parts[:3])
    nanos = int(((parts[3] or ".")[1:] + "000000000")[:9])
    total = (hour * 3600 + minute * 60 + second) * NANOS + nanos
    midnight = hour == 24 and total == DAY_NANOS
    if minute > 59 or second > 59 or (hour > 23 and not midnight):
        return None, None
    known, zone = parse_zone(parts[4])
    return (total if known else None), zone


def parse_zone(text: str | None) -> tuple[bool, Zone]:
    """Whether the text names a zone, and which."""
    if not text:
        return True, None
    if text in "Zz":
        return True, 0
    if text[0] == "@":
        return (find_zone(text[1:]) is not None), text[1:]
    fields = [int(part) for part in text[1:].split(":")]
    seconds = fields[0] * 3600 + fields[1] * 60 + (fields[2] if len(fields) > 2 else 0)
    if fields[0] > 18 or seconds > 18 * 3600 or any(field > 59 for field in fields[1:]):
        return False, None
    return True, (-seconds if text[0] == "-" else seconds)


def parse_duration(text: str) -> DaysDuration | YearsDuration | None:
    if len(text) > _MAX_TEXT or text[-1:] in ("P", "T", ""):
        return None
    match = _YEARS_RE.fullmatch(text)
    if match:
        sign, years, months = match.groups()
        total = int(years or 0) * 12 + int(months or 0)
        return YearsDuration(-total if sign else total)
    match = _DAYS_RE.fullmatch(text)
    if match is None:
        return None
    sign, days, hours, minutes, seconds, part = match.groups()
    total = int(days or 0) * 86_400 + int(hours or 0) * 3600
    total = (total + int(minutes or 0) * 60 + int(seconds or 0)) * NANOS
    total += int(((part or ".")[1:] + "000000000")[:9])
    return DaysDuration(-total if sign else total)


def parse_temporal(text: str) -> Date | DateTime | Time | DaysDuration | YearsDuration | None:
    """The value of ``@"…"``."""
    return parse_date(text) or parse_datetime(text) or parse_time(text) or parse_duration(text)
