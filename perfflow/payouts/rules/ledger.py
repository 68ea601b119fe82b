"""The ledger: kinds of entries, derived balances and the identities that prove them (§5.11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry books. Amounts are positive except ``ADJUST``, which may be either."""

    AWARD = "AWARD"
    DEFER = "DEFER"
    PAY = "PAY"
    HELD = "HELD"
    RELEASE = "RELEASE"
    VEST = "VEST"
    MALUS = "MALUS"
    CLAWBACK = "CLAWBACK"
    SETOFF = "SETOFF"
    ADJUST = "ADJUST"
    RETURN = "RETURN"
    FORFEIT = "FORFEIT"


@dataclass(frozen=True, slots=True)
class Entry:
    """One immutable booking; ``tranche`` is set for entries about one deferred part."""

    kind: EntryKind
    amount_fen: int
    tranche: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """An identity that does not hold: which one, what it should be and what it is."""

    identity: str
    expected: int
    got: int
    tranche: int | None = None


def summed(entries: Iterable[Entry], *kinds: EntryKind) -> int:
    """The sum of the entries of these kinds, in 分."""
    return sum(entry.amount_fen for entry in entries if entry.kind in kinds)


def tranche_balance(entries: Iterable[Entry], tranche: int) -> int:
    """What is still deferred of a tranche: deferred − vested − stopped."""
    own = [entry for entry in entries if entry.tranche == tranche]
    return summed(own, EntryKind.DEFER) - summed(own, EntryKind.VEST, EntryKind.MALUS)


def held_balance(entries: Iterable[Entry]) -> int:
    """What is held and neither released nor forfeited."""
    own = list(entries)
    return summed(own, EntryKind.HELD) - summed(own, EntryKind.RELEASE, EntryKind.FORFEIT)


def check_award(entries: Sequence[Entry]) -> list[Finding]:
    """The findings about the entries of one award; none when every identity holds.

    award = deferred + paid at once + held at first; no tranche and no hold below zero.
    """
    findings = []
    award = summed(entries, EntryKind.AWARD)
    parts = summed(entries, EntryKind.DEFER, EntryKind.PAY, EntryKind.HELD)
    if award != parts:
        findings.append(Finding("award = deferred + paid + held", award, parts))
    for tranche in sorted({e.tranche for e in entries if e.tranche is not None}):
        balance = tranche_balance(entries, tranche)
        if balance < 0:
            findings.append(Finding("tranche ≥ 0", 0, balance, tranche))
    held = held_balance(entries)
    if held < 0:
        findings.append(Finding("held ≥ 0", 0, held))
    findings.extend(
        Finding("amount ≥ 0", 0, entry.amount_fen, entry.tranche)
        for entry in entries
        if entry.amount_fen < 0 and entry.kind is not EntryKind.ADJUST
    )
    return findings


def check_pool(
    pool_fen: int, awards_fen: Iterable[int], returned_fen: int, surplus_fen: int
) -> list[Finding]:
    """Σ awards + returned + surplus = pool."""
    total = sum(awards_fen) + returned_fen + surplus_fen
    if total == pool_fen:
        return []
    return [Finding("awards + returned + surplus = pool", pool_fen, total)]
