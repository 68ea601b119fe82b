"""Writes of metric values: loads, corrections, gaps, months, the freeze, progress snapshots."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import BadInput, Conflict, NotAllowed, NotFound, RuleViolation
from perfflow.kernel.rounding import ratio6
from perfflow.metrics import queries
from perfflow.metrics.models import (
    DataFreeze,
    MetricBatch,
    MetricValue,
    MonthlyLoad,
    ProgressSnapshot,
)
from perfflow.metrics.periods import lies_within, month_before, period_days
from perfflow.metrics.rules import aggregate_ratio, Aggregation, MetricDefinition, ValueStatus
from perfflow.metrics.schemas import read_rows, RowError, ValueRow
from perfflow.people.queries import employees_by_no

SHOWN_ERRORS = 500
Key = tuple[str, str, str]


def _guard(actor: Actor) -> None:
    if not actor.is_system and not actor.has(Role.METRIC_OWNER):
        raise NotAllowed("metrics.owners_only")


def load_batch(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    source: str,
    file_name: str,
    content: bytes,
    reason: str | None = None,
) -> MetricBatch:
    """Load a file of values; the same content again is the same batch and changes nothing.

    A value that is there already is skipped; a different one needs a reason and becomes a new
    version. Rows with errors are listed in the batch and left out.
    """
    _guard(actor)
    if not source.strip():
        raise RuleViolation("metrics.source_missing", field="source")
    digest = hashlib.sha256(source.encode() + b"\0" + content).hexdigest()
    known = session.scalars(select(MetricBatch).where(MetricBatch.content_hash == digest)).first()
    if known is not None:
        return known
    rows, errors = read_rows(file_name, content)
    if not rows and not errors:
        raise BadInput("metrics.file_empty", file=file_name)
    good, more = _checked(session, rows)
    batch = MetricBatch(
        source=source,
        file_name=file_name[:200],
        content_hash=digest,
        loaded_by=actor.name,
        loaded_at=now,
        row_count=len(rows) + len({error.row for error in errors}),
        error_count=0,
    )
    session.add(batch)
    session.flush()
    refused = _store_rows(session, now, batch, good, reason)
    found = sorted([*errors, *more, *refused], key=lambda error: (error.row, error.field))
    batch.error_count = len({error.row for error in found})
    batch.errors = [error.to_json() for error in found[:SHOWN_ERRORS]]
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.METRICS_BATCH_LOADED,
        str(batch.id),
        source=source,
        file=file_name,
        rows=batch.row_count,
        errors=batch.error_count,
    )
    return batch


def _checked(
    session: Session, rows: Sequence[ValueRow]
) -> tuple[list[tuple[ValueRow, MetricDefinition]], list[RowError]]:
    """Rows whose person and metric exist, with a value of the metric's kind, not frozen."""
    metrics = queries.metric_catalogue(session)
    people = employees_by_no(session, {row.employee_no for row in rows})
    freezes = list(session.scalars(select(DataFreeze)))
    good: list[tuple[ValueRow, MetricDefinition]] = []
    errors: list[RowError] = []
    seen: dict[Key, int] = {}
    for row in rows:
        metric = metrics.get(row.metric_code)
        key = (row.employee_no, row.metric_code, row.period)
        is_ratio = metric is not None and metric.aggregation is Aggregation.RATIO
        if row.employee_no not in people:
            errors.append(
                RowError(row.row, "employee_no", "metrics.unknown_person", row.employee_no)
            )
        elif metric is None:
            errors.append(RowError(row.row, "metric_code", "metrics.unknown_code", row.metric_code))
        elif is_ratio and row.numerator is None:
            errors.append(RowError(row.row, "numerator", "metrics.needs_parts", row.metric_code))
        elif not is_ratio and row.value is None:
            errors.append(RowError(row.row, "value", "metrics.needs_value", row.metric_code))
        elif any(lies_within(row.period, one.first_on, one.last_on) for one in freezes):
            errors.append(RowError(row.row, "period", "metrics.period_frozen", row.period))
        elif key in seen:
            errors.append(RowError(row.row, "", "metrics.row_twice", str(seen[key])))
        else:
            seen[key] = row.row
            good.append((row, metric))
    return good, errors


def _store_rows(
    session: Session,
    now: datetime,
    batch: MetricBatch,
    rows: Sequence[tuple[ValueRow, MetricDefinition]],
    reason: str | None,
) -> list[RowError]:
    newest = _newest(session, rows)
    refused: list[RowError] = []
    values: list[dict[str, Any]] = []
    for row, _ in rows:
        value = _value_of(row)
        before = newest.get((row.employee_no, row.metric_code, row.period))
        if before is not None and before[1:] == (value, row.numerator, row.denominator):
            continue
        why = row.reason or reason
        if before is not None and not why:
            refused.append(RowError(row.row, "reason", "metrics.reason_needed"))
            continue
        status = ValueStatus.PROVISIONAL if before is None else ValueStatus.CORRECTED
        values.append(
            {
                "employee_no": row.employee_no,
                "metric_code": row.metric_code,
                "period": row.period,
                "version": 1 if before is None else before[0] + 1,
                "value_e6": value,
                "numerator_e6": row.numerator,
                "denominator_e6": row.denominator,
                "status": status.value,
                "source": batch.source,
                "batch_id": batch.id,
                "row_no": row.row,
                "reason": why if before is not None else row.reason,
                "recorded_at": now,
            }
        )
    for start in range(0, len(values), 1000):
        session.execute(insert(MetricValue), values[start : start + 1000])
    return refused


