"""Attainment: how far an actual value reaches its target, for every kind of metric (§5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import Exact, exact, scaled_half_up

MILLION = 10**6
TOP_E6 = 10 * MILLION
Number = Exact | str


class Kind(StrEnum):
    """How attainment, or the score itself, is computed."""

    HB = "HB"
    LB = "LB"
    LB_INV = "LB_INV"
    BASE = "BASE"
    RANGE = "RANGE"
    MILESTONE = "MILESTONE"
    BAND = "BAND"
    RATING = "RATING"


RATING_KNOTS = tuple(map(Fraction, (0, 60, 80, 100, 120)))


@dataclass(frozen=True, slots=True)
class Milestone:
    """One milestone: its share, and by how many days it came late (None = not done)."""

    weight: Number
    days_late: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a BAND table: from (HB) or up to (LB) ``limit`` the metric scores ``score``."""

    limit: Number
    score: Number


def ratio_of(value: Number) -> tuple[int, int]:
    """Numerator and denominator of an exact number; floats raise ``TypeError``."""
    if type(value) is Decimal and value.is_finite():
        return value.as_integer_ratio()
    number = exact(value)
    return number.numerator, number.denominator


def clipped_e6(numerator: int, denominator: int) -> int:
    """numerator/denominator clipped to [0, 10] and rounded half-up (N1), times 10⁶."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    if numerator <= 0:
        return 0
    scaled = (2 * MILLION * numerator + denominator) // (2 * denominator)
    return scaled if scaled < TOP_E6 else TOP_E6


def more_is_better(actual: Number, target: Number, scale: Number | None = None) -> int:
    """HB: 1 + (A − T)/S with S = |T| by default, × 10⁶. T = 0 without S: ``SCALE_REQUIRED``."""
    if scale is None:
        # By far the most frequent case: A/T, as two products of whole numbers.
        (a, a_below), (t, t_below) = ratio_of(actual), ratio_of(target)
        if t > 0:
            return clipped_e6(a * t_below, a_below * t)
    return _by_scale(ratio_of(actual), ratio_of(target), scale, 1)


def less_is_better(actual: Number, target: Number, scale: Number | None = None) -> int:
    """LB: 1 + (T − A)/S with S = |T| by default, × 10⁶. T = 0 without S: ``SCALE_REQUIRED``."""
    return _by_scale(ratio_of(actual), ratio_of(target), scale, -1)


def _by_scale(
    actual: tuple[int, int], target: tuple[int, int], scale: Number | None, sign: int
) -> int:
    (a, a_below), (t, t_below) = actual, target
    if scale is None:
        s, s_below = abs(t), t_below
    else:
        s, s_below = ratio_of(scale)
    if s == 0:
        raise ComputationError("SCALE_REQUIRED")
    if s < 0:
        raise ComputationError("DOMAIN", name="scale", value=str(scale))
    gap = sign * (a * t_below - t * a_below) * s_below
    below = a_below * t_below * s
    return clipped_e6(below + gap, below)


def inverse(actual: Number, target: Number) -> int:
    """LB_INV: T/A × 10⁶, 10 when A = 0. T ≤ 0 or A < 0: ``DOMAIN``."""
    (a, a_below), (t, t_below) = ratio_of(actual), ratio_of(target)
    if t <= 0 or a < 0:
        raise ComputationError("DOMAIN", name="target" if t <= 0 else "actual", value=str(target))
    return clipped_e6(t * a_below, t_below * a) if a else TOP_E6


def from_baseline(actual: Number, target: Number, baseline: Number) -> int:
    """BASE: (A − B)/(T − B) × 10⁶, in both directions. T = B: ``BASE_EQ_TARGET``."""
    (a, a_below), (t, t_below), (b, b_below) = map(ratio_of, (actual, target, baseline))
    gained, wanted = a * b_below - b * a_below, t * b_below - b * t_below
    if wanted == 0:
        raise ComputationError("BASE_EQ_TARGET")
    return clipped_e6(gained * t_below, wanted * a_below)


def in_range(actual: Number, lo: Number, hi: Number, tol_lo: Number = 0, tol_hi: Number = 0) -> int:
    """RANGE: 1 inside [lo, hi], else 1 − distance/tolerance of that side, × 10⁶.

    Outside with tolerance 0 gives 0. lo > hi: ``RANGE_ORDER``; a negative tolerance: ``DOMAIN``.
    """
    value, low, high, below, above = map(exact, (actual, lo, hi, tol_lo, tol_hi))
    if low > high:
        raise ComputationError("RANGE_ORDER")
    if below < 0 or above < 0:
        raise ComputationError("DOMAIN", name="tolerance", value=str(min(below, above)))
    if low <= value <= high:
        return MILLION
    distance, tolerance = (low - value, below) if value < low else (value - high, above)
    if not tolerance:
        return 0
    reached = 1 - distance / tolerance
    return clipped_e6(reached.numerator, reached.denominator)


def milestones(parts: Sequence[Milestone], rate: Number = "0.05", floor: Number = "0.5") -> int:
    """MILESTONE: Σ wᵢ·fᵢ × 10⁶; fᵢ = 0 if not done, else max(floor, 1 − rate·days late).

    Weights that miss 1: ``WEIGHTS``. Negative days count as on time.
    """
    per_day, least = exact(rate), exact(floor)
    if per_day < 0 or not 0 <= least <= 1:
        raise ComputationError("DOMAIN", name="rate", value=str(rate))
    weights = [exact(part.weight) for part in parts]
    if sum(weights, Fraction(0)) != 1 or any(weight < 0 for weight in weights):
        raise ComputationError("WEIGHTS")
    reached = sum(
        (
            weight * max(least, 1 - per_day * max(0, part.days_late))
            for weight, part in zip(weights, parts, strict=True)
            if part.days_late is not None
        ),
        Fraction(0),
    )
    return clipped_e6(reached.numerator, reached.denominator)


def stepped_score(
    actual: Number, steps: Sequence[Step], default: Number = 0, *, less_is_better: bool = False
) -> int:
    """BAND: the score × 10⁴ straight from a table.

    HB takes the highest limit ≤ A, LB the lowest limit ≥ A; where none fits, ``default``.
    """
    value = exact(actual)
    rows = [(exact(step.limit), step.score) for step in steps]
    if less_is_better:
        fitting = [row for row in rows if row[0] >= value]
        best = min(fitting, key=lambda row: row[0], default=None)
    else:
        fitting = [row for row in rows if row[0] <= value]
        best = max(fitting, key=lambda row: row[0], default=None)
    return scaled_half_up(exact(default if best is None else best[1]), 4)


def rating_score(rating: Number) -> int:
    """RATING: 1–5 → 0, 60, 80, 100, 120, linear between, × 10⁴ (N2). Outside 1–5: ``DOMAIN``."""
    value = exact(rating)
    if not 1 <= value <= 5:
        raise ComputationError("DOMAIN", name="rating", value=str(rating))
    index = min(int(value) - 1, 3)
    low, high = RATING_KNOTS[index], RATING_KNOTS[index + 1]
    return scaled_half_up(low + (value - 1 - index) * (high - low), 4)
