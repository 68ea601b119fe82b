"""Tables of people: units, posts, employees, effective-dated assignments, absences."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId


class Unit(Base):
    """A node of the organisation tree; ``valid_to`` is exclusive."""

    __tablename__ = "unit"
    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))  # firm, division, region, branch, team
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))
    head_no: Mapped[str | None] = mapped_column(String(16))
    path: Mapped[str] = mapped_column(String(200), index=True)  # "FIRM/R01/B001/T0003"
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Post(Base):
    """A post family of domain §1.3."""

    __tablename__ = "post"
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    line: Mapped[str] = mapped_column(String(8))  # front, middle, back, none
    pay_category: Mapped[str] = mapped_column(String(8))  # SENIOR, KEY, CONTROL, STAFF


class Employee(Base):
    """A person; never deleted, leavers keep their row and their ledger."""

    __tablename__ = "employee"
    no: Mapped[str] = mapped_column(String(16), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40), index=True)
    name_en: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(120))
    gender: Mapped[str] = mapped_column(String(1))
    grade: Mapped[int]
    hired_on: Mapped[date]
    left_on: Mapped[date | None]
    leaver_class: Mapped[str | None] = mapped_column(String(16))  # good, resigned, dismissed


class Assignment(WithId, Base):
    """Who worked where, as what and for whom, from ``valid_from`` to before ``valid_to``."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates_in_order"),
        CheckConstraint("fte_bp > 0 AND fte_bp <= 10000", name="fte_in_range"),
        Index("ix_assignment_manager_no_valid_from", "manager_no", "valid_from"),
    )
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    post_code: Mapped[str] = mapped_column(ForeignKey("post.code"))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    manager_no: Mapped[str | None] = mapped_column(ForeignKey("employee.no"))
    fte_bp: Mapped[int] = mapped_column(default=10000)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Absence(WithId, Base):
    """A time away; ``last_on`` is the last day away."""

    __tablename__ = "absence"
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # unpaid, sick, parental, holiday
    first_on: Mapped[date]
    last_on: Mapped[date]
    deputy_no: Mapped[str | None] = mapped_column(ForeignKey("employee.no"))
