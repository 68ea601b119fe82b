"""Tables of goals: objectives, unit goals, and goal sheets whose versions are never rewritten."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, Scaled, UtcDateTime


class StrategyObjective(WithId, Base):
    """What the firm wants in a cycle; the root of unit goals."""

    __tablename__ = "strategy_objective"
    __table_args__ = (UniqueConstraint("cycle_code", "code"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    code: Mapped[str] = mapped_column(String(16))
    title_zh: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(200))
    metric_code: Mapped[str | None] = mapped_column(String(8))
    target_e6: Mapped[Decimal | None] = mapped_column(Scaled(6))
    why: Mapped[str] = mapped_column(Text)
    owner_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    status: Mapped[str] = mapped_column(String(12))  # draft, live, closed
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class UnitGoal(WithId, Base):
    """A share of an objective that a unit carries; ``parent_id`` is the goal of the unit above."""

    __tablename__ = "unit_goal"
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"), index=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), index=True)
    objective_id: Mapped[int] = mapped_column(ForeignKey("strategy_objective.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit_goal.id"))
    metric_code: Mapped[str] = mapped_column(String(8))
    target_e6: Mapped[Decimal] = mapped_column(Scaled(6))
    why: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class GoalSheet(WithId, Base):
    """The goals of one person in one cycle; its lines are the score card."""

    __tablename__ = "goal_sheet"
    __table_args__ = (UniqueConstraint("cycle_code", "employee_no"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    # draft, proposed, countered, agreed, countersigned, locked, closed
    round: Mapped[int] = mapped_column(default=0)
    current_version: Mapped[int] = mapped_column(default=0)
    locked_version: Mapped[int | None]
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class GoalSheetVersion(WithId, Base):
    """One full proposal; immutable. ``content_hash`` is what both sides accept."""

    __tablename__ = "goal_sheet_version"
    __table_args__ = (UniqueConstraint("sheet_id", "version"),)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("goal_sheet.id"))
    version: Mapped[int]
    round: Mapped[int]
    author_no: Mapped[str | None] = mapped_column(String(16))
    author_side: Mapped[str] = mapped_column(
        String(12)
    )  # employee, manager, hr, second_line, system
    action: Mapped[str] = mapped_column(String(12))  # propose, counter, accept, decide
    comment: Mapped[str | None] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class GoalLine(WithId, Base):
    """A goal within a version: a metric with target, weight and reason."""

    __tablename__ = "goal_line"
    __table_args__ = (
        UniqueConstraint("version_id", "position"),
        CheckConstraint("weight_bp >= 0 AND weight_bp <= 10000", name="weight_in_range"),
    )
    version_id: Mapped[int] = mapped_column(ForeignKey("goal_sheet_version.id"))
    position: Mapped[int]
    metric_code: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(200))
    dimension: Mapped[str] = mapped_column(String(1))
    weight_bp: Mapped[int]
    target_e6: Mapped[Decimal | None] = mapped_column(Scaled(6))
    baseline_e6: Mapped[Decimal | None] = mapped_column(Scaled(6))
    curve: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(Text)
    unit_goal_id: Mapped[int | None] = mapped_column(ForeignKey("unit_goal.id"))
    action: Mapped[str | None] = mapped_column(Text)
    action_due_on: Mapped[date | None]
    smart: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class GoalAcceptance(WithId, Base):
    """A signature under one version."""

    __tablename__ = "goal_acceptance"
    __table_args__ = (UniqueConstraint("version_id", "side"),)
    version_id: Mapped[int] = mapped_column(ForeignKey("goal_sheet_version.id"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    side: Mapped[str] = mapped_column(String(16))  # employee, manager, compliance, second_line
    content_hash: Mapped[str] = mapped_column(String(64))
    understands_why: Mapped[bool]
    restatement: Mapped[str | None] = mapped_column(Text)
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class MidYearReview(WithId, Base):
    """Whether the goals of a person still fit in the middle of the cycle (A12)."""

    __tablename__ = "mid_year_review"
    __table_args__ = (UniqueConstraint("cycle_code", "employee_no"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    verdict: Mapped[str] = mapped_column(String(8))  # keep, revise
    summary: Mapped[str] = mapped_column(Text)
    reason_class: Mapped[str | None] = mapped_column(String(12))  # market, post, strategy
    proposal: Mapped[str | None] = mapped_column(Text)
    reviewed_by: Mapped[str] = mapped_column(String(64))
    reviewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class TargetRevision(WithId, Base):
    """Another target for one locked goal from a day on; a row for each proposal, decided in steps.

    Goals and earlier revisions stay as they are; scoring reads what is ``approved``.
    """

    __tablename__ = "target_revision"
    __table_args__ = (
        Index("ix_target_revision_cycle_code_employee_no", "cycle_code", "employee_no"),
    )
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    metric_code: Mapped[str] = mapped_column(String(8))
    effective_on: Mapped[date]
    old_target_e6: Mapped[Decimal] = mapped_column(Scaled(6))
    new_target_e6: Mapped[Decimal] = mapped_column(Scaled(6))
    mode: Mapped[str] = mapped_column(String(8))  # split, replace
    reason_class: Mapped[str] = mapped_column(String(12))  # market, post, strategy
    evidence: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(12))  # proposed, approved, refused
    waiting_for: Mapped[list[Any]] = mapped_column(JsonText)
    decisions: Mapped[list[Any]] = mapped_column(JsonText)  # [{step, by, at, approved, note}]
    proposed_by: Mapped[str] = mapped_column(String(16))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
