"""Tables of pay: bases, pools, runs, awards, tranches and the append-only ledger."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from perfflow.db.base import Base, WithId
from perfflow.db.types import Fen, JsonText, Scaled, UtcDateTime


class BonusBase(Base):
    """The target bonus (奖金基数) of a person in a cycle, in 分."""

    __tablename__ = "bonus_base"
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"), primary_key=True)
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), primary_key=True)
    base_fen: Mapped[int] = mapped_column(Fen)
    source: Mapped[str] = mapped_column(String(40))


class OrganisationFactor(Base):
    """The performance factor of a unit in a cycle; Co weighs unit, branch and firm."""

    __tablename__ = "organisation_factor"
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"), primary_key=True)
    factor_e4: Mapped[Decimal] = mapped_column(Scaled(4))


class EarlierBand(Base):
    """The final band of a year before the firm used the system; streaks (Cs) count it."""

    __tablename__ = "earlier_band"
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    band: Mapped[str] = mapped_column(String(4))
    worst_severity: Mapped[int] = mapped_column(default=0)
    source: Mapped[str] = mapped_column(String(40))


class Pool(WithId, Base):
    """The money of one group of people in one cycle; one `payout` process a pool."""

    __tablename__ = "pool"
    __table_args__ = (UniqueConstraint("cycle_code", "code"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    code: Mapped[str] = mapped_column(String(24))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    amount_fen: Mapped[int | None] = mapped_column(Fen)
    veto_share: Mapped[str] = mapped_column(String(12))  # return, redistribute
    # open, computed, handed_on (to the committee), approved, booked, released
    status: Mapped[str] = mapped_column(String(12))


class RiskStatement(WithId, Base):
    """How many risk indicators the firm missed in a cycle; append-only, the last version holds."""

    __tablename__ = "risk_statement"
    __table_args__ = (UniqueConstraint("cycle_code", "version"),)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    version: Mapped[int]
    missed: Mapped[int]
    last_average_fen: Mapped[int | None] = mapped_column(Fen)
    note: Mapped[str] = mapped_column(Text)
    stated_by: Mapped[str] = mapped_column(String(64))
    stated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PayoutRun(WithId, Base):
    """One computation of a pool; dry until approved, immutable after."""

    __tablename__ = "payout_run"
    __table_args__ = (UniqueConstraint("pool_id", "number"),)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))  # main, delta
    status: Mapped[str] = mapped_column(String(12))  # computed, returned, approved, released
    pool_fen: Mapped[int] = mapped_column(Fen)
    k: Mapped[str] = mapped_column(Text)  # "35000000/37652009"
    surplus_fen: Mapped[int] = mapped_column(Fen)
    returned_fen: Mapped[int] = mapped_column(Fen)
    inputs_hash: Mapped[str] = mapped_column(String(64))
    release_number: Mapped[int]
    computed_by: Mapped[str] = mapped_column(String(64))
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(64))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str | None] = mapped_column(Text)
    released_by: Mapped[str | None] = mapped_column(String(64))
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any] | None] = mapped_column(JsonText)


class Award(WithId, Base):
    """What one person gets in one run, with every factor (domain §5.10–5.11).

    In a delta run award, deferred, now and held are changes (of either sign) of the award that
    ``origin_id`` names: over all runs they add up to what stands.
    """

    __tablename__ = "award"
    __table_args__ = (UniqueConstraint("run_id", "employee_no"),)
    run_id: Mapped[int] = mapped_column(ForeignKey("payout_run.id"))
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    origin_id: Mapped[int | None] = mapped_column(
        ForeignKey("award.id")
    )  # a delta run's main award
    result_id: Mapped[int | None] = mapped_column(ForeignKey("result.id"))
    band: Mapped[str] = mapped_column(String(4))
    clean_band: Mapped[str] = mapped_column(String(4))
    gate: Mapped[str] = mapped_column(String(8))
    inputs: Mapped[dict[str, Any]] = mapped_column(
        JsonText
    )  # base, Cp, Co, Cl, Cs, p, G and their sources
    raw_fen: Mapped[int] = mapped_column(Fen)
    clean_raw_fen: Mapped[int] = mapped_column(Fen)
    floor_fen: Mapped[int] = mapped_column(Fen)
    cap_fen: Mapped[int | None] = mapped_column(Fen)
    award_fen: Mapped[int] = mapped_column(Fen)
    deferred_fen: Mapped[int] = mapped_column(Fen)
    now_fen: Mapped[int] = mapped_column(Fen)
    held_fen: Mapped[int] = mapped_column(Fen)
    held_reason: Mapped[str | None] = mapped_column(String(16))  # FREEZE, INTERVIEW
    returned_fen: Mapped[int] = mapped_column(Fen)
    net_fen: Mapped[int] = mapped_column(Fen)
    # what an open appeal could add at most; kept apart, no part of the award
    disputed_fen: Mapped[int] = mapped_column(Fen, default=0)
    explanation: Mapped[dict[str, Any]] = mapped_column(JsonText)


class Tranche(WithId, Base):
    """A deferred part of an award and the day it vests; its state follows from the ledger."""

    __tablename__ = "tranche"
    __table_args__ = (
        UniqueConstraint("award_id", "number"),
        Index("ix_tranche_vest_on", "vest_on"),
    )
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    number: Mapped[int]
    amount_fen: Mapped[int] = mapped_column(Fen)
    vest_on: Mapped[date]


class LedgerEntry(WithId, Base):
    """One immutable booking; corrections are new entries."""

    __tablename__ = "ledger_entry"
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    cycle_code: Mapped[str] = mapped_column(ForeignKey("cycle.code"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("payout_run.id"), index=True)
    award_id: Mapped[int | None] = mapped_column(ForeignKey("award.id"))
    tranche_id: Mapped[int | None] = mapped_column(ForeignKey("tranche.id"))
    kind: Mapped[str] = mapped_column(String(12))
    # an EntryKind of the rules: AWARD, DEFER, PAY, HELD, RELEASE, FORFEIT, VEST, MALUS, RETURN, …
    amount_fen: Mapped[int] = mapped_column(Fen)
    reason_code: Mapped[str] = mapped_column(String(32))
    idempotency_key: Mapped[str] = mapped_column(String(120), unique=True)
    booked_by: Mapped[str] = mapped_column(String(64))
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PayStop(WithId, Base):
    """Deferred parts of a person do not vest and nothing is corrected while this stands."""

    __tablename__ = "pay_stop"
    __table_args__ = (UniqueConstraint("employee_no", "reason"),)
    employee_no: Mapped[str] = mapped_column(ForeignKey("employee.no"), index=True)
    reason: Mapped[str] = mapped_column(String(48))  # "clawback/CB-2026-00001"
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
