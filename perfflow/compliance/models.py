"""Tables of gate cases, their append-only history, and the gate reviews of a cycle."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, Scaled, UtcDateTime


class GateCase(WithId, Base):
    """A compliance case about one person (domain §5.9)."""

    __tablename__ = "gate_case"
    __table_args__ = (
        CheckConstraint("potential_severity BETWEEN 0 AND 4", name="potential_severity_in_range"),
        CheckConstraint("severity IS NULL OR severity BETWEEN 0 AND 4", name="severity_in_range"),
    )
    case_no: Mapped[str] = mapped_column(String(24), unique=True)
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    # reported, triaged, investigating, hearing, unfounded, upheld, appealed, final
    potential_severity: Mapped[int]
    severity: Mapped[int | None]
    is_self_reported: Mapped[bool] = mapped_column(default=False)
    joint_of_id: Mapped[int | None] = mapped_column(ForeignKey("gate_case.id"))
    points_e2: Mapped[Decimal | None] = mapped_column(Scaled(2))
    summary: Mapped[str] = mapped_column(Text)
    conduct_on: Mapped[date]
    proposed_outcome: Mapped[str | None] = mapped_column(String(12))  # unfounded, upheld
    proposed_severity: Mapped[int | None]
    opened_by: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(64))
    second_decider: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class GateCaseEvent(WithId, Base):
    """One step in the life of a case; append-only."""

    __tablename__ = "gate_case_event"
    case_id: Mapped[int] = mapped_column(ForeignKey("gate_case.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(64))
    from_status: Mapped[str | None] = mapped_column(String(16))
    to_status: Mapped[str] = mapped_column(String(16))
    severity: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(Text)


class ConductGrade(WithId, Base):
    """The conduct grade A–E of a person in a quarter; append-only, the highest version holds."""

    __tablename__ = "conduct_grade"
    __table_args__ = (UniqueConstraint("employee_no", "quarter", "version"),)
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    quarter: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    grade: Mapped[str] = mapped_column(String(1))
    reason: Mapped[str] = mapped_column(Text)
    graded_by: Mapped[str] = mapped_column(String(64))
    graded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GateReview(WithId, Base):
    """Compliance has gone through the open and decided cases of a unit in a cycle (A18)."""

    __tablename__ = "gate_review"
    __table_args__ = (UniqueConstraint("cycle_code", "unit_code"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    reviewed_by: Mapped[str] = mapped_column(String(64))
    reviewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    statement: Mapped[str] = mapped_column(Text)
    cases: Mapped[list[Any]] = mapped_column(JsonText)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
