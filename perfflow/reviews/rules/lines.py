"""One line of a score card: its inputs, its attainment and its score (domain §5.2–5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from perfflow.kernel.errors import ComputationError
from perfflow.metrics.rules import Direction, MetricDefinition, NaPolicy
from perfflow.plans.rules.curves import Curve, SHIPPED, STD
from perfflow.reviews.rules.attainment import (
    from_baseline,
    in_range,
    inverse,
    Kind,
    less_is_better,
    Milestone,
    milestones,
    more_is_better,
    Number,
    rating_score,
    Step,
    stepped_score,
)


@dataclass(frozen=True, slots=True)
class LineInputs:
    """Everything that the score of one metric of one person needs.

    ``actual`` None means that there is no value; ``na_approved`` is the compliance approval
    without which a K metric may not be N/A. ``source`` names where the value came from.
    """

    metric: str
    dimension: str
    weight_bp: int
    kind: Kind = Kind.HB
    actual: Number | None = None
    target: Number | None = None
    baseline: Number | None = None
    scale: Number | None = None
    curve: Curve = STD
    na_policy: NaPolicy = NaPolicy.DIMENSION
    is_manual: bool = False
    na_approved: bool = False
    lo: Number | None = None
    hi: Number | None = None
    tol_lo: Number = 0
    tol_hi: Number = 0
    milestones: tuple[Milestone, ...] = ()
    late_rate: Number = "0.05"
    late_floor: Number = "0.5"
    steps: tuple[Step, ...] = ()
    default_score: Number = 0
    steps_less_is_better: bool = False
    source: str | None = None
    version: int | None = None
    target_source: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-able form: numbers as exact text, what is at its default left out."""
        stored: dict[str, Any] = {
            "metric": self.metric,
            "dimension": str(self.dimension),
            "weight_bp": self.weight_bp,
            "kind": str(self.kind),
        }
        for name in _NUMBERS:
            value = getattr(self, name)
            if value is not None and value != _DEFAULTS[name]:
                stored[name] = str(value)
        if self.curve != STD:
            stored["curve"] = _stored_curve(self.curve)
        if self.na_policy is not NaPolicy.DIMENSION:
            stored["na_policy"] = str(self.na_policy)
        for name in ("is_manual", "na_approved", "steps_less_is_better"):
            if getattr(self, name):
                stored[name] = True
        if self.milestones:
            stored["milestones"] = [[str(m.weight), m.days_late] for m in self.milestones]
        if self.steps:
            stored["steps"] = [[str(step.limit), str(step.score)] for step in self.steps]
        for name in ("source", "version", "target_source"):
            if getattr(self, name) is not None:
                stored[name] = getattr(self, name)
        return stored

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> LineInputs:
        """The line that ``to_dict`` wrote; unknown keys raise ``TypeError``."""
        fields = dict(stored)
        fields["kind"] = Kind(fields.get("kind", Kind.HB))
        fields["na_policy"] = NaPolicy(fields.get("na_policy", NaPolicy.DIMENSION))
        fields["curve"] = _read_curve(fields.get("curve", "STD"))
        fields["milestones"] = tuple(Milestone(w, late) for w, late in fields.get("milestones", ()))
        fields["steps"] = tuple(Step(limit, score) for limit, score in fields.get("steps", ()))
        for name in _NUMBERS:
            if isinstance(fields.get(name), str):
                fields[name] = _number(fields[name])
        return cls(**fields)


_DEFAULTS: dict[str, Number | None] = {
    "actual": None,
    "target": None,
    "baseline": None,
    "scale": None,
    "lo": None,
    "hi": None,
    "tol_lo": 0,
    "tol_hi": 0,
    "late_rate": "0.05",
    "late_floor": "0.5",
    "default_score": 0,
}
_NUMBERS = tuple(_DEFAULTS)


def _number(text: str) -> Number:
    return Fraction(text) if "/" in text else Decimal(text)


def _stored_curve(curve: Curve) -> Any:
    if SHIPPED.get(curve.name) == curve:
        return curve.name
    return {"name": curve.name, "knots": [[str(r), str(s)] for r, s in curve.knots]}


def _read_curve(stored: Any) -> Curve:
    if isinstance(stored, str):
        return SHIPPED[stored]
    return Curve(stored["name"], [(r, s) for r, s in stored["knots"]])


def kind_of(metric: MetricDefinition, override: str | None = None) -> Kind:
    """How a metric is scored on a card: the card's own kind, else the metric's.

    A metric that adds points elsewhere is measured against its target when a card gives it
    weight. Deductions and gates have no score: ``DOMAIN``.
    """
    name = override or metric.kind
    if name == Direction.ADD:
        return Kind.HB
    try:
        return Kind(name)
    except ValueError:
        raise ComputationError("DOMAIN", name="kind", value=name, metric=metric.code) from None


class LineScore(NamedTuple):
    """Attainment × 10⁶ (None where the kind has none) and score × 10⁴ (None = N/A)."""

    r_e6: int | None
    score_e4: int | None


NOT_APPLICABLE = LineScore(None, None)


def score_line(line: LineInputs) -> LineScore:
    """The score of one line. Raises ``ComputationError`` with the metric among its params."""
    if line.actual is None and not line.milestones:
        return NOT_APPLICABLE
    try:
        if line.kind is Kind.RATING or line.kind is Kind.BAND:
            return LineScore(None, _direct_score(line))
        r_e6 = attainment_e6(line)
    except ComputationError as error:
        raise ComputationError(error.name, **{**error.params, "metric": line.metric}) from error
    return LineScore(r_e6, line.curve.score_e4(r_e6))


def _direct_score(line: LineInputs) -> int:
    actual = _needed(line.actual, "actual")
    if line.kind is Kind.RATING:
        return rating_score(actual)
    return stepped_score(
        actual, line.steps, line.default_score, less_is_better=line.steps_less_is_better
    )


def attainment_e6(line: LineInputs) -> int:
    """Attainment × 10⁶ (N1) of a line that has a value.

    A MILESTONE line without a list of milestones carries their sum as its value, so it is
    compared with its target (1 by default).
    """
    kind = line.kind
    if kind is Kind.HB and line.actual is not None and line.target is not None:
        return more_is_better(line.actual, line.target, line.scale)
    if kind is Kind.MILESTONE and line.milestones:
        return milestones(line.milestones, line.late_rate, line.late_floor)
    actual = _needed(line.actual, "actual")
    if kind is Kind.RANGE:
        low, high = _needed(line.lo, "lo"), _needed(line.hi, "hi")
        return in_range(actual, low, high, line.tol_lo, line.tol_hi)
    if kind is Kind.MILESTONE:
        return more_is_better(actual, 1 if line.target is None else line.target)
    target = _needed(line.target, "target")
    if kind is Kind.LB:
        return less_is_better(actual, target, line.scale)
    if kind is Kind.LB_INV:
        return inverse(actual, target)
    return from_baseline(actual, target, _needed(line.baseline, "baseline"))


def _needed(value: Number | None, name: str) -> Number:
    if value is None:
        raise ComputationError("INPUT_REQUIRED", name=name)
    return value
