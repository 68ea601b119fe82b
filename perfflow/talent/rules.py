"""Pure talent rules: three-year performance, potential, nine boxes and lists (domain §5.12).

Totals are points with 2 dp, ratings run from 1 to 5. Lists are advice: a named committee decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from perfflow.compliance.rules import a_year_before
from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import Exact, exact, score4, total2

YEAR_WEIGHTS = (Fraction(5, 10), Fraction(3, 10), Fraction(2, 10))
TRAITS = ("learning_agility", "aspiration", "capability", "values")
MIN_ASSESSORS = 2
MID_PERFORMANCE, HIGH_PERFORMANCE = Decimal(80), Decimal(100)
MID_POTENTIAL, HIGH_POTENTIAL = Decimal("2.5"), Decimal("3.7")
GRAVE_SEVERITY = 3
CLEAN_MONTHS = 24
MIN_TENURE_MONTHS = 12
YEARS_LOOKED_AT = 3
YEARS_NEEDED = 2
PROMOTION_STREAK = 2
PROMOTION_BOXES = frozenset({6, 8, 9})


class Level(StrEnum):
    """Where somebody stands on one axis of the nine boxes."""

    LOW = "low"
    MID = "mid"
    HIGH = "high"


_ROWS = {Level.LOW: 0, Level.MID: 3, Level.HIGH: 6}
_COLUMNS = {Level.LOW: 1, Level.MID: 2, Level.HIGH: 3}


def performance_over_years(newest_first: Sequence[Exact | str | None]) -> Decimal | None:
    """P3 = 0.5·y₀ + 0.3·y₋₁ + 0.2·y₋₂ over the years that were rated, re-normalised, 2 dp (N3).

    104, 98, 92.5 → 99.90; 104, 98 → 101.75. Years beyond the third do not count; None where
    nobody rated any of the three. A negative total: ``DOMAIN``.
    """
    above = below = Fraction(0)
    for weight, total in zip(YEAR_WEIGHTS, newest_first, strict=False):
        if total is None:
            continue
        value = exact(total)
        if value < 0:
            raise ComputationError("DOMAIN", name="total", value=str(total))
        above += weight * value
        below += weight
    return total2(above / below) if below else None


def performance_level(total: Exact | str) -> Level:
    """Low below 80, mid below 100, high from 100, by the total with 2 dp that people see."""
    shown = total2(exact(total))
    if shown < MID_PERFORMANCE:
        return Level.LOW
    return Level.MID if shown < HIGH_PERFORMANCE else Level.HIGH


def potential(assessments: Sequence[Mapping[str, Exact | str]]) -> Decimal | None:
    """Mean of the four traits over all assessors, 4 dp (N6); None with fewer than two assessors.

    Every assessor rates every trait from 1 to 5; a trait left out, an unknown one or a rating
    outside: ``DOMAIN``.
    """
    ratings: list[Fraction] = []
    for given in assessments:
        if set(given) != set(TRAITS):
            raise ComputationError("DOMAIN", name="trait", value=", ".join(sorted(given)))
        for trait in TRAITS:
            rating = exact(given[trait])
            if not 1 <= rating <= 5:
                raise ComputationError("DOMAIN", name=trait, value=str(given[trait]))
            ratings.append(rating)
    if len(assessments) < MIN_ASSESSORS:
        return None
    return score4(sum(ratings, Fraction(0)) / len(ratings))


def potential_level(mean: Exact | str) -> Level:
    """Low below 2.5, mid below 3.7, high from 3.7, by the mean with 4 dp."""
    shown = score4(exact(mean))
    if shown < MID_POTENTIAL:
        return Level.LOW
    return Level.MID if shown < HIGH_POTENTIAL else Level.HIGH


def nine_box(potential_at: Level, performance_at: Level) -> int:
    """The box 1–9: rows by potential from low, columns by performance from low."""
    return _ROWS[potential_at] + _COLUMNS[performance_at]


@dataclass(frozen=True, slots=True)
class TalentFacts:
    """What high potential is judged by on ``on``.

    ``totals`` are the person's totals, newest cycle first (None = not rated); ``grave_days`` the
    conduct days of cases of severity 3 and 4.
    """

    on: date
    joined_on: date
    potential: Decimal | None
    totals: Sequence[Exact | str | None]
    grave_days: Sequence[date] = ()


def is_high_potential(facts: TalentFacts) -> bool:
    """High potential, P ≥ mid in two of the last three cycles, clean for 24 months, 12 months in.

    Days: a case on the very day 24 months ago no longer counts; twelve months are complete on
    the anniversary of joining.
    """
    if facts.potential is None or potential_level(facts.potential) is not Level.HIGH:
        return False
    good = [
        total
        for total in facts.totals[:YEARS_LOOKED_AT]
        if total is not None and performance_level(total) is not Level.LOW
    ]
    if len(good) < YEARS_NEEDED:
        return False
    a_year_ago = a_year_before(facts.on)
    since = a_year_before(a_year_ago)
    if any(since < day <= facts.on for day in facts.grave_days):
        return False
    return facts.joined_on <= a_year_ago


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person for the promotion list of advisors to team leads.

    ``has_coaching`` is a GR-04 score or mentor evidence; ``is_barred`` holds for twelve months
    after a veto.
    """

    no: str
    streak: int
    performance: Decimal
    compliance: Decimal
    box: int
    has_coaching: bool
    is_qualified: bool
    is_barred: bool = False

    @property
    def key(self) -> tuple[int, Decimal, Decimal]:
        """Smaller comes first: longer streak, higher P3, higher K score."""
        return (-self.streak, -self.performance, -self.compliance)


def promotion_list(candidates: Iterable[Candidate]) -> list[list[str]]:
    """Who may be proposed, best first; people whom nothing separates share a place.

    Streak ≥ 2, coaching evidence, qualification and box 6, 8 or 9. The order does not depend on
    the order of the input; inside a place numbers ascend only to be stable.
    """
    fit = [
        one
        for one in candidates
        if one.streak >= PROMOTION_STREAK
        and one.has_coaching
        and one.is_qualified
        and one.box in PROMOTION_BOXES
        and not one.is_barred
    ]
    ordered = sorted(fit, key=lambda one: (one.key, one.no))
    return [[one.no for one in place] for _, place in groupby(ordered, key=lambda one: one.key)]
