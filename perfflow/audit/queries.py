"""Reads of the audit trail: listing it, and checking that nobody touched it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.audit.models import AuditEntry, AuditSeal
from perfflow.audit.recording import write_recorded
from perfflow.audit.rules import EntryContent, Finding, FIRST_SEAL, seal_hash
from perfflow.db.types import json_text

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class TrailCounts:
    """How many rows there are, and how many of them no seal holds yet."""

    rows: int
    unsealed: int


def trail(
    session: Session,
    *,
    subject: str | None = None,
    event: str | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """The newest rows first; ``subject`` also finds what lies below it (``2025-ANNUAL/…``).

    ``since`` is the first instant of the time asked for, ``until`` the first one after it.
    """
    write_recorded(session)
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if subject is not None:
        below = AuditEntry.subject.startswith(f"{subject}/", autoescape=True)
        query = query.where((AuditEntry.subject == subject) | below)
    if event is not None:
        query = query.where(AuditEntry.event == event)
    if actor is not None:
        query = query.where(AuditEntry.actor == actor)
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(session.scalars(query))


def trail_counts(session: Session) -> TrailCounts:
    """Rows in all, and the unsealed tail."""
    write_recorded(session)
    rows = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    unsealed = select(func.count()).select_from(AuditEntry).where(AuditEntry.seal_id.is_(None))
    return TrailCounts(rows, session.scalar(unsealed) or 0)


def verify(session: Session) -> list[Finding]:
    """Recompute every content hash and every seal; what does not fit is a finding.

    A trail whose end was cut off together with its seals looks whole: keep the last seal's hash
    outside of the database to notice that, too.
    """
    write_recorded(session)
    findings: list[Finding] = []
    sealed = _sealed_groups(session, findings)
    following = next(sealed, None)
    previous = FIRST_SEAL
    for seal in session.scalars(select(AuditSeal).order_by(AuditSeal.id)):
        while following is not None and following[0] < seal.id:
            findings.append(Finding("audit.seal_missing", str(following[0]), "a seal", "none"))
            following = next(sealed, None)
        rows: list[tuple[int, str]] = []
        if following is not None and following[0] == seal.id:
            rows, following = following[1], next(sealed, None)
        findings.extend(_check_seal(seal, previous, rows))
        previous = seal.hash
    while following is not None:
        findings.append(Finding("audit.seal_missing", str(following[0]), "a seal", "none"))
        following = next(sealed, None)
    for _row in _checked_rows(session, findings, sealed=False):
        pass
    return findings


def _check_seal(seal: AuditSeal, previous: str, rows: list[tuple[int, str]]) -> Iterator[Finding]:
    key = str(seal.id)
    if seal.previous_hash != previous:
        yield Finding("audit.seal_chain", key, previous, seal.previous_hash)
    if len(rows) != seal.row_count:
        yield Finding("audit.seal_rows", key, str(seal.row_count), str(len(rows)))
    expected = seal_hash(seal.previous_hash, rows)
    if seal.hash != expected:
        yield Finding("audit.seal_hash", key, expected, seal.hash)


def _sealed_groups(
    session: Session, findings: list[Finding]
) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """(seal id, its rows as (id, recomputed content hash)) in the order of seals."""
    rows = _checked_rows(session, findings, sealed=True)
    for seal_id, group in groupby(rows, key=lambda row: row[0]):
        yield seal_id or 0, [(number, content_hash) for _, number, content_hash in group]


def _checked_rows(
    session: Session, findings: list[Finding], *, sealed: bool
) -> Iterator[tuple[int | None, int, str]]:
    """(seal id, row id, recomputed content hash); a row that says otherwise is a finding."""
    entry = AuditEntry.__table__.c
    query = (
        select(*entry)
        .where(entry.seal_id.is_not(None) if sealed else entry.seal_id.is_(None))
        .order_by(entry.seal_id, entry.id)
        .execution_options(yield_per=_BATCH)
    )
    for row in session.execute(query):
        content = EntryContent(
            at=row.at,
            transaction_id=row.transaction_id,
            actor=row.actor,
            employee_no=row.employee_no,
            event=row.event,
            subject=row.subject,
            details=json_text(row.details),
        )
        expected = content.digest()
        if expected != row.content_hash:
            findings.append(Finding("audit.content", str(row.id), row.content_hash, expected))
        yield row.seal_id, row.id, expected
