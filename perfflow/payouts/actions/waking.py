"""What a pool does between runs: vests by a process of its own, and looks again for changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.cycles.models import Cycle
from perfflow.cycles.queries import deadlines
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed
from perfflow.payouts import queries
from perfflow.payouts.actions.following import follow_gate
from perfflow.payouts.gathering import Proposal, proposals
from perfflow.payouts.models import Pool
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries

PAYOUT, VESTING = "payout", "vesting"


def open_vesting(session: Session, actor: Actor, now: datetime, pool: Pool) -> bool:
    """Start the pool's vesting unless it runs or nothing is deferred; runs never block it."""
    if queries.next_vest_on(session, pool.id) is None:
        return False
    key = f"{pool.cycle_code}/vesting/{pool.code}"
    if is_running(session, key, VESTING):
        return False
    _start(session, actor, now, pool, VESTING, key, {})
    return True


def look_again(
    session: Session, actor: Actor, now: datetime, pool: Pool
) -> tuple[bool, list[Proposal]]:
    """Whether money is still held or disputed, and what a delta run would book now."""
    main = queries.booked_run(session, pool.id)
    if main is None:
        return False, []
    follow_gate(session, actor, now, pool)
    _, found = proposals(session, pool, main, local_date(now))
    waits = queries.held_awards(session, pool.id) or queries.disputes(session, pool.id)
    return bool(waits), found


def reopen_pool(session: Session, actor: Actor, now: datetime, pool: Pool) -> list[str]:
    """Start the payout of a closed pool again for what has changed since; a delta run pays it.

    Refused while the payout runs (its next run takes the changes along) and when nothing has
    changed. Returns the employee numbers.
    """
    if not (actor.is_system or actor.has(Role.FINANCE)):
        raise NotAllowed("payouts.only_finance_runs")
    key = f"{pool.cycle_code}/pool/{pool.code}"
    if is_running(session, key, PAYOUT):
        raise Conflict("payouts.payout_is_running", pool=pool.code)
    _, found = look_again(session, actor, now, pool)
    if not found:
        raise Conflict("payouts.nothing_to_correct", pool=pool.code)
    due = deadlines(session, pool.cycle_code)
    _start(session, actor, now, pool, PAYOUT, key, {"deadlines": due})
    numbers = [proposal.main.employee_no for proposal in found]
    record(session, actor, now, AuditEvent.PAYOUTS_POOL_REOPENED, key, people=len(numbers))
    return numbers


def is_running(session: Session, key: str, definition: str) -> bool:
    """True while an instance of the process goes on."""
    row = workflow_queries.instance_by_key(session, key, definition)
    return row is not None and row.status in ("active", "incident")


def _start(
    session: Session,
    actor: Actor,
    now: datetime,
    pool: Pool,
    definition: str,
    key: str,
    more: dict[str, object],
) -> None:
    cycle = session.get_one(Cycle, pool.cycle_code)
    variables = {"cycle": pool.cycle_code, "pool": pool.code, **more}
    workflow_actions.start_instance(
        session, actor, now, definition, key, variables, bundle_number=cycle.bundle_number
    )
