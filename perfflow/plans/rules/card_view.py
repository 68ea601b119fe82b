"""One card with its metrics and the thresholds in force, as the linter's rules read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfflow.kernel.errors import ComputationError
from perfflow.metrics.rules import Dimension, MetricDefinition
from perfflow.plans.rules.cards import CardLine, CardTemplate
from perfflow.plans.rules.curves import Curve, curve_named
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.profiles import DEFAULT, Severity, Threshold, Thresholds


class CardView:
    """A card, the metrics of its lines that the catalogue knows, and the limits."""

    def __init__(
        self, card: CardTemplate, metrics: Mapping[str, MetricDefinition], limits: Thresholds
    ) -> None:
        self.card = card
        self.limits = limits
        self.metrics = metrics
        self.path = f"cards/{card.code}"
        self.known = [
            (index, line, metrics[line.metric])
            for index, line in enumerate(card.lines)
            if line.metric in metrics
        ]

    def finding(
        self, code: str, severity: Severity, name: str, at: int | None = None, **params: Any
    ) -> Finding:
        """A finding at the card, or at line ``at``; ``limit`` is the threshold that decided."""
        limit: Threshold | None = params.pop("limit", None)
        path = self.path if at is None else f"{self.path}.lines.{at}"
        source = params.pop("source", limit.decided_by if limit else DEFAULT)
        return Finding(
            code, severity, path, f"plans.lint.{name}", {"post": self.card.post, **params}, source
        )

    def judged(self, code: str, name: str, at: int | None = None, **params: Any) -> Finding:
        """A finding whose severity the profiles decide."""
        severity, source = self.limits.severity(code, Severity.WARNING)
        return self.finding(code, severity, name, at, source=source, **params)

    def share(self, *dimensions: Dimension) -> int:
        """Basis points on these dimensions."""
        return sum(line.weight_bp for _, line, m in self.known if m.dimension in dimensions)

    def curve(self, line: CardLine) -> Curve | None:
        """The curve of a line; None when there is none of that name or it is broken."""
        try:
            return curve_named(line.curve, self.card.curves)
        except ComputationError:
            return None
