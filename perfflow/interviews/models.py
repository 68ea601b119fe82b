"""Tables of feedback interviews and of the confirmation of results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, UtcDateTime


class Interview(WithId, Base):
    """The record of one talk, in the order of domain §6.5; two voices, both sign."""

    __tablename__ = "interview"
    __table_args__ = (UniqueConstraint("cycle_code", "employee_no"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    manager_no: Mapped[str | None] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(12))  # preparing, prepared, held, signed, excused
    employee_part: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    achievements: Mapped[list[Any] | None] = mapped_column(JsonText)
    gaps: Mapped[list[Any] | None] = mapped_column(JsonText)
    actions: Mapped[list[Any] | None] = mapped_column(
        JsonText
    )  # the plan; each becomes a commitment
    support: Mapped[str | None] = mapped_column(Text)
    career: Mapped[str | None] = mapped_column(Text)
    manager_summary: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(String(20))  # agree, agree_with_note, disagree
    employee_note: Mapped[str | None] = mapped_column(Text)
    rating: Mapped[int | None]  # 1–5, shown only per unit with n >= 5
    excuse_reason: Mapped[str | None] = mapped_column(Text)
    excused_by: Mapped[str | None] = mapped_column(String(64))
    flags: Mapped[list[Any] | None] = mapped_column(JsonText)  # quality marks of domain R57
    prepared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class ResultConfirmation(WithId, Base):
    """The employee confirmed the result, objected, or let the time pass."""

    __tablename__ = "result_confirmation"
    __table_args__ = (UniqueConstraint("cycle_code", "employee_no"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    outcome: Mapped[str] = mapped_column(String(12))  # confirmed, appealed, deemed
    note: Mapped[str | None] = mapped_column(Text)
    appeal_closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
