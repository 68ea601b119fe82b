"""Tables of background work: the whole with its progress, and its chunks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, UtcDateTime


class JobBatch(WithId, Base):
    """A piece of work that somebody asked for; counts are of items, not of chunks."""

    __tablename__ = "job_batch"
    __table_args__ = (
        CheckConstraint("done + failed <= total", name="counts_fit"),
        Index("ix_job_batch_subject_id", "subject", "id"),
    )
    kind: Mapped[str] = mapped_column(String(80))  # also the code of its name
    subject: Mapped[str] = mapped_column(String(200))  # a business key
    arguments: Mapped[dict[str, Any]] = mapped_column(JsonText)
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    status: Mapped[str] = mapped_column(String(12))
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    actor: Mapped[dict[str, Any]] = mapped_column(JsonText)  # on whose behalf, with which rights
    requested_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Job(WithId, Base):
    """A chunk of a batch: the row that a worker locks, and that says when it was done."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_status_next_try_at", "status", "next_try_at", "id"),
        Index("ix_job_batch_id", "batch_id", "status"),
    )
    batch_id: Mapped[int] = mapped_column(ForeignKey("job_batch.id"))
    items: Mapped[list[Any]] = mapped_column(JsonText)
    status: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    error: Mapped[str | None] = mapped_column(Text)
