"""Reads of the calendar: the firm's working calendar, kept in memory per database."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from perfflow.calendar.models import CalendarDayRow
from perfflow.calendar.rules import CalendarDay, DayKind, WorkingCalendar

_UNCOMMITTED = "perfflow.calendar.uncommitted"
# Keyed by the connection pool: an engine and its copies with other options share one.
_calendars: WeakKeyDictionary[Any, WorkingCalendar] = WeakKeyDictionary()


def calendar_days(session: Session) -> list[CalendarDay]:
    """Every holiday and make-up day that is known, in date order."""
    rows = session.execute(
        select(
            CalendarDayRow.on_date,
            CalendarDayRow.kind,
            CalendarDayRow.name_zh,
            CalendarDayRow.name_en,
            CalendarDayRow.source,
        ).order_by(CalendarDayRow.on_date)
    )
    return [CalendarDay(on, DayKind(kind), zh, en, source) for on, kind, zh, en, source in rows]


def firm_calendar(session: Session) -> WorkingCalendar:
    """The working calendar of the firm behind ``session``; read once per database."""
    if session.info.get(_UNCOMMITTED):
        return WorkingCalendar.from_days(calendar_days(session))
    pool = session.get_bind().engine.pool
    calendar = _calendars.get(pool)
    if calendar is None:
        calendar = WorkingCalendar.from_days(calendar_days(session))
        if calendar.years:
            # An empty table is not remembered: another process may be about to fill it.
            _calendars[pool] = calendar
    return calendar


def forget_calendar(session: Session) -> None:
    """Read the table anew: at once in ``session``, elsewhere when it has committed."""
    session.info[_UNCOMMITTED] = True

    def committed(_session: Session) -> None:
        session.info.pop(_UNCOMMITTED, None)
        _calendars.pop(session.get_bind().engine.pool, None)

    def rolled_back(_session: Session) -> None:
        session.info.pop(_UNCOMMITTED, None)

    event.listen(session, "after_commit", committed, once=True)
    event.listen(session, "after_rollback", rolled_back, once=True)
