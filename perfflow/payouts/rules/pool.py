"""Sharing a pool: one factor k, with floors and caps, exact to the last 分 (domain §5.11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from perfflow.kernel.errors import ComputationError
from perfflow.plans.rules.bonus import VetoShare

OK = "OK"
INFEASIBLE_FLOORS = "INFEASIBLE_FLOORS"
INFEASIBLE_CAPS = "INFEASIBLE_CAPS"


@dataclass(frozen=True, slots=True)
class Share:
    """One person's claim in 分; ``cap_fen`` None means no cap."""

    no: str
    raw_fen: int
    floor_fen: int = 0
    cap_fen: int | None = None


@dataclass(frozen=True, slots=True)
class PoolResult:
    """``status`` OK, SURPLUS:n, INFEASIBLE_FLOORS or INFEASIBLE_CAPS.

    ``k`` is the exact factor, None where no single factor decides; ``fen`` is None when
    infeasible. Σ fen + surplus_fen = pool.
    """

    status: str
    fen: Mapping[str, int] | None
    k: Fraction | None
    surplus_fen: int

    @property
    def is_feasible(self) -> bool:
        return self.fen is not None


def share_pool(
    pool_fen: int, shares: Iterable[Share], *, never_scale_up: bool = False
) -> PoolResult:
    """Find k with Σ clamp(k·raw, floor, cap) = pool and share it to the 分.

    Each amount is floored; what is left goes to the largest fractions, then the larger raw, then
    the employee number in code-point order, so the order of the input never matters. Raw 0 gets
    its floor. With ``never_scale_up`` k is at most 1. Negative input: ``DOMAIN``; a number twice:
    ``DUPLICATE``.
    """
    people = list(shares)
    _check(pool_fen, people)
    if any(p.cap_fen is not None and p.cap_fen < p.floor_fen for p in people):
        return PoolResult(INFEASIBLE_CAPS, None, None, 0)
    floors = sum(p.floor_fen for p in people)
    if floors > pool_fen:
        return PoolResult(INFEASIBLE_FLOORS, None, None, 0)
    if never_scale_up:
        unscaled = {p.no: _clamped(p, p.raw_fen) for p in people}
        total = sum(unscaled.values())
        if total < pool_fen:
            return _surplus(pool_fen, total, unscaled, Fraction(1))
    top = {p.no: _highest(p) for p in people}
    if None not in top.values():
        most = {no: amount for no, amount in top.items() if amount is not None}
        total = sum(most.values())
        if total <= pool_fen:
            return _surplus(pool_fen, total, most, None)
    above, below = _factor(pool_fen, people, floors)
    return PoolResult(OK, _rounded(pool_fen, people, above, below), Fraction(above, below), 0)


def _check(pool_fen: int, people: Sequence[Share]) -> None:
    if pool_fen < 0:
        raise ComputationError("DOMAIN", name="pool", value=str(pool_fen))
    for person in people:
        cap = 0 if person.cap_fen is None else person.cap_fen
        if person.raw_fen < 0 or person.floor_fen < 0 or cap < 0:
            raise ComputationError("DOMAIN", name="share", value=person.no)
    if len({person.no for person in people}) != len(people):
        raise ComputationError("DUPLICATE", name="employee")


def _surplus(pool_fen: int, total: int, fen: Mapping[str, int], k: Fraction | None) -> PoolResult:
    return PoolResult(f"SURPLUS:{pool_fen - total}", fen, k, pool_fen - total)


def _highest(person: Share) -> int | None:
    """The most that a person can get; None without a limit."""
    return person.floor_fen if person.raw_fen == 0 else person.cap_fen


def _clamped(person: Share, amount: int) -> int:
    if person.raw_fen == 0 or amount < person.floor_fen:
        return person.floor_fen
    if person.cap_fen is not None and amount > person.cap_fen:
        return person.cap_fen
    return amount


