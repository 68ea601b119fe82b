"""Writes of the calendar: filling the table from the catalogue's calendar files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from perfflow.calendar.models import CalendarDayRow
from perfflow.calendar.queries import calendar_days, forget_calendar
from perfflow.calendar.rules import parse_calendars
from perfflow.kernel.actor import Actor


def load_calendars(
    session: Session, actor: Actor, now: datetime, files: Mapping[str, bytes | str]
) -> int:
    """Make the table say what ``files`` (path → text of ``catalogue/calendars/*.yaml``) say.

    Returns how many special days are known now. The same content again writes nothing. The
    audit record is that of the deployment which brings the files: ``actor`` and ``now`` are here
    because every action has them.
    """
    days = parse_calendars(files)
    if days == calendar_days(session):
        return len(days)
    session.execute(delete(CalendarDayRow))
    session.add_all(
        CalendarDayRow(
            on_date=day.on,
            kind=day.kind.value,
            name_zh=day.name_zh,
            name_en=day.name_en,
            source=day.source,
        )
        for day in days
    )
    session.flush()
    forget_calendar(session)
    return len(days)
