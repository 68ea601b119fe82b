"""The bonus statement: its lines and the identities that they must satisfy (domain §5.11)."""

from __future__ import annotations

from dataclasses import dataclass

from perfflow.kernel.explanation import Node
from perfflow.kernel.money import yuan_text


@dataclass(frozen=True, slots=True)
class StatementAmounts:
    """The amounts of one statement in 分: this award, and what earlier awards and cases bring."""

    award_fen: int
    deferred_fen: int
    now_fen: int
    vested_fen: int = 0
    malus_on_due_fen: int = 0
    set_off_fen: int = 0
    adjust_fen: int = 0
    held_fen: int = 0

    @property
    def net_fen(self) -> int:
        """本次实发: now + vested − malus on due − set-off + adjust − held, before tax."""
        return (
            self.now_fen
            + self.vested_fen
            - self.malus_on_due_fen
            - self.set_off_fen
            + self.adjust_fen
            - self.held_fen
        )

    def node(self) -> Node:
        """The lower half of the statement as a tree under the net amount."""
        lines = (
            ("now", self.now_fen),
            ("vested", self.vested_fen),
            ("malus", -self.malus_on_due_fen),
            ("set_off", -self.set_off_fen),
            ("adjust", self.adjust_fen),
            ("held", -self.held_fen),
        )
        return Node(
            "payouts.explain.paid",
            formula="now + vested − malus − set-off + adjust − held",
            value=yuan_text(self.net_fen),
            unit="CNY",
            children=tuple(
                Node(f"payouts.explain.{name}", value=yuan_text(fen), unit="CNY")
                for name, fen in lines
                if fen or name == "now"
            ),
        )


def broken_identities(amounts: StatementAmounts) -> list[str]:
    """Names of the identities that do not hold; empty is right."""
    broken = []
    if amounts.award_fen != amounts.now_fen + amounts.deferred_fen:
        broken.append("award = now + deferred")
    if min(amounts.award_fen, amounts.deferred_fen, amounts.now_fen, amounts.held_fen) < 0:
        broken.append("no negative part")
    if amounts.held_fen > amounts.now_fen + amounts.vested_fen:
        broken.append("held ≤ now + vested")
    return broken
