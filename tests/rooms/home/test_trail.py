"""The page of the audit trail: for auditors, filtered, and verified on wish."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from perfflow.audit.models import AuditEntry
from tests.rooms.home.conftest import House
from tests.support.cast import ADMIN, ADVISOR, AUDITOR, HR, MANAGER, Person


@pytest.mark.parametrize("reader", [ADVISOR, MANAGER, HR, ADMIN])
def test_only_auditors_open_the_trail(house: House, reader: Person) -> None:
    assert house.status(reader, "/audit/") == 403


def test_records_say_who_did_what_to_what(house: House) -> None:
    page = house.page(AUDITOR, "/audit/?event=workflow:bundle:deployed")
    body = page.split("<tbody>")[1]
    assert "bundle/" in body
    assert "people:employee:hired" not in body


def test_a_filter_by_subject_also_finds_what_lies_below_it(house: House) -> None:
    body = house.page(AUDITOR, "/audit/?subject=bundle").split("<tbody>")[1]
    assert "workflow:bundle:deployed" in body
    assert "people:unit:created" not in body


def test_a_filter_by_person_and_day_can_find_nothing(house: House) -> None:
    assert "No record here" in house.page(AUDITOR, "/audit/?actor=nobody")
    assert "No record here" in house.page(AUDITOR, "/audit/?from=2026-01-01")
    assert "No record here" in house.page(AUDITOR, "/audit/?to=2020-01-01")
    assert "No record here" not in house.page(AUDITOR, "/audit/?from=2024-12-02&to=2025-01-13")


@pytest.mark.parametrize("day", ["yesterday", "9999-12-31", "2025-02-30", "0001-01-01"])
def test_a_day_that_is_none_is_left_out_and_said(house: House, day: str) -> None:
    page = house.page(AUDITOR, f"/audit/?from={day}&to={day}")
    assert "the one given was left out" in page
    assert "No record here" not in page


def test_odd_events_and_positions_show_the_newest_records(house: House) -> None:
    page = house.page(AUDITOR, "/audit/?event=made:up:thing&before=x&actor=")
    assert "<tbody>" in page


def test_verifying_says_that_the_trail_is_whole(house: House) -> None:
    assert "The trail is whole." in house.page(AUDITOR, "/audit/?verify=1")
    assert "审计轨迹完整。" in house.page(AUDITOR, "/audit/?verify=1", "zh")
    assert "The trail is whole." not in house.page(AUDITOR, "/audit/")


def test_verifying_names_a_record_that_was_rewritten(house: House) -> None:
    with house.database.writing() as session:
        session.execute(
            update(AuditEntry)
            .where(AuditEntry.event == "workflow:bundle:deployed")
            .values(actor="somebody else")
        )
    page = house.page(AUDITOR, "/audit/?verify=1")
    assert "The trail is not what was written." in page
    assert "audit.content" in page
