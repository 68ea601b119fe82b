"""The table of overrides: who lets which finding of the plan linter pass, why and until when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, UtcDateTime


class PlanOverride(WithId, Base):
    """One request to let a blocking finding pass, and its decision.

    ``mark`` names the finding with its place and figures; a decision is taken once.
    """

    __tablename__ = "plan_override"
    __table_args__ = (
        Index("ix_plan_override_mark", "mark"),
        CheckConstraint(
            "status <> 'granted' OR (decided_by IS NOT NULL AND expires_on IS NOT NULL)",
            name="granted_by_somebody_until_a_day",
        ),
    )
    mark: Mapped[str] = mapped_column(String(24))
    code: Mapped[str] = mapped_column(String(8))
    path: Mapped[str] = mapped_column(String(200))
    message: Mapped[str] = mapped_column(String(80))
    params: Mapped[dict[str, Any]] = mapped_column(JsonText)
    status: Mapped[str] = mapped_column(String(12))  # requested, granted, declined, withdrawn
    wish: Mapped[str] = mapped_column(String(1000))
    requested_by: Mapped[str] = mapped_column(String(64))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(1000))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_on: Mapped[date | None]
