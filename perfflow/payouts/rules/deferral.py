"""Deferral: how much of an award waits, in which parts, until when (domain §5.11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Protocol

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import ceil_int, Exact, exact, floor_int
from perfflow.plans.rules.deferral import Bracket, CategoryRule, DeferralPolicy, PayCategory

Shares = Sequence[Exact | str]


@dataclass(frozen=True, slots=True)
class Deferral:
    """Parts of one award in 分: deferred + now = award, Σ tranches = deferred."""

    deferred_fen: int
    now_fen: int
    tranches_fen: tuple[int, ...]


class Calendar(Protocol):
    """What vest dates need of a working calendar."""

    def add_working_days(self, day: date, n: int) -> date: ...


def deferred_part(amount_fen: int, rate: Exact | str) -> int:
    """ceil(amount × rate), never below the minimum rate: 0.01 元 × 40 % → 0.01 元."""
    share = exact(rate)
    if amount_fen < 0 or not 0 <= share <= 1:
        raise ComputationError("DOMAIN", name="rate", value=str(rate))
    return ceil_int(amount_fen * share)


def marginal_deferral(amount_fen: int, brackets: Sequence[tuple[int | None, Exact | str]]) -> int:
    """Deferred part by marginal brackets (upper limit 分, rate), ceil; the last limit is None.

    300,000.01 元 on 0 % / 20 % / 40 % at 200,000 and 500,000 → 20,000.01. Limits that do not
    ascend, a negative amount, or an amount beyond the last limit: ``DOMAIN``.
    """
    if amount_fen < 0:
        raise ComputationError("DOMAIN", name="amount", value=str(amount_fen))
    limits = [upper for upper, _ in brackets]
    finite = [0, *(upper for upper in limits if upper is not None)]
    if not brackets or None in limits[:-1] or any(b <= a for a, b in pairwise(finite)):
        raise ComputationError("DOMAIN", name="brackets", value=str(limits))
    deferred, lower = Fraction(0), 0
    for upper, written in brackets:
        rate = exact(written)
        if not 0 <= rate <= 1:
            raise ComputationError("DOMAIN", name="rate", value=str(written))
        part = amount_fen - lower if upper is None else min(amount_fen, upper) - lower
        if part > 0:
            deferred += part * rate
        lower = amount_fen if upper is None else upper
    if lower < amount_fen:
        raise ComputationError("DOMAIN", name="amount", value=str(amount_fen))
    return ceil_int(deferred)


def equal_shares(parts: int) -> tuple[Fraction, ...]:
    """1/n, n times; fewer than one: ``DOMAIN``."""
    if parts < 1:
        raise ComputationError("DOMAIN", name="n", value=str(parts))
    return (Fraction(1, parts),) * parts


def tranches(deferred_fen: int, shares: Shares) -> tuple[int, ...]:
    """floor(D·cum_t) − floor(D·cum_{t−1}): later parts carry the odd 分, nothing is front-loaded.

    Shares that miss 1 or are negative: ``WEIGHTS``.
    """
    if deferred_fen < 0:
        raise ComputationError("DOMAIN", name="deferred", value=str(deferred_fen))
    marks = [0, *(floor_int(deferred_fen * reached) for reached in _cumulated(shares))]
    return tuple(after - before for before, after in pairwise(marks))


def _cumulated(shares: Shares) -> list[Fraction]:
    parts = [exact(share) for share in shares]
    reached = list(accumulate(parts))
    if not parts or reached[-1] != 1 or min(parts) < 0:
        raise ComputationError("WEIGHTS", got=str(reached[-1]) if reached else "0")
    return reached


def not_faster_than_equal(shares: Shares) -> bool:
    """True when after every year at most t/n has been paid (30/30/40 yes, 40/30/30 no)."""
    reached = _cumulated(shares)
    count = len(reached)
    return all(paid * count <= year for year, paid in enumerate(reached, start=1))


def defer(amount_fen: int, rate: Exact | str, shares: Shares) -> Deferral:
    """Split an award by one rate."""
    deferred = deferred_part(amount_fen, rate)
    return Deferral(deferred, amount_fen - deferred, tranches(deferred, shares))


def defer_by_policy(
    award_fen: int, category: PayCategory, policy: DeferralPolicy, *, is_main_leader: bool = False
) -> Deferral:
    """Split an award by the policy of a pay category; nothing deferred means no tranches."""
    rule = policy.categories[category]
    deferred = _deferred_by_rule(award_fen, rule, is_main_leader)
    parts = tranches(deferred, rule.shares) if deferred else ()
    return Deferral(deferred, award_fen - deferred, parts)


def _deferred_by_rule(award_fen: int, rule: CategoryRule, is_main_leader: bool) -> int:
    if rule.rate is None:
        brackets: tuple[Bracket, ...] = rule.brackets
        return marginal_deferral(award_fen, brackets)
    if is_main_leader and rule.main_leader_rate is not None:
        return deferred_part(award_fen, max(rule.rate, rule.main_leader_rate))
    return deferred_part(award_fen, rule.rate)


def vest_date(awarded_on: date, years: int, calendar: Calendar | None = None) -> date:
    """Award date + years (29 February → 28 February), then the next working day if needed."""
    try:
        day = awarded_on.replace(year=awarded_on.year + years)
    except ValueError:
        day = date(awarded_on.year + years, 2, 28)
    return day if calendar is None else calendar.add_working_days(day, 0)


def vest_dates(awarded_on: date, count: int, calendar: Calendar | None = None) -> list[date]:
    """The vest dates of ``count`` yearly tranches."""
    return [vest_date(awarded_on, year, calendar) for year in range(1, count + 1)]
