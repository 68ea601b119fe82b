"""Rows of a unit of work that wait for its commit, so that one statement writes them all."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import event, insert, Table
from sqlalchemy.orm import Session, SessionTransaction

from perfflow.audit.models import AuditEntry

_WAITING = "perfflow.audit.waiting"
_ADD = insert(cast(Table, AuditEntry.__table__)).inline()  # nobody asks for its id


def write_recorded(session: Session) -> None:
    """Insert what was recorded so far; the commit does it, one statement for all rows."""
    rows = session.info.pop(_WAITING, None)
    if rows:
        session.connection().execute(_ADD, rows[0] if len(rows) == 1 else rows)


def waiting_rows(session: Session) -> list[dict[str, Any]]:
    """The rows that the commit of this session will write; they may be added to."""
    rows: list[dict[str, Any]] = session.info.setdefault(_WAITING, [])
    return rows


def _forget_recorded(session: Session, ended: SessionTransaction) -> None:
    if not ended.nested:
        session.info.pop(_WAITING, None)


# For all sessions at once: listening anew in each would cost more than writing the row.
event.listen(Session, "before_commit", write_recorded)
event.listen(Session, "after_soft_rollback", _forget_recorded)
