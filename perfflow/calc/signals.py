"""Calculations behind deviation signals by name; statistics in binary floating point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from perfflow.calc.given import Given, list_of, number, whole_number
from perfflow.signals.rules import pace, pct_rank, poisson_tail, robust_z


def real(value: Any, place: str) -> float:
    """A number for statistics."""
    return float(number(value, place))


def robust(given: Given) -> float | None:
    """robust_z of x against its history."""
    return robust_z(given.get("x", real), given.get("hist", list_of(real)))


def percentile(given: Given) -> float | None:
    """Percentile rank of x among peers."""
    return pct_rank(given.get("x", real), given.get("peers", list_of(real)))


def tail(given: Given) -> float:
    """P(X ≥ c) of a Poisson variable."""
    return poisson_tail(given.get("c", whole_number), given.get("lam", real))


def progress(given: Given) -> float:
    """To date over target × seasonal share."""
    return pace(*(given.get(key, real) for key in ("to_date", "target", "seasonal_share")))


FUNCTIONS: dict[str, Callable[[Given], Any]] = {
    "robust_z": robust,
    "pct_rank": percentile,
    "poisson_tail": tail,
    "pace": progress,
}
