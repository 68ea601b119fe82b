"""Tables of clawback cases: the case, its people, their repayment plans, its history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import Fen, JsonText, UtcDateTime


class ClawbackCase(WithId, Base):
    """One case about the performance pay of a period (domain §3.1, §5.11)."""

    __tablename__ = "clawback_case"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="period_in_order"),)
    case_no: Mapped[str] = mapped_column(String(24), unique=True)
    situation: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(12), index=True)
    # opened, hearing, proposed, decided, executed, closed, dropped
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    gate_case_id: Mapped[int | None] = mapped_column(ForeignKey("gate_case.id"))
    summary: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proposed_by: Mapped[str | None] = mapped_column(String(64))
    confirmed_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    executed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class ClawbackShare(WithId, Base):
    """What one person bears in a case, with everything that it is computed from."""

    __tablename__ = "clawback_share"
    __table_args__ = (
        UniqueConstraint("case_id", "employee_no"),
        CheckConstraint("ratio_bp > 0 AND ratio_bp <= 10000", name="ratio_in_range"),
    )
    case_id: Mapped[int] = mapped_column(ForeignKey("clawback_case.id"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    liability: Mapped[str] = mapped_column(String(12))
    ratio_bp: Mapped[int]
    correct_fen: Mapped[int | None] = mapped_column(Fen)
    basis: Mapped[dict[str, Any]] = mapped_column(JsonText)
    target_fen: Mapped[int] = mapped_column(Fen)
    malus_fen: Mapped[int] = mapped_column(Fen)
    clawback_fen: Mapped[int] = mapped_column(Fen)
    explanation: Mapped[dict[str, Any]] = mapped_column(JsonText)
    notified_on: Mapped[date | None]
    heard_on: Mapped[date | None]
    heard_note: Mapped[str | None] = mapped_column(Text)
    dispute: Mapped[str | None] = mapped_column(Text)
    disputed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispute_outcome: Mapped[str | None] = mapped_column(String(12))  # upheld, reduced
    dispute_note: Mapped[str | None] = mapped_column(Text)
    dispute_decided_by: Mapped[str | None] = mapped_column(String(64))


class ClawbackInstalment(WithId, Base):
    """One part of a person's repayment plan; what came in is in the ledger."""

    __tablename__ = "clawback_instalment"
    __table_args__ = (UniqueConstraint("share_id", "number"),)
    share_id: Mapped[int] = mapped_column(ForeignKey("clawback_share.id"))
    number: Mapped[int]
    due_on: Mapped[date]
    amount_fen: Mapped[int] = mapped_column(Fen)


class ClawbackReceipt(WithId, Base):
    """Money that came in: repaid by the person, or set off against the wage of a month."""

    __tablename__ = "clawback_receipt"
    share_id: Mapped[int] = mapped_column(ForeignKey("clawback_share.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))  # REPAY, SETOFF
    amount_fen: Mapped[int] = mapped_column(Fen)
    received_on: Mapped[date]
    month_wage_fen: Mapped[int | None] = mapped_column(Fen)
    recorded_by: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClawbackEvent(WithId, Base):
    """One step in the life of a case; append-only."""

    __tablename__ = "clawback_event"
    case_id: Mapped[int] = mapped_column(ForeignKey("clawback_case.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(64))
    step: Mapped[str] = mapped_column(String(24))
    employee_no: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Text)
