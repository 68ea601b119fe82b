"""The switch of the firm's risk indicators: the committee states how many were missed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.cycles.models import Cycle
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotAllowed, NotFound, RuleViolation
from perfflow.payouts.gathering.risk import risk_statements
from perfflow.payouts.models import RiskStatement

MOST_INDICATORS = 20
MIN_NOTE = 10


def state_risk(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    *,
    missed: int | None,
    last_average_fen: int | None,
    note: str,
) -> RiskStatement:
    """State how many indicators of the firm were missed; main runs computed later are lowered.

    A later statement replaces an earlier one; runs that were computed keep their amount.
    """
    if not actor.is_system and not actor.has(Role.REMUNERATION_COMMITTEE):
        raise NotAllowed("payouts.committee_only")
    if session.get(Cycle, cycle_code) is None:
        raise NotFound("payouts.no_cycle", cycle=cycle_code)
    if missed is None or not 0 <= missed <= MOST_INDICATORS:
        raise RuleViolation("payouts.risk_missed", field="missed", most=MOST_INDICATORS)
    if last_average_fen is not None and last_average_fen < 0:
        raise RuleViolation("payouts.amount_missing", field="last_average")
    words = note.strip()
    if len(words) < MIN_NOTE:
        raise RuleViolation("payouts.risk_note", field="note", least=MIN_NOTE)
    row = RiskStatement(
        cycle_code=cycle_code,
        version=len(risk_statements(session, cycle_code)) + 1,
        missed=missed,
        last_average_fen=last_average_fen,
        note=words,
        stated_by=actor.employee_no or actor.name,
        stated_at=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.PAYOUTS_RISK_STATED,
        cycle_code,
        missed=missed,
        version=row.version,
    )
    return row
