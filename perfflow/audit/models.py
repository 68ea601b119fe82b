"""Tables of the audit trail: append-only rows, and the seals that chain them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, BigId, WithId
from perfflow.db.types import JsonText, UtcDateTime


class AuditSeal(WithId, Base):
    """A seal over the rows that point to it: hash(previous seal, ordered row hashes)."""

    __tablename__ = "audit_seal"
    __table_args__ = (
        # One successor per seal: two processes that seal at once cannot fork the chain.
        UniqueConstraint("previous_hash"),
        CheckConstraint("row_count > 0", name="row_count_positive"),
    )
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditEntry(WithId, Base):
    """Who did which business action to what, and when.

    ``seal_id`` is the one column that is written later, when the row is sealed: ids of
    transactions that ran side by side do not become visible in their order.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject_id", "subject", "id"),
        Index("ix_audit_entry_seal_id_id", "seal_id", "id"),
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    transaction_id: Mapped[str] = mapped_column(String(32), index=True)
    actor: Mapped[str] = mapped_column(String(64))
    employee_no: Mapped[str | None] = mapped_column(String(16))
    event: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]] = mapped_column(JsonText)
    content_hash: Mapped[str] = mapped_column(String(64))
    seal_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("audit_seal.id"))
