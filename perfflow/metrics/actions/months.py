"""Months of a cycle: confirmed by their owner, kept as snapshots, frozen at the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict
from perfflow.metrics import queries
from perfflow.metrics.actions.loading import require_owner
from perfflow.metrics.models import DataFreeze, MetricValue, MonthlyLoad, ProgressSnapshot
from perfflow.metrics.periods import lies_within, month_before
from perfflow.metrics.rules import ValueStatus


def confirm_month(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    period: str,
    *,
    note: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> MonthlyLoad:
    """Say that the values of a month are in; gaps against the month before are kept with it."""
    require_owner(actor)
    query = select(MonthlyLoad).where(
        MonthlyLoad.cycle_code == cycle_code, MonthlyLoad.period == period
    )
    if session.scalars(query).first() is not None:
        raise Conflict("metrics.month_confirmed", period=period)
    found = queries.completeness(session, period, month_before(period))
    row = MonthlyLoad(
        cycle_code=cycle_code,
        period=period,
        value_count=found.values,
        gap_count=len(found.gaps),
        note=note,
        confirmed_by=actor.name,
        confirmed_at=now,
        extra=dict(extra) if extra else None,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.METRICS_MONTH_CONFIRMED,
        f"{cycle_code}/{period}",
        values=found.values,
        gaps=len(found.gaps),
    )
    return row


def freeze(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    first_on: date,
    last_on: date,
    *,
    statement: str,
    extra: Mapping[str, Any] | None = None,
) -> DataFreeze:
    """Make the values between two days final; later changes are corrections with a reason."""
    require_owner(actor)
    if queries.freeze_of(session, cycle_code) is not None:
        raise Conflict("metrics.frozen_already", cycle=cycle_code)
    row = DataFreeze(
        cycle_code=cycle_code,
        first_on=first_on,
        last_on=last_on,
        statement=statement,
        frozen_by=actor.name,
        frozen_at=now,
        extra=dict(extra) if extra else None,
    )
    session.add(row)
    periods = session.scalars(
        select(MetricValue.period)
        .where(
            MetricValue.period >= f"{first_on.year:04d}",
            MetricValue.period < f"{last_on.year + 1:04d}",
        )
        .distinct()
    )
    inside = sorted(period for period in periods if lies_within(period, first_on, last_on))
    if inside:
        session.execute(
            update(MetricValue)
            .where(
                MetricValue.period.in_(inside),
                MetricValue.status == ValueStatus.PROVISIONAL.value,
            )
            .values(status=ValueStatus.FINAL.value)
            .execution_options(synchronize_session=False)
        )
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.METRICS_DATA_FROZEN,
        cycle_code,
        first_on=first_on,
        last_on=last_on,
    )
    return row


def snapshot_progress(
    session: Session, actor: Actor, now: datetime, cycle_code: str, period: str
) -> ProgressSnapshot:
    """Keep how complete a month was when it was closed; once a cycle and month."""
    query = select(ProgressSnapshot).where(
        ProgressSnapshot.cycle_code == cycle_code, ProgressSnapshot.period == period
    )
    known = session.scalars(query).first()
    if known is not None:
        return known
    found = queries.completeness(session, period, month_before(period))
    row = ProgressSnapshot(
        cycle_code=cycle_code,
        period=period,
        people_count=found.people,
        value_count=found.values,
        gap_count=len(found.gaps),
        taken_at=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.METRICS_PROGRESS_SNAPSHOT,
        f"{cycle_code}/{period}",
        people=found.people,
        values=found.values,
        gaps=len(found.gaps),
    )
    return row
