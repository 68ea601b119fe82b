"""Writes of the audit trail: recording an event, sealing what was recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from perfflow.audit.events import AuditEvent
from perfflow.audit.models import AuditEntry, AuditSeal
from perfflow.audit.recording import waiting_rows
from perfflow.audit.rules import EntryContent, FIRST_SEAL, seal_hash
from perfflow.db.types import json_text, json_value
from perfflow.kernel.actor import Actor

_TRANSACTION = "perfflow.audit.transaction"
_SEAL_AT_MOST = 5_000
_PLAIN = (str, int, bool)


def transaction_id(session: Session) -> str:
    """The id of the running unit of work, shared by everything that it records."""
    if session.get_transaction() is None:
        session.begin()
    running = session.get_transaction()
    known = session.info.get(_TRANSACTION)
    if known is None or known[0] is not running:
        known = (running, uuid4().hex)
        session.info[_TRANSACTION] = known
    return str(known[1])


def record(
    session: Session,
    actor: Actor,
    now: datetime,
    event: AuditEvent,
    subject: str,
    **details: Any,
) -> None:
    """Append one row: ``actor`` did ``event`` to ``subject`` (a business key) at ``now``.

    ``details`` are plain values (None, bool, int, Decimal, str, date, datetime, list, dict).
    """
    text = json_text(details)
    stored: dict[str, Any] = details
    if not all(value is None or type(value) in _PLAIN for value in details.values()):
        # Hashed as it will be read back: keys are texts, tuples are lists, fractions are Decimal.
        stored = json_value(text)
        text = json_text(stored)
    content = EntryContent(
        at=now,
        transaction_id=transaction_id(session),
        actor=actor.name,
        employee_no=actor.employee_no,
        event=event.value,
        subject=subject,
        details=text,
    )
    row = {
        "at": now,
        "transaction_id": content.transaction_id,
        "actor": content.actor,
        "employee_no": content.employee_no,
        "event": content.event,
        "subject": content.subject,
        "details": stored,
        "content_hash": content.digest(),
    }
    if session.in_nested_transaction():
        # What a savepoint takes back takes its record along.
        session.execute(insert(AuditEntry), row)
    else:
        waiting_rows(session).append(row)


def seal_entries(session: Session, now: datetime, limit: int = _SEAL_AT_MOST) -> int:
    """Seal up to ``limit`` rows that are not sealed yet; returns how many (0: nothing to do)."""
    rows = session.execute(
        select(AuditEntry.id, AuditEntry.content_hash)
        .where(AuditEntry.seal_id.is_(None))
        .order_by(AuditEntry.id)
        .limit(limit)
    ).all()
    if not rows:
        return 0
    last = select(AuditSeal.hash).order_by(AuditSeal.id.desc()).limit(1).with_for_update()
    previous = session.scalar(last) or FIRST_SEAL
    digest = seal_hash(previous, [(row.id, row.content_hash) for row in rows])
    seal_id = session.execute(
        insert(AuditSeal)
        .values(previous_hash=previous, hash=digest, row_count=len(rows), sealed_at=now)
        .returning(AuditSeal.id)
    ).scalar_one()
    session.execute(
        update(AuditEntry)
        .where(AuditEntry.seal_id.is_(None), AuditEntry.id.in_([row.id for row in rows]))
        .values(seal_id=seal_id)
        .execution_options(synchronize_session=False)
    )
    return len(rows)
