"""What a metric is, and how its values of many periods become one (domain §4.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from perfflow.kernel.configuration import Reader
from perfflow.kernel.errors import BadInput, ComputationError
from perfflow.kernel.rounding import Exact, exact

CODE = re.compile(r"[A-Z]{2}-\d{2,3}")
MANUAL_SOURCES = frozenset({"MAN", "360", "SELF"})


class Dimension(StrEnum):
    """The four dimensions of every card."""

    RESULTS = "R"
    CLIENT = "C"
    COMPLIANCE = "K"
    GROWTH = "G"


class Direction(StrEnum):
    """What is good: more, less, inside a range, or another kind of judgement."""

    HB = "HB"
    LB = "LB"
    RANGE = "RANGE"
    MILESTONE = "MILESTONE"
    BAND = "BAND"
    RATING = "RATING"
    DEDUCT = "DEDUCT"
    ADD = "ADD"
    GATE = "GATE"


class Aggregation(StrEnum):
    """How the values of a cycle's periods become one."""

    SUM = "sum"
    LAST = "last"
    AVG = "avg"
    RATIO = "ratio"
    MAX = "max"
    COUNT = "count"


class Horizon(StrEnum):
    """How long a metric looks: under 12 months, 12–35, 36 and more."""

    SHORT = "S"
    MEDIUM = "M"
    LONG = "L"


class Tag(StrEnum):
    """What the plan linter and the pages ask about a metric."""

    SALES = "sales"
    LEADING = "leading"
    CLIENT_OUTCOME = "client_outcome"
    DIGITAL = "digital"
    CONTROL = "control"
    COMPLAINT = "complaint"
    SUITABILITY = "suitability"
    MARKET = "market"


class NaPolicy(StrEnum):
    """What happens with the weight of a metric that has no value (domain §5.4)."""

    DIMENSION = "dimension"
    CARD = "card"
    NEUTRAL = "neutral"
    ZERO = "zero"


class ValueStatus(StrEnum):
    """The life of one metric value."""

    PROVISIONAL = "provisional"
    FINAL = "final"
    CORRECTED = "corrected"
    MISSING = "missing"
    DISPUTED = "disputed"


class Frequency(StrEnum):
    """How often values arrive."""

    DAILY = "D"
    WEEKLY = "W"
    MONTHLY = "M"
    QUARTERLY = "Q"
    HALF_YEARLY = "H"
    YEARLY = "Y"
    EVENT = "event"


WITHOUT_WEIGHT = frozenset({Direction.DEDUCT, Direction.ADD, Direction.GATE})


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """One version of a metric; the fields of domain §4.1 and what scoring needs of it.

    Stored values times ``unit_scale`` are what people read (0.983 → 98.3 %). ``lo`` … ``tol_hi``
    belong to RANGE, ``late_rate`` and ``floor`` to MILESTONE, ``points`` and ``points_cap`` to
    DEDUCT and ADD, ``scale`` to HB and LB with a target of 0.
    """

    code: str
    version: int
    name_zh: str
    name_en: str
    dimension: Dimension
    unit: str
    unit_zh: str
    unit_en: str
    unit_scale: int
    decimals: int
    direction: Direction
    aggregation: Aggregation
    horizon: Horizon
    tags: frozenset[Tag]
    product_scope: str
    numerator: str
    denominator: str | None
    numerator_zh: str
    denominator_zh: str | None
    source: str
    frequency: Frequency
    owner: str
    min_sample: int
    na_policy: NaPolicy
    default_curve: str
    max_score: Decimal
    intent_zh: str
    intent_en: str
    effective_from: date | None
    effective_to: date | None
    confidentiality: str
    kind: str
    lo: Decimal | None = None
    hi: Decimal | None = None
    tol_lo: Decimal | None = None
    tol_hi: Decimal | None = None
    points: Decimal | None = None
    points_cap: Decimal | None = None
    scale: Decimal | None = None
    late_rate: Decimal | None = None
    floor: Decimal | None = None

    @property
    def is_manual(self) -> bool:
        """True when people judge it; such lines are left out of the objective total."""
        return self.source in MANUAL_SOURCES

    @property
    def is_sales(self) -> bool:
        return Tag.SALES in self.tags

    def formula(self, language: str) -> str:
        """The formula as people of that language read it; the other one when it is missing."""
        chinese = language == "zh" and bool(self.numerator_zh)
        above = self.numerator_zh if chinese else self.numerator
        below = self.denominator_zh if chinese and self.denominator_zh else self.denominator
        return f"{above} / {below}" if below else above

    @property
    def carries_weight(self) -> bool:
        """False for deductions, additions and gates, which stand beside the card."""
        return self.direction not in WITHOUT_WEIGHT


