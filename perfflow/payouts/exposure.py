"""What a bonus plan could cost at most: target bonuses of everybody beside the pools."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.cycles.models import Cycle
from perfflow.payouts.models import BonusBase, Pool
from perfflow.plans.rules import Exposure

FEWEST_PEOPLE = 5
"""A sum over fewer people would say what single persons get."""


def running_exposure(session: Session) -> Exposure | None:
    """The target bonuses and the pools of the newest cycle that has bases; None without any, or
    when so few people have one that the sum would tell about them."""
    newest = session.scalar(
        select(Cycle.code)
        .join(BonusBase, BonusBase.cycle_code == Cycle.code)
        .order_by(Cycle.ends_on.desc(), Cycle.code.desc())
        .limit(1)
    )
    if newest is None:
        return None
    people, base_fen = session.execute(
        select(func.count(), func.sum(BonusBase.base_fen)).where(BonusBase.cycle_code == newest)
    ).one()
    if people < FEWEST_PEOPLE:
        return None
    pool_fen = session.scalar(select(func.sum(Pool.amount_fen)).where(Pool.cycle_code == newest))
    return Exposure(people, int(base_fen), None if pool_fen is None else int(pool_fen))
