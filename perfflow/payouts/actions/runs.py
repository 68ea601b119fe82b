"""Computes runs: the main run over everybody, delta runs over what has changed since."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.cycles.models import Cycle
from perfflow.db.types import json_text
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.payouts import queries
from perfflow.payouts.actions.following import follow_gate
from perfflow.payouts.gathering import gather, Gathered, is_stopping, Proposal, proposals
from perfflow.payouts.gathering.risk import pool_within_risk
from perfflow.payouts.models import Award, PayoutRun, Pool
from perfflow.payouts.rules.run import compute_run as computed
from perfflow.payouts.rules.run import MemberAward
from perfflow.plans.rules.bonus import VetoShare

HANDED_ON = "handed_on"


def inputs_hash(pool_fen: int, veto_share: str, inputs: Mapping[str, Any]) -> str:
    """SHA-256 of everything that a main run is computed from."""
    kept = {"pool_fen": pool_fen, "veto_share": veto_share, "people": dict(inputs)}
    return hashlib.sha256(json_text(kept).encode()).hexdigest()


def compute_run(
    session: Session,
    actor: Actor,
    now: datetime,
    pool: Pool,
    *,
    amount_fen: int | None,
    veto_share: str | None,
    extra: dict[str, Any] | None = None,
    is_handed_on: bool = False,
) -> PayoutRun:
    """A new run of the pool, dry until it is approved; a later one replaces it.

    ``is_handed_on`` gives it to the committee: from then on nobody can run it dry underneath.

    The first runs cover everybody. Once the pool is booked, a run is a delta: it releases or
    returns what is no longer held and adjusts awards whose result has changed, at the k of the
    main run; nothing is ever rewritten.
    """
    if not (actor.is_system or actor.has(Role.FINANCE)):
        raise NotAllowed("payouts.only_finance_runs")
    if pool.status == "approved":
        raise Conflict("payouts.run_awaits_booking", pool=pool.code)
    follow_gate(session, actor, now, pool)
    main = queries.booked_run(session, pool.id)
    if main is not None:
        run = _delta(session, actor, now, pool, main)
    else:
        run = _main(session, actor, now, pool, amount_fen, veto_share)
    run.extra = extra
    pool.status = HANDED_ON if is_handed_on else "computed"
    subject = f"{pool.cycle_code}/pool/{pool.code}"
    record(
        session,
        actor,
        now,
        AuditEvent.PAYOUTS_RUN_COMPUTED,
        subject,
        run=run.number,
        kind=run.kind,
        pool_fen=run.pool_fen,
    )
    return run


def run_dry(
    session: Session,
    actor: Actor,
    now: datetime,
    pool: Pool,
    *,
    amount_fen: int | None,
    veto_share: str | None,
) -> PayoutRun:
    """Compute a run to look at; refused while a run waits for a decision or for its release."""
    if pool.status == HANDED_ON:
        raise Conflict("payouts.run_awaits_decision", pool=pool.code)
    if pool.status == "booked":
        raise Conflict("payouts.run_awaits_release", pool=pool.code)
    run = compute_run(session, actor, now, pool, amount_fen=amount_fen, veto_share=veto_share)
    is_empty = run.kind == "delta" and not queries.awards_of(session, run.id)
    if is_empty and not queries.held_awards(session, pool.id):
        raise Conflict("payouts.nothing_is_held", pool=pool.code)
    return run


def _main(
    session: Session,
    actor: Actor,
    now: datetime,
    pool: Pool,
    amount_fen: int | None,
    veto_share: str | None,
) -> PayoutRun:
    if amount_fen is None or amount_fen < 0:
        raise RuleViolation("payouts.amount_missing", field="amount")
    pool.veto_share = VetoShare(veto_share or pool.veto_share).value
    gathered = gather(session, pool, local_date(now))
    # Risk indicators that the firm missed come first: what is shared is what they leave.
    people = len(gathered.members)
    amount_fen = pool_within_risk(session, pool.cycle_code, amount_fen, people).amount_fen
    pool.amount_fen = amount_fen
    result = computed(
        amount_fen,
        gathered.members,
        gathered.plan,
        gathered.policy,
        VetoShare(pool.veto_share),
    )
    if result.awards is None:
        raise RuleViolation(f"payouts.{result.status.lower()}", field="amount", pool=pool.code)
    run = _run(session, actor, now, pool, "main")
    run.pool_fen, run.k = amount_fen, str(result.k)
    run.surplus_fen, run.returned_fen = result.surplus_fen, result.returned_fen
    run.inputs_hash = inputs_hash(amount_fen, pool.veto_share, gathered.inputs)
    session.add(run)
    session.flush()
    session.add_all(_award(run, gathered, award) for _, award in sorted(result.awards.items()))
    session.flush()
    return run


def _run(session: Session, actor: Actor, now: datetime, pool: Pool, kind: str) -> PayoutRun:
    cycle = session.get_one(Cycle, pool.cycle_code)
    for earlier in queries.runs_of(session, pool.id):
        if earlier.status == "computed":
            earlier.status = "replaced"
    return PayoutRun(
        pool_id=pool.id,
        number=queries.next_number(session, pool.id),
        kind=kind,
        status="computed",
        pool_fen=0,
        k="",
        surplus_fen=0,
        returned_fen=0,
        inputs_hash="",
        release_number=cycle.release_number,
        computed_by=actor.employee_no or actor.name,
        computed_at=now,
    )


def _award(run: PayoutRun, gathered: Gathered, award: MemberAward) -> Award:
    number = award.member.no
    result = gathered.results[number]
    is_vetoed = award.member.is_vetoed
    return Award(
        run_id=run.id,
        employee_no=number,
        result_id=result.id,
        band=gathered.plan.bands.lowest() if is_vetoed else result.clean_band,
        clean_band=result.clean_band,
        gate=gathered.gates[number],
        inputs=gathered.inputs[number],
        raw_fen=award.raw_fen,
        clean_raw_fen=award.clean_raw_fen,
        floor_fen=award.floor_fen,
        cap_fen=award.cap_fen,
        award_fen=award.award_fen,
        deferred_fen=award.deferred_fen,
        now_fen=award.now_fen,
        held_fen=award.held_fen,
        held_reason=award.member.held_reason if award.award_fen else None,
        returned_fen=award.returned_fen,
        net_fen=award.net_fen,
        disputed_fen=award.disputed_fen,
        explanation=award.explanation.to_dict(),
    )


def _delta(session: Session, actor: Actor, now: datetime, pool: Pool, main: PayoutRun) -> PayoutRun:
    gathered, found = proposals(session, pool, main, local_date(now))
    lowest = gathered.plan.bands.lowest()
    awards = [_delta_award(proposal, lowest) for proposal in found]
    run = _run(session, actor, now, pool, "delta")
    run.k = main.k
    run.returned_fen = sum(award.returned_fen for award in awards)
    run.inputs_hash = inputs_hash(
        0, pool.veto_share, {award.employee_no: award.inputs for award in awards}
    )
    session.add(run)
    session.flush()
    for award in awards:
        award.run_id = run.id
    session.add_all(awards)
    session.flush()
    return run


def _delta_award(proposal: Proposal, lowest_band: str) -> Award:
    """The change of a main award: what is released counts as held less, what is lost as returned.

    award = now + deferred and net = now − held hold for changes as they do for a whole award.
    """
    main, computed, done = proposal.main, proposal.computed, proposal.computed.done
    stopped = -sum(done.parts_fen) if is_stopping(proposal.inputs) else 0
    now_fen = done.adjust_fen - done.forfeited_fen
    is_vetoed = proposal.inputs["is_vetoed"]
    return Award(
        employee_no=main.employee_no,
        origin_id=main.id,
        result_id=proposal.result.id,
        band=lowest_band if is_vetoed else proposal.result.clean_band,
        clean_band=proposal.result.clean_band,
        gate=proposal.gate,
        inputs=dict(proposal.inputs),
        raw_fen=computed.raw_fen,
        clean_raw_fen=computed.clean_raw_fen,
        floor_fen=computed.floor_fen,
        cap_fen=computed.cap_fen,
        award_fen=done.change_fen,
        deferred_fen=sum(done.parts_fen),
        now_fen=now_fen,
        held_fen=-(done.released_fen + done.forfeited_fen),
        held_reason=None,
        returned_fen=done.forfeited_fen + stopped,
        net_fen=done.net_fen,
        disputed_fen=0,
        explanation=computed.tree.to_dict(),
    )
