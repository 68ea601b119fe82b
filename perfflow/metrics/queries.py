"""Reads of metrics: the catalogue, values with their source, figures of a cycle, peers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.kernel.rounding import exact, ratio6
from perfflow.metrics.catalogue import from_release, metrics_of
from perfflow.metrics.models import DataFreeze, MetricBatch, MetricValue
from perfflow.metrics.periods import a_year_earlier, lies_within, period_days
from perfflow.metrics.rules import aggregate, Aggregation, MetricDefinition, Observation
from perfflow.people.queries import chunks
from perfflow.workflow import queries as workflow_queries

PEERS_NEEDED = 8
_COLUMNS = (
    MetricValue.employee_no,
    MetricValue.metric_code,
    MetricValue.period,
    MetricValue.version,
    MetricValue.value_e6,
    MetricValue.numerator_e6,
    MetricValue.denominator_e6,
    MetricValue.status,
    MetricValue.source,
    MetricValue.batch_id,
    MetricValue.row_no,
    MetricValue.recorded_at,
)


def metric_catalogue(
    session: Session, release_number: int | None = None
) -> Mapping[str, MetricDefinition]:
    """The metrics of a release (the current one when not given) by code."""
    number = release_number
    if number is None:
        number = workflow_queries.current_release(session)
    return from_release(session, number, "metrics", metrics_of)


@dataclass(frozen=True, slots=True)
class Point:
    """The value of one period in its newest version; ratios keep their two parts."""

    period: str
    version: int
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    status: str
    source: str
    batch_id: int | None
    row_no: int | None
    recorded_at: datetime

    @property
    def is_missing(self) -> bool:
        return self.value is None and self.numerator is None


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric of one person over a cycle: the exact value, its periods and where they are from."""

    metric_code: str
    exact_value: Fraction | None
    value: Decimal | None
    points: tuple[Point, ...]

    @property
    def status(self) -> str:
        """missing, provisional, corrected, disputed or final: the weakest of its periods."""
        states = {point.status for point in self.points}
        if self.exact_value is None:
            return "missing"
        for state in ("disputed", "provisional", "corrected"):
            if state in states:
                return state
        return "final"

    @property
    def source(self) -> str | None:
        return self.points[-1].source if self.points else None

    @property
    def as_of(self) -> date | None:
        """The last day that the value covers."""
        present = [point.period for point in self.points if not point.is_missing]
        return max((period_days(period)[1] for period in present), default=None)

    @property
    def recorded_at(self) -> datetime | None:
        return max((point.recorded_at for point in self.points), default=None)

    @property
    def months(self) -> int:
        """How many periods hold a value."""
        return sum(not point.is_missing for point in self.points)


Series = dict[str, dict[str, tuple[Point, ...]]]


def series_of(
    session: Session,
    employee_nos: Collection[str],
    codes: Collection[str],
    first_on: date,
    last_on: date,
) -> Series:
    """The newest values between two days: employee → metric → points in order of time."""
    newest: dict[str, dict[str, dict[str, Point]]] = {}
    for part in chunks(employee_nos):
        query = select(*_COLUMNS).where(
            MetricValue.employee_no.in_(part),
            MetricValue.metric_code.in_(sorted(set(codes))),
            MetricValue.period >= f"{first_on.year:04d}",
            MetricValue.period < f"{last_on.year + 1:04d}",
        )
        for row in session.execute(query):
            points = newest.setdefault(row[0], {}).setdefault(row[1], {})
            known = points.get(row[2])
            if known is None or known.version < row[3]:
                points[row[2]] = Point(*tuple(row)[2:])
    return {
        employee: {code: _within(points, first_on, last_on) for code, points in by_code.items()}
        for employee, by_code in newest.items()
    }


def _within(points: Mapping[str, Point], first_on: date, last_on: date) -> tuple[Point, ...]:
    inside = [point for point in points.values() if lies_within(point.period, first_on, last_on)]
    return tuple(sorted(inside, key=lambda point: (period_days(point.period)[1], point.period)))


def figure(metric: MetricDefinition, points: Sequence[Point]) -> Figure:
    """The value of a whole span from its periods; with fewer cases than the metric asks: none."""
    seen = [
        Observation(point.value, point.numerator, point.denominator)
        for point in points
        if not point.is_missing
    ]
    total = aggregate(metric.aggregation, seen) if seen else None
    if metric.aggregation is Aggregation.RATIO and metric.min_sample:
        cases = sum((exact(one.denominator) for one in seen if one.denominator), Fraction(0))
        if cases < metric.min_sample:
            total = None
    return Figure(metric.code, total, None if total is None else ratio6(total), tuple(points))


