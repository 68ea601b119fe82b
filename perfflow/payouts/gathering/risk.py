"""What the remuneration committee has stated about the firm's risk indicators, for a run."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.payouts.models import RiskStatement
from perfflow.payouts.rules.risk import risk_scaled_pool, ScaledPool


def risk_statements(session: Session, cycle_code: str) -> Sequence[RiskStatement]:
    """Every version of the statement of a cycle, oldest first; the last one holds."""
    return session.scalars(
        select(RiskStatement)
        .where(RiskStatement.cycle_code == cycle_code)
        .order_by(RiskStatement.version)
    ).all()


def pool_within_risk(
    session: Session, cycle_code: str, proposed_fen: int, people: int
) -> ScaledPool:
    """What a proposed pool may be after the statement that holds; unchanged without one."""
    known = risk_statements(session, cycle_code)
    if not known or people == 0:
        return ScaledPool(proposed_fen, True)
    last = known[-1]
    return risk_scaled_pool(
        proposed_fen,
        missed=last.missed,
        people=people,
        last_average_fen=last.last_average_fen,
    )
