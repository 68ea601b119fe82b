"""Where a due date stands: overdue, today, this week, later."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from perfflow.calendar import end_of_day, FIRM_ZONE, WorkingCalendar
from perfflow.inbox.rules import due_of, DueGroup, end_of_week, soon_until

NOW = datetime(2025, 1, 15, 9, tzinfo=FIRM_ZONE)  # a Wednesday
PLAIN = WorkingCalendar()


@pytest.mark.parametrize(
    ("due", "group", "days"),
    [
        (end_of_day(date(2025, 1, 15)), DueGroup.TODAY, 0),
        (NOW - timedelta(seconds=1), DueGroup.OVERDUE, -1),
        (end_of_day(date(2025, 1, 14)), DueGroup.OVERDUE, -1),
        (end_of_day(date(2025, 1, 10)), DueGroup.OVERDUE, -3),
        (end_of_day(date(2025, 1, 16)), DueGroup.WEEK, 1),
        (end_of_day(date(2025, 1, 19)), DueGroup.WEEK, 2),
        (end_of_day(date(2025, 1, 20)), DueGroup.LATER, 3),
        (None, DueGroup.UNDATED, 0),
    ],
)
def test_due_dates_fall_into_groups_with_working_days(
    due: datetime | None, group: DueGroup, days: int
) -> None:
    found = due_of(due, NOW, PLAIN)
    assert (found.group, found.days) == (group, days)


def test_the_day_is_the_day_of_the_firm_whatever_the_zone_of_the_instant() -> None:
    late_evening = datetime.fromisoformat("2025-01-15T15:59:59+00:00")
    assert due_of(late_evening, NOW, PLAIN).on == date(2025, 1, 15)
    one_second_more = datetime.fromisoformat("2025-01-15T16:00:00+00:00")
    assert due_of(one_second_more, NOW, PLAIN).on == date(2025, 1, 16)


def test_working_days_know_make_up_days_and_holidays() -> None:
    calendar = WorkingCalendar(
        holidays=frozenset({date(2025, 1, 16)}), working_weekends=frozenset({date(2025, 1, 18)})
    )
    # Thursday is off, Saturday is worked: Friday and Saturday remain.
    assert due_of(end_of_day(date(2025, 1, 19)), NOW, calendar).days == 2


def test_a_week_ends_on_sunday() -> None:
    assert end_of_week(date(2025, 1, 13)) == date(2025, 1, 19)
    assert end_of_week(date(2025, 1, 19)) == date(2025, 1, 19)
    assert soon_until(NOW) == end_of_day(date(2025, 1, 19))
