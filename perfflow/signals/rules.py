"""Statistics behind deviation signals; floats live here only, none becomes pay (§5.13)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median

from perfflow.kernel.errors import ComputationError

LEAST_HISTORY = 8
LONGEST_HISTORY = 24
BEYOND_SCALE = 10.0
_MAD_FACTOR = 0.6744898
_MEAN_FACTOR = 1.2533141


def robust_z(x: float, history: Sequence[float]) -> float | None:
    """0.6744898·(x − median)/MAD over the last 24 periods, the current one excluded.

    MAD 0: (x − median)/(1.2533141·mean |deviation|); both 0: 0 when x is the median, else ±10.
    Fewer than eight periods: None, no signal. A value that is no number: ``DOMAIN``.
    """
    recent = list(history)[-LONGEST_HISTORY:]
    _finite(x, *recent)
    if len(recent) < LEAST_HISTORY:
        return None
    middle = median(recent)
    deviations = [abs(value - middle) for value in recent]
    spread = median(deviations)
    if spread:
        return _MAD_FACTOR * (x - middle) / spread
    mean_deviation = fmean(deviations)
    if mean_deviation:
        return (x - middle) / (_MEAN_FACTOR * mean_deviation)
    if x == middle:
        return 0.0
    return BEYOND_SCALE if x > middle else -BEYOND_SCALE


def pct_rank(x: float, peers: Sequence[float]) -> float | None:
    """100·(less + half of equal)/n; None without peers."""
    _finite(x, *peers)
    if not peers:
        return None
    less = sum(value < x for value in peers)
    equal = sum(value == x for value in peers)
    return 100.0 * (less + 0.5 * equal) / len(peers)


def poisson_tail(count: int, rate: float) -> float:
    """P(X ≥ count) for a Poisson variable with this rate; a negative rate: ``DOMAIN``."""
    _finite(rate)
    if rate < 0:
        raise ComputationError("DOMAIN", name="rate", value=str(rate))
    if count <= 0:
        return 1.0
    if rate == 0:
        return 0.0
    if count > rate:
        return _upper_sum(count, rate)
    below = sum(math.exp(k * math.log(rate) - rate - math.lgamma(k + 1)) for k in range(count))
    return max(0.0, 1.0 - below)


def _upper_sum(count: int, rate: float) -> float:
    """Σ from ``count`` up; the terms fall at least geometrically, so the sum ends soon."""
    term = math.exp(count * math.log(rate) - rate - math.lgamma(count + 1))
    total, k = 0.0, count
    while term > total * 1e-17:
        total += term
        k += 1
        term *= rate / k
    return min(1.0, total)


def pace(to_date: float, target: float, seasonal_share: float) -> float:
    """to date / (target × seasonal share); a target or share that is not above 0: ``DOMAIN``."""
    _finite(to_date, target, seasonal_share)
    if target <= 0 or seasonal_share <= 0:
        raise ComputationError("DOMAIN", name="target", value=str(target))
    return to_date / (target * seasonal_share)


def _finite(*values: float) -> None:
    for value in values:
        if not math.isfinite(value):
            raise ComputationError("DOMAIN", name="value", value=str(value))
