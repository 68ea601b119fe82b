"""Writes of notifications: telling a person, reading, and sending the outbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from perfflow.db import Database
from perfflow.i18n import translate
from perfflow.notifications.channels import Channel, Message, UndeliverableError
from perfflow.notifications.models import Notification, OutboxRow
from perfflow.notifications.ports import Address, address_book
from perfflow.notifications.rules import CLAIM, DeliveryStatus, next_try

_MAIL = "mail"
_NO_ADDRESS = "no address"


@dataclass(frozen=True, slots=True)
class DrainReport:
    """What one pass over the outbox did."""

    sent: int = 0
    failed: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class _Claim:
    """A row of the outbox that this process may send; ``message`` None: nobody to send it to."""

    row_id: int
    revision: int
    attempts: int
    message: Message | None


def notify(
    session: Session,
    now: datetime,
    employee_no: str,
    code: str,
    params: Mapping[str, Any],
    link: str | None = None,
    dedupe_key: str | None = None,
) -> bool:
    """Tell a person: a row in the app's list, a row in the outbox for mail.

    The same ``dedupe_key`` for the same person is told once; the answer says whether this was it.
    """
    values = {
        "employee_no": employee_no,
        "code": code,
        "params": dict(params),
        "link": link,
        "dedupe_key": dedupe_key,
        "created_at": now,
    }
    if not session.execute(_insert_once(session, values)).scalars().all():
        return False
    session.execute(
        insert(OutboxRow).values(
            channel=_MAIL,
            employee_no=employee_no,
            code=code,
            params=dict(params),
            link=link,
            created_at=now,
            next_try_at=now,
        )
    )
    return True


def _insert_once(session: Session, values: Mapping[str, Any]) -> ReturningInsert[tuple[int]]:
    """One statement that inserts or, where the key is known, does nothing: no race, no error."""
    bind = session.get_bind()
    engine = bind.engine if isinstance(bind, Connection) else bind
    known = [Notification.employee_no, Notification.dedupe_key]
    if engine.dialect.name == "postgresql":
        on_postgresql = postgresql.insert(Notification).values(**values)
        return on_postgresql.on_conflict_do_nothing(index_elements=known).returning(Notification.id)
    on_sqlite = sqlite.insert(Notification).values(**values)
    return on_sqlite.on_conflict_do_nothing(index_elements=known).returning(Notification.id)


def mark_read(
    session: Session, now: datetime, employee_no: str, notification_ids: Collection[int]
) -> int:
    """Mark a person's own notifications as read; returns how many changed."""
    return _mark(session, now, employee_no, Notification.id.in_(notification_ids))


def mark_all_read(session: Session, now: datetime, employee_no: str) -> int:
    """Mark everything that the person has not read."""
    return _mark(session, now, employee_no)


def _mark(session: Session, now: datetime, employee_no: str, *conditions: Any) -> int:
    marked = (
        update(Notification)
        .where(Notification.employee_no == employee_no, Notification.read_at.is_(None), *conditions)
        .values(read_at=now)
        .returning(Notification.id)
    )
    return len(session.execute(marked).scalars().all())


def drain(
    database: Database,
    now: datetime,
    channel: Channel | None,
    *,
    base_url: str = "",
    limit: int = 50,
) -> DrainReport:
    """Send what is due, at least once each; an error is tried again, later and later.

    1. One unit of work claims the due rows and words them; a row that another process took in
       the meantime is left alone.
    2. Each message goes out outside of any transaction: a slow mail server blocks nobody.
    3. One unit of work each writes what became of it.
    A process that dies between 2 and 3 leaves a row that is due again when its claim runs out.
    """
    if channel is None:
        return DrainReport()
    with database.writing() as session:
        claims = _claim_due(session, now, channel.name, base_url, limit)
    counts = dict.fromkeys(DeliveryStatus, 0)
    for claim in claims:
        status, error = _send(claim, channel)
        if status is DeliveryStatus.PENDING and next_try(now, claim.attempts) is None:
            status = DeliveryStatus.DEAD
        with database.writing() as session:
            _write_outcome(session, now, claim, status, error)
        counts[status] += 1
    return DrainReport(
        sent=counts[DeliveryStatus.SENT],
        failed=counts[DeliveryStatus.PENDING],
        dead=counts[DeliveryStatus.DEAD],
    )


def _claim_due(
    session: Session, now: datetime, channel: str, base_url: str, limit: int
) -> list[_Claim]:
    due = (
        select(OutboxRow)
        .where(
            OutboxRow.status == DeliveryStatus.PENDING.value,
            OutboxRow.next_try_at <= now,
            OutboxRow.channel == channel,
        )
        .order_by(OutboxRow.next_try_at, OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.scalars(due).all()
    addresses = address_book().addresses(session, {row.employee_no for row in rows})
    claims = []
    for row in rows:
        row.revision += 1
        row.attempts += 1
        row.next_try_at = now + CLAIM
        address = addresses.get(row.employee_no)
        message = None if address is None else _worded(row, address, base_url)
        claims.append(_Claim(row.id, row.revision, row.attempts, message))
    return claims


def _worded(row: OutboxRow, address: Address, base_url: str) -> Message:
    sentence = translate(row.code, row.params, address.language)
    link = f"{base_url}{row.link}" if row.link else base_url
    text = translate(
        "notifications.mail",
        {"name": address.name, "sentence": sentence, "link": link},
        address.language,
    )
    return Message(address.mail, address.name, sentence, text)


def _send(claim: _Claim, channel: Channel) -> tuple[DeliveryStatus, str | None]:
    if claim.message is None:
        return DeliveryStatus.DEAD, _NO_ADDRESS
    try:
        channel.deliver(claim.message)
    except UndeliverableError as error:
        return DeliveryStatus.DEAD, str(error)
    except Exception as error:
        # Whatever a mail server or the network does concerns this message only.
        return DeliveryStatus.PENDING, f"{type(error).__name__}: {error}"
    return DeliveryStatus.SENT, None


def _write_outcome(
    session: Session, now: datetime, claim: _Claim, status: DeliveryStatus, error: str | None
) -> None:
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == claim.row_id, OutboxRow.revision == claim.revision)
        .values(
            status=status.value,
            sent_at=now if status is DeliveryStatus.SENT else None,
            next_try_at=next_try(now, claim.attempts) or now,
            last_error=error,
        )
    )
