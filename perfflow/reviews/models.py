"""Tables of reviews: what both sides wrote, and the append-only chain of results."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, Scaled, UtcDateTime


class DataCheck(WithId, Base):
    """The employee has looked at the figures (A14), or silence counted as that."""

    __tablename__ = "data_check"
    __table_args__ = (UniqueConstraint("cycle_code", "employee_no"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    outcome: Mapped[str] = mapped_column(String(16))  # confirmed, disputed, deemed
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class SelfAssessment(WithId, Base):
    """What the employee wrote about the cycle; ``is_auto`` when a saved draft was taken."""

    __tablename__ = "self_assessment"
    __table_args__ = (UniqueConstraint("cycle_code", "employee_no"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    summary: Mapped[str | None] = mapped_column(Text)
    lines: Mapped[list[Any] | None] = mapped_column(JsonText)
    is_auto: Mapped[bool] = mapped_column(default=False)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class ManagerReview(WithId, Base):
    """The manager's scores of qualitative lines, each with evidence."""

    __tablename__ = "manager_review"
    __table_args__ = (UniqueConstraint("cycle_code", "employee_no"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    manager_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    ratings: Mapped[list[Any]] = mapped_column(JsonText)  # [{metric_code, rating, evidence}]
    comment: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class Result(WithId, Base):
    """One link of the chain computed → manager → calibrated → appealed, corrected → paid.

    Append-only; ``inputs`` hold everything that the computation used, so it can be replayed.
    """

    __tablename__ = "result"
    __table_args__ = (
        UniqueConstraint("cycle_code", "employee_no", "version"),
        Index("ix_result_employee_no", "employee_no"),
    )
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    version: Mapped[int]
    stage: Mapped[str] = mapped_column(String(12))
    total_e2: Mapped[Decimal | None] = mapped_column(Scaled(2))
    band: Mapped[str] = mapped_column(String(4))
    clean_total_e2: Mapped[Decimal | None] = mapped_column(Scaled(2))
    clean_band: Mapped[str] = mapped_column(String(4))
    objective_total_e2: Mapped[Decimal | None] = mapped_column(Scaled(2))
    deduction_e2: Mapped[Decimal] = mapped_column(Scaled(2))
    gate: Mapped[str] = mapped_column(String(8))  # NONE, CAP, FREEZE, VETO
    band_cap: Mapped[str | None] = mapped_column(String(4))
    dimensions: Mapped[dict[str, Any] | None] = mapped_column(
        JsonText
    )  # {"R": Decimal, …}, for show
    inputs: Mapped[dict[str, Any]] = mapped_column(JsonText)
    inputs_hash: Mapped[str] = mapped_column(String(64))
    explanation: Mapped[dict[str, Any]] = mapped_column(JsonText)
    release_number: Mapped[int]
    release_hash: Mapped[str] = mapped_column(String(64))
    decided_by: Mapped[str] = mapped_column(String(64))
    reason_code: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ResultPublication(WithId, Base):
    """The results of a cycle were shown to the people they are about."""

    __tablename__ = "result_publication"
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"), unique=True)
    published_by: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    statement: Mapped[str | None] = mapped_column(Text)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
