"""What a calibration does to the pool factor: answers the calibration room's question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.kernel.rounding import scaled_half_up
from perfflow.payouts.gathering import gather, Gathered
from perfflow.payouts.models import Pool
from perfflow.payouts.rules.factors import performance_coefficient
from perfflow.payouts.rules.run import compute_run, Member


class PayoutPoolPreview:
    """Implements ``perfflow.calibration.ports.PoolPreview`` with the code that pays."""

    def factor(
        self, session: Session, cycle_code: str, unit_code: str, bands: Mapping[str, str], on: date
    ) -> Fraction | None:
        """k of the unit's pool if people had these bands; others keep theirs."""
        stored = session.scalar(
            select(Pool).where(Pool.cycle_code == cycle_code, Pool.code == unit_code)
        )
        pool = stored or Pool(cycle_code=cycle_code, code=unit_code, veto_share="return")
        gathered = gather(session, pool, on)
        members = [_moved(member, bands, gathered) for member in gathered.members]
        amount = pool.amount_fen
        if amount is None:
            base = sum(
                (member.factors.base_fen * member.factors.present for member in members),
                Fraction(0),
            )
            amount = scaled_half_up(base, 0)
        return compute_run(amount, members, gathered.plan, gathered.policy).k


def _moved(member: Member, bands: Mapping[str, str], gathered: Gathered) -> Member:
    band = bands.get(member.no)
    if band is None:
        return member
    coefficient = performance_coefficient(
        band, None, gathered.bands[member.no], gathered.plan.nr_policy
    )
    factors = replace(member.factors, performance=coefficient)
    return replace(member, factors=factors, clean_performance=coefficient)
