"""Proposals of a goal sheet: weights that make the whole, what changed, what to suggest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from perfflow.kernel.errors import RuleViolation, RuleViolations
from perfflow.kernel.rounding import exact, ratio6, round_half_up, scaled_half_up

WHOLE_BP = 10_000
SMALLEST_BP = 500
LARGEST_BP = 4_000
COMPLIANCE = "K"
COMPLIANCE_FLOOR_BP = 1_500
COMPLIANCE_LEEWAY_BP = 500
MAX_ROUNDS = 3
SHORTEST_WHY = 5
PICKED = "picked"
"""Where a goal that was copied from a library keeps the link to its version and its title."""


class Status(StrEnum):
    """The life of a sheet (domain §6.3)."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    COUNTERED = "countered"
    MEDIATION = "mediation"
    AGREED = "agreed"
    COUNTERSIGNED = "countersigned"
    ACCEPTED = "accepted"
    LOCKED = "locked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One goal of a proposal; ``target`` as it is stored (shares as fractions)."""

    metric_code: str
    title: str
    dimension: str
    weight_bp: int
    target: Decimal | None
    baseline: Decimal | None
    curve: str
    why: str
    unit_goal_id: int | None = None
    action: str | None = None
    action_due_on: date | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """What both sides agree on: everything that counts, nothing that is only shown."""
        return {
            "metric_code": self.metric_code,
            "weight_bp": self.weight_bp,
            "target": None if self.target is None else str(ratio6(self.target)),
            "curve": self.curve,
            "why": self.why,
            "action": self.action or None,
            "action_due_on": self.action_due_on,
        }

    def changed(self, **values: Any) -> DraftLine:
        return replace(self, **values)


def is_picked(line: DraftLine) -> bool:
    """True for a goal that was copied from the library of the post."""
    return PICKED in line.extra


def is_beside(line: DraftLine, card: Collection[str]) -> bool:
    """True for a goal from the library on a metric that the card of the post does not hold."""
    return is_picked(line) and line.metric_code not in card


def percent_of(weight_bp: int) -> Decimal:
    """1550 → 15.5: basis points as people write a weight."""
    shown = Decimal(weight_bp).scaleb(-2)
    return shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown.normalize()


def bp_of(percent: Decimal | int) -> int:
    """15.5 → 1550; at most two decimals."""
    scaled = scaled_half_up(percent, 2)
    if exact(percent) * 100 != scaled:
        raise RuleViolation("goals.weight_decimals", field="weight", got=percent)
    return scaled


def weight_total(lines: Iterable[DraftLine]) -> int:
    """The sum of the weights in basis points."""
    return sum(line.weight_bp for line in lines)


def dimension_shares(lines: Iterable[DraftLine]) -> dict[str, int]:
    """The weight of each dimension in basis points, in the order R, C, K, G."""
    shares = dict.fromkeys("RCKG", 0)
    for line in lines:
        shares[line.dimension] = shares.get(line.dimension, 0) + line.weight_bp
    return shares


def compliance_floor(template: Iterable[DraftLine]) -> int:
    """How low the compliance dimension may go: five points under the card, never under 15 %."""
    share = dimension_shares(template)[COMPLIANCE]
    return max(min(COMPLIANCE_FLOOR_BP, share), share - COMPLIANCE_LEEWAY_BP)


def check_lines(lines: Sequence[DraftLine], template: Sequence[DraftLine]) -> None:
    """Refuse a proposal that cannot be a card; every broken rule is named at its place."""
    broken: list[RuleViolation] = []
    known = {line.metric_code for line in template}
    codes = [line.metric_code for line in lines if not is_beside(line, known)]
    if sorted(codes) != sorted(known) or len({line.metric_code for line in lines}) < len(lines):
        raise RuleViolation("goals.lines_changed", field="lines")
    for index, line in enumerate(lines):
        if not SMALLEST_BP <= line.weight_bp <= LARGEST_BP:
            broken.append(
                RuleViolation(
                    "goals.weight_range",
                    field=f"lines.{index}.weight",
                    low=percent_of(SMALLEST_BP),
                    high=percent_of(LARGEST_BP),
                    got=percent_of(line.weight_bp),
                )
            )
        if len(line.why.strip()) < SHORTEST_WHY:
            broken.append(RuleViolation("goals.why_missing", field=f"lines.{index}.why"))
    total = weight_total(lines)
    if total != WHOLE_BP:
        broken.insert(0, _sum_violation(total))
    floor = compliance_floor(template)
    share = dimension_shares(lines)[COMPLIANCE]
    if total == WHOLE_BP and share < floor:
        broken.append(
            RuleViolation(
                "goals.compliance_floor",
                field="lines",
                floor=percent_of(floor),
                got=percent_of(share),
            )
        )
    if len(broken) == 1:
        raise broken[0]
    if broken:
        raise RuleViolations(broken)


def _sum_violation(total: int) -> RuleViolation:
    code = "goals.weights_sum" if total < WHOLE_BP else "goals.weights_sum_over"
    return RuleViolation(
        code, field="lines", got=percent_of(total), difference=percent_of(abs(WHOLE_BP - total))
    )


def content_hash(lines: Sequence[DraftLine]) -> str:
    """The fingerprint that both sides sign; the order of the lines does not matter."""
    ordered = sorted(lines, key=lambda line: line.metric_code)
    text = json.dumps(
        [line.content() for line in ordered], ensure_ascii=False, sort_keys=True, default=str
    )
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LineChange:
    """One field of one goal that differs between two proposals."""

    metric_code: str
    field: str  # target, weight, why, action, action_due_on
    old: Any
    new: Any


_COMPARED = ("target", "weight_bp", "why", "action", "action_due_on")


def differences(before: Sequence[DraftLine], after: Sequence[DraftLine]) -> list[LineChange]:
    """What ``after`` says differently, in its order of goals."""
    earlier = {line.metric_code: line for line in before}
    changes = []
    for line in after:
        known = earlier.get(line.metric_code)
        if known is None:
            continue
        for name in _COMPARED:
            old, new = getattr(known, name), getattr(line, name)
            if (old or None) != (new or None) or (name == "target" and old != new):
                changes.append(LineChange(line.metric_code, name, old, new))
    return changes


def suggested_target(rule: Mapping[str, Any], last_year: Decimal | None) -> Decimal | None:
    """The target that a card's rule suggests, from last year's actual where there is one.

    ``growth``: last year × (1 + rate), inside ``floor`` and ``cap``; without a last year the
    default. ``fixed``: the value. ``none``: no target (ratings, ranges).
    """
    kind = rule.get("kind", "none")
    if kind == "none":
        return None
    if kind == "fixed":
        return ratio6(exact(str(rule["value"])))
    if kind != "growth":
        raise RuleViolation("goals.unknown_target_rule", got=kind)
    if last_year is None or last_year <= 0:
        return ratio6(exact(str(rule["default"])))
    value = exact(last_year) * (1 + exact(str(rule.get("rate", "0"))))
    if "cap" in rule:
        value = min(value, exact(str(rule["cap"])))
    if "floor" in rule:
        value = max(value, exact(str(rule["floor"])))
    return ratio6(exact(_friendly(value)))


def _friendly(value: Any) -> Decimal:
    """A round figure: tens above 100, whole numbers above 10, tenths of a per cent for shares."""
    if abs(value) >= 100:
        return round_half_up(exact(value) / 10, 0) * 10
    if abs(value) >= 10:
        return round_half_up(value, 0)
    if abs(value) >= 1:
        return round_half_up(value, 1)
    return round_half_up(value, 3 if abs(value) >= Decimal("0.05") else 4)
