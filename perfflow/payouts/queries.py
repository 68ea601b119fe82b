"""Reads of pay: pools, runs, awards, tranches and balances derived from the ledger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import case, ColumnElement, func, Select, select
from sqlalchemy.orm import aliased, Session

from perfflow.cycles.models import Cycle, Participant
from perfflow.interviews.queries import APPEAL, payout_gates
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotFound
from perfflow.payouts.models import Award, LedgerEntry, PayoutRun, PayStop, Pool, Tranche
from perfflow.payouts.rules.ledger import Entry, EntryKind, SIGN_ON_TRANCHE
from perfflow.people.access import Relation, relations
from perfflow.people.queries import chunks

BOOKED = ("booked", "released")


def pool_named(session: Session, cycle_code: str, code: str) -> Pool:
    """The pool of a cycle; unknown ones are ``NotFound``."""
    found = session.scalar(select(Pool).where(Pool.cycle_code == cycle_code, Pool.code == code))
    if found is None:
        raise NotFound("payouts.no_pool", cycle=cycle_code, pool=code)
    return found


def pools_of(session: Session, cycle_code: str) -> Sequence[Pool]:
    """The pools of a cycle, by code."""
    return session.scalars(
        select(Pool).where(Pool.cycle_code == cycle_code).order_by(Pool.code)
    ).all()


def runs_of(session: Session, pool_id: int) -> Sequence[PayoutRun]:
    """All runs of a pool, the latest first."""
    return session.scalars(
        select(PayoutRun).where(PayoutRun.pool_id == pool_id).order_by(PayoutRun.number.desc())
    ).all()


def next_number(session: Session, pool_id: int) -> int:
    """The number of the pool's next run, from 1."""
    last = session.scalar(select(func.max(PayoutRun.number)).where(PayoutRun.pool_id == pool_id))
    return (last or 0) + 1


def _latest(session: Session, pool_id: int, *statuses: str) -> PayoutRun | None:
    return session.scalars(
        select(PayoutRun)
        .where(PayoutRun.pool_id == pool_id, PayoutRun.status.in_(statuses))
        .order_by(PayoutRun.number.desc())
        .limit(1)
    ).first()


def waiting_run(session: Session, pool_id: int) -> PayoutRun | None:
    """The computed run that waits for the committee."""
    return _latest(session, pool_id, "computed")


def approved_run(session: Session, pool_id: int) -> PayoutRun | None:
    """The approved run that is not yet in the ledger."""
    return _latest(session, pool_id, "approved")


def run_to_release(session: Session, pool_id: int) -> PayoutRun | None:
    """The booked run that is not yet released."""
    return _latest(session, pool_id, "booked")


def last_released(session: Session, pool_id: int) -> PayoutRun | None:
    """The run that was released last."""
    return _latest(session, pool_id, "released")


def booked_run(session: Session, pool_id: int) -> PayoutRun | None:
    """The main run once it is in the ledger."""
    return session.scalars(
        select(PayoutRun).where(
            PayoutRun.pool_id == pool_id,
            PayoutRun.kind == "main",
            PayoutRun.status.in_(BOOKED),
        )
    ).first()


def awards_of(session: Session, run_id: int) -> Sequence[Award]:
    """The awards of a run, by employee number."""
    return session.scalars(
        select(Award).where(Award.run_id == run_id).order_by(Award.employee_no)
    ).all()


def award_in_run(session: Session, run_id: int, employee_no: str) -> Award | None:
    """The award of one person in a run, or None."""
    return session.scalar(
        select(Award).where(Award.run_id == run_id, Award.employee_no == employee_no)
    )


def _balance(*signs: tuple[EntryKind, int]) -> ColumnElement[int]:
    """Σ of entries with the sign of their kind; other kinds count nothing."""
    parts = {kind.value: sign for kind, sign in signs}
    sign = case(parts, value=LedgerEntry.kind, else_=0)
    return func.coalesce(func.sum(LedgerEntry.amount_fen * sign), 0)


_HELD = _balance((EntryKind.HELD, 1), (EntryKind.RELEASE, -1), (EntryKind.FORFEIT, -1))
_LEFT = _balance(*SIGN_ON_TRANCHE.items())


def held_awards(session: Session, pool_id: int) -> Sequence[Award]:
    """Main awards of booked runs of which money is still held."""
    held = (
        select(LedgerEntry.award_id)
        .join(Award, Award.id == LedgerEntry.award_id)
        .join(PayoutRun, PayoutRun.id == Award.run_id)
        .where(PayoutRun.pool_id == pool_id)
        .group_by(LedgerEntry.award_id)
        .having(_HELD > 0)
    )
    return session.scalars(
        select(Award).where(Award.id.in_(held)).order_by(Award.employee_no)
    ).all()


