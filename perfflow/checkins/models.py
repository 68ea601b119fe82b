"""Tables of the year's conversations: check-ins, activities, notes, commitments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import JsonText, UtcDateTime


class CheckIn(WithId, Base):
    """One check-in of a person in a cycle; ``sequence`` counts from 1."""

    __tablename__ = "check_in"
    __table_args__ = (UniqueConstraint("cycle_code", "employee_no", "sequence"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    sequence: Mapped[int]
    period_ends_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(12))  # open, prepared, held, signed, missing
    employee_part: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    manager_part: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    snapshot: Mapped[list[Any] | None] = mapped_column(
        JsonText
    )  # figures on the day, never rewritten
    manager_no: Mapped[str | None] = mapped_column(String(16))
    prepared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class Activity(WithId, Base):
    """A visit, call, delivered plan or training, logged by the person or a feed."""

    __tablename__ = "activity"
    __table_args__ = (Index("ix_activity_employee_no_happened_at", "employee_no", "happened_at"),)
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    kind: Mapped[str] = mapped_column(String(16))  # visit, call, plan_delivered, training, other
    client_ref: Mapped[str | None] = mapped_column(String(40))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    logged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    purpose: Mapped[str | None] = mapped_column(String(400))
    outcome: Mapped[str | None] = mapped_column(String(400))
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class Note(WithId, Base):
    """A quick note from one person about another; both see it."""

    __tablename__ = "note"
    author_no: Mapped[str] = mapped_column(ForeignKey("employee.no"))
    about_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    kind: Mapped[str] = mapped_column(String(12))  # praise, nudge, observation
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Commitment(WithId, Base):
    """A dated action that somebody promised, from a check-in or an interview."""

    __tablename__ = "commitment"
    cycle_code: Mapped[str | None] = mapped_column(ForeignKey("cycle.code"))
    about_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    owner_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    source: Mapped[str] = mapped_column(String(48))  # "check-in/12", "interview/7"
    action_type: Mapped[str] = mapped_column(String(24))
    text: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    support: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(12))  # open, on_track, at_risk, done, missed
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class CommitmentFollowUp(WithId, Base):
    """What was said about a commitment after 30, 60 or 90 days; append-only."""

    __tablename__ = "commitment_follow_up"
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), index=True)
    day_mark: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    note: Mapped[str | None] = mapped_column(Text)
    by_no: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProcessGap(WithId, Base):
    """A step of the year that did not happen: shown with the result, never counted against it."""

    __tablename__ = "process_gap"
    __table_args__ = (UniqueConstraint("cycle_code", "employee_no", "kind"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    kind: Mapped[str] = mapped_column(String(32))  # check_in:2, mid_year
    flagged_at: Mapped[datetime] = mapped_column(UtcDateTime)