def parse_metric(data: Mapping[str, Any], path: str = "metric") -> MetricDefinition:
    """A definition from its YAML mapping; raises ``BadInput`` naming the place."""
    reader = Reader(data, path)
    code = reader.text("code")
    if CODE.fullmatch(code) is None:
        raise reader.refuse("code", "a code like RS-01")
    reader.path = f"{path}[{code}]"
    direction = reader.choice("direction", Direction)
    formula = reader.child("formula")
    limits = reader.child("range")
    points = reader.child("points")
    late = reader.child("milestone")
    metric = MetricDefinition(
        code=code,
        version=reader.integer("version", 1),
        name_zh=reader.text("name_zh"),
        name_en=reader.text("name_en"),
        dimension=reader.choice("dimension", Dimension),
        unit=reader.text("unit"),
        unit_zh=reader.text("unit_zh", ""),
        unit_en=reader.text("unit_en", ""),
        unit_scale=reader.integer("unit_scale", 1),
        decimals=reader.integer("decimals", 2),
        direction=direction,
        aggregation=reader.choice("aggregation", Aggregation),
        horizon=reader.choice("horizon", Horizon, Horizon.SHORT),
        tags=_tags(reader),
        product_scope=reader.text("product_scope", "ALL"),
        numerator=formula.text("num"),
        denominator=formula.text("den", "") or None,
        numerator_zh=formula.text("num_zh", ""),
        denominator_zh=formula.text("den_zh", "") or None,
        source=reader.text("source"),
        frequency=reader.choice("frequency", Frequency),
        owner=reader.text("owner", ""),
        min_sample=reader.integer("min_sample", 0),
        na_policy=reader.choice("na_policy", NaPolicy, NaPolicy.DIMENSION),
        default_curve=reader.text("default_curve", "STD"),
        max_score=reader.number("max_score", "120"),
        intent_zh=reader.text("intent_zh", ""),
        intent_en=reader.text("intent_en", ""),
        effective_from=reader.day("effective_from"),
        effective_to=reader.day("effective_to"),
        confidentiality=reader.text("confidentiality", "internal"),
        kind=reader.text("kind", direction.value),
        lo=limits.optional_number("lo"),
        hi=limits.optional_number("hi"),
        tol_lo=limits.optional_number("tol_lo"),
        tol_hi=limits.optional_number("tol_hi"),
        points=points.optional_number("each"),
        points_cap=points.optional_number("cap"),
        scale=reader.optional_number("scale"),
        late_rate=late.optional_number("late_rate"),
        floor=late.optional_number("floor"),
    )
    for part in (formula, limits, points, late, reader):
        part.finish()
    _check(metric, reader)
    return metric


def _tags(reader: Reader) -> frozenset[Tag]:
    found = set()
    for text in reader.texts("tags"):
        try:
            found.add(Tag(text))
        except ValueError:
            raise reader.refuse("tags", ", ".join(Tag)) from None
    return frozenset(found)


def _check(metric: MetricDefinition, reader: Reader) -> None:
    if metric.aggregation is Aggregation.RATIO and metric.denominator is None:
        raise BadInput("metrics.ratio_needs_denominator", field=reader.path, metric=metric.code)
    if metric.direction is Direction.RANGE and (metric.lo is None or metric.hi is None):
        raise BadInput("metrics.range_needs_limits", field=reader.path, metric=metric.code)


def parse_metrics(data: Any, path: str = "metrics") -> dict[str, MetricDefinition]:
    """The definitions of one file (a list, or a mapping with the key ``metrics``) by code."""
    rows = data.get("metrics") if isinstance(data, Mapping) else data
    if not isinstance(rows, list):
        raise BadInput("kernel.config_not_list", field=path, path=path)
    found: dict[str, MetricDefinition] = {}
    for index, row in enumerate(rows):
        metric = parse_metric(row, f"{path}.{index}")
        if metric.code in found:
            raise BadInput("metrics.code_twice", field=f"{path}.{index}", metric=metric.code)
        found[metric.code] = metric
    return found


@dataclass(frozen=True, slots=True)
class Observation:
    """The value of one period; ratios carry numerator and denominator."""

    value: Exact | None = None
    numerator: Exact | None = None
    denominator: Exact | None = None


def aggregate(method: Aggregation | str, observations: Sequence[Observation]) -> Fraction | None:
    """The value of the whole cycle from its periods in order of time, exact; None without data.

    ``ratio`` is Σ numerator / Σ denominator, never the mean of ratios (domain §4.1).
    """
    method = Aggregation(method)
    if method is Aggregation.RATIO:
        return aggregate_ratio(
            (seen.numerator, seen.denominator)
            for seen in observations
            if seen.numerator is not None and seen.denominator is not None
        )
    values = [exact(seen.value) for seen in observations if seen.value is not None]
    if not values:
        return None
    if method is Aggregation.LAST:
        return values[-1]
    if method is Aggregation.MAX:
        return max(values)
    if method is Aggregation.AVG:
        return sum(values, Fraction(0)) / len(values)
    return sum(values, Fraction(0))


def aggregate_ratio(parts: Iterable[tuple[Exact | str, Exact | str]]) -> Fraction | None:
    """Σ numerators / Σ denominators, exact; None when nothing was counted.

    18/20 and 3/30 → 21/50. A negative denominator raises ``DOMAIN``.
    """
    total = below = Fraction(0)
    for numerator, denominator in parts:
        share = exact(denominator)
        if share < 0:
            raise ComputationError("DOMAIN", name="denominator", value=str(denominator))
        total += exact(numerator)
        below += share
    return total / below if below else None


def adjustment_points(count: Exact | str, each: Exact | str, cap: Exact | str) -> Fraction:
    """Points of an ADD or DEDUCT metric: ``each`` for every event, at most ``cap`` (§5.2)."""
    parts = exact(count), exact(each), exact(cap)
    if min(parts) < 0:
        raise ComputationError("DOMAIN", name="count", value=str(count))
    return min(parts[0] * parts[1], parts[2])
