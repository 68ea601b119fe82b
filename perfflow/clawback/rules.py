"""The eight situations, liability and amounts of a clawback case (domain §3.1, §5.11); plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from perfflow.kernel.errors import Conflict, RuleViolation
from perfflow.kernel.explanation import Node
from perfflow.kernel.money import yuan_text
from perfflow.payouts.rules.recovery import (
    malus_clawback,
    pro_rata,
    Recovery,
    RecoveryMode,
    repayment_plan,
)
from perfflow.plans.rules.decisions import Liability, PayDecisions

WHOLE = 10_000
MAX_INSTALMENTS = 36
WITHOUT_TABLES = PayDecisions({})


class Situation(StrEnum):
    """The eight situations of the 2021 guidance; the firm must recover in the first four."""

    INDICATORS_MISSED = "INDICATORS_MISSED"
    TAKEOVER = "TAKEOVER"
    MAJOR_RISK_EVENT = "MAJOR_RISK_EVENT"
    MAJOR_DAMAGE = "MAJOR_DAMAGE"
    RESTATEMENT = "RESTATEMENT"
    FALSIFIED_RESULTS = "FALSIFIED_RESULTS"
    UNAUTHORISED_AWARD = "UNAUTHORISED_AWARD"
    WRONG_INFORMATION = "WRONG_INFORMATION"


OBLIGATORY = frozenset(
    {
        Situation.INDICATORS_MISSED,
        Situation.TAKEOVER,
        Situation.MAJOR_RISK_EVENT,
        Situation.MAJOR_DAMAGE,
    }
)


def mode_of(situation: Situation) -> RecoveryMode:
    """All of the period by liability in the first four situations, the excess in the others."""
    return RecoveryMode.ALL_OF_PERIOD if situation in OBLIGATORY else RecoveryMode.EXCESS_ONLY


class CaseStatus(StrEnum):
    """The life of a case; money moves once, at ``EXECUTED``."""

    OPENED = "opened"
    HEARING = "hearing"
    PROPOSED = "proposed"
    DECIDED = "decided"
    EXECUTED = "executed"
    CLOSED = "closed"
    DROPPED = "dropped"


OPEN_STATUSES = frozenset(
    {CaseStatus.OPENED, CaseStatus.HEARING, CaseStatus.PROPOSED, CaseStatus.DECIDED}
)
"""Statuses in which nothing vests for the people of a case."""
STEPS: Mapping[str, tuple[frozenset[CaseStatus], CaseStatus]] = {
    "set_liability": (frozenset({CaseStatus.OPENED, CaseStatus.HEARING}), CaseStatus.HEARING),
    "hear": (frozenset({CaseStatus.HEARING}), CaseStatus.HEARING),
    "propose": (frozenset({CaseStatus.HEARING}), CaseStatus.PROPOSED),
    "return": (frozenset({CaseStatus.HEARING, CaseStatus.PROPOSED}), CaseStatus.OPENED),
    "confirm": (frozenset({CaseStatus.PROPOSED}), CaseStatus.DECIDED),
    "dispute": (frozenset({CaseStatus.DECIDED}), CaseStatus.DECIDED),
    "execute": (frozenset({CaseStatus.DECIDED}), CaseStatus.EXECUTED),
    "drop": (frozenset({CaseStatus.HEARING, CaseStatus.PROPOSED}), CaseStatus.DROPPED),
    "close": (frozenset({CaseStatus.EXECUTED}), CaseStatus.CLOSED),
}


def next_status(step: str, current: str) -> CaseStatus:
    """Where a step leads; ``Conflict`` when it is not possible from here."""
    sources, target = STEPS[step]
    if CaseStatus(current) not in sources:
        raise Conflict("clawback.step_not_possible", step=step, status=current)
    return target


def check_ratio(
    liability: str, ratio_bp: int | None, field: str, decisions: PayDecisions = WITHOUT_TABLES
) -> tuple[Liability, int]:
    """The liability with its share (basis points); empty takes the usual share of the liability.

    Primary liability bears all, general 10–30 %, significant between the two, unless the firm's
    decision table ``liability-ratio`` says otherwise.
    """
    if liability not in set(Liability):
        raise RuleViolation("clawback.liability_missing", field=field)
    found = Liability(liability)
    usual = decisions.liability(found)
    share = usual.ratio_bp if ratio_bp is None else ratio_bp
    if not usual.least_bp <= share <= usual.most_bp:
        raise RuleViolation(
            "clawback.ratio_out_of_range",
            field=field,
            least=_percent(usual.least_bp),
            most=_percent(usual.most_bp),
            got=_percent(share),
        )
    return found, share


def _percent(bp: int) -> str:
    whole, rest = divmod(bp, 100)
    return f"{whole}.{rest:02d}%" if rest else f"{whole}%"


@dataclass(frozen=True, slots=True)
class Basis:
    """What can be recovered from a person: paid by award and unvested by tranche, in 分."""

    paid: tuple[tuple[int, int], ...]
    unvested: tuple[tuple[int, int], ...]

    @property
    def paid_fen(self) -> int:
        return sum(fen for _, fen in self.paid)

    @property
    def unvested_fen(self) -> int:
        return sum(fen for _, fen in self.unvested)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able form for stored inputs."""
        return {"paid": [list(one) for one in self.paid], "unvested": [*map(list, self.unvested)]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Basis:
        """What ``to_dict`` wrote."""
        return cls(
            tuple((key, fen) for key, fen in stored["paid"]),
            tuple((key, fen) for key, fen in stored["unvested"]),
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """Malus by tranche and clawback by award; target = Σ malus + Σ clawback, in 分."""

    target_fen: int
    malus: tuple[tuple[int, int], ...]
    clawback: tuple[tuple[int, int], ...]
    tree: Node

    @property
    def malus_fen(self) -> int:
        return sum(fen for _, fen in self.malus)

    @property
    def clawback_fen(self) -> int:
        return sum(fen for _, fen in self.clawback)


def demand(
    basis: Basis, mode: RecoveryMode, ratio_bp: int, correct_fen: int | None = None
) -> Demand:
    """What a person has to bear: unvested parts stop first, the rest is asked back pro rata.

    ``ALL_OF_PERIOD``: ratio × (paid + unvested), half-up; ``EXCESS_ONLY``: what correct data
    would not have given, whatever the liability. Ties go to the earlier part.
    """
    parts = [fen for _, fen in basis.unvested]
    found: Recovery = malus_clawback(
        basis.paid_fen, parts, Fraction(ratio_bp, WHOLE), mode=mode, correct_fen=correct_fen
    )
    asked = pro_rata(found.clawback_fen, [fen for _, fen in basis.paid])
    return Demand(
        target_fen=found.target_fen,
        malus=tuple(
            (key, fen) for (key, _), fen in zip(basis.unvested, found.malus_fen, strict=True)
        ),
        clawback=tuple((key, fen) for (key, _), fen in zip(basis.paid, asked, strict=True)),
        tree=_explained(basis, mode, ratio_bp, correct_fen, found),
    )


def _explained(
    basis: Basis, mode: RecoveryMode, ratio_bp: int, correct_fen: int | None, found: Recovery
) -> Node:
    inputs = [_money("paid", basis.paid_fen), _money("unvested", basis.unvested_fen)]
    if mode is RecoveryMode.ALL_OF_PERIOD:
        inputs.append(Node("clawback.explain.ratio", value=str(Fraction(ratio_bp, WHOLE))))
    else:
        inputs.append(_money("correct", correct_fen or 0))
    target = Node(
        "clawback.explain.target",
        formula=f"clawback.{mode.value.lower()}",
        value=yuan_text(found.target_fen),
        unit="CNY",
        rounding="N5",
        children=tuple(inputs),
    )
    return Node(
        "clawback.explain.demand",
        formula="target − malus",
        value=yuan_text(found.clawback_fen),
        unit="CNY",
        children=(target, _money("malus", sum(found.malus_fen))),
    )


def _money(name: str, fen: int) -> Node:
    return Node(f"clawback.explain.{name}", value=yuan_text(fen), unit="CNY")


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part of a repayment plan."""

    number: int
    due_on: date
    amount_fen: int


def instalments(amount_fen: int, count: int, first_on: date) -> tuple[Instalment, ...]:
    """Equal monthly parts from ``first_on``; the last ones carry the odd 分.

    A month without that day takes its last day. Fewer than one or more than three years of parts:
    refused.
    """
    if not 1 <= count <= MAX_INSTALMENTS:
        raise RuleViolation(
            "clawback.instalments_out_of_range", field="instalments", most=MAX_INSTALMENTS
        )
    parts = repayment_plan(amount_fen, count)
    return tuple(
        Instalment(number, _month_later(first_on, number - 1), fen)
        for number, fen in enumerate(parts, 1)
    )


def _month_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


def next_due_on(plan: Sequence[Instalment], received_fen: int) -> date | None:
    """The day of the first part that what came in does not cover; None when all is covered."""
    reached = 0
    for part in plan:
        reached += part.amount_fen
        if reached > received_fen:
            return part.due_on
    return None


def spread(amount_fen: int, owed: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """What came in over the awards that it is owed for, the first one first."""
    found = []
    for key, fen in owed:
        part = min(amount_fen, fen)
        amount_fen -= part
        if part:
            found.append((key, part))
    return found
