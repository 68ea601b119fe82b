"""How waiting work is ordered for the eye: overdue, today, this week, later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from perfflow.calendar.rules import end_of_day, local_date, WorkingCalendar


class DueGroup(StrEnum):
    """The heading under which a task stands."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as the list shows it; ``days`` are working days, negative when overdue."""

    group: DueGroup
    on: date | None
    days: int


def end_of_week(today: date) -> date:
    """The Sunday of the week of ``today``."""
    return today + timedelta(days=6 - today.weekday())


def soon_until(now: datetime) -> datetime:
    """The last instant of this week in firm time."""
    return end_of_day(end_of_week(local_date(now)))


def due_of(due_at: datetime | None, now: datetime, calendar: WorkingCalendar) -> Due:
    """Where a task with that due date stands at ``now``."""
    if due_at is None:
        return Due(DueGroup.UNDATED, None, 0)
    on, today = local_date(due_at), local_date(now)
    if due_at < now:
        # Due earlier today already counts as one day: nobody reads "overdue by 0 days".
        return Due(DueGroup.OVERDUE, on, -max(1, calendar.working_days_between(on, today)))
    if on == today:
        return Due(DueGroup.TODAY, on, 0)
    group = DueGroup.WEEK if on <= end_of_week(today) else DueGroup.LATER
    return Due(group, on, calendar.working_days_between(today, on))