def figures_of(
    session: Session,
    employee_nos: Collection[str],
    metrics: Iterable[MetricDefinition],
    first_on: date,
    last_on: date,
) -> dict[str, dict[str, Figure]]:
    """Figures between two days: employee → metric code → figure (also for empty ones)."""
    wanted = list(metrics)
    series = series_of(session, employee_nos, [metric.code for metric in wanted], first_on, last_on)
    return {
        employee: {
            metric.code: figure(metric, series.get(employee, {}).get(metric.code, ()))
            for metric in wanted
        }
        for employee in employee_nos
    }


def figures(
    session: Session,
    employee_no: str,
    metrics: Iterable[MetricDefinition],
    first_on: date,
    last_on: date,
) -> dict[str, Figure]:
    """The figures of one person between two days, by metric code."""
    return figures_of(session, [employee_no], metrics, first_on, last_on)[employee_no]


def last_year_figures(
    session: Session,
    employee_nos: Collection[str],
    metrics: Iterable[MetricDefinition],
    first_on: date,
    last_on: date,
) -> dict[str, dict[str, Figure]]:
    """The figures of the same span a year earlier."""
    earlier = a_year_earlier(first_on, last_on)
    return figures_of(session, employee_nos, metrics, *earlier)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Where colleagues of the post stand; only ever shown for eight people or more."""

    count: int
    p25: Decimal
    p50: Decimal
    p90: Decimal
    p95: Decimal


def percentiles(values: Sequence[Fraction]) -> Percentiles | None:
    """Percentiles by linear interpolation between ranks; None below eight values."""
    if len(values) < PEERS_NEEDED:
        return None
    ordered = sorted(values)

    def at(share: Fraction) -> Decimal:
        place = share * (len(ordered) - 1)
        below = place.numerator // place.denominator
        above = min(below + 1, len(ordered) - 1)
        return ratio6(ordered[below] + (place - below) * (ordered[above] - ordered[below]))

    return Percentiles(
        len(ordered),
        at(Fraction(1, 4)),
        at(Fraction(1, 2)),
        at(Fraction(9, 10)),
        at(Fraction(19, 20)),
    )


def peer_percentiles(
    session: Session,
    employee_nos: Collection[str],
    metrics: Iterable[MetricDefinition],
    first_on: date,
    last_on: date,
) -> dict[str, Percentiles]:
    """Percentiles of a group of colleagues by metric; too small groups are left out."""
    wanted = list(metrics)
    found: dict[str, list[Fraction]] = {metric.code: [] for metric in wanted}
    for values in figures_of(session, employee_nos, wanted, first_on, last_on).values():
        for code, one in values.items():
            if one.exact_value is not None:
                found[code].append(one.exact_value)
    shown = {code: percentiles(values) for code, values in found.items()}
    return {code: value for code, value in shown.items() if value is not None}


def value_history(
    session: Session, employee_no: str, metric_code: str, period: str
) -> list[MetricValue]:
    """Every version of one value, oldest first."""
    query = select(MetricValue).where(
        MetricValue.employee_no == employee_no,
        MetricValue.metric_code == metric_code,
        MetricValue.period == period,
    )
    return list(session.scalars(query.order_by(MetricValue.version)))


def batch(session: Session, batch_id: int) -> MetricBatch | None:
    """One load, or None."""
    return session.get(MetricBatch, batch_id)


def batches(session: Session, before_id: int | None = None, limit: int = 50) -> list[MetricBatch]:
    """Loads, newest first."""
    query = select(MetricBatch).order_by(MetricBatch.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(MetricBatch.id < before_id)
    return list(session.scalars(query))


def freeze_covering(session: Session, period: str) -> DataFreeze | None:
    """The freeze that holds the period, or None."""
    first, last = period_days(period)
    query = select(DataFreeze).where(DataFreeze.first_on <= first, DataFreeze.last_on >= last)
    return session.scalars(query.order_by(DataFreeze.id).limit(1)).first()


def freeze_of(session: Session, cycle_code: str) -> DataFreeze | None:
    """The data freeze of a cycle, or None."""
    return session.scalars(select(DataFreeze).where(DataFreeze.cycle_code == cycle_code)).first()


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is there of a month, and what was there in the month before but not now."""

    people: int
    values: int
    gaps: tuple[tuple[str, str], ...]  # (employee no, metric code)


def completeness(session: Session, period: str, before: str) -> Completeness:
    """Compares a month with the one before: a pair that had a value and has none is a gap."""

    def pairs(of: str) -> set[tuple[str, str]]:
        query = (
            select(MetricValue.employee_no, MetricValue.metric_code)
            .where(MetricValue.period == of)
            .distinct()
        )
        return {(row[0], row[1]) for row in session.execute(query)}

    present = pairs(period)
    gaps = tuple(sorted(pairs(before) - present))
    return Completeness(len({pair[0] for pair in present}), len(present), gaps)


def value_count(session: Session) -> int:
    """How many values are stored in all."""
    return int(session.scalar(select(func.count(MetricValue.id))) or 0)
