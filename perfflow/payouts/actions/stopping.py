"""Stops that other rooms place on a person's deferred pay while a case about it is open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from perfflow.payouts.models import PayStop


def place_stop(session: Session, now: datetime, employee_no: str, reason: str) -> PayStop:
    """Nothing of the person vests from now on; a stop that was lifted stands again."""
    row = session.scalar(
        select(PayStop).where(PayStop.employee_no == employee_no, PayStop.reason == reason)
    )
    if row is None:
        row = PayStop(employee_no=employee_no, reason=reason, placed_at=now)
        session.add(row)
    row.lifted_at = None
    session.flush()
    return row


def lift_stops(session: Session, now: datetime, reason: str) -> None:
    """Let the deferred pay of everybody whom this reason stopped go on."""
    session.execute(
        update(PayStop)
        .where(PayStop.reason == reason, PayStop.lifted_at.is_(None))
        .values(lifted_at=now)
    )
    session.expire_all()