def _factor(pool_fen: int, people: Sequence[Share], floors: int) -> tuple[int, int]:
    """k as (numerator, denominator): a sweep over the breakpoints floor/raw and cap/raw.

    Between breakpoints the sum is constant + k·slope. Breakpoints are compared as integers:
    two different fractions with denominators below 2^b differ by at least 2^(−2b).
    """
    bits = 2 * max(p.raw_fen for p in people).bit_length() + 1
    points: list[tuple[int, int, int, int, int]] = []
    for p in people:
        if p.raw_fen:
            start = (p.floor_fen << bits) // p.raw_fen
            points.append((start, p.floor_fen, p.raw_fen, -p.floor_fen, p.raw_fen))
            if p.cap_fen is not None:
                end = (p.cap_fen << bits) // p.raw_fen
                points.append((end, p.cap_fen, p.raw_fen, p.cap_fen, -p.raw_fen))
    points.sort()
    constant, slope, reached = floors, 0, (0, 1)
    for _, limit, raw, jump, turn in points:
        # The sum at k = limit/raw, compared without a division.
        if constant * raw + limit * slope >= pool_fen * raw:
            break
        constant, slope, reached = constant + jump, slope + turn, (limit, raw)
    return (pool_fen - constant, slope) if slope else reached


def _rounded(pool_fen: int, people: Sequence[Share], above: int, below: int) -> dict[str, int]:
    fen: dict[str, int] = {}
    rests: list[tuple[int, int, str]] = []
    left = pool_fen
    for p in people:
        whole, rest = divmod(above * p.raw_fen, below)
        amount = _clamped(p, whole)
        if amount == whole and rest and p.raw_fen and amount != p.cap_fen:
            rests.append((-rest, -p.raw_fen, p.no))
        fen[p.no] = amount
        left -= amount
    rests.sort()
    for _, _, no in rests[:left]:
        fen[no] += 1
    return fen


@dataclass(frozen=True, slots=True)
class Claim:
    """A person before the pool: raw with the gate, raw without it (G = 1), limits, veto."""

    no: str
    raw_fen: int
    clean_raw_fen: int
    floor_fen: int = 0
    cap_fen: int | None = None
    is_vetoed: bool = False


@dataclass(frozen=True, slots=True)
class VetoPoolResult:
    """Awards after ``veto_share``; Σ awards + Σ returned + surplus = pool."""

    status: str
    k: Fraction | None
    awards: Mapping[str, int] | None
    returned: Mapping[str, int]
    surplus_fen: int

    @property
    def returned_fen(self) -> int:
        """What goes back to the firm in all."""
        return sum(self.returned.values())


def share_with_veto(
    pool_fen: int, claims: Sequence[Claim], mode: VetoShare, *, never_scale_up: bool = False
) -> VetoPoolResult:
    """Share a pool among people of whom some are vetoed.

    ``return``: the vetoed take part with their clean raw and what falls to them goes back to the
    firm, so nobody gains from a veto. ``redistribute``: they take part with nothing.
    """
    returns = mode is VetoShare.RETURN
    shares = [
        Share(c.no, c.clean_raw_fen if c.is_vetoed else c.raw_fen, c.floor_fen, c.cap_fen)
        if returns or not c.is_vetoed
        else Share(c.no, 0, 0, 0)
        for c in claims
    ]
    result = share_pool(pool_fen, shares, never_scale_up=never_scale_up)
    if result.fen is None:
        return VetoPoolResult(result.status, result.k, None, {}, 0)
    vetoed = {c.no for c in claims if c.is_vetoed}
    return VetoPoolResult(
        status=result.status,
        k=result.k,
        awards={no: 0 if no in vetoed else fen for no, fen in result.fen.items()},
        returned={no: result.fen[no] for no in sorted(vetoed)},
        surplus_fen=result.surplus_fen,
    )


def share_in_levels(
    pool_fen: int, units: Mapping[str, Sequence[Share]], *, never_scale_up: bool = False
) -> tuple[PoolResult, dict[str, PoolResult]]:
    """A firm's pool to units by the sum of their people's claims, then inside each unit.

    A unit's floor is the sum of its floors; its cap the sum of the most that its people can get.
    """
    tops = {code: [_highest(p) for p in people] for code, people in units.items()}
    shares = [
        Share(
            code,
            sum(p.raw_fen for p in people),
            sum(p.floor_fen for p in people),
            None if None in tops[code] else sum(top for top in tops[code] if top is not None),
        )
        for code, people in units.items()
    ]
    firm = share_pool(pool_fen, shares, never_scale_up=never_scale_up)
    if firm.fen is None:
        return firm, {}
    return firm, {
        code: share_pool(firm.fen[code], people, never_scale_up=never_scale_up)
        for code, people in units.items()
    }
