"""Tables of appeals against a result (first level, decided by the HR partner)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, Scaled, UtcDateTime


class Appeal(WithId, Base):
    """One objection to one result; while open, the award of the person is held."""

    __tablename__ = "appeal"
    __table_args__ = (UniqueConstraint("cycle_code", "employee_no"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    ground: Mapped[str] = mapped_column(String(24))
    # data_error, procedure, unfair_scoring, undisclosed_rule, gate_case
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(12))  # open, upheld, corrected
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(Text)
    to_total_e2: Mapped[Decimal | None] = mapped_column(Scaled(2))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
