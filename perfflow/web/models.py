"""Tables of accounts and of the roles granted to them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import UtcDateTime


class Account(WithId, Base):
    """Somebody who can sign in; ``session_version`` ends older sessions when it moves on."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("failed_count >= 0", name="failures_counted_from_zero"),
        CheckConstraint("language IS NULL OR language IN ('zh', 'en')", name="known_language"),
        CheckConstraint("theme IN ('system', 'light', 'dark')", name="known_theme"),
    )
    login: Mapped[str] = mapped_column(String(64), unique=True)
    employee_no: Mapped[str | None] = mapped_column(String(16), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(2))
    theme: Mapped[str] = mapped_column(String(8), default="system")
    is_active: Mapped[bool] = mapped_column(default=True)
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    session_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoleGrant(WithId, Base):
    """A role given to a login or an employee, in a unit or everywhere; ``valid_to`` exclusive."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("(login IS NULL) <> (employee_no IS NULL)", name="one_holder"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates_in_order"),
        Index("ix_role_grant_role_unit_code", "role", "unit_code"),
    )
    login: Mapped[str | None] = mapped_column(String(64), index=True)
    employee_no: Mapped[str | None] = mapped_column(String(16), index=True)
    role: Mapped[str] = mapped_column(String(24))
    unit_code: Mapped[str | None] = mapped_column(String(24))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