def disputes(session: Session, pool_id: int) -> list[str]:
    """People of a booked main run who dispute a part and whose appeal is not decided."""
    rows = session.execute(
        select(Award.employee_no, Pool.cycle_code)
        .join(PayoutRun, PayoutRun.id == Award.run_id)
        .join(Pool, Pool.id == PayoutRun.pool_id)
        .where(
            PayoutRun.pool_id == pool_id,
            PayoutRun.kind == "main",
            PayoutRun.status.in_(BOOKED),
            Award.disputed_fen > 0,
        )
        .order_by(Award.employee_no)
    ).all()
    if not rows:
        return []
    gates = payout_gates(session, rows[0].cycle_code, [row.employee_no for row in rows])
    return [number for number, gate in gates.items() if gate == APPEAL]


def ledgers_of(session: Session, pool_id: int) -> dict[int, list[Entry]]:
    """The ledger of every main award of a pool, summed by kind and tranche, in few statements."""
    rows = session.execute(
        select(
            LedgerEntry.award_id,
            LedgerEntry.tranche_id,
            LedgerEntry.kind,
            func.sum(LedgerEntry.amount_fen),
        )
        .join(Award, Award.id == LedgerEntry.award_id)
        .join(PayoutRun, PayoutRun.id == Award.run_id)
        .where(PayoutRun.pool_id == pool_id, LedgerEntry.award_id.is_not(None))
        .group_by(LedgerEntry.award_id, LedgerEntry.tranche_id, LedgerEntry.kind)
        .order_by(LedgerEntry.award_id)
    )
    found: dict[int, list[Entry]] = {}
    for award_id, tranche_id, kind, total in rows:
        entry = Entry(EntryKind(kind), int(total), tranche_id)
        found.setdefault(int(award_id or 0), []).append(entry)
    return found


def sums_of_run(session: Session, row: PayoutRun) -> dict[str, int]:
    """Σ of what a run itself booked, by kind of entry.

    What vesting books later names the main run too: it is about tranches and no deferral.
    """
    query = (
        select(LedgerEntry.kind, func.sum(LedgerEntry.amount_fen))
        .where(LedgerEntry.run_id == row.id)
        .group_by(LedgerEntry.kind)
    )
    if row.kind == "main":
        is_own = LedgerEntry.tranche_id.is_(None) | (LedgerEntry.kind == EntryKind.DEFER.value)
        query = query.where(is_own)
    return {kind: int(total) for kind, total in session.execute(query)}


def last_corrections(session: Session, pool_id: int) -> dict[int, Award]:
    """The newest booked correction of each main award of a pool that has one."""
    rows = session.scalars(
        select(Award)
        .join(PayoutRun, PayoutRun.id == Award.run_id)
        .where(
            PayoutRun.pool_id == pool_id,
            PayoutRun.status.in_(BOOKED),
            Award.origin_id.is_not(None),
        )
        .order_by(PayoutRun.number)
    )
    return {row.origin_id: row for row in rows if row.origin_id is not None}


def tranche_left(session: Session, tranche: Tranche) -> int:
    """What is still deferred of a tranche, from the ledger."""
    return int(session.scalar(select(_LEFT).where(LedgerEntry.tranche_id == tranche.id)) or 0)


def _open_tranches(pool_id: int) -> Select[Tranche, Award, int]:
    left = (
        select(LedgerEntry.tranche_id, _LEFT.label("left_fen"))
        .where(LedgerEntry.tranche_id.is_not(None))
        .group_by(LedgerEntry.tranche_id)
        .subquery()
    )
    return (
        select(Tranche, Award, left.c.left_fen)
        .join(left, left.c.tranche_id == Tranche.id)
        .join(Award, Award.id == Tranche.award_id)
        .join(PayoutRun, PayoutRun.id == Award.run_id)
        .where(PayoutRun.pool_id == pool_id, left.c.left_fen > 0)
        .order_by(Tranche.vest_on, Tranche.id)
    )


def due_tranches(session: Session, pool_id: int, today: date) -> list[tuple[Tranche, Award, int]]:
    """Tranches whose day has come with their awards and what is left of them, in 分."""
    rows = session.execute(_open_tranches(pool_id).where(Tranche.vest_on <= today))
    return [(tranche, award, int(left)) for tranche, award, left in rows]


def stopped_people(session: Session, numbers: Collection[str]) -> frozenset[str]:
    """Of several people those whose deferred pay waits for the end of a case."""
    found: set[str] = set()
    for part in chunks(numbers):
        found |= set(
            session.scalars(
                select(PayStop.employee_no).where(
                    PayStop.employee_no.in_(part), PayStop.lifted_at.is_(None)
                )
            )
        )
    return frozenset(found)


def next_vest_on(session: Session, pool_id: int) -> date | None:
    """The day of the next open tranche of a pool, or None."""
    first = session.scalars(_open_tranches(pool_id).limit(1)).first()
    return None if first is None else first.vest_on


def pools_never_released(session: Session, cycle_code: str) -> int:
    """How many pools of the cycle have no released run yet."""
    run = aliased(PayoutRun)
    released = select(run.pool_id).where(run.status == "released")
    found = session.scalar(
        select(func.count())
        .select_from(Pool)
        .where(Pool.cycle_code == cycle_code, Pool.id.not_in(released))
    )
    return int(found or 0)


