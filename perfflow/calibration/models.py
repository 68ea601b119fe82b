"""Tables of calibration: sessions and the adjustments made in them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, Scaled, UtcDateTime


class CalibrationSession(WithId, Base):
    """One session for one unit of a cycle; ``kind`` is unit or firm."""

    __tablename__ = "calibration_session"
    __table_args__ = (UniqueConstraint("cycle_code", "unit_code", "kind"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    kind: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(12))  # waiting, open, closed
    distribution_mode: Mapped[str] = mapped_column(String(8))  # none, guided, forced
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(64))
    summary: Mapped[str | None] = mapped_column(Text)
    deviation_reason: Mapped[str | None] = mapped_column(Text)  # why bands differ from the guide
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class CalibrationAdjustment(WithId, Base):
    """One move of one person, always with a reason; a later row for the person replaces it."""

    __tablename__ = "calibration_adjustment"
    session_id: Mapped[int] = mapped_column(ForeignKey("calibration_session.id"), index=True)
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    from_total_e2: Mapped[Decimal] = mapped_column(Scaled(2))
    to_total_e2: Mapped[Decimal] = mapped_column(Scaled(2))
    from_band: Mapped[str] = mapped_column(String(4))
    to_band: Mapped[str] = mapped_column(String(4))
    reason_code: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    proposer_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approver_no: Mapped[str | None] = mapped_column(String(16))  # needed above 20 % of a pool
