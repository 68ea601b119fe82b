"""Turns goals and values of one person into the lines and segments that scoring takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from perfflow.cycles.models import Cycle, Participant
from perfflow.goals.models import GoalLine, TargetRevision
from perfflow.metrics.periods import a_year_earlier, period_days
from perfflow.metrics.queries import (
    Figure,
    figure,
    Point,
    Series,
)
from perfflow.metrics.rules import adjustment_points, Aggregation, Direction, MetricDefinition
from perfflow.plans.rules.cards import CardLine, CardTemplate
from perfflow.plans.rules.curves import SHIPPED
from perfflow.reviews.rules import (
    Kind,
    LineInputs,
    revised_target,
    revision_changes,
    RevisionMode,
    Segment,
    SegmentInputs,
    Step,
    TargetChange,
)

REPORTED_BY_CASES = frozenset({"CP-02", "CP-08"})
"""These metrics report gate cases, which are deducted from the person's total (domain §5.9)."""
KINDS = frozenset(kind.value for kind in Kind)
FLOWS = frozenset({Aggregation.SUM, Aggregation.COUNT})


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a flow will come to when the rest of the cycle goes as it went last year."""

    value: Fraction
    so_far: Fraction
    share: Fraction
    is_from_last_year: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One goal with its metric, figure and what scoring makes of them."""

    goal: GoalLine
    goal_version: int
    metric: MetricDefinition
    figure: Figure
    rating: Decimal | None
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of a batch of people, read once."""

    cycle: Cycle
    metrics: Mapping[str, MetricDefinition]
    cards: Mapping[str, CardTemplate]
    series: Series
    last_year: Series
    teams: Mapping[str, tuple[str, ...]]
    ratings: Mapping[str, Mapping[str, Decimal]]
    is_forecast: bool
    revisions: Mapping[tuple[str, str], Sequence[TargetRevision]]


def line_of(
    source: Source, member: Participant, card: CardTemplate, goal: GoalLine, version: int
) -> Line:
    metric = source.metrics[goal.metric_code]
    points = _points(source, member.employee_no, card, goal.metric_code)
    one = figure(metric, points)
    return Line(
        goal=goal,
        goal_version=version,
        metric=metric,
        figure=one,
        rating=source.ratings.get(member.employee_no, {}).get(goal.metric_code),
        forecast=_forecast(source, member.employee_no, metric, one) if source.is_forecast else None,
    )


def _points(source: Source, employee_no: str, card: CardTemplate, code: str) -> tuple[Point, ...]:
    """The person's values; for a team line without own values those of the team together."""
    own = source.series.get(employee_no, {}).get(code, ())
    template = _template_line(card, code)
    if own or template is None or template.scope != "team":
        return own
    return tuple(
        point
        for number in source.teams.get(employee_no, ())
        for point in source.series.get(number, {}).get(code, ())
    )


def _forecast(
    source: Source, employee_no: str, metric: MetricDefinition, one: Figure
) -> Forecast | None:
    if metric.aggregation not in FLOWS or one.exact_value is None or one.as_of is None:
        return None
    cycle = source.cycle
    if one.as_of >= cycle.ends_on:
        return None
    total = (cycle.ends_on - cycle.starts_on).days + 1
    share = Fraction((one.as_of - cycle.starts_on).days + 1, total)
    _, until = a_year_earlier(cycle.starts_on, one.as_of)
    earlier = source.last_year.get(employee_no, {}).get(metric.code, ())
    whole = figure(metric, earlier).exact_value
    part = figure(metric, [p for p in earlier if period_days(p.period)[1] <= until]).exact_value
    is_known = bool(whole and part and whole > 0 and part > 0)
    if is_known and whole is not None and part is not None:
        share = part / whole
    return Forecast(one.exact_value / share, one.exact_value, share, is_known)


def segment_inputs(
    source: Source,
    member: Participant,
    card: CardTemplate,
    lines: Sequence[Line],
    segment: Segment,
    *,
    is_only: bool,
) -> SegmentInputs:
    post = segment.assignment.post
    if is_only or post == member.post_code:
        inputs = [
            _own_line(source, card, member.employee_no, line, segment, is_only=is_only)
            for line in lines
        ]
    else:
        other = next((one for one in source.cards.values() if one.post == post), None)
        inputs = (
            [_template_inputs(source, member, other, row, segment) for row in other.lines]
            if other
            else []
        )
        card = other or card
    first, last = segment.start, segment.end - timedelta(days=1)
    return SegmentInputs(
        label=f"{post} {first.isoformat()} – {last.isoformat()}",
        days=segment.days,
        lines=tuple(inputs),
        share=segment.share,
        add=_card_points(source, member.employee_no, card.additions, segment, is_only=is_only),
        deduct=_card_points(
            source,
            member.employee_no,
            [code for code in card.deductions if code not in REPORTED_BY_CASES],
            segment,
            is_only=is_only,
        ),
    )


