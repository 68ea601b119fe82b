"""The lines of a statement that tell of a change: what was held, what a new result adjusts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from perfflow.i18n import formats
from perfflow.payouts.gathering import HOLD_ENDED, LEAVER
from perfflow.payouts.models import Award

Line = tuple[str, str, str, str, str]  # name, operator, reason, figure, css


class Writer(Protocol):
    """What words a line."""

    def say(self, code: str, **params: Any) -> str: ...

    def name(self, code: str) -> str: ...

    def reason(self, code: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Whole:
    """An award as a whole: the main one, or what a correction made of it."""

    result_id: int | None
    inputs: Mapping[str, Any]
    clean_band: str
    gate: str
    raw_fen: int
    floor_fen: int
    cap_fen: int | None
    award_fen: int
    deferred_fen: int
    now_fen: int
    returned_fen: int


def whole_of(award: Award, main: Award) -> Whole:
    """The award that the upper half of a statement explains."""
    change = award.inputs.get("change")
    if change is None or award.inputs["cause"] in (HOLD_ENDED, LEAVER):
        shown, total, deferred = main, main.award_fen, main.deferred_fen
    else:
        shown, total, deferred = award, change["award_fen"], sum(change["planned"])
    return Whole(
        result_id=shown.result_id,
        inputs=shown.inputs,
        clean_band=shown.clean_band,
        gate=shown.gate,
        raw_fen=shown.raw_fen,
        floor_fen=shown.floor_fen,
        cap_fen=shown.cap_fen,
        award_fen=total,
        deferred_fen=deferred,
        now_fen=total - deferred,
        returned_fen=main.returned_fen if shown is main else 0,
    )


def change_lines(writer: Writer, award: Award, main: Award) -> list[Line]:
    """What the delta run books: release, forfeit, adjustment, change of deferred parts."""
    change = award.inputs.get("change") or {"released_fen": award.net_fen}
    lines: list[Line] = []
    if "award_fen" in change:
        before = award.inputs["before"]["award_fen"]
        lines.append((writer.name("before"), "", "", formats.amount(before), ""))
    held = change["released_fen"] + change.get("forfeited_fen", 0)
    if held:
        why = writer.say("was_held_why")
        lines.append((writer.say("was_held"), "", why, formats.amount(held), ""))
    if award.returned_fen:
        why = writer.reason(str(award.inputs.get("cause", "VETO")))
        lines.append((writer.name("returned"), "−", why, formats.amount(award.returned_fen), ""))
    moved = sum(change.get("parts", ()))
    if moved:
        figure = formats.signed(Decimal(moved).scaleb(-2), 2)
        lines.append((writer.name("parts"), "", writer.say("parts_later"), figure, "none"))
    adjusted = change.get("adjust_fen", 0)
    if adjusted:
        why = writer.reason(str(award.inputs["cause"]))
        lines.append(
            (writer.name("adjust"), "±", why, formats.signed(Decimal(adjusted).scaleb(-2), 2), "")
        )
    lines.append((writer.name("paid"), "=", "", formats.amount(award.net_fen), "final"))
    return lines
