"""Proves stored pay: recomputes every run from its stored inputs and checks the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.cycles.models import Cycle
from perfflow.payouts import queries
from perfflow.payouts.actions.runs import inputs_hash
from perfflow.payouts.gathering import member_from
from perfflow.payouts.models import Award, PayoutRun, Pool, Tranche
from perfflow.payouts.rules.ledger import check_award, check_pool
from perfflow.payouts.rules.run import compute_run
from perfflow.payouts.rules.statement import broken_identities, StatementAmounts
from perfflow.plans.queries import bonus_plan, deferral_policy
from perfflow.plans.rules.bonus import VetoShare
from perfflow.reviews.models import Result


@dataclass(frozen=True, slots=True)
class PayFinding:
    """A stored figure that is not what the inputs give."""

    key: str
    expected: Any
    got: Any


def check_payouts(session: Session) -> tuple[int, list[PayFinding]]:
    """How many awards were proved, and what does not hold."""
    count = 0
    findings: list[PayFinding] = []
    pools = {pool.id: pool for pool in session.scalars(select(Pool))}
    for run in session.scalars(select(PayoutRun).order_by(PayoutRun.id)):
        pool = pools[run.pool_id]
        awards = queries.awards_of(session, run.id)
        count += len(awards)
        key = f"{pool.cycle_code}/pool/{pool.code}/run/{run.number}"
        if run.kind == "main":
            findings += _main_run(session, key, pool, run, awards)
        if run.status in queries.BOOKED:
            findings += _booked(session, key, awards)
    return count, findings


def _main_run(
    session: Session, key: str, pool: Pool, run: PayoutRun, awards: Sequence[Award]
) -> Iterator[PayFinding]:
    cycle = session.get_one(Cycle, pool.cycle_code)
    plan = bonus_plan(session, run.release_number)
    policy = deferral_policy(session, cycle.release_number, plan.deferral)
    inputs = {award.employee_no: award.inputs for award in awards}
    for mode in VetoShare:
        if inputs_hash(run.pool_fen, mode.value, inputs) == run.inputs_hash:
            break
    else:
        yield PayFinding(f"{key}/inputs", run.inputs_hash, "other inputs")
        return
    members = [member_from(number, stored) for number, stored in sorted(inputs.items())]
    again = compute_run(run.pool_fen, members, plan, policy, mode)
    if str(again.k) != run.k:
        yield PayFinding(f"{key}/k", str(again.k), run.k)
    for finding in check_pool(
        run.pool_fen, [award.award_fen for award in awards], run.returned_fen, run.surplus_fen
    ):
        yield PayFinding(f"{key}/{finding.identity}", finding.expected, finding.got)
    for award in awards:
        yield from _award(session, key, award, (again.awards or {}).get(award.employee_no))


def _award(session: Session, key: str, award: Award, again: Any) -> Iterator[PayFinding]:
    place = f"{key}/{award.employee_no}"
    if again is None:
        yield PayFinding(place, "an award", None)
        return
    names = ("raw_fen", "clean_raw_fen", "award_fen", "deferred_fen", "now_fen")
    for name in (*names, "held_fen", "returned_fen", "net_fen", "floor_fen", "cap_fen"):
        if getattr(award, name) != getattr(again, name):
            yield PayFinding(f"{place}/{name}", getattr(again, name), getattr(award, name))
    if award.explanation != again.explanation.to_dict():
        yield PayFinding(f"{place}/explanation", "the tree of the inputs", "another tree")
    result = session.get(Result, award.result_id) if award.result_id else None
    if result is None or result.clean_band != award.clean_band:
        got = None if result is None else result.clean_band
        yield PayFinding(f"{place}/clean_band", got, award.clean_band)
    amounts = StatementAmounts(
        award.award_fen, award.deferred_fen, award.now_fen, held_fen=award.held_fen
    )
    for identity in broken_identities(amounts):
        yield PayFinding(f"{place}/{identity}", "holds", "broken")


def _booked(session: Session, key: str, awards: Sequence[Award]) -> Iterator[PayFinding]:
    """The ledger of each award proves itself and agrees with the award."""
    for award in awards:
        if award.origin_id is not None:
            continue
        rows = queries.entries_of(session, award.id)
        entries = queries.as_rules(rows)
        for finding in check_award(entries):
            place = f"{key}/{award.employee_no}/{finding.identity}"
            yield PayFinding(place, finding.expected, finding.got)
        booked = sum(row.amount_fen for row in rows if row.kind == "AWARD")
        if booked != award.award_fen:
            yield PayFinding(f"{key}/{award.employee_no}/AWARD", award.award_fen, booked)
        parts = session.scalars(
            select(Tranche.amount_fen).where(Tranche.award_id == award.id)
        ).all()
        if sum(parts) != award.deferred_fen:
            yield PayFinding(f"{key}/{award.employee_no}/DEFER", award.deferred_fen, sum(parts))
