"""The line of one metric over a cycle: values, what was expected by then, where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from perfflow.cycles.models import Cycle
from perfflow.i18n import formats
from perfflow.i18n.languages import Language
from perfflow.metrics.periods import period_days
from perfflow.metrics.rules import MetricDefinition
from perfflow.metrics.units import unit_of
from perfflow.reviews.inputs import FLOWS, Line, Material
from perfflow.reviews.presentation import wording
from perfflow.reviews.presentation.tree import Reader


@dataclass(frozen=True, slots=True)
class Chart:
    """A metric over the cycle: values, what was expected, where it leads."""

    code: str
    title: str
    unit: str
    dimension: str
    labels: tuple[str, ...]
    actual: tuple[Decimal | None, ...]
    expected: tuple[Decimal | None, ...] | None
    forecast: tuple[Decimal | None, ...] | None


def values_of(metric: MetricDefinition, points: Sequence[Any]) -> list[Decimal | None]:
    """The line of a metric over the cycle as people read it: flows add up, others stand alone."""
    scale = unit_of(metric.unit).scale
    running = Decimal(0)
    found: list[Decimal | None] = []
    for point in points:
        value: Decimal | None = point.value
        if value is None and point.numerator is not None and point.denominator:
            value = point.numerator / point.denominator
        if value is not None and metric.aggregation in FLOWS:
            running += value
            value = running
        found.append(None if value is None else value * scale)
    return found


def chart_of(material: Material, metric_code: str | None, reader: Reader) -> Chart | None:
    """The chosen metric, else the first that has values of several periods."""
    candidates = [line for line in material.lines if line.figure.months > 1]
    if not candidates:
        return None
    line = next((one for one in candidates if one.metric.code == metric_code), candidates[0])
    return _drawn(line, material.cycle, reader)


def _drawn(line: Line, cycle: Cycle, reader: Reader) -> Chart:
    """Values by period; a flow also has what was expected by then and where it leads."""
    metric, points = line.metric, line.figure.points
    periods = [point.period for point in points]
    actual = values_of(metric, points)
    expected: list[Decimal | None] | None = None
    forecast: list[Decimal | None] | None = None
    if metric.aggregation in FLOWS and line.goal.target_e6 is not None:
        periods += _later_months(periods[-1], cycle)
        actual += [None] * (len(periods) - len(points))
        scale = unit_of(metric.unit).scale
        target = line.goal.target_e6 * scale
        total = (cycle.ends_on - cycle.starts_on).days + 1
        days = [(period_days(period)[1] - cycle.starts_on).days + 1 for period in periods]
        expected = [_share(target, count, total) for count in days]
        if line.forecast is not None and len(periods) > len(points):
            forecast = _line_to(actual, len(points) - 1, line.forecast.value * scale, len(periods))
    scale_here = formats.unit_scale(unit_of(metric.unit).name_zh, reader.language)
    return Chart(
        code=metric.code,
        title=wording.title(metric, reader.language),
        unit=wording.unit_name(metric, reader.language),
        dimension=metric.dimension.value.lower(),
        labels=tuple(_short(period, reader.language) for period in periods),
        actual=_scaled(actual, scale_here),
        expected=None if expected is None else _scaled(expected, scale_here),
        forecast=None if forecast is None else _scaled(forecast, scale_here),
    )


def _scaled(values: Sequence[Decimal | None], scale: Fraction) -> tuple[Decimal | None, ...]:
    """The values in the unit that the reader sees."""
    if scale == 1:
        return tuple(values)
    return tuple(None if one is None else _decimal(Fraction(one) * scale) for one in values)


def _later_months(period: str, cycle: Cycle) -> list[str]:
    """The months of the cycle after a month; none after other periods."""
    first, last = period_days(period)
    if (first.year, first.month) != (last.year, last.month):
        return []
    return [
        f"{last.year:04d}-{month:02d}"
        for month in range(last.month + 1, cycle.ends_on.month + 1)
        if last.year == cycle.ends_on.year
    ]


def _line_to(
    actual: Sequence[Decimal | None], start: int, end: Fraction, length: int
) -> list[Decimal | None]:
    """A straight line from the last value to the forecast at the end of the cycle."""
    found: list[Decimal | None] = [None] * length
    begin = actual[start]
    if begin is None:
        return found
    for place in range(start, length):
        share = Fraction(place - start, length - 1 - start)
        found[place] = _decimal(Fraction(begin) + (end - Fraction(begin)) * share)
    return found


def _short(period: str, language: Language) -> str:
    """A period as an axis shows it: the month without its year."""
    first, last = period_days(period)
    if (first.year, first.month) == (last.year, last.month):
        text = formats.month(first, language)
        return f"{first.month}月" if language == "zh" else text.split(" ")[0]
    return formats.period(period, language)


def _share(target: Decimal, days: int, total: int) -> Decimal:
    return _decimal(Fraction(target) * days / total)


def _decimal(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.01"))
