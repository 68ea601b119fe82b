"""Reads of notifications: a person's list, and the state of the outbox."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.notifications.models import Notification, OutboxRow
from perfflow.notifications.rules import DeliveryStatus


def latest_notifications(
    session: Session, employee_no: str, *, before_id: int | None = None, limit: int = 30
) -> list[Notification]:
    """A person's notifications, newest first."""
    query = select(Notification).where(Notification.employee_no == employee_no)
    if before_id is not None:
        query = query.where(Notification.id < before_id)
    return list(session.scalars(query.order_by(Notification.id.desc()).limit(limit)))


def unread_count(session: Session, employee_no: str) -> int:
    """How many notifications the person has not read."""
    unread = (
        select(func.count())
        .select_from(Notification)
        .where(Notification.employee_no == employee_no, Notification.read_at.is_(None))
    )
    return session.scalar(unread) or 0


def outbox_counts(session: Session) -> dict[DeliveryStatus, int]:
    """Rows of the outbox by status."""
    counted = select(OutboxRow.status, func.count()).group_by(OutboxRow.status)
    found: dict[str, int] = dict(session.execute(counted).all())
    return {status: found.get(status.value, 0) for status in DeliveryStatus}


def dead_letters(session: Session, limit: int = 100) -> list[OutboxRow]:
    """Messages that were given up, newest first, each with its last error."""
    dead = select(OutboxRow).where(OutboxRow.status == DeliveryStatus.DEAD.value)
    return list(session.scalars(dead.order_by(OutboxRow.id.desc()).limit(limit)))
