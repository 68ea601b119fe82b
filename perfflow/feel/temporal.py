"""Dates, times and durations of FEEL, with years of up to nine digits and named time zones."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MAX_YEAR = 999_999_999
NANOS = 1_000_000_000
DAY_NANOS = 86_400 * NANOS
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

Zone = int | str | None
"""None: local time; int: offset in seconds; str: a zone of the time zone database."""


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else _MONTH_DAYS[month - 1]


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar carried on in both directions."""
    if month <= 2:
        year -= 1
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    days += 719_468
    era = days // 146_097
    of_era = days - era * 146_097
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return year, month, day


class YearsDuration:
    """A years and months duration: a number of months."""

    __slots__ = ("months",)

    def __init__(self, months: int) -> None:
        self.months = months

    def __eq__(self, other: object) -> bool:
        return isinstance(other, YearsDuration) and self.months == other.months

    def __hash__(self) -> int:
        return hash(("ym", self.months))

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        sign = "-" if self.months < 0 else ""
        if not years:
            return f"{sign}P{months}M"
        return f"{sign}P{years}Y" + (f"{months}M" if months else "")

    def __repr__(self) -> str:
        return f'duration("{self}")'


class DaysDuration:
    """A days and time duration: a number of nanoseconds."""

    __slots__ = ("nanos",)

    def __init__(self, nanos: int) -> None:
        self.nanos = nanos

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DaysDuration) and self.nanos == other.nanos

    def __hash__(self) -> int:
        return hash(("dt", self.nanos))

    def parts(self) -> tuple[int, int, int, int, int]:
        """Days, hours, minutes, seconds and nanoseconds of the absolute length."""
        seconds, nanos = divmod(abs(self.nanos), NANOS)
        days, seconds = divmod(seconds, 86_400)
        hours, seconds = divmod(seconds, 3600)
        minutes, seconds = divmod(seconds, 60)
        return days, hours, minutes, seconds, nanos

    def __str__(self) -> str:
        days, hours, minutes, seconds, nanos = self.parts()
        text = f"{days}D" if days else ""
        clock = f"{hours}H" if hours else ""
        clock += f"{minutes}M" if minutes else ""
        if seconds or nanos:
            clock += f"{seconds}{fraction(nanos)}S"
        if clock:
            text += "T" + clock
        return ("-" if self.nanos < 0 else "") + "P" + (text or "T0S")

    def __repr__(self) -> str:
        return f'duration("{self}")'


class Date:
    """A day of the calendar."""

    __slots__ = ("day", "month", "year")

    def __init__(self, year: int, month: int, day: int) -> None:
        self.year = year
        self.month = month
        self.day = day

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Date) and self.days == other.days

    def __hash__(self) -> int:
        return hash((self.year, self.month, self.day))

    @property
    def days(self) -> int:
        return days_from_civil(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        return (self.days + 3) % 7 + 1

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"

    def __repr__(self) -> str:
        return f'date("{self}")'


class Time:
    """A time of day, with or without a zone."""

    __slots__ = ("nanos", "zone")

    def __init__(self, nanos: int, zone: Zone = None) -> None:
        self.nanos = nanos
        self.zone = zone

    @property
    def hour(self) -> int:
        return self.nanos // (3600 * NANOS)

    @property
    def minute(self) -> int:
        return self.nanos // (60 * NANOS) % 60

    @property
    def second(self) -> int:
        return self.nanos // NANOS % 60

    def offset(self) -> int | None:
        """Seconds east of Greenwich; for a named zone those of its winter (a time has no day)."""
        if isinstance(self.zone, str):
            return zone_offset(self.zone, days_from_civil(2000, 1, 1), self.nanos)
        return self.zone

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Time) and same_time(self, other)

    def __hash__(self) -> int:
        return hash(self.nanos // NANOS) if self.zone is None else 1

    def __str__(self) -> str:
        text = f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}"
        return text + fraction(self.nanos % NANOS) + zone_text(self.zone)

    def __repr__(self) -> str:
        return f'time("{self}")'


class DateTime:
    """A date and time, with or without a zone."""

    __slots__ = ("date", "time")

    def __init__(self, date: Date, time: Time) -> None:
        self.date = date
        self.time = time

    def offset(self) -> int | None:
        zone = self.time.zone
        if isinstance(zone, str):
            return zone_offset(zone, self.date.days, self.time.nanos)
        return zone

    def local_nanos(self) -> int:
        return self.date.days * DAY_NANOS + self.time.nanos

    def instant(self) -> int:
        """Nanoseconds since 1970 in universal time (a local time counts as universal)."""
        return self.local_nanos() - (self.offset() or 0) * NANOS

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DateTime) and same_datetime(self, other)

    def __hash__(self) -> int:
        return hash(self.instant() // NANOS)

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"

    def __repr__(self) -> str:
        return f'date and time("{self}")'


def same_time(left: Time, right: Time) -> bool:
    """Equality of the standard: whole seconds, compared in universal time when both have zones."""
    if (left.zone is None) != (right.zone is None):
        return False
    if left.zone == right.zone:
        return left.nanos // NANOS == right.nanos // NANOS
    return time_key(left) == time_key(right)


def same_datetime(left: DateTime, right: DateTime) -> bool:
    if (left.time.zone is None) != (right.time.zone is None):
        return False
    return left.instant() // NANOS == right.instant() // NANOS


def time_key(value: Time) -> int:
    return value.nanos // NANOS - (value.offset() or 0)


def fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def zone_text(zone: Zone) -> str:
    if zone is None:
        return ""
    if isinstance(zone, str):
        return "@" + zone
    return offset_text(zone)


def offset_text(offset: int) -> str:
    if offset == 0:
        return "Z"
    hours, rest = divmod(abs(offset), 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"
    return text + (f":{seconds:02d}" if seconds else "")


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo | None:
    """The zone of that name, or None; names are checked so that none can lead to another file."""
    if len(name) > 64 or not all(c.isascii() and (c.isalnum() or c in "_-+/") for c in name):
        return None
    if name.startswith("/") or not name[0].isalpha():
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def zone_offset(name: str, days: int, nanos: int) -> int:
    """The offset of a named zone on a local day; far years use the same day of a 400-year cycle."""
    zone = find_zone(name)
    if zone is None:
        return 0
    year, month, day = civil_from_days(days)
    if not 1 < year < 9999:
        year = 2000 + year % 400
    moment = datetime(year, month, day, tzinfo=zone) + timedelta(seconds=nanos // NANOS)
    offset = moment.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def from_nanos(total: int, zone: Zone) -> DateTime:
    days, nanos = divmod(total, DAY_NANOS)
    return DateTime(Date(*civil_from_days(days)), Time(nanos, zone))


def add_months(date: Date, months: int) -> Date:
    total = date.year * 12 + date.month - 1 + months
    year, month = divmod(total, 12)
    return Date(year, month + 1, min(date.day, days_in_month(year, month + 1)))


def in_bounds(year: int) -> bool:
    return -MAX_YEAR <= year <= MAX_YEAR
