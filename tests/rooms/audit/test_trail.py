"""The audit trail: one row an action, hashed by content, sealed in a chain; tampering shows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from perfflow.audit import (
    AuditEvent,
    record,
    seal_entries,
    trail,
    trail_counts,
    transaction_id,
    verify,
)
from perfflow.audit.models import AuditEntry, AuditSeal
from perfflow.db import Database
from perfflow.kernel.actor import Actor, SYSTEM
from tests.conftest import Counting

LIN = Actor("lin.jing", "E00001")
LOCKED = AuditEvent.GOALS_SHEET_LOCKED
pytestmark = pytest.mark.both_databases


def record_some(database: Database, now: datetime, count: int) -> None:
    for number in range(count):
        with database.writing() as session:
            record(session, LIN, now, LOCKED, f"2025-ANNUAL/E{number:05d}", weight_bp=1500)


def seal(database: Database, now: datetime, limit: int = 100) -> int:
    with database.writing() as session:
        return seal_entries(session, now, limit)


def kinds(database: Database) -> list[str]:
    with database.reading() as session:
        return [finding.kind for finding in verify(session)]


def test_a_row_says_who_did_what_to_what_and_when(database: Database, now: datetime) -> None:
    with database.writing() as session:
        record(session, LIN, now, LOCKED, "2025-ANNUAL/E00001", version=3, score=Decimal("91.50"))
    with database.reading() as session:
        row = trail(session)[0]
        assert (row.actor, row.employee_no, row.at) == ("lin.jing", "E00001", now)
        assert (row.event, row.subject) == ("goals:sheet:locked", "2025-ANNUAL/E00001")
        assert row.details == {"version": 3, "score": Decimal("91.50")}
        assert row.seal_id is None


def test_details_of_every_kind_verify_after_the_round_trip(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        record(
            session,
            SYSTEM,
            now + timedelta(microseconds=1234),
            AuditEvent.PAYOUTS_RUN_APPROVED,
            "2025-ANNUAL/pool/B001",
            amounts=(1, 2),
            by_number={10: "ten", 2: "two"},
            rate=0.25,
            on=date(2026, 3, 1),
            at=now,
            text="绩效 \u2028 'quoted' \"twice\"",
            nothing=None,
            flag=True,
        )
    assert kinds(database) == []


def test_rows_of_one_unit_of_work_share_its_transaction_id(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        first = transaction_id(session)
        record(session, LIN, now, LOCKED, "a")
        record(session, LIN, now, LOCKED, "b")
        assert transaction_id(session) == first
    with database.writing() as session:
        record(session, LIN, now, LOCKED, "c")
    with database.reading() as session:
        ids = {row.subject: row.transaction_id for row in trail(session)}
    assert ids["a"] == ids["b"] == first
    assert ids["c"] != first


def test_an_action_that_fails_leaves_no_row(database: Database, now: datetime) -> None:
    def failing_action() -> None:
        with database.writing() as session:
            record(session, LIN, now, LOCKED, "a")
            raise LookupError

    with pytest.raises(LookupError):
        failing_action()
    with database.reading() as session:
        assert trail(session) == []


def test_a_sealed_trail_verifies_and_names_its_tail(database: Database, now: datetime) -> None:
    record_some(database, now, 5)
    assert seal(database, now, limit=3) == 3
    assert seal(database, now, limit=3) == 2
    assert seal(database, now) == 0
    record_some(database, now, 2)
    assert kinds(database) == []
    with database.reading() as session:
        counts = trail_counts(session)
    assert (counts.rows, counts.unsealed) == (7, 2)


def test_a_changed_row_is_found_sealed_or_not(database: Database, now: datetime) -> None:
    record_some(database, now, 3)
    with database.writing() as session:
        session.execute(update(AuditEntry).where(AuditEntry.id == 2).values(actor="someone.else"))
    assert kinds(database) == ["audit.content"]
    seal(database, now)
    with database.writing() as session:
        session.execute(update(AuditEntry).where(AuditEntry.id == 3).values(details={"w": 1}))
    assert "audit.content" in kinds(database)


def test_a_row_changed_together_with_its_hash_breaks_the_seal(
    database: Database, now: datetime
) -> None:
    record_some(database, now, 3)
    seal(database, now)
    with database.writing() as session:
        source = session.scalars(select(AuditEntry).where(AuditEntry.id == 1)).one()
        copy = {
            "actor": source.actor,
            "subject": source.subject,
            "content_hash": source.content_hash,
            "transaction_id": source.transaction_id,
        }
        session.execute(update(AuditEntry).where(AuditEntry.id == 2).values(**copy))
    assert kinds(database) == ["audit.seal_hash"]


def test_a_removed_row_is_found(database: Database, now: datetime) -> None:
    record_some(database, now, 3)
    seal(database, now)
    with database.writing() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id == 2))
    assert kinds(database) == ["audit.seal_rows", "audit.seal_hash"]


def test_a_row_slipped_into_an_old_seal_is_found(database: Database, now: datetime) -> None:
    record_some(database, now, 2)
    seal(database, now)
    record_some(database, now, 1)
    with database.writing() as session:
        session.execute(update(AuditEntry).where(AuditEntry.seal_id.is_(None)).values(seal_id=1))
    assert "audit.seal_rows" in kinds(database)


def test_a_rewritten_seal_breaks_the_chain_after_it(database: Database, now: datetime) -> None:
    record_some(database, now, 2)
    seal(database, now, limit=1)
    seal(database, now, limit=1)
    with database.writing() as session:
        session.execute(update(AuditSeal).where(AuditSeal.id == 1).values(hash="f" * 64))
    assert kinds(database) == ["audit.seal_hash", "audit.seal_chain"]


def test_the_trail_of_a_thing_holds_what_lies_below_it(database: Database, now: datetime) -> None:
    with database.writing() as session:
        for subject in ("2025-ANNUAL", "2025-ANNUAL/E00001", "2025-ANNUAL_X/E00001"):
            record(session, LIN, now, LOCKED, subject)
        record(session, SYSTEM, now, AuditEvent.CYCLES_CYCLE_ARCHIVED, "2025-ANNUAL")
    with database.reading() as session:
        below = trail(session, subject="2025-ANNUAL", event=LOCKED.value)
        assert [row.subject for row in below] == ["2025-ANNUAL/E00001", "2025-ANNUAL"]
        assert [row.event for row in trail(session, actor="system")] == ["cycles:cycle:archived"]
        newest = trail(session, limit=1)[0].id
        assert newest not in [row.id for row in trail(session, before_id=newest)]


def test_a_time_has_its_first_instant_and_not_its_last(database: Database, now: datetime) -> None:
    record_some(database, now, 1)
    record_some(database, now + timedelta(days=1), 1)
    tomorrow = now + timedelta(days=1)
    with database.reading() as session:
        assert [row.at for row in trail(session, until=tomorrow)] == [now]
        assert [row.at for row in trail(session, since=tomorrow)] == [tomorrow]
        assert trail(session, since=now, until=now) == []


def test_a_unit_of_work_writes_its_rows_with_one_statement(
    database: Database, now: datetime, count_statements: Counting
) -> None:
    with count_statements(database.engine) as counted, database.writing() as session:
        for subject in ("a", "b", "c"):
            record(session, LIN, now, LOCKED, subject)
    assert len(counted) == 1
    with database.reading() as session:
        assert [row.subject for row in trail(session)] == ["c", "b", "a"]


def test_the_trail_is_read_with_what_the_same_unit_of_work_recorded(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        record(session, LIN, now, LOCKED, "a")
        assert [row.subject for row in trail(session)] == ["a"]
        record(session, LIN, now, LOCKED, "b")
        assert trail_counts(session).rows == 2
        assert verify(session) == []


def test_what_a_savepoint_takes_back_was_never_recorded(database: Database, now: datetime) -> None:
    def failing_step(session: Session) -> None:
        with session.begin_nested():
            record(session, LIN, now, LOCKED, "inside")
            raise LookupError

    with database.writing() as session:
        record(session, LIN, now, LOCKED, "before")
        with pytest.raises(LookupError):
            failing_step(session)
        record(session, LIN, now, LOCKED, "after")
    with database.reading() as session:
        assert [row.subject for row in trail(session)] == ["after", "before"]


def test_a_session_that_goes_on_after_a_rollback_records_anew(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        record(session, LIN, now, LOCKED, "lost")
        session.rollback()
        record(session, LIN, now, LOCKED, "kept")
    with database.reading() as session:
        assert [row.subject for row in trail(session)] == ["kept"]
