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
from perfflow.payouts.gathering import change_of, compute_correction, is_stopping, member_from
from perfflow.payouts.models import Award, PayoutRun, Pool, Tranche
from perfflow.payouts.rules.ledger import check_award, check_ledger, check_pool, EntryKind, summed
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
    runs: dict[int, list[PayoutRun]] = {}
    for run in session.scalars(select(PayoutRun).order_by(PayoutRun.id)):
        runs.setdefault(run.pool_id, []).append(run)
        pool = pools[run.pool_id]
        awards = queries.awards_of(session, run.id)
        count += len(awards)
        key = f"{pool.cycle_code}/pool/{pool.code}/run/{run.number}"
        prove = _main_run if run.kind == "main" else _delta_run
        findings += prove(session, key, pool, run, awards)
        if run.status in queries.BOOKED and run.kind == "main":
            findings += _booked(session, key, awards)
    for pool_id, known in runs.items():
        findings += check_pool_ledger(session, pools[pool_id], known)
    return count, findings


def check_pool_ledger(
    session: Session, pool: Pool, runs: Sequence[PayoutRun]
) -> Iterator[PayFinding]:
    """Every row of the pool's ledger belongs to a booked run, and the balances use up the pool."""
    main = next((r for r in runs if r.kind == "main" and r.status in queries.BOOKED), None)
    if main is None:
        return
    key = f"{pool.cycle_code}/pool/{pool.code}"
    entries = [entry for rows in queries.ledgers_of(session, pool.id).values() for entry in rows]
    for finding in check_ledger(main.pool_fen, main.surplus_fen, entries):
        yield PayFinding(f"{key}/{finding.identity}", finding.expected, finding.got)
    for run in runs:
        if run.status not in queries.BOOKED:
            continue
        booked = queries.sums_of_run(session, run)
        for name, expected in _sums(run, queries.awards_of(session, run.id)).items():
            if booked.get(name, 0) != expected:
                place = f"{key}/run/{run.number}/{name}"
                yield PayFinding(place, expected, booked.get(name, 0))


def _sums(run: PayoutRun, awards: Sequence[Award]) -> dict[str, int]:
    """What the ledger must hold of a run, by kind of entry, from its awards."""
    if run.kind == "main":
        return {
            "AWARD": sum(award.award_fen for award in awards),
            "DEFER": sum(award.deferred_fen for award in awards),
            "HELD": sum(award.held_fen for award in awards),
            "PAY": sum(award.net_fen for award in awards),
            "RETURN": run.returned_fen,
        }
    changes = [award.inputs["change"] for award in awards if "change" in award.inputs]
    stopped = [award.inputs for award in awards if is_stopping(award.inputs)]
    malus = -sum(sum(inputs["change"]["parts"]) for inputs in stopped)
    parts = sum(sum(change["parts"]) for change in changes)
    return {
        "RELEASE": sum(change["released_fen"] for change in changes),
        "FORFEIT": sum(change["forfeited_fen"] for change in changes),
        "ADJUST": sum(change["adjust_fen"] for change in changes) + parts + malus,
        "MALUS": malus,
        "RETURN": run.returned_fen,
    }


def _delta_run(
    session: Session, key: str, pool: Pool, run: PayoutRun, awards: Sequence[Award]
) -> Iterator[PayFinding]:
    """Each correction follows from its stored inputs, and k is the one of the main run."""
    cycle = session.get_one(Cycle, pool.cycle_code)
    plan = bonus_plan(session, run.release_number)
    policy = deferral_policy(session, cycle.release_number, plan.deferral)
    inputs = {award.employee_no: award.inputs for award in awards}
    if inputs_hash(0, pool.veto_share, inputs) != run.inputs_hash:
        yield PayFinding(f"{key}/inputs", run.inputs_hash, "other inputs")
        return
    for award in awards:
        place = f"{key}/{award.employee_no}"
        main = session.get_one(Award, award.origin_id)
        if session.get_one(PayoutRun, main.run_id).k != award.inputs["k"]:
            yield PayFinding(f"{place}/k", "the k of the main run", award.inputs["k"])
        again = compute_correction(award.inputs, award.employee_no, plan, policy)
        if change_of(again.done) != award.inputs["change"]:
            yield PayFinding(f"{place}/change", change_of(again.done), award.inputs["change"])
            continue
        done = again.done
        stopped = -sum(done.parts_fen) if is_stopping(award.inputs) else 0
        figures = {
            "raw_fen": again.raw_fen,
            "clean_raw_fen": again.clean_raw_fen,
            "floor_fen": again.floor_fen,
            "cap_fen": again.cap_fen,
            "award_fen": done.change_fen,
            "deferred_fen": sum(done.parts_fen),
            "now_fen": done.adjust_fen - done.forfeited_fen,
            "held_fen": -(done.released_fen + done.forfeited_fen),
            "returned_fen": done.forfeited_fen + stopped,
            "net_fen": done.net_fen,
            "disputed_fen": 0,
        }
        for name, figure in figures.items():
            if getattr(award, name) != figure:
                yield PayFinding(f"{place}/{name}", figure, getattr(award, name))
        if award.explanation != again.tree.to_dict():
            yield PayFinding(f"{place}/explanation", "the tree of the inputs", "another tree")


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
    names: tuple[str, ...] = ("raw_fen", "clean_raw_fen", "award_fen", "deferred_fen", "now_fen")
    names += ("held_fen", "returned_fen", "net_fen", "floor_fen", "cap_fen", "disputed_fen")
    for name in names:
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
        rows = queries.entries_of(session, award.id)
        entries = queries.as_rules(rows)
        for finding in check_award(entries):
            place = f"{key}/{award.employee_no}/{finding.identity}"
            yield PayFinding(place, finding.expected, finding.got)
        booked = sum(row.amount_fen for row in rows if row.kind == "AWARD")
        if booked != award.award_fen:
            yield PayFinding(f"{key}/{award.employee_no}/AWARD", award.award_fen, booked)
        parts = session.scalars(select(Tranche).where(Tranche.award_id == award.id)).all()
        total = sum(part.amount_fen for part in parts)
        if total != award.deferred_fen:
            yield PayFinding(f"{key}/{award.employee_no}/DEFER", award.deferred_fen, total)
        for part in parts:
            own = [entry for entry in entries if entry.tranche == part.id]
            deferred = summed(own, EntryKind.DEFER)
            if deferred != part.amount_fen:
                place = f"{key}/{award.employee_no}/tranche/{part.number}"
                yield PayFinding(place, part.amount_fen, deferred)
