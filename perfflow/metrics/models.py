"""Tables of metric values: each value traces to a batch and a row, corrections are new versions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, BigId, WithId
from perfflow.db.types import JsonText, Scaled, UtcDateTime


class MetricBatch(WithId, Base):
    """One load of values from one source; the same content twice is one batch."""

    __tablename__ = "metric_batch"
    source: Mapped[str] = mapped_column(String(16))
    file_name: Mapped[str] = mapped_column(String(200))
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    loaded_by: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    row_count: Mapped[int]
    error_count: Mapped[int] = mapped_column(default=0)
    errors: Mapped[list[Any] | None] = mapped_column(JsonText)


class MetricValue(Base):
    """A value of one metric for one person and period (``2025-03``, ``2025-Q1``, ``2025``).

    Ratios keep numerator and denominator. Append-only: a correction has the next ``version``.
    """

    __tablename__ = "metric_value"
    __table_args__ = (
        UniqueConstraint("employee_no", "metric_code", "period", "version"),
        Index("ix_metric_value_metric_code_period", "metric_code", "period"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    metric_code: Mapped[str] = mapped_column(String(8))
    period: Mapped[str] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(default=1)
    value_e6: Mapped[Decimal | None] = mapped_column(Scaled(6))
    numerator_e6: Mapped[Decimal | None] = mapped_column(Scaled(6))
    denominator_e6: Mapped[Decimal | None] = mapped_column(Scaled(6))
    status: Mapped[str] = mapped_column(String(12))  # provisional, final, corrected, missing, …
    source: Mapped[str] = mapped_column(String(16))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("metric_batch.id"))
    row_no: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(400))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MonthlyLoad(WithId, Base):
    """A metric owner has said that the values of a month are in; one a cycle and month."""

    __tablename__ = "metric_monthly_load"
    __table_args__ = (UniqueConstraint("cycle_code", "period"),)
    cycle_code: Mapped[str] = mapped_column(String(32))
    period: Mapped[str] = mapped_column(String(8))
    value_count: Mapped[int]
    gap_count: Mapped[int]
    note: Mapped[str | None] = mapped_column(String(2000))
    confirmed_by: Mapped[str] = mapped_column(String(64))
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class DataFreeze(WithId, Base):
    """From here on the values of a cycle's months change only by a correction with a reason."""

    __tablename__ = "metric_data_freeze"
    cycle_code: Mapped[str] = mapped_column(String(32), unique=True)
    first_on: Mapped[date]
    last_on: Mapped[date]
    statement: Mapped[str] = mapped_column(String(2000))
    frozen_by: Mapped[str] = mapped_column(String(64))
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class ProgressSnapshot(WithId, Base):
    """How complete the data of a month were on the day the month was closed."""

    __tablename__ = "metric_progress_snapshot"
    __table_args__ = (UniqueConstraint("cycle_code", "period"),)
    cycle_code: Mapped[str] = mapped_column(String(32))
    period: Mapped[str] = mapped_column(String(8))
    people_count: Mapped[int]
    value_count: Mapped[int]
    gap_count: Mapped[int]
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
