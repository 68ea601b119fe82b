"""Calendars come with a deployment: the firm calendar follows the newest release."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from perfflow.calendar import firm_calendar
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import BadInput
from perfflow.workflow import actions

PATH = "catalogue/calendars/FIRM-2031.yaml"
FILE = """
year: 2031
source: the firm
holidays: [{from: 2031-05-08, to: 2031-05-08, name_zh: 司庆, name_en: Founders' Day}]
"""


def deploy(database: Database, now: datetime, path: str = PATH, text: str = FILE) -> None:
    with database.writing() as session:
        actions.deploy(session, SYSTEM, now, {path: text.encode()})


def test_a_deployed_calendar_is_the_calendar_of_the_firm(database: Database, now: datetime) -> None:
    deploy(database, now)
    with database.reading() as session:
        calendar = firm_calendar(session)
    assert calendar.is_covered(2031)
    assert not calendar.is_working_day(date(2031, 5, 8))


def test_a_release_keeps_the_calendars_that_it_does_not_bring(
    database: Database, now: datetime
) -> None:
    deploy(database, now)
    other = FILE.replace("2031", "2032")
    deploy(database, now, "catalogue/calendars/FIRM-2032.yaml", other)
    with database.reading() as session:
        calendar = firm_calendar(session)
    assert calendar.is_covered(2031)
    assert calendar.is_covered(2032)


def test_a_deployment_without_calendars_leaves_the_table_alone(
    database: Database, now: datetime
) -> None:
    deploy(database, now, "catalogue/posts.json", "{}")
    with database.reading() as session:
        assert firm_calendar(session).is_covered(2025)


def test_a_calendar_that_cannot_be_read_is_not_deployed(database: Database, now: datetime) -> None:
    with pytest.raises(BadInput) as caught:
        deploy(database, now, text="year: [")
    assert caught.value.code == "calendar.unreadable"
    with database.reading() as session:
        assert firm_calendar(session).is_covered(2025)
