"""The firm calendar in the database: loaded from files, read once, read anew when it changes."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from perfflow.calendar import firm_calendar, load_calendars
from perfflow.calendar.queries import calendar_days
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import BadInput
from tests.conftest import Counting

FIRM_DAY = date(2031, 5, 8)
FILE = """
year: 2031
source: the firm
holidays: [{from: 2031-05-08, to: 2031-05-08, name_zh: 司庆, name_en: Founders' Day}]
working_weekends: [{date: 2031-05-10, name_zh: 补班, name_en: Make-up day}]
"""
pytestmark = pytest.mark.both_databases


def load(database: Database, now: datetime, text: str = FILE) -> int:
    with database.writing() as session:
        return load_calendars(session, SYSTEM, now, {"FIRM-2031.yaml": text})


def test_the_table_says_what_the_files_say(database: Database, now: datetime) -> None:
    assert load(database, now) == 2
    with database.reading() as session:
        assert [day.on for day in calendar_days(session)] == [FIRM_DAY, date(2031, 5, 10)]
        calendar = firm_calendar(session)
    assert not calendar.is_working_day(FIRM_DAY)
    assert calendar.is_working_day(date(2031, 5, 10))
    assert calendar.is_covered(2031)
    assert not calendar.is_covered(2025)


def test_the_same_files_again_write_nothing(
    database: Database, now: datetime, count_statements: Counting
) -> None:
    load(database, now)
    with count_statements(database.engine) as counted:
        load(database, now)
    assert [sql for sql in counted.statements if not sql.startswith("SELECT")] == []


def test_the_calendar_is_read_once(database: Database, count_statements: Counting) -> None:
    with database.reading() as session:
        firm_calendar(session)
    with count_statements(database.engine) as counted:
        with database.reading() as session:
            assert firm_calendar(session).is_covered(2025)
        with database.writing() as session:
            assert firm_calendar(session).is_covered(2026)
    assert counted.statements == []


def test_a_change_is_seen_at_once_where_it_is_made_and_elsewhere_after_the_commit(
    database: Database, now: datetime
) -> None:
    with database.reading() as session:
        assert firm_calendar(session).is_working_day(FIRM_DAY)
    with database.writing() as session:
        load_calendars(session, SYSTEM, now, {"FIRM-2031.yaml": FILE})
        assert not firm_calendar(session).is_working_day(FIRM_DAY)
        with database.reading() as other:
            assert firm_calendar(other).is_working_day(FIRM_DAY)
    with database.reading() as session:
        assert not firm_calendar(session).is_working_day(FIRM_DAY)


def test_a_change_that_is_taken_back_is_forgotten(database: Database, now: datetime) -> None:
    def failing_action() -> None:
        with database.writing() as session:
            load_calendars(session, SYSTEM, now, {"FIRM-2031.yaml": FILE})
            raise LookupError

    with pytest.raises(LookupError):
        failing_action()
    with database.reading() as session:
        assert firm_calendar(session).is_working_day(FIRM_DAY)
        assert firm_calendar(session).is_covered(2025)


def test_a_bad_file_leaves_the_table_as_it_was(database: Database, now: datetime) -> None:
    with pytest.raises(BadInput):
        load(database, now, FILE.replace("2031-05-10", "2031-05-12"))
    with database.reading() as session:
        assert firm_calendar(session).is_covered(2025)


def test_an_empty_table_is_asked_again(database: Database, now: datetime) -> None:
    load(database, now, "year: 2031\n")
    with database.reading() as session:
        assert not firm_calendar(session).years
    load(database, now)
    with database.reading() as session:
        assert firm_calendar(session).is_covered(2031)
