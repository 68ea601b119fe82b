"""Decisions about a run: approve or return it, release it; maker is never checker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.payouts import queries
from perfflow.payouts.models import PayoutRun, Pool

APPROVE, RETURN = "approve", "return"


def approve_run(
    session: Session,
    actor: Actor,
    now: datetime,
    pool: Pool,
    *,
    decision: str,
    note: str | None,
    extra: dict[str, Any] | None = None,
) -> PayoutRun:
    """Approve the computed run of a pool, or send it back with a note.

    Refused for who ran it and for anybody with an award in it.
    """
    run = queries.waiting_run(session, pool.id)
    if run is None:
        raise Conflict("payouts.nothing_to_approve", pool=pool.code)
    _guard_approver(session, actor, run)
    if decision == RETURN and not (note or "").strip():
        raise RuleViolation("payouts.return_needs_a_note", field="note")
    if decision not in (APPROVE, RETURN):
        raise RuleViolation("payouts.unknown_decision", field="decision", got=decision)
    is_approved = decision == APPROVE
    run.status = "approved" if is_approved else "returned"
    run.approved_by, run.approved_at = actor.employee_no or actor.name, now
    run.decision_note = note
    run.extra = {**(run.extra or {}), **(extra or {})} or None
    pool.status = "approved" if is_approved else "open"
    event = AuditEvent.PAYOUTS_RUN_APPROVED if is_approved else AuditEvent.PAYOUTS_RUN_RETURNED
    subject = f"{pool.cycle_code}/pool/{pool.code}"
    record(session, actor, now, event, subject, run=run.number, note=note)
    return run


def _guard_approver(session: Session, actor: Actor, run: PayoutRun) -> None:
    if not actor.has(Role.REMUNERATION_COMMITTEE):
        raise NotAllowed("payouts.only_committee_approves")
    if run.computed_by == (actor.employee_no or actor.name):
        raise NotAllowed("payouts.maker_is_not_checker")
    if actor.employee_no and queries.award_in_run(session, run.id, actor.employee_no):
        raise NotAllowed("payouts.own_award")


def release_run(
    session: Session,
    actor: Actor,
    now: datetime,
    pool: Pool,
    *,
    extra: dict[str, Any] | None = None,
) -> PayoutRun:
    """Lock the booked run for payment; statements become visible. Not by who approved it."""
    run = queries.run_to_release(session, pool.id)
    if run is None:
        raise Conflict("payouts.nothing_to_release", pool=pool.code)
    if not actor.has(Role.FINANCE):
        raise NotAllowed("payouts.only_finance_releases")
    if run.approved_by == (actor.employee_no or actor.name):
        raise NotAllowed("payouts.approver_does_not_release")
    run.status = "released"
    run.released_by, run.released_at = actor.employee_no or actor.name, now
    run.extra = {**(run.extra or {}), **(extra or {})} or None
    subject = f"{pool.cycle_code}/pool/{pool.code}"
    record(session, actor, now, AuditEvent.PAYOUTS_RUN_RELEASED, subject, run=run.number)
    return run
