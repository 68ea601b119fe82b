"""What runs beside the pages: mail goes out, the trail is sealed, also when the process ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from perfflow.audit import AuditEvent, record, trail_counts, verify
from perfflow.commands.background import seal, send_mail, start_background
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.notifications import Address, notify, outbox_counts, plug_address_book
from perfflow.notifications.ports import EmptyAddressBook
from perfflow.notifications.rules import DeliveryStatus


def record_one(database: Database, clock: VirtualClock) -> None:
    with database.writing() as session:
        record(session, SYSTEM, clock.now(), AuditEvent.GOALS_SHEET_LOCKED, "2025-ANNUAL/E00001")


@pytest.mark.both_databases
def test_sealing_goes_on_until_nothing_is_left(database: Database, clock: VirtualClock) -> None:
    for _ in range(3):
        record_one(database, clock)
    seal(database, clock.now())
    seal(database, clock.now())
    with database.reading() as session:
        assert trail_counts(session).unsealed == 0
        assert verify(session) == []


def test_the_end_of_the_process_seals_the_rest(
    database: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    background = start_background(
        Settings.from_environment({"PERFFLOW_VAR": str(tmp_path)}), database, clock
    )
    record_one(database, clock)
    background.stop()
    with database.reading() as session:
        assert trail_counts(session).unsealed == 0


def test_without_a_mail_server_messages_wait(database: Database, clock: VirtualClock) -> None:
    with database.writing() as session:
        notify(session, clock.now(), "E00001", "calendar.not_covered", {"year": "2031"})
    send_mail(Settings.from_environment({}))(database, clock.now())
    with database.reading() as session:
        assert outbox_counts(session)[DeliveryStatus.PENDING] == 1


def test_a_mail_server_that_is_away_loses_nothing(database: Database, clock: VirtualClock) -> None:
    class Book(EmptyAddressBook):
        def addresses(self, session: object, employee_nos: object) -> dict[str, Address]:  # type: ignore[override]
            return {"E00001": Address("lin@example.com", "林静", "zh")}

    plug_address_book(Book())
    try:
        with database.writing() as session:
            notify(session, clock.now(), "E00001", "calendar.not_covered", {"year": "2031"})
        nowhere = {"PERFFLOW_MAIL_HOST": "127.0.0.1", "PERFFLOW_MAIL_PORT": "1"}
        send_mail(Settings.from_environment(nowhere))(database, clock.now() + timedelta(hours=1))
    finally:
        plug_address_book(EmptyAddressBook())
    with database.reading() as session:
        assert outbox_counts(session)[DeliveryStatus.PENDING] == 1
        assert outbox_counts(session)[DeliveryStatus.SENT] == 0
