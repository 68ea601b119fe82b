"""Rows of a unit of work that wait for its commit, so that one statement writes them all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, insert
from sqlalchemy.orm import Session, SessionTransaction

from perfflow.audit.models import AuditEntry

_WAITING = "perfflow.audit.waiting"
_LISTENING = "perfflow.audit.listening"


def write_recorded(session: Session) -> None:
    """Insert what was recorded so far; the commit does it, one statement for all rows."""
    rows = session.info.pop(_WAITING, None)
    if rows:
        session.execute(insert(AuditEntry), rows)


def waiting_rows(session: Session) -> list[dict[str, Any]]:
    if _WAITING not in session.info:
        session.info[_WAITING] = []
        if not session.info.get(_LISTENING):
            session.info[_LISTENING] = True
            event.listen(session, "before_commit", write_recorded)
            event.listen(session, "after_soft_rollback", _forget_recorded)
    rows: list[dict[str, Any]] = session.info[_WAITING]
    return rows


def _forget_recorded(session: Session, ended: SessionTransaction) -> None:
    if not ended.nested:
        session.info.pop(_WAITING, None)
