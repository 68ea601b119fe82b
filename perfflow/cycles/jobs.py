"""Background work of cycles: the nightly round, and everybody's start in chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from perfflow.calendar import local_date
from perfflow.cycles import actions, queries
from perfflow.cycles.models import Cycle
from perfflow.db import Database
from perfflow.jobs import enqueue_once, job_kind, JobContext
from perfflow.jobs.models import JobBatch
from perfflow.kernel.actor import SYSTEM
from perfflow.people.jobs import plan_hand_over

NIGHTLY = "cycles.job_nightly"
ENROL = "cycles.job_enrol"
FIRM = "firm"


def plan_nightly_round(database: Database, now: datetime, on: date) -> bool:
    """Ask for the round of that day unless somebody has; True when this was the first."""
    key = f"nightly/{on.isoformat()}"
    with database.reading() as session:
        if session.scalar(select(JobBatch.id).where(JobBatch.dedupe_key == key)) is not None:
            return False
        running = session.scalars(
            select(Cycle.code).where(Cycle.status == "running").order_by(Cycle.code)
        ).all()
    with database.writing() as session:
        batch = enqueue_once(
            session, SYSTEM, now, NIGHTLY, FIRM, list(running), dedupe_key=key, chunk=1
        )
        if batch is not None:
            plan_hand_over(session, now, on)
    return batch is not None


@job_kind(NIGHTLY)
def nightly_round(context: JobContext, cycles: Sequence[str]) -> Mapping[str, Any]:
    """Find who has joined since a running cycle was launched, and take them in."""
    session, now = context.session, context.now
    joiners = 0
    for code in cycles:
        found = queries.cycle(session, code)
        if found.status != "running":
            continue
        missing = actions.missing_participants(session, now, code)
        joiners += len(missing)
        if missing:
            key = f"joiners/{code}/{local_date(now).isoformat()}"
            enqueue_once(session, SYSTEM, now, ENROL, code, missing, dedupe_key=key)
    return {"joiners": joiners}


@job_kind(ENROL)
def enrol_joiners(context: JobContext, numbers: Sequence[str]) -> Mapping[str, Any]:
    """Take people into a running cycle; whoever is in it already is left alone."""
    session, now = context.session, context.now
    missing = set(actions.missing_participants(session, now, context.subject))
    taken = [number for number in numbers if number in missing]
    for number in taken:
        actions.add_participant(session, context.actor, now, context.subject, number)
    return {"joiners": len(taken)}