def _own_line(
    source: Source,
    card: CardTemplate,
    member_no: str,
    line: Line,
    segment: Segment,
    *,
    is_only: bool,
) -> LineInputs:
    goal, metric = line.goal, line.metric
    one = line.figure if is_only else _slice(metric, line.figure.points, segment)
    actual: Fraction | Decimal | None = line.rating if metric.is_manual else one.exact_value
    if line.forecast is not None and is_only:
        actual = line.forecast.value
    template = _template_line(card, goal.metric_code)
    revisions = source.revisions.get((member_no, goal.metric_code), ())
    target, baseline = _targets(
        source, metric, goal.target_e6, goal.baseline_e6, segment, revisions
    )
    revised = f" +{len(revisions)}" if revisions else ""
    return _inputs(
        card,
        metric,
        template,
        weight_bp=goal.weight_bp,
        curve=goal.curve,
        actual=actual,
        target=target,
        baseline=baseline,
        source=source_text(one),
        target_source=f"goals v{line.goal_version}{revised}",
    )


def _template_inputs(
    source: Source, member: Participant, card: CardTemplate, row: CardLine, segment: Segment
) -> LineInputs:
    """A line of the card of an earlier post, for which no goals were agreed: its usual target."""
    metric = source.metrics[row.metric]
    one = _slice(metric, _points(source, member.employee_no, card, row.metric), segment)
    usual = row.target_rule.get("value", row.target_rule.get("default"))
    agreed = row.target if row.target is not None or usual is None else Decimal(str(usual))
    rating = source.ratings.get(member.employee_no, {}).get(row.metric)
    target, baseline = _targets(source, metric, agreed, row.baseline, segment)
    return _inputs(
        card,
        metric,
        row,
        weight_bp=row.weight_bp,
        curve=row.curve,
        actual=rating if metric.is_manual else one.exact_value,
        target=target,
        baseline=baseline,
        source=source_text(one),
        target_source=f"{card.code} v{card.version}",
    )


def _inputs(
    card: CardTemplate,
    metric: MetricDefinition,
    template: CardLine | None,
    *,
    weight_bp: int,
    curve: str,
    actual: Fraction | Decimal | None,
    target: Fraction | None,
    baseline: Fraction | None,
    source: str | None,
    target_source: str,
) -> LineInputs:
    kind = (template.kind if template else None) or metric.kind
    scored = LineInputs(
        metric=metric.code,
        dimension=metric.dimension.value,
        weight_bp=weight_bp,
        kind=Kind(kind) if kind in KINDS else Kind.HB,
        actual=actual,
        target=target,
        baseline=baseline,
        scale=metric.scale,
        curve=card.curves.get(curve) or SHIPPED[curve],
        na_policy=card.policy_of(template) if template else metric.na_policy,
        is_manual=metric.is_manual,
        lo=metric.lo,
        hi=metric.hi,
        source=source,
        version=metric.version,
        target_source=None if target is None else target_source,
    )
    if metric.tol_lo is not None or metric.tol_hi is not None:
        scored = replace(scored, tol_lo=metric.tol_lo or 0, tol_hi=metric.tol_hi or 0)
    if template is not None and template.steps:
        scored = replace(
            scored,
            steps=tuple(Step(limit, score) for limit, score in template.steps),
            default_score=template.default_score,
            steps_less_is_better=metric.direction is Direction.LB,
        )
    return scored


def _targets(
    source: Source,
    metric: MetricDefinition,
    target: Decimal | None,
    baseline: Decimal | None,
    segment: Segment,
    revisions: Sequence[TargetRevision] = (),
) -> tuple[Fraction | None, Fraction | None]:
    """Target and baseline of the segment: goals speak about the whole cycle (domain §5.5).

    What was revised counts by its days, or from the first day (domain §6.4).
    """
    if target is None:
        return None, None if baseline is None else Fraction(baseline)
    cycle = source.cycle
    first, changes = revision_changes(
        target,
        [
            (
                RevisionMode(row.mode),
                TargetChange((row.effective_on - cycle.starts_on).days, row.new_target_e6),
            )
            for row in revisions
        ],
    )
    return revised_target(
        metric.aggregation,
        first,
        changes,
        start_day=(segment.start - cycle.starts_on).days,
        end_day=(segment.end - cycle.starts_on).days,
        year_days=(cycle.ends_on - cycle.starts_on).days + 1,
        baseline=baseline,
    )


def _slice(metric: MetricDefinition, points: Iterable[Point], segment: Segment) -> Figure:
    """The figure of the periods that end inside a segment."""
    inside = [
        point for point in points if segment.start <= period_days(point.period)[1] < segment.end
    ]
    return figure(metric, inside)


def _card_points(
    source: Source, employee_no: str, codes: Iterable[str], segment: Segment, *, is_only: bool
) -> Decimal:
    total = Fraction(0)
    for code in codes:
        metric = source.metrics.get(code)
        points = source.series.get(employee_no, {}).get(code, ())
        if metric is None or not points or metric.points is None:
            continue
        one = figure(metric, points) if is_only else _slice(metric, points, segment)
        if one.exact_value is not None:
            cap = metric.points_cap if metric.points_cap is not None else Decimal(20)
            total += adjustment_points(one.exact_value, metric.points, cap)
    return Decimal(total.numerator) / Decimal(total.denominator)


def source_text(one: Figure) -> str | None:
    """Where a figure is from: ``CORE #118 2025-12-31``."""
    if not one.points:
        return None
    parts = [one.source or ""]
    batch = next((point.batch_id for point in reversed(one.points) if point.batch_id), None)
    if batch is not None:
        parts.append(f"#{batch}")
    if one.as_of is not None:
        parts.append(one.as_of.isoformat())
    return " ".join(part for part in parts if part)


def _template_line(card: CardTemplate, code: str) -> CardLine | None:
    return next((line for line in card.lines if line.metric == code), None)
