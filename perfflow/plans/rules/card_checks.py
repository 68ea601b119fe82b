"""The linter's rules about cards: weights, dimensions, control posts, definitions, baselines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from perfflow.metrics.rules import Dimension, Direction, Horizon, MetricDefinition
from perfflow.plans.rules.card_view import CardView
from perfflow.plans.rules.cards import CardTemplate, Line, WHOLE_BP
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.profiles import Severity, Threshold, Thresholds
from perfflow.plans.rules.sales_checks import lint_sales

FRONT_SCORERS = frozenset({"TL", "unit-head:front", "sales-head"})
INVESTOR_OUTCOME = "CL-09"
WHOLE_HUNDRED_BP = 100
_TURNED = {
    "LB_INV": Direction.LB,
    "BASE": None,
    "BAND": None,
    "RATING": Direction.RATING,
    "MILESTONE": Direction.MILESTONE,
    "RANGE": Direction.RANGE,
}


def lint_card(
    card: CardTemplate, metrics: Mapping[str, MetricDefinition], thresholds: Thresholds
) -> Iterator[Finding]:
    """PL-01 … PL-14, PL-18 and PL-19 on one card."""
    view = CardView(card, metrics, thresholds)
    yield from _unknown_metrics(view)
    yield from _weights(view)
    yield from _weight_limits(view)
    yield from _dimensions(view)
    yield from _horizon(view)
    yield from lint_sales(view)
    yield from _posts(view)
    yield from _curves(view)
    yield from _baselines(view)


def lint_metrics(metrics: Mapping[str, MetricDefinition]) -> Iterator[Finding]:
    """PL-13 on the whole catalogue: source, owner, formula, intent and frequency, worded twice."""
    needed = ("source", "owner", "numerator", "numerator_zh", "intent_zh", "intent_en", "frequency")
    for code, metric in metrics.items():
        for name in needed:
            if not getattr(metric, name):
                params = {"metric": code, "missing": name}
                yield Finding(
                    "PL-13",
                    Severity.ERROR,
                    f"metrics/{code}",
                    "plans.lint.metric_incomplete",
                    params,
                )


def _unknown_metrics(view: CardView) -> Iterator[Finding]:
    card = view.card
    names: list[tuple[int | None, str]] = [
        (index, line.metric) for index, line in enumerate(card.lines)
    ]
    names += [(None, code) for code in (*card.additions, *card.deductions, *card.gates)]
    for index, code in names:
        if code not in view.metrics:
            yield view.finding("PL-13", Severity.ERROR, "unknown_metric", index, metric=code)


def _weights(view: CardView) -> Iterator[Finding]:
    """PL-01, and of PL-02 what only warns."""
    total = sum(line.weight_bp for line in view.card.lines)
    if total != WHOLE_BP:
        yield view.finding("PL-01", Severity.ERROR, "weights_sum", got_bp=total)
    for index, line in enumerate(view.card.lines):
        if line.weight_bp % WHOLE_HUNDRED_BP:
            yield view.finding(
                "PL-02",
                Severity.WARNING,
                "weight_step",
                index,
                metric=line.metric,
                got_bp=line.weight_bp,
            )
    count = len(view.card.lines)
    fewest, longest = view.limits.of("lines_min"), view.limits.of("lines_max")
    if not fewest.value <= count <= longest.value:
        yield view.finding(
            "PL-02",
            Severity.WARNING,
            "line_count",
            count=count,
            min=int(fewest.value),
            max=int(longest.value),
            limit=fewest if count < fewest.value else longest,
        )


def _weight_limits(view: CardView) -> Iterator[Finding]:
    """PL-02: every weight inside its limits. A weight that a profile demands is no weight too
    many: with CL-09 at half of a card the general maximum cannot be meant."""
    least, most = view.limits.of("weight_min_bp"), view.limits.of("weight_max_bp")
    demanded = view.limits.asked("investor_outcome_min_bp")
    for index, line in enumerate(view.card.lines):
        if demanded and line.metric == INVESTOR_OUTCOME and line.weight_bp <= demanded.value:
            continue
        if not least.value <= line.weight_bp <= most.value:
            yield view.finding(
                "PL-02",
                Severity.ERROR,
                "weight_range",
                index,
                metric=line.metric,
                got_bp=line.weight_bp,
                min_bp=int(least.value),
                max_bp=int(most.value),
                limit=least if line.weight_bp < least.value else most,
            )


def _below(
    view: CardView, code: str, name: str, got_bp: int, least: Threshold, **params: Any
) -> Iterator[Finding]:
    """A share that is under the least that a profile asks for."""
    if got_bp < least.value:
        yield view.finding(
            code,
            Severity.ERROR,
            name,
            got_bp=got_bp,
            min_bp=int(least.value),
            limit=least,
            **params,
        )


def _dimensions(view: CardView) -> Iterator[Finding]:
    """PL-03, PL-04, PL-05."""
    results = view.share(Dimension.RESULTS)
    most = view.limits.of("results_max_bp", view.card.post)
    if results > most.value:
        yield view.finding(
            "PL-03",
            Severity.ERROR,
            "results_too_heavy",
            got_bp=results,
            max_bp=int(most.value),
            limit=most,
        )
    balance = view.share(Dimension.CLIENT, Dimension.COMPLIANCE)
    least = view.limits.of("front_client_compliance_min_bp")
    if view.card.line is Line.FRONT:
        yield from _below(view, "PL-04", "front_balance", balance, least)
    control, floor = view.share(Dimension.COMPLIANCE), view.limits.of("compliance_min_bp")
    yield from _below(view, "PL-05", "compliance_too_light", control, floor)


def _horizon(view: CardView) -> Iterator[Finding]:
    """PL-11: long-horizon metrics in results, client profit and loss on front cards."""
    least, results = view.limits.of("long_horizon_min_bp"), view.share(Dimension.RESULTS)
    long = sum(
        line.weight_bp
        for _, line, metric in view.known
        if metric.dimension is Dimension.RESULTS and metric.horizon is Horizon.LONG
    )
    if least.value and results and long * WHOLE_BP < results * least.value:
        yield view.finding(
            "PL-11",
            Severity.ERROR,
            "short_horizon",
            got_bp=long * WHOLE_BP // results,
            min_bp=int(least.value),
            limit=least,
        )
    outcome = view.limits.asked("investor_outcome_min_bp")
    if outcome is None or view.card.line is not Line.FRONT:
        return
    got = sum(line.weight_bp for line in view.card.lines if line.metric == INVESTOR_OUTCOME)
    yield from _below(view, "PL-11", "investor_outcome", got, outcome, metric=INVESTOR_OUTCOME)


def _posts(view: CardView) -> Iterator[Finding]:
    """PL-10, PL-12, PL-18."""
    if view.card.is_control:
        yield from _control_post(view)
    if view.card.line is Line.FRONT:
        codes = {line.metric for line in view.card.lines if line.weight_bp}
        wanted = (
            ("no_complaint_metric", view.limits.complaint_metrics),
            ("no_procedure_metric", view.limits.procedure_metrics),
        )
        for name, asked in wanted:
            for names, who in asked:
                if not codes & names:
                    known = sorted(names)
                    yield view.finding("PL-12", Severity.ERROR, name, metrics=known, source=who)
    if not any(
        code in view.metrics and view.metrics[code].direction is Direction.GATE
        for code in view.card.gates
    ):
        yield view.finding("PL-18", Severity.ERROR, "no_gate")


def _control_post(view: CardView) -> Iterator[Finding]:
    for index, line, metric in view.known:
        if metric.is_sales:
            yield view.finding("PL-10", Severity.ERROR, "control_sells", index, metric=line.metric)
    if view.card.scored_by in FRONT_SCORERS:
        yield view.finding(
            "PL-10", Severity.ERROR, "control_scored_by_sales", scorer=view.card.scored_by
        )


def _curves(view: CardView) -> Iterator[Finding]:
    """PL-14: the curve exists and ascends, and the line is computed in its metric's direction."""
    for name in view.card.broken_curves:
        yield view.finding("PL-14", Severity.ERROR, "broken_curve", curve=name)
    for index, line, metric in view.known:
        if line.curve not in view.card.broken_curves and view.curve(line) is None:
            yield view.finding(
                "PL-14",
                Severity.ERROR,
                "unknown_curve",
                index,
                metric=line.metric,
                curve=line.curve,
            )
        if metric.direction in (Direction.DEDUCT, Direction.GATE):
            yield view.finding(
                "PL-14", Severity.ERROR, "weight_on_points", index, metric=line.metric
            )
        elif line.kind is not None and not _fits(line.kind, metric.direction):
            yield view.finding(
                "PL-14",
                Severity.ERROR,
                "kind_against_direction",
                index,
                metric=line.metric,
                kind=line.kind,
                direction=metric.direction.value,
            )
        if (line.kind or metric.kind) == Direction.BAND.value and not line.steps:
            yield view.finding("PL-14", Severity.ERROR, "no_steps", index, metric=line.metric)


def _fits(kind: str, direction: Direction) -> bool:
    if direction is Direction.ADD:
        # Counted against a target where a card gives weight to it.
        return kind == Direction.HB.value
    if kind not in _TURNED:
        return kind == direction.value
    wanted = _TURNED[kind]
    return wanted is None or wanted is direction


def _baselines(view: CardView) -> Iterator[Finding]:
    """PL-14: the target lies on the better side of the baseline."""
    for index, line, metric in view.known:
        if line.target is None or line.baseline is None:
            continue
        rises, falls = line.target > line.baseline, line.target < line.baseline
        wrong = {Direction.HB: not rises, Direction.LB: not falls}
        if wrong.get(metric.direction, False):
            yield view.finding(
                "PL-14",
                Severity.ERROR,
                "baseline_direction",
                index,
                metric=line.metric,
                target=str(line.target),
                baseline=str(line.baseline),
            )
