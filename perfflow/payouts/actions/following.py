"""Lets the result chain follow the gate: a case decided since the last result makes a new link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from perfflow.compliance.queries import standings
from perfflow.kernel.actor import Actor
from perfflow.payouts.gathering import GATE, ratings_of
from perfflow.payouts.models import Pool
from perfflow.payouts.queries import people_of
from perfflow.reviews.actions import record_results

CORRECTED = "corrected"


def follow_gate(session: Session, actor: Actor, now: datetime, pool: Pool) -> list[str]:
    """Write a new link for everybody whose gate standing is not the one of the newest result.

    Effects of a case start with its decision (domain §5.9), and an overturned one gives the
    points back: the link is computed from the stored inputs with the standing of now. Returns
    the employee numbers.
    """
    numbers = people_of(session, pool)
    rated = ratings_of(session, pool.cycle_code, numbers)
    today = standings(session, pool.cycle_code, rated)
    moved = [number for number in rated if dict(rated[number].standing) != today[number].to_dict()]
    if moved:
        reasons = {number: (GATE, _cases(today[number].to_dict())) for number in moved}
        record_results(session, actor, now, pool.cycle_code, moved, CORRECTED, reasons=reasons)
    return moved


def _cases(standing: dict[str, object]) -> str:
    """The numbers of the cases that count now; a dash when none does any more."""
    effects = standing["effects"]
    assert isinstance(effects, list)
    return ", ".join(effect["case_no"] for effect in effects) or "—"
