"""Loading files of values: what is new, what changed, what is left out and why."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import BadInput, NotAllowed, RuleViolation
from perfflow.kernel.rounding import ratio6
from perfflow.metrics import queries
from perfflow.metrics.models import DataFreeze, MetricBatch, MetricValue
from perfflow.metrics.periods import lies_within
from perfflow.metrics.rules import aggregate_ratio, Aggregation, MetricDefinition, ValueStatus
from perfflow.metrics.schemas import read_rows, RowError, ValueRow
from perfflow.people.queries import employees_by_no

SHOWN_ERRORS = 500
Key = tuple[str, str, str]


def require_owner(actor: Actor) -> None:
    """Only metric owners (and the system) write values."""
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
    require_owner(actor)
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
        for employee, code, version, value, numerator, denominator in session.execute(query):
            key = (employee, code, period)
            if key not in found or found[key][0] < version:
                found[key] = (version, value, numerator, denominator)
    return found
