"""Books an approved run: ledger entries, tranches, and the last link of the result chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import firm_calendar, local_date
from perfflow.cycles.models import Cycle
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict
from perfflow.payouts import queries
from perfflow.payouts.models import Award, LedgerEntry, PayoutRun, Pool, Tranche
from perfflow.payouts.rules.deferral import defer_by_policy, vest_dates
from perfflow.payouts.rules.ledger import EntryKind
from perfflow.plans.queries import bonus_plan, deferral_policy
from perfflow.plans.rules.deferral import PayCategory
from perfflow.reviews.actions import record_results

Booking = tuple[EntryKind, int, str, Tranche | None]


def book_awards(session: Session, actor: Actor, now: datetime, pool: Pool) -> PayoutRun:
    """Write the approved run into the ledger, once; booking twice is a ``Conflict``."""
    run = queries.approved_run(session, pool.id)
    if run is None:
        raise Conflict("payouts.nothing_to_book", pool=pool.code)
    awards = queries.awards_of(session, run.id)
    book = _book_delta if run.kind == "delta" else _book_main
    for award in awards:
        for kind, amount, reason, tranche in book(session, pool, run, award):
            session.add(_entry(pool, run, award, kind, amount, reason, tranche, actor, now))
    run.status = "booked"
    pool.status = "booked"
    session.flush()
    if run.kind == "main":
        paid = [award.employee_no for award in awards]
        record_results(session, actor, now, pool.cycle_code, paid, "paid")
    subject = f"{pool.cycle_code}/pool/{pool.code}"
    record(
        session,
        actor,
        now,
        AuditEvent.PAYOUTS_AWARDS_BOOKED,
        subject,
        run=run.number,
        awards=len(awards),
    )
    return run


def _book_main(session: Session, pool: Pool, run: PayoutRun, award: Award) -> Iterator[Booking]:
    """AWARD = DEFER … + PAY + HELD; a vetoed share goes back as RETURN."""
    if award.returned_fen:
        yield EntryKind.RETURN, award.returned_fen, "VETO", None
    if not award.award_fen:
        return
    yield EntryKind.AWARD, award.award_fen, "RUN", None
    for tranche in _tranches(session, pool, run, award):
        yield EntryKind.DEFER, tranche.amount_fen, "POLICY", tranche
    if award.held_fen:
        yield EntryKind.HELD, award.held_fen, award.held_reason or "HOLD", None
    if award.now_fen > award.held_fen:
        yield EntryKind.PAY, award.now_fen - award.held_fen, "RUN", None


def _tranches(session: Session, pool: Pool, run: PayoutRun, award: Award) -> list[Tranche]:
    if not award.deferred_fen or run.approved_at is None:
        return []
    cycle = session.get_one(Cycle, pool.cycle_code)
    plan = bonus_plan(session, cycle.release_number)
    policy = deferral_policy(session, cycle.release_number, plan.deferral)
    parts = defer_by_policy(award.award_fen, PayCategory(award.inputs["category"]), policy)
    days = vest_dates(local_date(run.approved_at), len(parts.tranches_fen), firm_calendar(session))
    rows = [
        Tranche(award_id=award.id, number=number, amount_fen=amount, vest_on=day)
        for number, (amount, day) in enumerate(zip(parts.tranches_fen, days, strict=True), 1)
    ]
    session.add_all(rows)
    session.flush()
    return rows


def _book_delta(session: Session, pool: Pool, run: PayoutRun, award: Award) -> Iterator[Booking]:
    """The hold of the main award ends: RELEASE, or FORFEIT + RETURN and MALUS on its tranches."""
    if award.net_fen:
        yield EntryKind.RELEASE, award.net_fen, "HOLD_ENDED", None
    if award.returned_fen:
        yield EntryKind.FORFEIT, award.returned_fen, "VETO", None
        yield EntryKind.RETURN, award.returned_fen, "VETO", None
    if award.inputs["is_vetoed"]:
        tranches = session.scalars(
            select(Tranche).where(Tranche.award_id == award.origin_id).order_by(Tranche.number)
        )
        for tranche in tranches:
            left = queries.tranche_left(session, tranche)
            if left:
                yield EntryKind.MALUS, left, "VETO", tranche
                yield EntryKind.RETURN, left, "VETO", tranche


def _entry(
    pool: Pool,
    run: PayoutRun,
    award: Award,
    kind: EntryKind,
    amount_fen: int,
    reason: str,
    tranche: Tranche | None,
    actor: Actor,
    now: datetime,
) -> LedgerEntry:
    """An entry about the main award, also when a delta run books it."""
    part = f"/{tranche.number}" if tranche else ""
    key = f"{pool.cycle_code}/{pool.code}/{run.number}/{award.employee_no}/{kind.value}{part}"
    return LedgerEntry(
        employee_no=award.employee_no,
        cycle_code=pool.cycle_code,
        run_id=run.id,
        award_id=award.origin_id or award.id,
        tranche_id=tranche.id if tranche else None,
        kind=kind.value,
        amount_fen=amount_fen,
        reason_code=reason,
        idempotency_key=key,
        booked_by=actor.employee_no or actor.name,
        booked_at=now,
    )
