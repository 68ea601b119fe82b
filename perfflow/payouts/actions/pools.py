"""Opens the pools of a cycle and keeps the target bonuses that they share out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.cycles.models import Cycle, Participant
from perfflow.cycles.queries import deadlines
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import RuleViolation
from perfflow.payouts.models import BonusBase, Pool
from perfflow.payouts.queries import booked_run
from perfflow.people.models import Unit
from perfflow.plans.queries import bonus_plan
from perfflow.workflow import actions as workflow_actions

PROCESS = "payout"


def open_pools(session: Session, actor: Actor, now: datetime, cycle_code: str) -> int:
    """One pool and one ``payout`` process for each group of participants; shadow cycles have none.

    A pool whose row exists already (a budget was set before) is started, not doubled.
    """
    cycle = session.get_one(Cycle, cycle_code)
    if cycle.is_shadow:
        return 0
    plan = bonus_plan(session, cycle.release_number)
    codes = session.scalars(
        select(Participant.pool_code)
        .where(Participant.cycle_code == cycle_code, Participant.status != "excluded")
        .distinct()
        .order_by(Participant.pool_code)
    ).all()
    due = deadlines(session, cycle_code)
    known = {
        pool.code for pool in session.scalars(select(Pool).where(Pool.cycle_code == cycle_code))
    }
    for code in codes:
        if code not in known:
            session.add(_pool(session, cycle_code, code, plan.veto_share.value))
    session.flush()
    for code in codes:
        workflow_actions.start_instance(
            session,
            actor,
            now,
            PROCESS,
            f"{cycle_code}/pool/{code}",
            {"cycle": cycle_code, "pool": code, "deadlines": due},
            bundle_number=cycle.bundle_number,
        )
    record(session, actor, now, AuditEvent.PAYOUTS_POOLS_OPENED, cycle_code, pools=len(codes))
    return len(codes)


def _pool(session: Session, cycle_code: str, code: str, veto_share: str) -> Pool:
    unit = session.get(Unit, code)
    root = session.scalars(select(Unit.code).where(Unit.parent_code.is_(None))).first()
    return Pool(
        cycle_code=cycle_code,
        code=code,
        unit_code=unit.code if unit else root,
        amount_fen=None,
        veto_share=veto_share,
        status="open",
    )


def set_bonus_base(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    base_fen: int,
    source: str,
) -> None:
    """Keep the target bonus of a person; refused once the pool of the person is booked."""
    if base_fen < 0:
        raise RuleViolation("payouts.base_below_zero", field="base", got=base_fen)
    member = session.get(Participant, (cycle_code, employee_no))
    if member is not None:
        pool = session.scalar(
            select(Pool).where(Pool.cycle_code == cycle_code, Pool.code == member.pool_code)
        )
        if pool is not None and booked_run(session, pool.id) is not None:
            raise RuleViolation("payouts.pool_is_booked", pool=pool.code)
    row = session.get(BonusBase, (cycle_code, employee_no))
    before = row.base_fen if row else None
    if row is None:
        row = BonusBase(cycle_code=cycle_code, employee_no=employee_no)
        session.add(row)
    row.base_fen, row.source = base_fen, source
    subject = f"{cycle_code}/{employee_no}"
    record(session, actor, now, AuditEvent.PAYOUTS_BASE_SET, subject, before=before, after=base_fen)
