"""A unit of work is one transaction; reading commits nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import func, select

from perfflow.audit import AuditEvent, record, trail
from perfflow.audit.models import AuditEntry
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.notifications import notify, unread_count
from tests.conftest import Counting

pytestmark = pytest.mark.both_databases


def act(database: Database, now: datetime) -> None:
    with database.writing() as session:
        record(session, SYSTEM, now, AuditEvent.GOALS_SHEET_LOCKED, "2025-ANNUAL/E00001")
        notify(session, now, "E00001", "calendar.not_covered", {"year": "2031"})


def test_action_audit_and_notice_are_one_commit(
    database: Database, now: datetime, count_statements: Counting
) -> None:
    with count_statements(database.engine) as counted:
        act(database, now)
    assert (counted.commits, counted.rollbacks) == (1, 0)
    assert len(counted) == 3


def test_reading_commits_nothing(
    database: Database, now: datetime, count_statements: Counting
) -> None:
    act(database, now)
    with count_statements(database.engine) as counted, database.reading() as session:
        assert unread_count(session, "E00001") == 1
    assert (counted.commits, counted.rollbacks, len(counted)) == (0, 1, 1)


def test_a_reader_cannot_leave_anything_behind(database: Database, now: datetime) -> None:
    with database.reading() as session:
        record(session, SYSTEM, now, AuditEvent.GOALS_SHEET_LOCKED, "2025-ANNUAL/E00001")
        assert trail(session)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0
