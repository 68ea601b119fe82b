"""Tables of notifications: what a person is told in the app, and what is to be sent out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, UtcDateTime


class Notification(WithId, Base):
    """A message to a person, worded when it is read: code and parameters."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("employee_no", "dedupe_key"),
        Index("ix_notification_employee_no_id", "employee_no", "id"),
        Index("ix_notification_employee_no_read_at", "employee_no", "read_at"),
    )
    employee_no: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(80))
    params: Mapped[dict[str, Any]] = mapped_column(JsonText)
    link: Mapped[str | None] = mapped_column(String(300))
    dedupe_key: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutboxRow(WithId, Base):
    """A message that leaves the house after the commit; ``revision`` claims it."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'sent', 'dead')", name="status_is_known"),
        Index("ix_outbox_status_next_try_at", "status", "next_try_at"),
    )
    channel: Mapped[str] = mapped_column(String(16))
    employee_no: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(80))
    params: Mapped[dict[str, Any]] = mapped_column(JsonText)
    link: Mapped[str | None] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(8), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
