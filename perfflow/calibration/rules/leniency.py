"""Leniency of raters: residuals against objective scores, shrunk, as advice only (domain §5.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from perfflow.calibration.rules.fairness import Z_95
from perfflow.kernel.rounding import DECIMAL34, Exact, exact, round_half_up, score4

SHIFT_LIMIT = 5
FLAG_PEOPLE = 5
FLAG_Z = 2
FLAG_POINTS = 3


class Flag(StrEnum):
    """What stands out about a manager; several may."""

    LENIENT = "LENIENT"
    STRICT = "STRICT"
    CENTRAL = "CENTRAL"


@dataclass(frozen=True, slots=True)
class ManagerStatistics:
    """One manager among peers; figures with 4 dp, the suggested shift with 1.

    ``margin`` is half of the 95 % interval of the leniency: 1.959964 · s_w / √n. ``spread`` is
    None with one person.
    """

    manager: str
    people: int
    mean: Decimal
    leniency: Decimal
    margin: Decimal
    z: Decimal
    shrinkage: Decimal
    shift: Decimal
    spread: Decimal | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Leniency:
    """The statistics of one peer group (post family × cycle)."""

    grand_mean: Decimal
    within_deviation: Decimal
    between_variance: Decimal
    managers: tuple[ManagerStatistics, ...]


def leniency(
    scores: Mapping[str, Sequence[tuple[Exact | str, Exact | str]]],
) -> Leniency | None:
    """Statistics from (manager score, objective score) of every person, by manager.

    Variances are exact; square roots have 34 digits. None when there is one manager only, nobody
    has two people, or nothing varies.
    """
    residuals = {
        manager: [exact(given) - exact(objective) for given, objective in pairs]
        for manager, pairs in scores.items()
        if pairs
    }
    count, groups = sum(map(len, residuals.values())), len(residuals)
    if groups < 2 or count <= groups:
        return None
    means = {manager: sum(own, Fraction(0)) / len(own) for manager, own in residuals.items()}
    grand = sum((sum(own, Fraction(0)) for own in residuals.values()), Fraction(0)) / count
    squares = {
        manager: sum(((value - means[manager]) ** 2 for value in own), Fraction(0))
        for manager, own in residuals.items()
    }
    within = sum(squares.values(), Fraction(0)) / (count - groups)
    if not within:
        return None
    sizes = {manager: len(own) for manager, own in residuals.items()}
    between = _between(means, sizes, grand, within)
    deviation = _root(within)
    return Leniency(
        score4(grand),
        score4(deviation),
        score4(between),
        tuple(
            _statistics(
                manager, sizes[manager], means[manager], grand, squares[manager], within, between
            )
            for manager in residuals
        ),
    )


def _between(
    means: Mapping[str, Fraction], sizes: Mapping[str, int], grand: Fraction, within: Fraction
) -> Fraction:
    """τ² = max(0, (MSB − s²)/n₀)."""
    count, groups = sum(sizes.values()), len(sizes)
    spread = sum((sizes[m] * (means[m] - grand) ** 2 for m in means), Fraction(0)) / (groups - 1)
    typical = (count - Fraction(sum(n * n for n in sizes.values()), count)) / (groups - 1)
    return max(Fraction(0), (spread - within) / typical)


def _statistics(
    manager: str,
    people: int,
    mean: Fraction,
    grand: Fraction,
    squares: Fraction,
    within: Fraction,
    between: Fraction,
) -> ManagerStatistics:
    gap = mean - grand
    z = exact(_root(gap * gap * people / within)) * (1 if gap >= 0 else -1)
    shrinkage = between / (between + within / people)
    shift = min(max(-shrinkage * gap, Fraction(-SHIFT_LIMIT)), Fraction(SHIFT_LIMIT))
    spread = _root(squares / (people - 1) / within) if people > 1 else None
    flags = []
    if (
        people >= FLAG_PEOPLE
        and gap * gap * people >= FLAG_Z**2 * within
        and abs(gap) >= FLAG_POINTS
    ):
        flags.append(Flag.LENIENT if gap > 0 else Flag.STRICT)
    if people > 1 and 4 * squares < (people - 1) * within:
        flags.append(Flag.CENTRAL)
    return ManagerStatistics(
        manager,
        people,
        score4(mean),
        score4(gap),
        score4(exact(_root(within / people)) * Z_95),
        score4(z),
        score4(shrinkage),
        round_half_up(shift, 1),
        None if spread is None else score4(spread),
        tuple(flags),
    )


def _root(value: Fraction) -> Decimal:
    quotient = DECIMAL34.divide(Decimal(value.numerator), Decimal(value.denominator))
    return DECIMAL34.sqrt(quotient)
