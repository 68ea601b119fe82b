"""The linter's rules about cards: weights, dimensions, sales, control posts, definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import exact
from perfflow.metrics.rules import Dimension, Direction, Horizon, MetricDefinition
from perfflow.plans.rules.cards import CardLine, CardTemplate, Line, WHOLE_BP
from perfflow.plans.rules.curves import Curve, curve_named
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.profiles import Severity, Thresholds

CONTROL_POSTS = frozenset({"RC"})
FRONT_SCORERS = frozenset({"TL", "unit-head:front", "sales-head"})
WHOLE_HUNDRED_BP = 100
YEAR_MONTHS = 12


def lint_card(
    card: CardTemplate, metrics: Mapping[str, MetricDefinition], thresholds: Thresholds
) -> Iterator[Finding]:
    """PL-01 … PL-14 on one card."""
    view = _CardView(card, metrics, thresholds)
    yield from view.unknown_metrics()
    yield from view.weights()
    yield from view.dimensions()
    yield from view.sales()
    yield from view.posts()
    yield from view.definitions()
    yield from view.baselines()


class _CardView:
    """One card with its metrics at hand."""

    def __init__(
        self, card: CardTemplate, metrics: Mapping[str, MetricDefinition], limits: Thresholds
    ) -> None:
        self.card = card
        self.limits = limits
        self.metrics = metrics
        self.path = f"cards/{card.post}"
        self.known = [
            (index, line, metrics[line.metric])
            for index, line in enumerate(card.lines)
            if line.metric in metrics
        ]

    def finding(
        self, code: str, severity: Severity, name: str, at: int | None = None, **params: Any
    ) -> Finding:
        path = self.path if at is None else f"{self.path}.lines.{at}"
        source = params.pop("source", "default")
        shown = {"post": self.card.post, **params}
        return Finding(code, severity, path, f"plans.lint.{name}", shown, source)

    def share(self, *dimensions: Dimension) -> int:
        """Basis points on these dimensions."""
        return sum(line.weight_bp for _, line, m in self.known if m.dimension in dimensions)

    def unknown_metrics(self) -> Iterator[Finding]:
        names: list[tuple[int | None, str]] = [
            (index, line.metric) for index, line in enumerate(self.card.lines)
        ]
        beside = (*self.card.additions, *self.card.deductions, *self.card.gates)
        names += [(None, code) for code in beside]
        for index, code in names:
            if code not in self.metrics:
                yield self.finding("PL-13", Severity.ERROR, "unknown_metric", index, metric=code)

    def weights(self) -> Iterator[Finding]:
        total = sum(line.weight_bp for line in self.card.lines)
        if total != WHOLE_BP:
            yield self.finding("PL-01", Severity.ERROR, "weights_sum", got_bp=total)
        least, most = self.limits.of("weight_min_bp"), self.limits.of("weight_max_bp")
        for index, line in enumerate(self.card.lines):
            if not least.value <= line.weight_bp <= most.value:
                yield self.finding(
                    "PL-02",
                    Severity.ERROR,
                    "weight_range",
                    index,
                    metric=line.metric,
                    got_bp=line.weight_bp,
                    min_bp=int(least.value),
                    max_bp=int(most.value),
                    source=(least if line.weight_bp < least.value else most).decided_by,
                )
            if line.weight_bp % WHOLE_HUNDRED_BP:
                yield self.finding(
                    "PL-02",
                    Severity.WARNING,
                    "weight_step",
                    index,
                    metric=line.metric,
                    got_bp=line.weight_bp,
                )
        count = len(self.card.lines)
        fewest, longest = self.limits.of("lines_min"), self.limits.of("lines_max")
        if not fewest.value <= count <= longest.value:
            yield self.finding(
                "PL-02",
                Severity.WARNING,
                "line_count",
                count=count,
                min=int(fewest.value),
                max=int(longest.value),
            )

    def dimensions(self) -> Iterator[Finding]:
        results, most = (
            self.share(Dimension.RESULTS),
            self.limits.of("results_max_bp", self.card.post),
        )
        if results > most.value:
            yield self.finding(
                "PL-03",
                Severity.ERROR,
                "results_too_heavy",
                got_bp=results,
                max_bp=int(most.value),
                source=most.decided_by,
            )
        balance = self.share(Dimension.CLIENT, Dimension.COMPLIANCE)
        least = self.limits.of("front_client_compliance_min_bp")
        if self.card.line is Line.FRONT and balance < least.value:
            yield self.finding(
                "PL-04",
                Severity.ERROR,
                "front_balance",
                got_bp=balance,
                min_bp=int(least.value),
                source=least.decided_by,
            )
        control, floor = self.share(Dimension.COMPLIANCE), self.limits.of("compliance_min_bp")
        if control < floor.value:
            yield self.finding(
                "PL-05",
                Severity.ERROR,
                "compliance_too_light",
                got_bp=control,
                min_bp=int(floor.value),
                source=floor.decided_by,
            )
        yield from self.horizon(results)

    def horizon(self, results: int) -> Iterator[Finding]:
        """PL-11: the share of long-horizon metrics in results, where a profile asks."""
        least = self.limits.of("long_horizon_min_bp")
        if not least.value or not results:
            return
        long = sum(
            line.weight_bp
            for _, line, metric in self.known
            if metric.dimension is Dimension.RESULTS and metric.horizon is Horizon.LONG
        )
        if long * WHOLE_BP < results * least.value:
            yield self.finding(
                "PL-11",
                Severity.ERROR,
                "short_horizon",
                got_bp=long * WHOLE_BP // results,
                min_bp=int(least.value),
                source=least.decided_by,
            )

    def sales(self) -> Iterator[Finding]:
        if self.known and all(m.is_sales for _, line, m in self.known if line.weight_bp):
            yield self.finding("PL-06", Severity.ERROR, "sales_only")
        for index, line, metric in self.known:
            if metric.product_scope.upper() != "ALL" and line.window_months < YEAR_MONTHS:
                severity, source = self.limits.severity("PL-07", Severity.WARNING)
                yield self.finding(
                    "PL-07",
                    severity,
                    "product_contest",
                    index,
                    metric=line.metric,
                    months=line.window_months,
                    source=source,
                )
            if metric.is_sales:
                yield from self.sales_curve(index, line)

    def sales_curve(self, index: int, line: CardLine) -> Iterator[Finding]:
        curve = self.curve(line)
        if curve is None:
            return
        steepest, limit = curve.steepest_above_target(), self.limits.of("sales_slope_max")
        if steepest > exact(limit.value):
            severity, source = self.limits.severity("PL-08", Severity.WARNING)
            yield self.finding(
                "PL-08",
                severity,
                "accelerator",
                index,
                metric=line.metric,
                curve=line.curve,
                source=source,
            )
        jump, most = max(curve.jumps(), default=Fraction(0)), self.limits.of("sales_jump_max")
        if jump > exact(most.value):
            severity, source = self.limits.severity("PL-09", Severity.WARNING)
            yield self.finding(
                "PL-09",
                severity,
                "cliff",
                index,
                metric=line.metric,
                curve=line.curve,
                points=str(jump),
                max_points=str(most.value),
                source=source,
            )

    def curve(self, line: CardLine) -> Curve | None:
        try:
            return curve_named(line.curve, self.card.curves)
        except ComputationError:
            return None

    def posts(self) -> Iterator[Finding]:
        if self.card.post in CONTROL_POSTS:
            yield from self.control_post()
        if self.card.line is Line.FRONT:
            codes = {line.metric for line in self.card.lines if line.weight_bp}
            if not codes & self.limits.complaint_metrics:
                yield self.finding("PL-12", Severity.ERROR, "no_complaint_metric")
            if not codes & self.limits.procedure_metrics:
                yield self.finding("PL-12", Severity.ERROR, "no_procedure_metric")
        if not any(
            code in self.metrics and self.metrics[code].direction is Direction.GATE
            for code in self.card.gates
        ):
            yield self.finding("PL-18", Severity.ERROR, "no_gate")

    def control_post(self) -> Iterator[Finding]:
        for index, line, metric in self.known:
            if metric.is_sales:
                yield self.finding(
                    "PL-10", Severity.ERROR, "control_sells", index, metric=line.metric
                )
        if self.card.scored_by in FRONT_SCORERS:
            yield self.finding(
                "PL-10", Severity.ERROR, "control_scored_by_sales", scorer=self.card.scored_by
            )

    def definitions(self) -> Iterator[Finding]:
        for index, line, metric in self.known:
            for name in ("source", "owner", "numerator", "intent_zh", "intent_en"):
                if not getattr(metric, name):
                    yield self.finding(
                        "PL-13",
                        Severity.ERROR,
                        "metric_incomplete",
                        index,
                        metric=line.metric,
                        missing=name,
                    )
            if metric.direction in (Direction.DEDUCT, Direction.GATE):
                yield self.finding(
                    "PL-13", Severity.ERROR, "weight_on_points", index, metric=line.metric
                )

    def baselines(self) -> Iterator[Finding]:
        for index, line, metric in self.known:
            if self.curve(line) is None:
                yield self.finding(
                    "PL-14",
                    Severity.ERROR,
                    "unknown_curve",
                    index,
                    metric=line.metric,
                    curve=line.curve,
                )
            if line.target is None or line.baseline is None:
                continue
            rises, falls = line.target > line.baseline, line.target < line.baseline
            wrong = {Direction.HB: not rises, Direction.LB: not falls}
            if wrong.get(metric.direction, False):
                yield self.finding(
                    "PL-14",
                    Severity.ERROR,
                    "baseline_direction",
                    index,
                    metric=line.metric,
                    target=str(line.target),
                    baseline=str(line.baseline),
                )
