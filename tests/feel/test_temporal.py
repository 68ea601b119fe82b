"""Dates, times and durations: reading, arithmetic, zones and far years."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfflow.feel import compile
from perfflow.feel.printer import to_text
from perfflow.feel.temporal import add_months, civil_from_days, Date, days_from_civil


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("2026-02-28") + @"P1D"', '@"2026-03-01"'),
        ('date("2026-01-31") + @"P1M"', '@"2026-02-28"'),
        ('date("2024-02-29") - @"P1Y"', '@"2023-02-28"'),
        ('date("2026-01-01") + @"PT36H"', '@"2026-01-02"'),
        ('@"P1D" + date("2026-01-01")', '@"2026-01-02"'),
        ('@"2026-03-31T23:30:00" + @"PT1H"', '@"2026-04-01T00:30:00"'),
        ('@"23:30:00" + @"PT1H"', '@"00:30:00"'),
        ('@"00:15:00+08:00" - @"PT30M"', '@"23:45:00+08:00"'),
        ('@"2026-03-31" - @"2026-03-01"', '@"P30D"'),
        ('@"2026-01-01T08:00:00+08:00" - @"2026-01-01T00:00:00Z"', '@"PT0S"'),
        ('@"10:00:00Z" - @"08:30:00Z"', '@"PT1H30M"'),
        ('@"2026-01-02" - @"2026-01-01T12:00:00Z"', '@"PT12H"'),
        ('@"P1Y" + @"P3M"', '@"P1Y3M"'),
        ('@"P1D" - @"PT25H"', '@"-PT1H"'),
        ('@"P1Y" * 1.5', '@"P1Y6M"'),
        ('2 * @"PT90M"', '@"PT3H"'),
        ('@"P1D" / 4', '@"PT6H"'),
        ('@"P1D" / @"PT6H"', "4"),
        ('@"P2Y" / @"P8M"', "3"),
        ('-@"P1Y2M"', '@"-P1Y2M"'),
        # zones: the hour that summer time leaves out, an offset with seconds, two names of a zone
        ('@"2021-03-28T01:30:00@Europe/Paris" + @"PT1H"', '@"2021-03-28T03:30:00@Europe/Paris"'),
        ('string(time(11, 59, 45, @"PT2H45M55S"))', '"11:59:45+02:45:55"'),
        ('@"2021-06-01T12:00:00@Europe/Paris".time offset', '@"PT2H"'),
        ('@"2021-01-01T12:00:00@Europe/Paris" = @"2021-01-01T11:00:00Z"', "true"),
        ('@"10:00:00+01:00" = @"09:00:00Z"', "true"),
        # far years
        ('date("999999999-12-31").weekday', "5"),
        ('date("-999999999-01-01") < date("0001-01-01")', "true"),
        ('@"12026-02-28" + @"P1D"', '@"12026-03-01"'),
        ('@"12024-02-28" + @"P1D"', '@"12024-02-29"'),
        ('(@"200000-01-01" - @"199999-01-01").days', "365"),
        ('@"20000-07-01T12:00:00@Europe/Paris".time offset', '@"PT2H"'),
        # properties and parts
        ('@"P1DT2H3M4S".hours', "2"),
        ('@"-P14M".years', "-1"),
        ('@"2026-03-02T09:30:15.25".second', "15"),
        ('date(@"2026-03-02T23:59:59Z")', '@"2026-03-02"'),
        ('time(@"2026-03-02")', '@"00:00:00Z"'),
        ('date and time("2026-12-31T24:00:00")', '@"2027-01-01T00:00:00"'),
        ('years and months duration(@"2026-08-24", @"2024-12-22")', '@"-P1Y8M"'),
        ('week of year(@"2027-01-01")', "53"),
        ('week of year(@"2024-12-30")', "1"),
    ],
)
def test_the_calculation_gives(text: str, expected: str) -> None:
    result = compile(text).evaluate({})
    assert to_text(result.feel_value) == expected
    assert result.warnings == []


@pytest.mark.parametrize(
    "text",
    [
        "2026-2-01", "2026-02-30", "2026-13-01", "02026-01-01", "1000000000-01-01", "+2026-01-01",
        "2026-01-01Z", "25:00:00", "10:60:00", "10:00:60", "7:00:00", "10:00", "10:00:00+19:00",
        "10:00:00+5:00", "10:00:00@Nowhere/City", "10:00:00@../../etc/passwd", "10:00:00Z@UTC",
        "2026-01-01T", "2026-01-01T10:00", "P", "PT", "P1DT", "P1H", "PT1D", "P1Y1D", "1D", "P-1D",
        "P1.5D", "", " 2026-01-01", "2026-01-01\n", "２０２６-01-01",
    ],
)  # fmt: skip
def test_a_text_that_is_no_date_time_or_duration_is_null(text: str) -> None:
    result = compile("[date(x), time(x), date and time(x), duration(x)]").evaluate({"x": text})
    assert result.value == [None] * 4
    assert len(result.warnings) == 4


@pytest.mark.parametrize(
    "text",
    [
        '@"2026-01-01" + @"2026-01-01"',
        '@"2026-01-01" * 2',
        '@"P1Y" + @"P1D"',
        '@"P1Y" < @"P1D"',
        '@"2026-01-01" + 1',
        '@"10:00:00" < @"10:00:00Z"',
        '@"2026-01-01T10:00:00" - @"2026-01-01T10:00:00Z"',
        '@"P1D" / 0',
        '@"P1D" / @"PT0S"',
        "time(24, 0, 0, null)",
        "date(2026, 2, 29)",
    ],
)
def test_a_calculation_without_meaning_is_null_with_a_reason(text: str) -> None:
    result = compile(text).evaluate({})
    assert result.value is None
    assert result.warnings


@given(st.integers(-400_000_000_000, 400_000_000_000))
def test_days_and_dates_are_two_names_of_the_same_thing(days: int) -> None:
    assert days_from_civil(*civil_from_days(days)) == days


@given(st.dates(), st.integers(-5000, 5000))
def test_adding_months_stays_inside_the_month(day: object, months: int) -> None:
    start = Date(day.year, day.month, day.day)  # type: ignore[attr-defined]
    moved = add_months(start, months)
    assert (moved.year * 12 + moved.month) - (start.year * 12 + start.month) == months
    assert moved.day <= start.day


@given(st.dates(), st.dates())
def test_python_and_feel_count_the_same_days(a: object, b: object) -> None:
    result = compile("(a - b).days").evaluate({"a": a, "b": b})
    assert result.value == (a - b).days  # type: ignore[operator]
