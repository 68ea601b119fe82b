"""Working-day arithmetic and calendar files, without a database or a clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone, tzinfo, UTC
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from perfflow.kernel.errors import BadInput

_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)
_SATURDAY = 5


def _firm_zone() -> tzinfo:
    try:
        return ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        # A bare machine may lack the zone files; China has kept UTC+8 all year since 1992.
        return timezone(timedelta(hours=8), "Asia/Shanghai")


FIRM_ZONE: tzinfo = _firm_zone()


class DayKind(StrEnum):
    """Why a day differs from the plain week."""

    HOLIDAY = "holiday"
    WORKING_WEEKEND = "working-weekend"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day that is not what its weekday says."""

    on: date
    kind: DayKind
    name_zh: str
    name_en: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked: Monday to Friday, less holidays, plus make-up days.

    Years outside ``years`` follow the plain week; pages warn where :meth:`is_covered` is false.
    """

    holidays: frozenset[date] = frozenset()
    working_weekends: frozenset[date] = frozenset()
    years: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def from_days(cls, days: Iterable[CalendarDay]) -> WorkingCalendar:
        """The calendar made of the special days of whole years."""
        holidays: set[date] = set()
        working: set[date] = set()
        for day in days:
            (holidays if day.kind is DayKind.HOLIDAY else working).add(day.on)
        years = frozenset(on.year for on in holidays | working)
        return cls(frozenset(holidays - working), frozenset(working), years)

    def is_covered(self, year: int) -> bool:
        """True when the holidays of ``year`` are known."""
        return year in self.years

    def is_working_day(self, day: date) -> bool:
        """True when the firm works on ``day``."""
        if day in self.holidays:
            return False
        return day.weekday() < _SATURDAY or day in self.working_weekends

    def add_working_days(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day``, which itself never counts.

        ``n`` < 0 counts backwards in the same way; ``n`` = 0 is ``day``, or the next working day
        when ``day`` is none.
        """
        if n == 0:
            while not self.is_working_day(day):
                day += _DAY
            return day
        step = _DAY if n > 0 else -_DAY
        left = abs(n)
        while left:
            day += step
            if self.is_working_day(day):
                left -= 1
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after ``first`` up to and including ``last``.

        Negative when ``last`` is earlier, so that
        ``working_days_between(d, add_working_days(d, n)) == n`` for every ``n`` but 0.
        """
        if last < first:
            return -sum(self.is_working_day(day) for day in _days(last, first - _DAY))
        return sum(self.is_working_day(day) for day in _days(first + _DAY, last))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


def local_date(instant: datetime) -> date:
    """The date that the firm's wall calendar shows at ``instant``."""
    if instant.tzinfo is None:
        raise TypeError(f"expected an aware datetime but got {instant!r}")
    return instant.astimezone(FIRM_ZONE).date()


def start_of_day(day: date) -> datetime:
    """The first instant of ``day`` in the firm's zone, as UTC."""
    return datetime.combine(day, time(), FIRM_ZONE).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The deadline of ``day``: 23:59:59 in the firm's zone, as UTC."""
    return datetime.combine(day, _LAST_SECOND, FIRM_ZONE).astimezone(UTC)


def parse_calendars(files: Mapping[str, bytes | str]) -> list[CalendarDay]:
    """The special days of calendar files (path → text), in date order.

    Files are read in the order of their paths; a later file may say otherwise about a day (a
    firm's own days in ``FIRM-2026.yaml`` after the national ``CN-2026.yaml``).
    """
    days: dict[date, CalendarDay] = {}
    for path in sorted(files):
        for day in _parse_file(path, files[path]):
            days[day.on] = day
    return [days[on] for on in sorted(days)]


def _parse_file(path: str, text: bytes | str) -> Iterator[CalendarDay]:
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput("calendar.unreadable", path=path) from error
    if not isinstance(document, dict):
        raise BadInput("calendar.unreadable", path=path)
    unknown = set(document) - {"calendar", "year", "source", "holidays", "working_weekends"}
    if unknown:
        raise BadInput("calendar.unknown_key", path=path, key=min(map(str, unknown)))
    year, source = document.get("year"), str(document.get("source", ""))
    for entry in document.get("holidays") or []:
        first = _day(path, entry, "from", year)
        for on in _days(first, _day(path, entry, "to", year)):
            yield _special(path, entry, on, DayKind.HOLIDAY, source)
    for entry in document.get("working_weekends") or []:
        on = _day(path, entry, "date", year)
        if on.weekday() < _SATURDAY:
            raise BadInput("calendar.not_a_weekend", path=path, day=on.isoformat())
        yield _special(path, entry, on, DayKind.WORKING_WEEKEND, source)


def _special(path: str, entry: Any, on: date, kind: DayKind, source: str) -> CalendarDay:
    names = (entry.get("name_zh"), entry.get("name_en"))
    if not all(isinstance(name, str) and name for name in names):
        raise BadInput("calendar.name_missing", path=path, day=on.isoformat())
    return CalendarDay(on, kind, names[0], names[1], source)


def _day(path: str, entry: Any, key: str, year: Any) -> date:
    value = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise BadInput("calendar.not_a_date", path=path, key=key, got=str(value))
    if value.year != year:
        raise BadInput("calendar.other_year", path=path, day=value.isoformat(), year=str(year))
    return value
