"""What a simulated cycle came to: tasks by step, bands, pay, timeliness, and the event digest."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, UTC
from statistics import median_low
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.cycles.models import Cycle
from perfflow.cycles.queries import pack
from perfflow.payouts.models import Award, PayoutRun, Pool
from perfflow.plans.queries import bonus_plan
from perfflow.plans.rules.bands import NOT_RATED
from perfflow.reviews.models import Result
from perfflow.workflow.models import EventLog, Incident, ProcessInstance, UserTask

SYSTEM_ENDS = frozenset({"check-data", "self-assess", "confirm-result"})
"""Steps that the system ends in the person's name: deemed, or the saved draft is taken."""
SKIPPED_ENDS = frozenset({"review-mid-year"})


def event_digest(session: Session) -> tuple[int, str]:
    """Count and SHA-256 of (virtual time, operation, element, business key, actor, outcome).

    In commit order, without any id that a database hands out: equal for a seed everywhere.
    """
    digest, count = hashlib.sha256(), 0
    rows = session.execute(
        select(
            EventLog.at,
            EventLog.operation,
            EventLog.element_key,
            ProcessInstance.business_key,
            EventLog.actor,
            EventLog.outcome,
        )
        .join(ProcessInstance, ProcessInstance.id == EventLog.instance_id)
        .order_by(EventLog.id)
        .execution_options(yield_per=1000)
    )
    for at, *parts in rows:
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")
        line = "|".join([moment, *("" if part is None else str(part) for part in parts)])
        digest.update(line.encode())
        digest.update(b"\n")
        count += 1
    return count, digest.hexdigest()


def task_rows(session: Session, cycle: Cycle) -> list[dict[str, Any]]:
    """Per step of the pack: created, done, late, auto, skipped, dead."""
    template = pack(session, cycle.pack_code, cycle.release_number)
    by_element = {(step.process, step.element): step for step in template.steps if step.element}
    rows: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    tasks = session.scalars(
        select(UserTask).where(
            (UserTask.business_key == cycle.code)
            | UserTask.business_key.startswith(f"{cycle.code}/", autoescape=True)
        )
    )
    for task in tasks:
        step = by_element.get((task.definition_key, task.element_id))
        key = (step.code, step.role) if step else (task.element_id, "")
        rows[key].update(_kinds(task))
    columns = ("created", "done", "late", "auto", "skipped", "dead")
    return [
        {"step": code, "role": role, **{name: counts[name] for name in columns}}
        for (code, role), counts in sorted(rows.items())
    ]


def _kinds(task: UserTask) -> Iterable[str]:
    yield "created"
    if task.status == "completed":
        yield "done"
        if task.due_at and task.completed_at and task.completed_at > task.due_at:
            yield "late"
    elif task.status == "open":
        yield "dead"
    elif task.element_id in SYSTEM_ENDS:
        yield "auto"
    else:
        yield "skipped"


def band_counts(session: Session, cycle: Cycle) -> dict[str, int]:
    """How many people ended in each band; NR for not rated."""
    bands = bonus_plan(session, cycle.release_number).bands
    latest: dict[str, str] = {}
    for row in session.scalars(
        select(Result).where(Result.cycle_code == cycle.code).order_by(Result.version)
    ):
        latest[row.employee_no] = row.band
    counts = Counter(latest.values())
    return {code: counts[code] for code in [*(band.code for band in bands.bands), NOT_RATED]}


def pay_totals(session: Session, cycle: Cycle) -> dict[str, int]:
    """Sums over the main runs, and the spread of awards, in 分."""
    runs = session.scalars(
        select(PayoutRun)
        .join(Pool, Pool.id == PayoutRun.pool_id)
        .where(
            Pool.cycle_code == cycle.code,
            PayoutRun.kind == "main",
            PayoutRun.status.in_(("booked", "released")),
        )
    ).all()
    awards = session.scalars(select(Award).where(Award.run_id.in_([run.id for run in runs]))).all()
    amounts = sorted(award.award_fen for award in awards)
    return {
        "pool_fen": sum(run.pool_fen for run in runs),
        "award_fen": sum(amounts),
        "returned_fen": sum(run.returned_fen for run in runs),
        "surplus_fen": sum(run.surplus_fen for run in runs),
        "held_fen": sum(award.held_fen for award in awards),
        "min_fen": amounts[0] if amounts else 0,
        "median_fen": median_low(amounts) if amounts else 0,
        "max_fen": amounts[-1] if amounts else 0,
    }


def timeliness(session: Session, cycle: Cycle) -> dict[str, Any]:
    """The day of the last main release, and whether it keeps the pack's limit."""
    released = session.scalars(
        select(PayoutRun.released_at)
        .join(Pool, Pool.id == PayoutRun.pool_id)
        .where(
            Pool.cycle_code == cycle.code,
            PayoutRun.kind == "main",
            PayoutRun.released_at.is_not(None),
        )
    ).all()
    limit = pack(session, cycle.pack_code, cycle.release_number).payout_limit_days
    moments: list[datetime] = [moment for moment in released if moment is not None]
    paid_on: date | None = local_date(max(moments)) if moments else None
    days = (paid_on - cycle.ends_on).days if paid_on else None
    return {
        "payout_on": paid_on.isoformat() if paid_on else None,
        "days": days,
        "limit": limit,
        "ok": days is not None and limit is not None and days <= limit,
    }


def incident_count(session: Session) -> int:
    """Steps that failed by themselves."""
    return len(session.scalars(select(Incident.id)).all())