def people_of(session: Session, pool: Pool) -> Sequence[str]:
    """The participants of a pool who are still in the cycle."""
    return session.scalars(
        select(Participant.employee_no)
        .where(
            Participant.cycle_code == pool.cycle_code,
            Participant.pool_code == pool.code,
            Participant.status != "excluded",
        )
        .order_by(Participant.employee_no)
    ).all()


def entries_of(session: Session, award_id: int) -> Sequence[LedgerEntry]:
    """The ledger of one award, in order of booking."""
    return session.scalars(
        select(LedgerEntry).where(LedgerEntry.award_id == award_id).order_by(LedgerEntry.id)
    ).all()


def as_rules(entries: Sequence[LedgerEntry]) -> list[Entry]:
    """Ledger rows in the shape of the rules."""
    return [Entry(EntryKind(row.kind), row.amount_fen, row.tranche_id) for row in entries]


def pool(session: Session, pool_id: int) -> Pool:
    """The pool of that id; unknown ones are ``NotFound``."""
    found = session.get(Pool, pool_id)
    if found is None:
        raise NotFound("payouts.no_pool_here")
    return found


def run(session: Session, run_id: int) -> PayoutRun:
    """The run of that id; unknown ones are ``NotFound``."""
    found = session.get(PayoutRun, run_id)
    if found is None:
        raise NotFound("payouts.no_run_here")
    return found


def run_before(session: Session, row: PayoutRun) -> PayoutRun | None:
    """The run of the same kind that a run is compared with, or None."""
    return session.scalars(
        select(PayoutRun)
        .where(
            PayoutRun.pool_id == row.pool_id,
            PayoutRun.kind == row.kind,
            PayoutRun.number < row.number,
        )
        .order_by(PayoutRun.number.desc())
        .limit(1)
    ).first()


def booked_as(session: Session, run_id: int) -> LedgerEntry | None:
    """The first entry of a run in the ledger: it says when the run was booked, and by whom."""
    return session.scalars(
        select(LedgerEntry).where(LedgerEntry.run_id == run_id).order_by(LedgerEntry.id).limit(1)
    ).first()


def statement_for(session: Session, actor: Actor, award_id: int, on: date) -> Award:
    """An award that this person may read; strangers learn nothing, not even that it exists.

    The person and her line read it once its run is released; finance, the remuneration committee
    and auditors at any time, but for their own.
    """
    award = session.get(Award, award_id)
    if award is None or not _may_read(session, actor, award, on):
        raise NotFound("payouts.no_statement")
    return award


def _may_read(session: Session, actor: Actor, award: Award, on: date) -> bool:
    is_own = award.employee_no == actor.employee_no
    keeps_pay = actor.has(Role.FINANCE, Role.REMUNERATION_COMMITTEE, Role.AUDITOR)
    if keeps_pay and not is_own:
        return True
    if session.get_one(PayoutRun, award.run_id).status != "released":
        return False
    held = relations(session, actor, award.employee_no, on)
    return not held.isdisjoint({Relation.SELF, Relation.LINE})


def released_awards(
    session: Session, numbers: Collection[str]
) -> list[tuple[Award, PayoutRun, Cycle]]:
    """The released awards of some people with run and cycle, the newest first."""
    found: list[tuple[Award, PayoutRun, Cycle]] = []
    for part in chunks(sorted(set(numbers))):
        rows = session.execute(
            select(Award, PayoutRun, Cycle)
            .join(PayoutRun, PayoutRun.id == Award.run_id)
            .join(Pool, Pool.id == PayoutRun.pool_id)
            .join(Cycle, Cycle.code == Pool.cycle_code)
            .where(Award.employee_no.in_(part), PayoutRun.status == "released")
        )
        found += [(award, run_, cycle) for award, run_, cycle in rows]
    return sorted(found, key=lambda row: (row[2].ends_on, row[0].id), reverse=True)


def tranches_of(session: Session, award_id: int) -> Sequence[Tranche]:
    """The deferred parts of an award, in order."""
    return session.scalars(
        select(Tranche).where(Tranche.award_id == award_id).order_by(Tranche.number)
    ).all()


def tranches_by_award(session: Session, run_id: int) -> dict[int, list[Tranche]]:
    """The deferred parts of all awards of a run, by award and in order."""
    found: dict[int, list[Tranche]] = {}
    for row in session.scalars(
        select(Tranche)
        .join(Award, Award.id == Tranche.award_id)
        .where(Award.run_id == run_id)
        .order_by(Tranche.award_id, Tranche.number)
    ):
        found.setdefault(row.award_id, []).append(row)
    return found


def ledger_of(session: Session, employee_no: str) -> list[tuple[LedgerEntry, Tranche | None]]:
    """Every entry about a person in order of booking, with the tranche it is about."""
    rows = session.execute(
        select(LedgerEntry, Tranche)
        .outerjoin(Tranche, Tranche.id == LedgerEntry.tranche_id)
        .where(LedgerEntry.employee_no == employee_no)
        .order_by(LedgerEntry.id)
    )
    return [(entry, tranche) for entry, tranche in rows]
