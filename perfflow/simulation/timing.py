"""When simulated people answer: most in time, some late, some not at all until reminded."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from perfflow.calendar import FIRM_ZONE, local_date, WorkingCalendar
from perfflow.seed.streams import Stream

OPENS = 9 * 60
CLOSES = 18 * 60
LATE_SHARE = 0.08
ABSENT_SHARE = 0.03
DEFAULT_DAYS = 5


def answer_time(
    calendar: WorkingCalendar,
    stream: Stream,
    now: datetime,
    due_at: datetime | None,
    *,
    is_prompt: bool,
    waits: bool = False,
    pace: float = 1.0,
) -> datetime:
    """A working minute after ``now``; committees and offices are prompt, people are people.

    ``pace`` below 1 makes everybody answer earlier in the time that is left; who ``waits`` uses
    all of it.
    """
    today = local_date(now)
    due_on = local_date(due_at) if due_at else calendar.add_working_days(today, DEFAULT_DAYS)
    left = max(1, calendar.working_days_between(today, due_on)) if due_on > today else 1
    kind, share = stream.uniform(), stream.uniform()
    days = int(left * share * (0.6 if is_prompt else 0.95) * pace)
    if waits:
        days = int(left * pace)
    elif not is_prompt and kind < ABSENT_SHARE:
        days = left + 8 + int(8 * share)
    elif not is_prompt and kind < ABSENT_SHARE + LATE_SHARE:
        days = left + 1 + int(4 * share)
    minute = OPENS + int(stream.uniform() * (CLOSES - OPENS))
    day = calendar.add_working_days(today, days)
    moment = _at(day, minute)
    if moment <= now:
        moment = _at(calendar.add_working_days(max(day, today), 1), minute)
    return moment


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(0), FIRM_ZONE) + timedelta(minutes=minute)


def working_moment(calendar: WorkingCalendar, day: date, minute: int = OPENS) -> datetime:
    """A minute of the working day ``day``, or of the next one."""
    return _at(calendar.add_working_days(day, 0), minute)
