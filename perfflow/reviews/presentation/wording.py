"""Figures of metrics in the reader's words: unit, decimals, formulas with their numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from perfflow.i18n import formats
from perfflow.i18n.languages import Language
from perfflow.kernel.rounding import Exact, exact, round_half_up
from perfflow.metrics.rules import MetricDefinition
from perfflow.metrics.units import Unit, unit_of
from perfflow.plans.rules.curves import Curve
from perfflow.reviews.rules import Kind, LineInputs

MONEY_UNIT = "万元"
NO_VALUE = "—"


def title(metric: MetricDefinition, language: Language) -> str:
    """The name of a metric."""
    return metric.name_zh if language == "zh" else metric.name_en


def unit_name(metric: MetricDefinition, language: Language) -> str:
    """The unit as it stands beside a name."""
    unit = unit_of(metric.unit)
    if language == "zh":
        return unit.name_zh
    return formats.unit_name(MONEY_UNIT, language) if unit.name_zh == MONEY_UNIT else unit.name_en


def figure(value: Exact | str | None, metric: MetricDefinition, language: Language) -> str:
    """A stored value as people read it, without its unit: 0.931 in per cent is ``93.1``."""
    if value is None:
        return NO_VALUE
    unit = unit_of(metric.unit)
    number = exact(value) * unit.scale
    if unit.name_zh == MONEY_UNIT:
        return formats.in_unit(round_half_up(number, 2), MONEY_UNIT, language)
    return formats.number(round_half_up(number, _places(unit, number)))


def _places(unit: Unit, number: Fraction) -> int:
    """The decimals of the unit; counts that were projected show two."""
    return unit.decimals if (number * 10**unit.decimals).denominator == 1 else 2


def attainment_formula(line: LineInputs, metric: MetricDefinition, language: Language) -> str:
    """The attainment formula with its numbers: ``1 + (1,128.95 − 1,200) ÷ 1,200``."""

    def shown(value: Exact | str | None) -> str:
        return figure(value, metric, language)

    actual, target = shown(line.actual), shown(line.target)
    scale = shown(line.scale) if line.scale is not None else target
    if line.kind is Kind.HB:
        return f"1 + ({actual} − {target}) ÷ {scale}"
    if line.kind is Kind.LB:
        return f"1 + ({target} − {actual}) ÷ {scale}"
    if line.kind is Kind.LB_INV:
        return f"{target} ÷ {actual}"
    if line.kind is Kind.BASE:
        base = shown(line.baseline)
        return f"({actual} − {base}) ÷ ({target} − {base})"
    if line.kind is Kind.RANGE:
        return f"{shown(line.lo)} – {shown(line.hi)}"
    return actual


def curve_formula(curve: Curve, r_e6: int) -> str:
    """How the curve gives the score at r: ``60 + (0.940789 − 0.6) ÷ 0.4 × 40``."""
    r = Fraction(r_e6, 10**6)
    knots = [(exact(x), exact(y)) for x, y in curve.knots]
    below = [knot for knot in knots if knot[0] <= r]
    above = [knot for knot in knots if knot[0] > r]
    if not below or not above:
        edge = (below or knots)[-1] if below else knots[0]
        return formats.number(edge[1])
    (x0, y0), (x1, y1) = below[-1], above[0]
    if y0 == y1:
        return formats.number(y0)
    start = "" if y0 == 0 else f"{formats.number(y0)} + "
    shown = formats.number(round_half_up(r, 6), 6)
    distance = shown if x0 == 0 else f"({shown} − {formats.number(x0)})"
    return f"{start}{distance} ÷ {formats.number(x1 - x0)} × {formats.number(y1 - y0)}"


def shares_e2(total_e2: int, parts: list[Fraction]) -> list[int]:
    """``parts`` (in points) × 100 as whole numbers that add up to ``total_e2`` exactly.

    Largest remainder: what is shown never differs by more than 0.01 from the exact share.
    """
    floors = [(part * 100).numerator // (part * 100).denominator for part in parts]
    missing = total_e2 - sum(floors)
    order = sorted(range(len(parts)), key=lambda index: (floors[index] - parts[index] * 100, index))
    step = 1 if missing > 0 else -1
    for place in range(abs(missing)):
        if not order:
            break
        floors[order[place % len(order)]] += step
    return floors


def points(e2: int) -> str:
    """Points with two places."""
    return formats.number(Decimal(e2).scaleb(-2), 2)
