"""Corrections: what a new result changes in an award that stands, at the k of the main run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.explanation import Node
from perfflow.kernel.money import yuan_text
from perfflow.kernel.rounding import floor_int


class PartState(StrEnum):
    """Where a deferred part stands: it waits, it has been paid, or it was stopped."""

    OPEN = "open"
    VESTED = "vested"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PoolShare:
    """What the main run gave for which claim, in 分; ``share_fen`` includes what it returned."""

    claim_fen: int
    floor_fen: int
    cap_fen: int | None
    share_fen: int


@dataclass(frozen=True, slots=True)
class Part:
    """One deferred part before a correction: what it should be, what is left of it, its state."""

    planned_fen: int
    left_fen: int
    state: PartState


@dataclass(frozen=True, slots=True)
class Before:
    """An award before a correction: the amount that was right so far, its parts, the open hold.

    ``kept_fen`` is what the person has had of it and nobody has demanded back.
    """

    award_fen: int
    parts: tuple[Part, ...]
    held_fen: int
    kept_fen: int

    @property
    def now_fen(self) -> int:
        """What was due at once: the award without its deferred parts."""
        return self.award_fen - sum(part.planned_fen for part in self.parts)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able form for stored inputs."""
        return {**asdict(self), "parts": [asdict(part) for part in self.parts]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Before:
        """What ``to_dict`` wrote."""
        parts = tuple(
            Part(part["planned_fen"], part["left_fen"], PartState(part["state"]))
            for part in stored["parts"]
        )
        return cls(stored["award_fen"], parts, stored["held_fen"], stored["kept_fen"])


@dataclass(frozen=True, slots=True)
class Correction:
    """What a delta run books for one award, all in 分.

    ``adjust_fen`` (either sign) is paid or asked back with this run; ``parts_fen`` (either sign)
    change deferred parts; held money is ``released_fen`` or ``forfeited_fen``.
    net = released + adjust.
    """

    award_fen: int
    planned_fen: tuple[int, ...]
    adjust_fen: int
    parts_fen: tuple[int, ...]
    released_fen: int
    forfeited_fen: int

    @property
    def net_fen(self) -> int:
        return self.released_fen + self.adjust_fen

    @property
    def change_fen(self) -> int:
        """How the award has changed by what is booked: adjustments less what is forfeited."""
        return self.adjust_fen - self.forfeited_fen + sum(self.parts_fen)

    @property
    def is_nothing(self) -> bool:
        """True when nothing is to be booked."""
        return not (self.adjust_fen or self.released_fen or self.forfeited_fen) and not any(
            self.parts_fen
        )


def award_at(
    k: Fraction | None,
    raw_fen: int,
    floor_fen: int,
    cap_fen: int | None,
    main: PoolShare | None = None,
) -> int:
    """clamp(k × raw, floor, cap) in 分, rounded down: a correction hands out no odd 分.

    The claim of the main run gives what the main run gave, its odd 分 included. Without a k
    (everybody had the cap) a claim gets its cap; raw 0 gets the floor. No k and no cap:
    ``INPUT_REQUIRED``.
    """
    if main is not None and (raw_fen, floor_fen, cap_fen) == (
        main.claim_fen,
        main.floor_fen,
        main.cap_fen,
    ):
        return main.share_fen
    if raw_fen == 0:
        return floor_fen
    if k is None:
        if cap_fen is None:
            raise ComputationError("INPUT_REQUIRED", name="k")
        return cap_fen
    shared = max(floor_int(k * raw_fen), floor_fen)
    return shared if cap_fen is None else min(shared, cap_fen)


def correct(before: Before, award_fen: int, planned_fen: Sequence[int]) -> Correction:
    """The bookings that lead from ``before`` to ``award_fen`` with the parts ``planned_fen``.

    A part that waits changes itself, but never below nothing; a part that was paid is settled
    with this run; what was stopped stays stopped. Held money is released as far as it is still
    due, the rest is forfeited; only what the hold does not cover is adjusted, and no more is
    asked back than the person still has. Negative amounts: ``DOMAIN``.
    """
    if award_fen < 0 or min(planned_fen, default=0) < 0 or sum(planned_fen) > award_fen:
        raise ComputationError("DOMAIN", name="award", value=str(award_fen))
    count = max(len(before.parts), len(planned_fen))
    olds = [*before.parts, *[Part(0, 0, PartState.OPEN)] * (count - len(before.parts))]
    news = [*planned_fen, *[0] * (count - len(planned_fen))]
    change = award_fen - sum(news) - before.now_fen
    parts = []
    for old, new in zip(olds, news, strict=True):
        moved = new - old.planned_fen
        if old.state is PartState.VESTED:
            change += moved
        parts.append(max(moved, -old.left_fen) if old.state is PartState.OPEN else 0)
    forfeited = min(before.held_fen, max(0, -change))
    return Correction(
        award_fen=award_fen,
        planned_fen=tuple(news),
        adjust_fen=max(change + forfeited, -before.kept_fen),
        parts_fen=tuple(parts),
        released_fen=before.held_fen - forfeited,
        forfeited_fen=forfeited,
    )


def explain_correction(before: Before, done: Correction, award: Node) -> Node:
    """What is paid with the correction ← the award as it should be ← what it was."""
    lines = [award, _money("before", before.award_fen)]
    for name, fen in (
        ("parts", sum(done.parts_fen)),
        ("released", done.released_fen),
        ("forfeited", done.forfeited_fen),
        ("adjust", done.adjust_fen),
    ):
        if fen:
            lines.append(_money(name, fen))
    return Node(
        "payouts.explain.net",
        formula="corrected",
        value=yuan_text(done.net_fen),
        unit="CNY",
        children=tuple(lines),
    )


def _money(name: str, fen: int) -> Node:
    return Node(f"payouts.explain.{name}", value=yuan_text(fen), unit="CNY")
