"""The ledger: kinds of entries, derived balances and the identities that prove them (§5.11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry books. Amounts are positive except ``ADJUST``, which may be either.

    ``ADJUST`` with a tranche changes the deferred part, without one it is paid (or asked back).
    ``CLAWBACK`` is the demand; ``SETOFF`` and ``REPAY`` are what came in of it.
    """

    AWARD = "AWARD"
    DEFER = "DEFER"
    PAY = "PAY"
    HELD = "HELD"
    RELEASE = "RELEASE"
    VEST = "VEST"
    MALUS = "MALUS"
    CLAWBACK = "CLAWBACK"
    SETOFF = "SETOFF"
    REPAY = "REPAY"
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


SIGN_ON_TRANCHE = {
    EntryKind.DEFER: 1,
    EntryKind.ADJUST: 1,
    EntryKind.VEST: -1,
    EntryKind.MALUS: -1,
}
"""How an entry about a tranche changes what is left of it."""


def tranche_balance(entries: Iterable[Entry], tranche: int) -> int:
    """What is still deferred of a tranche: deferred ± adjusted − vested − stopped."""
    return sum(
        SIGN_ON_TRANCHE.get(entry.kind, 0) * entry.amount_fen
        for entry in entries
        if entry.tranche == tranche
    )


def held_balance(entries: Iterable[Entry]) -> int:
    """What is held and neither released nor forfeited."""
    own = list(entries)
    return summed(own, EntryKind.HELD) - summed(own, EntryKind.RELEASE, EntryKind.FORFEIT)


def paid_balance(entries: Iterable[Entry]) -> int:
    """What the person has had of an award: paid, released and vested, ± adjusted at once."""
    own = list(entries)
    at_once = [entry for entry in own if entry.tranche is None]
    paid = summed(own, EntryKind.PAY, EntryKind.RELEASE, EntryKind.VEST)
    return paid + summed(at_once, EntryKind.ADJUST)


def owed_balance(entries: Iterable[Entry]) -> int:
    """What is still to come in of what was clawed back: demanded − set off − repaid."""
    own = list(entries)
    return summed(own, EntryKind.CLAWBACK) - summed(own, EntryKind.SETOFF, EntryKind.REPAY)


def check_award(entries: Sequence[Entry]) -> list[Finding]:
    """The findings about the entries of one award; none when every identity holds.

    award = deferred + paid at once + held at first; what was forfeited and stopped went back to
    the firm; no tranche, hold, payment or demand below zero, and no demand above what was paid.
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
    lost = summed(entries, EntryKind.FORFEIT, EntryKind.MALUS)
    returned = summed(entries, EntryKind.RETURN)
    if award and lost != returned:
        findings.append(Finding("returned = forfeited + stopped", lost, returned))
    paid, owed = paid_balance(entries), owed_balance(entries)
    demanded = summed(entries, EntryKind.CLAWBACK)
    for name, balance in (("held", held_balance(entries)), ("paid", paid), ("owed", owed)):
        if balance < 0:
            findings.append(Finding(f"{name} ≥ 0", 0, balance))
    if demanded > max(paid, 0):
        findings.append(Finding("clawback ≤ paid", paid, demanded))
    findings.extend(
        Finding("amount ≥ 0", 0, entry.amount_fen, entry.tranche)
        for entry in entries
        if entry.amount_fen < 0 and entry.kind is not EntryKind.ADJUST
    )
    return findings


def check_ledger(pool_fen: int, surplus_fen: int, entries: Sequence[Entry]) -> list[Finding]:
    """The identity of a whole pool at any date, over the entries of all its awards so far.

    pool ± adjusted = paid + still deferred + still held + returned to the firm + surplus.
    """
    adjusted = summed(entries, EntryKind.ADJUST)
    deferred = sum(
        SIGN_ON_TRANCHE.get(entry.kind, 0) * entry.amount_fen
        for entry in entries
        if entry.tranche is not None
    )
    returned = summed(entries, EntryKind.RETURN)
    there = paid_balance(entries) + deferred + held_balance(entries) + returned + surplus_fen
    if there == pool_fen + adjusted:
        return []
    return [Finding("pool ± adjusted = all balances", pool_fen + adjusted, there)]


def check_pool(
    pool_fen: int, awards_fen: Iterable[int], returned_fen: int, surplus_fen: int
) -> list[Finding]:
    """Σ awards + returned + surplus = pool."""
    total = sum(awards_fen) + returned_fen + surplus_fen
    if total == pool_fen:
        return []
    return [Finding("awards + returned + surplus = pool", pool_fen, total)]
