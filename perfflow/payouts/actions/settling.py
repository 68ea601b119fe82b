"""After release: tells the appraisals, closes the cycle's pay, and vests what falls due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import firm_calendar, local_date
from perfflow.compliance.queries import frozen_people, standings
from perfflow.cycles.models import Cycle
from perfflow.kernel.actor import Actor
from perfflow.notifications import notify
from perfflow.payouts import queries
from perfflow.payouts.models import Award, LedgerEntry, Pool, Tranche
from perfflow.payouts.rules.ledger import EntryKind
from perfflow.people.models import Employee
from perfflow.workflow import actions as workflow_actions

LOOK_AGAIN_AFTER = 20  # working days
STATEMENT_READY = "payouts.statement_ready"


@dataclass(frozen=True, slots=True)
class Remaining:
    """What keeps a pool open: holds and open disputes, and the next day that a tranche is due."""

    has_held: bool
    next_vest_on: date | None


def settle_run(session: Session, actor: Actor, now: datetime, pool: Pool) -> Remaining:
    """The released run is final: everybody in it is told; the last pool lets the cycle go on."""
    run = queries.last_released(session, pool.id)
    pool.status = "released"
    session.flush()
    cycle = session.get_one(Cycle, pool.cycle_code)
    if run is not None:
        awards = queries.awards_of(session, run.id)
        for award in awards:
            notify(
                session,
                now,
                award.employee_no,
                STATEMENT_READY,
                {"cycle": {"zh": cycle.name_zh, "en": cycle.name_en}},
                link=f"/payouts/statements/{award.id}",
                dedupe_key=f"statement/{award.id}",
            )
        if run.kind == "main":
            keys = [f"{pool.cycle_code}/{award.employee_no}" for award in awards]
            workflow_actions.publish_messages(session, actor, now, "award-settled", keys)
            # People of the pool without any result wait for the message too.
            _settle_unrated(session, actor, now, pool, {award.employee_no for award in awards})
    _announce_last(session, actor, now, pool)
    subject = f"{pool.cycle_code}/pool/{pool.code}"
    record(session, actor, now, AuditEvent.PAYOUTS_RUN_SETTLED, subject)
    return remaining(session, pool, local_date(now))


def _settle_unrated(
    session: Session, actor: Actor, now: datetime, pool: Pool, settled: set[str]
) -> None:
    others = [no for no in queries.people_of(session, pool) if no not in settled]
    keys = [f"{pool.cycle_code}/{number}" for number in others]
    workflow_actions.publish_messages(session, actor, now, "award-settled", keys)


def _announce_last(session: Session, actor: Actor, now: datetime, pool: Pool) -> None:
    """``payouts-complete`` to the cycle, once, under the cycle's row lock."""
    session.execute(select(Cycle.code).where(Cycle.code == pool.cycle_code).with_for_update()).all()
    if queries.pools_never_released(session, pool.cycle_code):
        return
    workflow_actions.publish_message(
        session,
        actor,
        now,
        "payouts-complete",
        pool.cycle_code,
        dedupe_id=f"payouts-complete/{pool.cycle_code}",
    )


def remaining(session: Session, pool: Pool, today: date) -> Remaining:
    """What still has to happen to the money of a pool.

    A tranche that is due but blocked (a frozen owner) is looked at again a month later: its own
    day has passed and would fire at once, for ever.
    """
    has_held = bool(queries.held_awards(session, pool.id) or queries.disputes(session, pool.id))
    next_on = queries.next_vest_on(session, pool.id)
    if next_on is not None and next_on <= today:
        next_on = firm_calendar(session).add_working_days(today, LOOK_AGAIN_AFTER)
    return Remaining(has_held, next_on)


def vest_due(session: Session, actor: Actor, now: datetime, pool: Pool) -> Remaining:
    """Book VEST for the tranches due today; frozen or held people wait, bad leavers forfeit.

    Vest conditions: employed or a good leaver, no open case, the award itself not held. What a
    leaver forfeits goes back to the firm, nobody else gets it.
    """
    today = local_date(now)
    due = queries.due_tranches(session, pool.id, today)
    numbers = {award.employee_no for _, award, _ in due}
    gates = standings(session, pool.cycle_code, numbers)
    waiting = frozen_people(session, numbers) | queries.stopped_people(session, numbers)
    held = {award.id for award in queries.held_awards(session, pool.id)}
    count = 0
    for tranche, award, left in due:
        number = award.employee_no
        if gates[number].is_frozen or number in waiting or award.id in held:
            continue
        kinds: tuple[EntryKind, ...] = (EntryKind.VEST,)
        if not _keeps_claim(session, award, today):
            kinds = (EntryKind.MALUS, EntryKind.RETURN)
        session.add_all(_vest_entry(pool, award, tranche, kind, left, actor, now) for kind in kinds)
        count += 1
    session.flush()
    subject = f"{pool.cycle_code}/pool/{pool.code}"
    record(session, actor, now, AuditEvent.PAYOUTS_TRANCHES_VESTED, subject, tranches=count)
    return remaining(session, pool, today)


def _keeps_claim(session: Session, award: Award, today: date) -> bool:
    person = session.get_one(Employee, award.employee_no)
    gone = person.left_on is not None and person.left_on <= today
    return not gone or person.leaver_class == "good"


def _vest_entry(
    pool: Pool,
    award: Award,
    tranche: Tranche,
    kind: EntryKind,
    amount_fen: int,
    actor: Actor,
    now: datetime,
) -> LedgerEntry:
    return LedgerEntry(
        employee_no=award.employee_no,
        cycle_code=pool.cycle_code,
        run_id=award.run_id,
        award_id=award.id,
        tranche_id=tranche.id,
        kind=kind.value,
        amount_fen=amount_fen,
        reason_code="VEST_DATE" if kind is EntryKind.VEST else "LEAVER",
        idempotency_key=f"tranche/{tranche.id}/{kind.value}/{local_date(now).isoformat()}",
        booked_by=actor.employee_no or actor.name,
        booked_at=now,
    )
