"""Working days of the firm: holidays, make-up days, deadlines in firm time."""

from __future__ import annotations

from datetime import date, datetime, timedelta, UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.calendar.rules import (
    end_of_day,
    FIRM_ZONE,
    local_date,
    parse_calendars,
    start_of_day,
    WorkingCalendar,
)
from perfflow.kernel.errors import BadInput

FOLDER = Path(__file__).resolve().parents[2] / "catalogue" / "calendars"
FILES = {path.name: path.read_bytes() for path in FOLDER.glob("*.yaml")}
CHINA = WorkingCalendar.from_days(parse_calendars(FILES))
PLAIN = WorkingCalendar()
days = st.dates(date(2023, 6, 1), date(2027, 6, 1))


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2025-09-26", 5, "2025-10-10"),  # Sunday, 28 September is worked, 1 to 8 October is not
        ("2025-01-24", 3, "2025-02-05"),
        ("2025-12-31", 1, "2026-01-04"),  # a Sunday
        ("2026-02-13", 5, "2026-02-27"),
        ("2025-10-01", 1, "2025-10-09"),  # the start never counts, worked or not
        ("2025-09-28", 1, "2025-09-29"),
        ("2025-10-10", -5, "2025-09-26"),
        ("2026-01-04", -1, "2025-12-31"),
        ("2025-10-03", 0, "2025-10-09"),
        ("2025-10-11", 0, "2025-10-11"),  # a Saturday that is worked
        ("2024-02-09", 1, "2024-02-18"),
        ("2024-12-31", 1, "2025-01-02"),
    ],
)
def test_working_days_are_counted_with_make_up_days(start: str, n: int, expected: str) -> None:
    assert CHINA.add_working_days(date.fromisoformat(start), n) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("year", "working_days"),
    # Weekdays of the year, less holidays on weekdays, plus make-up days on weekends.
    [(2024, 251), (2025, 248), (2026, 248)],
)
def test_years_have_the_published_number_of_working_days(year: int, working_days: int) -> None:
    last = date(year - 1, 12, 31)
    assert CHINA.working_days_between(last, date(year, 12, 31)) == working_days
    assert CHINA.is_covered(year)


@pytest.mark.parametrize("year", [2023, 2027])
def test_a_year_without_a_file_follows_the_plain_week_and_says_so(year: int) -> None:
    assert not CHINA.is_covered(year)
    assert CHINA.is_working_day(date(year, 10, 2)) == (date(year, 10, 2).weekday() < 5)


@given(days, st.integers(-300, 300).filter(bool))
def test_the_result_is_worked_and_the_distance_is_right(day: date, n: int) -> None:
    result = CHINA.add_working_days(day, n)
    assert CHINA.is_working_day(result)
    assert CHINA.working_days_between(day, result) == n


@given(days, st.integers(1, 60), st.integers(1, 60))
def test_steps_add_up(day: date, first: int, second: int) -> None:
    at_once = CHINA.add_working_days(day, first + second)
    assert CHINA.add_working_days(CHINA.add_working_days(day, first), second) == at_once


@given(days)
def test_zero_days_is_the_day_itself_or_the_next_that_is_worked(day: date) -> None:
    result = CHINA.add_working_days(day, 0)
    assert result >= day
    assert CHINA.is_working_day(result)
    assert all(not CHINA.is_working_day(day + timedelta(n)) for n in range((result - day).days))


@given(days, days)
def test_days_between_count_the_end_and_not_the_start(first: date, last: date) -> None:
    low, high = sorted((first, last))
    between = [low + timedelta(n) for n in range(1, (high - low).days + 1)]
    counted = sum(day.weekday() < 5 for day in between)
    assert PLAIN.working_days_between(low, high) == counted


def test_a_deadline_is_one_second_before_midnight_in_the_firm() -> None:
    assert end_of_day(date(2025, 10, 10)) == datetime(2025, 10, 10, 15, 59, 59, tzinfo=UTC)
    assert start_of_day(date(2025, 10, 10)) == datetime(2025, 10, 9, 16, 0, tzinfo=UTC)
    assert end_of_day(date(2025, 10, 10)).tzinfo is UTC


@given(days)
def test_the_deadline_of_a_day_is_on_that_day_in_the_firm(day: date) -> None:
    assert local_date(end_of_day(day)) == day
    assert local_date(end_of_day(day) + timedelta(seconds=1)) == day + timedelta(days=1)
    assert local_date(start_of_day(day)) == day


def test_the_date_of_an_instant_is_the_one_on_the_wall_of_the_firm() -> None:
    assert local_date(datetime(2025, 12, 31, 16, 0, tzinfo=UTC)) == date(2026, 1, 1)
    assert local_date(datetime(2026, 1, 1, 0, 30, tzinfo=FIRM_ZONE)) == date(2026, 1, 1)
    with pytest.raises(TypeError, match="aware"):
        local_date(datetime(2026, 1, 1))  # noqa: DTZ001 - a naive time is what is refused


HOLIDAY = "{from: 2026-10-01, to: 2026-10-01, name_zh: 国庆节, name_en: National Day}"


def calendar_file(**changes: str) -> str:
    parts = {"year": "2026", "holidays": f"[{HOLIDAY}]", "working_weekends": "[]", **changes}
    return "\n".join(f"{key}: {value}" for key, value in parts.items())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "calendar.unreadable"),
        ("- a list", "calendar.unreadable"),
        (b"\xff\xfe\x00", "calendar.unreadable"),
        (calendar_file(colour="red"), "calendar.unknown_key"),
        (calendar_file(year="2025"), "calendar.other_year"),
        (calendar_file(holidays="[{from: soon, to: 2026-10-01}]"), "calendar.not_a_date"),
        (calendar_file(holidays="[2026-10-01]"), "calendar.not_a_date"),
        (calendar_file(holidays="[{from: 2026-10-01, to: 2026-10-01}]"), "calendar.name_missing"),
        (calendar_file(working_weekends="[{date: 2026-10-09}]"), "calendar.not_a_weekend"),
    ],
)
def test_a_calendar_file_that_is_wrong_says_what_is_wrong(text: str | bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_calendars({"CN-2026.yaml": text})
    assert caught.value.code == code
    assert caught.value.params["path"] == "CN-2026.yaml"


def test_a_later_file_may_add_the_days_of_a_firm() -> None:
    party = "{from: 2026-05-08, to: 2026-05-08, name_zh: 司庆, name_en: Founders' Day}"
    worked = "{date: 2026-10-03, name_zh: 加班, name_en: Extra day}"
    firm = calendar_file(holidays=f"[{party}]", working_weekends=f"[{worked}]")
    calendar = WorkingCalendar.from_days(parse_calendars({**FILES, "FIRM-2026.yaml": firm}))
    assert not calendar.is_working_day(date(2026, 5, 8))
    assert calendar.is_working_day(date(2026, 10, 3))
    assert not calendar.is_working_day(date(2026, 10, 2))


def test_shipped_files_name_their_source_and_every_day() -> None:
    parsed = parse_calendars(FILES)
    assert {day.on.year for day in parsed} == {2024, 2025, 2026}
    assert all(day.name_zh and day.name_en and "国务院" in day.source for day in parsed)
