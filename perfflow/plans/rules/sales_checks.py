"""The linter's rules about selling and promising: contests, accelerators, cliffs, market bets."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from perfflow.kernel.rounding import exact
from perfflow.metrics.rules import MetricDefinition, Tag
from perfflow.plans.rules.card_view import CardView
from perfflow.plans.rules.cards import CardLine
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.profiles import Severity

YEAR_MONTHS = 12
PERSONAL = "person"


def lint_sales(view: CardView) -> Iterator[Finding]:
    """PL-06 … PL-09 and PL-19 on one card."""
    if view.known and all(m.is_sales for _, line, m in view.known if line.weight_bp):
        yield view.finding("PL-06", Severity.ERROR, "sales_only")
    for index, line, metric in view.known:
        if metric.product_scope.upper() != "ALL" and line.window_months < YEAR_MONTHS:
            yield view.judged(
                "PL-07", "product_contest", index, metric=line.metric, months=line.window_months
            )
        if metric.is_sales:
            yield from _accelerator(view, index, line)
            yield from _cliff(view, index, line)
        if is_market_bet(metric) and line.scope == PERSONAL:
            yield view.judged("PL-19", "market_target", index, metric=line.metric)


def is_market_bet(metric: MetricDefinition) -> bool:
    """True when the market decides more of the value than the person does."""
    return Tag.MARKET in metric.tags


def _accelerator(view: CardView, index: int, line: CardLine) -> Iterator[Finding]:
    """PL-08: more than a point for each per cent beyond the target."""
    curve, limit = view.curve(line), view.limits.of("sales_slope_max")
    if curve is None or line.steps or curve.steepest_above_target() <= exact(limit.value):
        return
    yield view.judged("PL-08", "accelerator", index, metric=line.metric, curve=line.curve)


def _cliff(view: CardView, index: int, line: CardLine) -> Iterator[Finding]:
    """PL-09: a jump of the curve, or from one row of a BAND table to the next."""
    curve = view.curve(line)
    if line.steps:
        scores = [exact(line.default_score), *(exact(score) for _, score in sorted(line.steps))]
        jumps = [abs(high - low) for low, high in pairwise(scores)]
    elif curve is not None:
        jumps = curve.jumps()
    else:
        return
    jump, most = max(jumps, default=Fraction(0)), view.limits.of("sales_jump_max")
    if jump > exact(most.value):
        yield view.judged(
            "PL-09",
            "cliff",
            index,
            metric=line.metric,
            curve="BAND" if line.steps else line.curve,
            points=str(jump),
            max_points=str(most.value),
        )
