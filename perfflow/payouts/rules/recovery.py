"""Malus first, then clawback: what stops unpaid money and what asks paid money back (§5.11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.rounding import Exact, exact, scaled_half_up


class RecoveryMode(StrEnum):
    """All of the period by a liability ratio, or only what correct data would not have given."""

    ALL_OF_PERIOD = "ALL_OF_PERIOD"
    EXCESS_ONLY = "EXCESS_ONLY"


@dataclass(frozen=True, slots=True)
class Recovery:
    """Amounts in 分: target = Σ malus (one for each open tranche) + clawback."""

    target_fen: int
    malus_fen: tuple[int, ...]
    clawback_fen: int


def malus_clawback(
    paid_fen: int,
    unvested_fen: Sequence[int],
    ratio: Exact | str = 1,
    *,
    mode: RecoveryMode = RecoveryMode.ALL_OF_PERIOD,
    correct_fen: int | None = None,
) -> Recovery:
    """Stop unvested tranches pro rata (largest remainder, ties to the earlier), claw back the rest.

    ``ALL_OF_PERIOD``: target = ratio × (paid + unvested), half-up. ``EXCESS_ONLY``: target =
    paid + unvested − what correct data would give, at least 0. Negative amounts or a ratio
    outside 0–1: ``DOMAIN``.
    """
    share = exact(ratio)
    correct = 0 if correct_fen is None else correct_fen
    if min((paid_fen, correct, *unvested_fen)) < 0 or not 0 <= share <= 1:
        raise ComputationError("DOMAIN", name="amount", value=str(ratio))
    open_fen = sum(unvested_fen)
    if mode is RecoveryMode.EXCESS_ONLY:
        if correct_fen is None:
            raise ComputationError("INPUT_REQUIRED", name="correct")
        target = max(0, paid_fen + open_fen - correct_fen)
    else:
        target = scaled_half_up((paid_fen + open_fen) * share, 0)
    stopped = min(target, open_fen)
    return Recovery(target, pro_rata(stopped, unvested_fen), target - stopped)


def pro_rata(amount_fen: int, parts_fen: Sequence[int]) -> tuple[int, ...]:
    """``amount`` over parts in proportion, to the 分: largest remainder, ties to the earlier."""
    total = sum(parts_fen)
    if not total:
        return tuple(0 for _ in parts_fen)
    divided = [divmod(amount_fen * part, total) for part in parts_fen]
    found = [whole for whole, _ in divided]
    order = sorted(range(len(found)), key=lambda index: (-divided[index][1], index))
    for index in order[: amount_fen - sum(found)]:
        found[index] += 1
    return tuple(found)


def set_off_limit(month_wage_fen: int, share: Exact | str = "0.2") -> int:
    """The most that may be set off against one month's wage, whole 分 rounded down."""
    part = exact(share)
    if month_wage_fen < 0 or not 0 <= part <= 1:
        raise ComputationError("DOMAIN", name="wage", value=str(month_wage_fen))
    limit = month_wage_fen * part
    return limit.numerator // limit.denominator


def repayment_plan(amount_fen: int, instalments: int) -> tuple[int, ...]:
    """Equal instalments in 分; the last ones carry the odd 分."""
    if amount_fen < 0 or instalments < 1:
        raise ComputationError("DOMAIN", name="instalments", value=str(instalments))
    marks = [amount_fen * part // instalments for part in range(instalments + 1)]
    return tuple(after - before for before, after in pairwise(marks))
