"""The firm's calendar: working days with make-up days (调休), and the firm's time zone."""

from perfflow.calendar.actions import load_calendars
from perfflow.calendar.queries import firm_calendar
from perfflow.calendar.rules import (
    end_of_day,
    FIRM_ZONE,
    local_date,
    parse_calendars,
    start_of_day,
    WorkingCalendar,
)

__all__ = [
    "FIRM_ZONE",
    "WorkingCalendar",
    "end_of_day",
    "firm_calendar",
    "load_calendars",
    "local_date",
    "parse_calendars",
    "start_of_day",
]