def _value_of(row: ValueRow) -> Decimal | None:
    if row.numerator is None or row.denominator is None:
        return row.value
    ratio = aggregate_ratio([(row.numerator, row.denominator)])
    return None if ratio is None else ratio6(ratio)


def _newest(
    session: Session, rows: Sequence[tuple[ValueRow, MetricDefinition]]
) -> dict[Key, tuple[int, Decimal | None, Decimal | None, Decimal | None]]:
    found: dict[Key, tuple[int, Decimal | None, Decimal | None, Decimal | None]] = {}
    by_period: dict[str, set[str]] = {}
    for row, _ in rows:
        by_period.setdefault(row.period, set()).add(row.metric_code)
    for period, codes in by_period.items():
        query = select(
            MetricValue.employee_no,
            MetricValue.metric_code,
            MetricValue.version,
            MetricValue.value_e6,
            MetricValue.numerator_e6,
            MetricValue.denominator_e6,
        ).where(MetricValue.period == period, MetricValue.metric_code.in_(sorted(codes)))
        for employee, code, *rest in session.execute(query):
            key = (employee, code, period)
            if key not in found or found[key][0] < rest[0]:
                found[key] = (rest[0], rest[1], rest[2], rest[3])
    return found


def correct_value(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    employee_no: str,
    metric_code: str,
    period: str,
    reason: str,
    value: Decimal | None = None,
    numerator: Decimal | None = None,
    denominator: Decimal | None = None,
) -> MetricValue:
    """Record the right value as the next version, with a reason; also after the freeze.

    Nobody corrects figures about herself.
    """
    metric = _change_guard(session, actor, employee_no, metric_code, period, reason)
    if metric.aggregation is Aggregation.RATIO:
        if numerator is None or denominator is None or denominator <= 0:
            raise RuleViolation("metrics.needs_parts", field="numerator", got=metric_code)
        ratio = aggregate_ratio([(numerator, denominator)])
        value = None if ratio is None else ratio6(ratio)
    elif value is None:
        raise RuleViolation("metrics.needs_value", field="value", got=metric_code)
    else:
        numerator = denominator = None
    return _append(
        session,
        actor,
        now,
        (employee_no, metric_code, period),
        (value, numerator, denominator),
        ValueStatus.CORRECTED,
        reason,
    )


def mark_missing(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    employee_no: str,
    metric_code: str,
    period: str,
    reason: str,
) -> MetricValue:
    """Say that there is no value and why; scoring then follows the metric's N/A policy."""
    _change_guard(session, actor, employee_no, metric_code, period, reason)
    return _append(
        session,
        actor,
        now,
        (employee_no, metric_code, period),
        (None, None, None),
        ValueStatus.MISSING,
        reason,
    )


def _change_guard(
    session: Session, actor: Actor, employee_no: str, metric_code: str, period: str, reason: str
) -> MetricDefinition:
    _guard(actor)
    if actor.employee_no is not None and actor.employee_no == employee_no:
        raise NotAllowed("metrics.own_value")
    if not reason.strip():
        raise RuleViolation("metrics.reason_needed", field="reason")
    period_days(period)
    metric = queries.metric_catalogue(session).get(metric_code)
    if metric is None:
        raise RuleViolation("metrics.unknown_code", field="metric_code", got=metric_code)
    if not employees_by_no(session, [employee_no]):
        raise NotFound("people.unknown_employee", employee=employee_no)
    return metric


def _append(
    session: Session,
    actor: Actor,
    now: datetime,
    key: Key,
    parts: tuple[Decimal | None, Decimal | None, Decimal | None],
    status: ValueStatus,
    reason: str,
) -> MetricValue:
    history = queries.value_history(session, *key)
    row = MetricValue(
        employee_no=key[0],
        metric_code=key[1],
        period=key[2],
        version=history[-1].version + 1 if history else 1,
        value_e6=parts[0],
        numerator_e6=parts[1],
        denominator_e6=parts[2],
        status=status.value,
        source="MANUAL",
        reason=reason,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    event = (
        AuditEvent.METRICS_VALUE_MISSING
        if status is ValueStatus.MISSING
        else AuditEvent.METRICS_VALUE_CORRECTED
    )
    record(
        session,
        actor,
        now,
        event,
        "/".join(key),
        version=row.version,
        value=parts[0],
        reason=reason,
    )
    return row


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
    _guard(actor)
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
    _guard(actor)
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
