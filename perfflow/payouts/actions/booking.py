"""Books an approved run: ledger entries, tranches, and the last link of the result chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import firm_calendar, local_date
from perfflow.cycles.models import Cycle
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict
from perfflow.payouts import queries
from perfflow.payouts.gathering import HOLD_ENDED, is_stopping, LEAVER, proposals
from perfflow.payouts.models import Award, LedgerEntry, PayoutRun, Pool, Tranche
from perfflow.payouts.rules.deferral import defer_by_policy, vest_dates
from perfflow.payouts.rules.ledger import EntryKind
from perfflow.plans.queries import bonus_plan, deferral_policy
from perfflow.plans.rules.deferral import PayCategory
from perfflow.reviews.actions import record_results

Booking = tuple[EntryKind, int, str, Tranche | None]
UNCHANGED = (HOLD_ENDED, LEAVER)
"""Causes of a delta run that leave the result as it is."""


def book_awards(session: Session, actor: Actor, now: datetime, pool: Pool) -> PayoutRun:
    """Write the approved run into the ledger, once; booking twice is a ``Conflict``."""
    run = queries.approved_run(session, pool.id)
    if run is None:
        raise Conflict("payouts.nothing_to_book", pool=pool.code)
    awards = queries.awards_of(session, run.id)
    if run.kind == "delta":
        _guard_fresh(session, now, pool, awards)
    book = _book_delta if run.kind == "delta" else _book_main
    for award in awards:
        for kind, amount, reason, tranche in book(session, pool, run, award):
            session.add(_entry(pool, run, award, kind, amount, reason, tranche, actor, now))
    run.status = "booked"
    pool.status = "booked"
    session.flush()
    paid = [award.employee_no for award in awards if award.inputs.get("cause") not in UNCHANGED]
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


def _guard_fresh(session: Session, now: datetime, pool: Pool, awards: Sequence[Award]) -> None:
    """Refuse a delta run when the ledger or a result has moved since it was computed."""
    main = queries.booked_run(session, pool.id)
    assert main is not None
    _, found = proposals(session, pool, main, local_date(now))
    fresh = {one.main.employee_no: dict(one.inputs) for one in found}
    stale = [award.employee_no for award in awards if fresh.get(award.employee_no) != award.inputs]
    if stale:
        raise Conflict("payouts.run_is_stale", pool=pool.code, people=", ".join(stale))


def _tranches(session: Session, pool: Pool, run: PayoutRun, award: Award) -> list[Tranche]:
    if not award.deferred_fen:
        return []
    cycle = session.get_one(Cycle, pool.cycle_code)
    plan = bonus_plan(session, cycle.release_number)
    policy = deferral_policy(session, cycle.release_number, plan.deferral)
    parts = defer_by_policy(award.award_fen, PayCategory(award.inputs["category"]), policy)
    return _tranche_rows(session, run, award.id, parts.tranches_fen, 0)


def _tranche_rows(
    session: Session, run: PayoutRun, award_id: int, parts: Sequence[int], known: int
) -> list[Tranche]:
    """Rows for the parts after the first ``known`` ones; they vest from the approval of ``run``."""
    if run.approved_at is None:
        return []
    days = vest_dates(local_date(run.approved_at), len(parts), firm_calendar(session))
    rows = [
        Tranche(award_id=award_id, number=number, amount_fen=amount, vest_on=day)
        for number, (amount, day) in enumerate(zip(parts, days, strict=True), 1)
        if number > known
    ]
    session.add_all(rows)
    session.flush()
    return rows


def _book_delta(session: Session, pool: Pool, run: PayoutRun, award: Award) -> Iterator[Booking]:
    """RELEASE, or FORFEIT + RETURN, of a hold; ADJUST of what was paid and of deferred parts.

    After a veto deferred parts are stopped (MALUS + RETURN), not adjusted.
    """
    change, cause = award.inputs["change"], str(award.inputs["cause"])
    if change["released_fen"]:
        yield EntryKind.RELEASE, change["released_fen"], "HOLD_ENDED", None
    if change["forfeited_fen"]:
        yield EntryKind.FORFEIT, change["forfeited_fen"], cause, None
        yield EntryKind.RETURN, change["forfeited_fen"], cause, None
    if change["adjust_fen"]:
        yield EntryKind.ADJUST, change["adjust_fen"], cause, None
    main = queries.booked_run(session, pool.id)
    if not any(change["parts"]) or main is None or award.origin_id is None:
        return
    rows = list(queries.tranches_of(session, award.origin_id))
    # A part that the main award did not have is planned with nothing: the ledger brings it.
    empty = [0] * len(change["planned"])
    rows += _tranche_rows(session, main, award.origin_id, empty, len(rows))
    for row, moved in zip(rows, change["parts"], strict=False):
        if moved and is_stopping(award.inputs):
            yield EntryKind.MALUS, -moved, cause, row
            yield EntryKind.RETURN, -moved, cause, row
        elif moved:
            yield EntryKind.ADJUST, moved, cause, row


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
