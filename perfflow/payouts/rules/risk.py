"""The firm's risk indicators as a switch on its pools (guideline of 2010, domain §3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import Exact, exact, floor_int

DEFAULT_SHARES = ("1", "0.9", "0.8")
FROZEN_BASE_PAY_FROM = 3


@dataclass(frozen=True, slots=True)
class ScaledPool:
    """What a pool may be: 分, and whether base pay may rise in the firm."""

    amount_fen: int
    may_raise_base_pay: bool


def risk_scaled_pool(
    pool_fen: int,
    *,
    missed: int,
    people: int,
    last_average_fen: Exact | str | None,
    shares: Sequence[Exact | str] = DEFAULT_SHARES,
) -> ScaledPool:
    """A pool in 分 after ``missed`` risk indicators of the firm, floor to 分.

    None missed: as proposed. One: the average per person may not rise above last year's. Two and
    more: it falls to ``shares`` of that (the last holds for all further ones). Without an average
    of last year the share applies to the proposal. Three and more: base pay may not rise either.
    Negative figures, nobody in the pool, or a share above 1: ``DOMAIN``.
    """
    if pool_fen < 0 or missed < 0 or people < 1 or not shares:
        raise ComputationError("DOMAIN", name="pool", value=str(pool_fen))
    parts = [exact(share) for share in shares]
    if any(not 0 <= share <= 1 for share in parts):
        raise ComputationError("DOMAIN", name="share", value=str(max(parts)))
    may_raise = missed < FROZEN_BASE_PAY_FROM
    if missed == 0:
        return ScaledPool(pool_fen, may_raise)
    limit = exact(pool_fen)
    if last_average_fen is not None:
        average = exact(last_average_fen)
        if average < 0:
            raise ComputationError("DOMAIN", name="last_average", value=str(last_average_fen))
        limit = min(limit, average * people)
    return ScaledPool(floor_int(limit * parts[min(missed, len(parts)) - 1]), may_raise)
