"""Tables of cycles: the cycle, its deadlines and who takes part."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base
from perfflow.db.types import JsonText, UtcDateTime


class Cycle(Base):
    """A review cycle; ``bundle_number`` and ``release_number`` pin what it runs with."""

    __tablename__ = "cycle"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)  # "2025-ANNUAL"
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    pack_code: Mapped[str] = mapped_column(String(32))  # "ANNUAL-STD"
    kind: Mapped[str] = mapped_column(String(12))  # ANNUAL, HALF, QUARTER, PROJECT
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(16))
    bundle_number: Mapped[int]
    release_number: Mapped[int]
    is_shadow: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class CycleDeadline(Base):
    """The due date of a step of the pack, on the firm calendar; None where it follows another."""

    __tablename__ = "cycle_deadline"
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)  # key in `deadlines`
    step_code: Mapped[str] = mapped_column(String(8))  # "A04"
    due_on: Mapped[date | None]


class Participant(Base):
    """A person in a cycle, with the facts at launch."""

    __tablename__ = "participant"
    __table_args__ = (Index("ix_participant_employee_no", "employee_no"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"), primary_key=True)
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))  # active, excluded, left, closed
    reason: Mapped[str | None] = mapped_column(String(200))
    post_code: Mapped[str] = mapped_column(String(8))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    calibration_unit_code: Mapped[str] = mapped_column(String(24), index=True)
    pool_code: Mapped[str] = mapped_column(String(24), index=True)
    card_code: Mapped[str] = mapped_column(String(40))
    manager_no: Mapped[str | None] = mapped_column(String(16))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UnitCascade(Base):
    """The cascade of a unit in a cycle; the last one that closes lets the cycle go on."""

    __tablename__ = "unit_cascade"
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), primary_key=True)
    head_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    status: Mapped[str] = mapped_column(String(8))  # open, closed
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
