"""Single values: corrections with a reason, and values that will not come."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import NotAllowed, NotFound, RuleViolation
from perfflow.kernel.rounding import ratio6
from perfflow.metrics import queries
from perfflow.metrics.actions.loading import Key, require_owner
from perfflow.metrics.models import MetricValue
from perfflow.metrics.periods import period_days
from perfflow.metrics.rules import aggregate_ratio, Aggregation, MetricDefinition, ValueStatus
from perfflow.people.queries import employees_by_no


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
    require_owner(actor)
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
