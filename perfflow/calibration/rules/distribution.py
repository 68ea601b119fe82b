"""Distribution of bands: quotas that add up, deviation from a guide, pools and order (§5.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import Exact, exact

MIN_POOL = 10
MIN_POOL_FOR_LOWER_BANDS = 30
DEFAULT_SHARES = (10, 20, 60, 8, 2)
"""The guide in percent, best band first, where a cycle states none."""


def apportion(count: int, shares: Sequence[Exact | str]) -> list[int]:
    """``count`` places by shares, largest remainder, ties to the earlier; the sum is ``count``.

    Shares need not add up to 100: 23 on 10/20/60/8/2 → 2/5/14/2/0. A negative count or share, or
    shares that are all 0: ``DOMAIN``.
    """
    parts = [exact(share) for share in shares]
    total = sum(parts, Fraction(0))
    if count < 0 or not total or min(parts) < 0:
        raise ComputationError("DOMAIN", name="share", value=str(count))
    places = []
    for part in parts:
        place = count * part / total
        places.append((*divmod(place.numerator, place.denominator), place.denominator))
    found = [whole for whole, _, _ in places]
    order = sorted(range(len(found)), key=lambda i: (-Fraction(places[i][1], places[i][2]), i))
    for index in order[: count - sum(found)]:
        found[index] += 1
    return found


def tilted_shares(
    sizes: Sequence[Exact | str], multipliers: Sequence[Exact | str]
) -> list[Fraction]:
    """Shares of units by size × result multiplier: 40/30/30 with 1.5/1/0.5 → 60/30/15."""
    if len(sizes) != len(multipliers):
        raise ComputationError("DOMAIN", name="multipliers", value=str(len(multipliers)))
    return [exact(size) * exact(by) for size, by in zip(sizes, multipliers, strict=True)]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One band against its guide."""

    band: str
    quota: int
    actual: int
    is_beyond: bool

    @property
    def gap(self) -> int:
        """How many people more than the guide asks for; negative: fewer."""
        return self.actual - self.quota


def guided_deviations(
    actual: Mapping[str, int], shares: Mapping[str, Exact | str]
) -> list[Deviation]:
    """Every band of the guide; beyond when |actual − quota| > max(1, 5 % of n), exact."""
    count = sum(actual.get(band, 0) for band in shares)
    quotas = apportion(count, list(shares.values()))
    limit = max(Fraction(1), Fraction(count, 20))
    return [
        Deviation(band, quota, actual.get(band, 0), abs(actual.get(band, 0) - quota) > limit)
        for band, quota in zip(shares, quotas, strict=True)
    ]


def pooled_units(
    parents: Mapping[str, str | None], sizes: Mapping[str, int], minimum: int = MIN_POOL
) -> dict[str, str]:
    """The unit in whose pool each unit's people stand: the nearest one above with ≥ ``minimum``.

    A pool's size is all people at and below it. Where even the root is too small, the root.
    """
    below = dict(sizes)
    for unit, size in sizes.items():
        for above in _chain(unit, parents)[1:]:
            below[above] = below.get(above, 0) + size
    found = {}
    for unit in sizes:
        chain = _chain(unit, parents)
        found[unit] = next((u for u in chain if below.get(u, 0) >= minimum), chain[-1])
    return found


def _chain(unit: str, parents: Mapping[str, str | None]) -> list[str]:
    chain, above = [unit], parents.get(unit)
    while above is not None and above not in chain:
        chain.append(above)
        above = parents.get(above)
    return chain


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides the order inside a pool; ``last_band_rank`` 0 is the best band."""

    no: str
    total: Decimal
    compliance: Decimal
    client: Decimal
    last_band_rank: int

    @property
    def key(self) -> tuple[Decimal, Decimal, Decimal, int]:
        """Smaller comes first; never the employee number."""
        return (-self.total, -self.compliance, -self.client, self.last_band_rank)


@dataclass(frozen=True, slots=True)
class ForcedBands:
    """Bands by quota, and the people tied across a boundary, whom calibration decides."""

    bands: Mapping[str, str]
    tied: tuple[tuple[str, ...], ...]


def forced_bands(
    people: Sequence[Standing], bands: Sequence[str], shares: Sequence[Exact | str]
) -> ForcedBands:
    """Give out bands (best first) by quota in order of total, K, C and last year's band.

    In pools under 30 the lower bands are not forced: quotas below the middle band (B of five)
    go to it. People tied across a boundary get no band, so the order of the input decides nothing.
    """
    quotas = apportion(len(people), shares)
    if len(people) < MIN_POOL_FOR_LOWER_BANDS:
        quotas = _without_lower(quotas)
    ordered = sorted(people, key=lambda person: person.key)
    given: dict[str, str] = {}
    tied: list[tuple[str, ...]] = []
    start = 0
    for band, quota in zip(bands, quotas, strict=True):
        for person in ordered[start : start + quota]:
            given[person.no] = band
        start += quota
        if 0 < start < len(ordered) and quota and ordered[start - 1].key == ordered[start].key:
            group = tuple(sorted(p.no for p in ordered if p.key == ordered[start].key))
            if group not in tied:
                tied.append(group)
    open_to_all = {number for group in tied for number in group}
    return ForcedBands(
        {number: band for number, band in given.items() if number not in open_to_all}, tuple(tied)
    )


def _without_lower(quotas: Sequence[int]) -> list[int]:
    """Places of the bands below the middle one (B of five) go to the middle."""
    middle = len(quotas) // 2
    kept = list(quotas[: middle + 1]) + [0] * (len(quotas) - middle - 1)
    kept[middle] += sum(quotas[middle + 1 :])
    return kept


def needs_second_approval(adjusted: int, pool_size: int) -> bool:
    """True when more than 20 % of a pool were adjusted in one session."""
    return adjusted * 5 > pool_size


def guide(bands: Sequence[str], stated: Mapping[str, Exact | str] | None) -> dict[str, Exact | str]:
    """Shares by band, best first: what the cycle states, else the default for five bands.

    Empty where neither says anything about these bands.
    """
    if stated:
        shares = {band: stated.get(band, 0) for band in bands}
        return shares if any(exact(share) for share in shares.values()) else {}
    if len(bands) != len(DEFAULT_SHARES):
        return {}
    return dict(zip(bands, DEFAULT_SHARES, strict=True))


def broken_limits(actual: Mapping[str, int], shares: Mapping[str, Exact | str]) -> list[Deviation]:
    """Bands that stand against a forced distribution; empty is right.

    Above the middle band (B of five) a quota is the most that may stand there; below it,
    and only in pools of 30 and more, it is the least. The middle band takes the rest.
    """
    deviations = guided_deviations(actual, shares)
    middle = len(deviations) // 2
    are_lower_forced = sum(one.actual for one in deviations) >= MIN_POOL_FOR_LOWER_BANDS
    return [
        one
        for rank, one in enumerate(deviations)
        if (rank < middle and one.gap > 0) or (rank > middle and are_lower_forced and one.gap < 0)
    ]
