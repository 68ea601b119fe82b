"""Deterministic random streams: one per entity, with inverse-CDF draws of our own.

Every draw comes from ``random.random()`` of a generator that is seeded by the entity, so the
first people of a firm are the same however large the firm is, on every Python version.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import sha256
from random import Random

_LOW = (-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734,
        4.374664141464968, 2.938163982698783)  # fmt: skip
_LOW_DEN = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416)
_MID = (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02,
        1.383577518672690e02, -3.066479806614716e01, 2.506628277459239)  # fmt: skip
_MID_DEN = (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02,
            6.680131188771972e01, -1.328068155288572e01)  # fmt: skip
_EDGE = 0.02425


def _polynomial(coefficients: Sequence[float], x: float) -> float:
    value = 0.0
    for coefficient in coefficients:
        value = value * x + coefficient
    return value


def normal_quantile(p: float) -> float:
    """The standard normal quantile by Acklam's rational approximation (error < 1.2e-9)."""
    if p < _EDGE:
        q = math.sqrt(-2 * math.log(p))
        return _polynomial(_LOW, q) / (_polynomial(_LOW_DEN, q) * q + 1)
    if p > 1 - _EDGE:
        return -normal_quantile(1 - p)
    q = p - 0.5
    r = q * q
    return _polynomial(_MID, r) * q / (_polynomial(_MID_DEN, r) * r + 1)


class Stream:
    """The random stream of one entity: ``Stream(42, "person", 17)``."""

    def __init__(self, seed: int, kind: str, key: object) -> None:
        digest = sha256(f"{seed}|{kind}|{key}".encode()).digest()
        self._random = Random(int.from_bytes(digest[:8], "big")).random

    def uniform(self) -> float:
        """A number in (0, 1)."""
        return min(max(self._random(), 1e-12), 1 - 1e-12)

    def chance(self, probability: float) -> bool:
        """True with ``probability``; always uses one draw."""
        return self.uniform() < probability

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.uniform()

    def pick(self, choices: Sequence[str]) -> str:
        return choices[int(self.uniform() * len(choices))]

    def index(self, count: int) -> int:
        return int(self.uniform() * count)

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        return mean + deviation * normal_quantile(self.uniform())

    def lognormal(self, median: float, sigma: float) -> float:
        return median * math.exp(self.normal(0.0, sigma))

    def exponential(self, mean: float) -> float:
        return -mean * math.log(1 - self.uniform())

    def geometric(self, stay: float, most: int) -> int:
        """1, 2, … ``most`` with probability of going on ``stay``."""
        value = 1 + int(math.log(1 - self.uniform()) / math.log(stay))
        return min(value, most)

    def poisson(self, mean: float) -> int:
        """Inverse CDF by summing; the normal approximation above a mean of 60."""
        if mean > 60:
            return max(0, round(self.normal(mean, math.sqrt(mean))))
        u = self.uniform()
        term = math.exp(-mean)
        cumulative, count = term, 0
        while u > cumulative and count < 400:
            count += 1
            term *= mean / count
            cumulative += term
        return count

    def binomial(self, trials: int, probability: float) -> int:
        """Inverse CDF by summing; the normal approximation where both tails are fat."""
        p = min(max(probability, 1e-9), 1 - 1e-9)
        if p > 0.5:
            return trials - self.binomial(trials, 1 - p)
        mean = trials * p
        if mean > 60:
            draw = round(self.normal(mean, math.sqrt(mean * (1 - p))))
            return min(max(draw, 0), trials)
        u = self.uniform()
        term = (1 - p) ** trials
        cumulative, count = term, 0
        while u > cumulative and count < trials:
            term *= (trials - count) / (count + 1) * p / (1 - p)
            count += 1
            cumulative += term
        return count
