"""Multi-rater means: groups of raters with weights and minimum numbers (domain §5.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import Exact, exact, score4


@dataclass(frozen=True, slots=True)
class RaterGroup:
    """One group: its weight, and how many answers it needs to count and to be shown."""

    name: str
    weight: Exact
    minimum: int


DEFAULT_GROUPS = (
    RaterGroup("manager", 50, 1),
    RaterGroup("peers", 20, 3),
    RaterGroup("cross_dept", 30, 3),
)


def multi_rater_mean(
    ratings: Mapping[str, Sequence[Exact | str]], groups: Sequence[RaterGroup] = DEFAULT_GROUPS
) -> Decimal | None:
    """Σ weight·mean over groups with enough raters, re-normalised, 4 dp (N6); None without any.

    Ratings outside 1–5 or of an unknown group raise ``DOMAIN``.
    """
    known = {group.name for group in groups}
    unknown = next((name for name in ratings if name not in known), None)
    if unknown is not None:
        raise ComputationError("DOMAIN", name="group", value=unknown)
    total = weights = Fraction(0)
    for group in groups:
        given = [exact(rating) for rating in ratings.get(group.name, ())]
        if any(not 1 <= rating <= 5 for rating in given):
            raise ComputationError("DOMAIN", name="rating", value=group.name)
        if len(given) < max(1, group.minimum):
            continue
        weight = exact(group.weight)
        total += weight * sum(given, Fraction(0)) / len(given)
        weights += weight
    return score4(total / weights) if weights else None


def weighted_group_mean(
    means: Sequence[tuple[Exact | str, Exact | str | None]],
) -> Decimal | None:
    """Σ weight·mean over groups whose mean is known, re-normalised, 4 dp (N6).

    50 × 4.0, 20 × 3.6667, 30 × 5.0 → 4.2333.
    """
    present = [(exact(weight), exact(mean)) for weight, mean in means if mean is not None]
    weights = sum((weight for weight, _ in present), Fraction(0))
    if not weights:
        return None
    return score4(sum((weight * mean for weight, mean in present), Fraction(0)) / weights)
