"""What gate cases do to a person's cycle: points, band cap, freeze and veto (domain §5.9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from perfflow.kernel.errors import ComputationError
from perfflow.kernel.explanation import Node
from perfflow.kernel.rounding import Exact, exact, round_half_up, total2

VETO_SEVERITY = 4
CAPPING_SEVERITY = 3
REPEATED_SEVERITY = 2
REPEATED_TIMES = 3
MONTHS_IN_WINDOW = 12
SELF_REPORT_LIMIT = 2


class CaseStatus(StrEnum):
    """The life of a case; effects start with ``upheld``, money is held while it is looked into."""

    REPORTED = "reported"
    TRIAGED = "triaged"
    INVESTIGATING = "investigating"
    HEARING = "hearing"
    UNFOUNDED = "unfounded"
    UPHELD = "upheld"
    APPEALED = "appealed"
    FINAL = "final"


class Gate(StrEnum):
    """What stands between a result and its money, the strongest first in force."""

    NONE = "NONE"
    CAP = "CAP"
    FREEZE = "FREEZE"
    VETO = "VETO"


_DECIDED = frozenset({CaseStatus.UPHELD, CaseStatus.APPEALED, CaseStatus.FINAL})
FREEZING_STATUSES = frozenset({CaseStatus.INVESTIGATING, CaseStatus.HEARING})


@dataclass(frozen=True, slots=True)
class SeverityTable:
    """Points by severity 0–4, the cap of a person's points, and the cap on the band."""

    points: tuple[Decimal, ...] = (
        Decimal(0),
        Decimal(2),
        Decimal(5),
        Decimal(10),
        Decimal(0),
    )
    person_cap: Decimal = Decimal(20)
    band_cap: str = "B"
    joint_share: Decimal = Decimal("0.3")


DEFAULT_SEVERITIES = SeverityTable()


@dataclass(frozen=True, slots=True)
class Case:
    """A gate case as scoring sees it.

    ``severity`` is None until decided, and for unfounded cases. ``points`` overrides the table
    (joint liability, a panel's decision). ``counted_on`` is the day that decides the cycle: the
    conduct date, or the decision date when the conduct cycle is closed.
    """

    case_no: str
    status: CaseStatus
    potential_severity: int
    severity: int | None
    conduct_on: date
    counted_on: date
    is_self_reported: bool = False
    is_joint: bool = False
    points: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CaseEffect:
    """What one upheld case does: its severity as treated, and its points."""

    case_no: str
    severity: int
    treated_as: int
    points: Decimal
    is_joint: bool
    is_halved: bool


@dataclass(frozen=True, slots=True)
class GateStanding:
    """Where a person stands in a cycle. ``deduction`` is 2 dp, at most the person's cap.

    ``worst_severity`` is what resets a streak (Cs): as treated, joint cases with their lowered
    severity.
    """

    gate: Gate = Gate.NONE
    deduction: Decimal = Decimal("0.00")
    band_cap: str | None = None
    is_frozen: bool = False
    is_vetoed: bool = False
    worst_severity: int = 0
    effects: tuple[CaseEffect, ...] = ()
    frozen_by: tuple[str, ...] = ()
    conduct_multiplier: Decimal = field(default=Decimal(1))

    def node(self) -> Node:
        """The deduction with every case that makes it up; cases carry their number only."""
        return Node(
            "compliance.explain.deduction",
            formula="min(cap, Σ points)",
            value=str(self.deduction),
            unit="points",
            rounding="N3",
            children=tuple(
                Node(
                    "compliance.explain.case",
                    {"case": effect.case_no, "severity": effect.treated_as},
                    value=str(effect.points),
                    unit="points",
                    source=f"gate-case {effect.case_no}",
                )
                for effect in self.effects
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-able form for stored inputs."""
        return {
            "gate": self.gate.value,
            "deduction": str(self.deduction),
            "band_cap": self.band_cap,
            "is_frozen": self.is_frozen,
            "is_vetoed": self.is_vetoed,
            "worst_severity": self.worst_severity,
            "conduct_multiplier": str(self.conduct_multiplier),
            "frozen_by": list(self.frozen_by),
            "effects": [
                {
                    "case_no": effect.case_no,
                    "severity": effect.severity,
                    "treated_as": effect.treated_as,
                    "points": str(effect.points),
                    "is_joint": effect.is_joint,
                    "is_halved": effect.is_halved,
                }
                for effect in self.effects
            ],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> GateStanding:
        """The standing that ``to_dict`` wrote."""
        return cls(
            gate=Gate(stored["gate"]),
            deduction=Decimal(stored["deduction"]),
            band_cap=stored["band_cap"],
            is_frozen=stored["is_frozen"],
            is_vetoed=stored["is_vetoed"],
            worst_severity=stored["worst_severity"],
            conduct_multiplier=Decimal(stored["conduct_multiplier"]),
            frozen_by=tuple(stored["frozen_by"]),
            effects=tuple(
                CaseEffect(
                    effect["case_no"],
                    effect["severity"],
                    effect["treated_as"],
                    Decimal(effect["points"]),
                    effect["is_joint"],
                    effect["is_halved"],
                )
                for effect in stored["effects"]
            ),
        )


CLEAN = GateStanding()


def gate_standing(
    cases: Iterable[Case],
    first_day: date,
    last_day: date,
    table: SeverityTable = DEFAULT_SEVERITIES,
) -> GateStanding:
    """The standing of one person in the cycle ``first_day`` … ``last_day`` (both inside).

    Pass the cases of the twelve months before too: the third severity-2 case within twelve months
    is treated as severity 3, wherever the first two fall.
    """
    known = sorted(cases, key=lambda case: (case.conduct_on, case.case_no))
    effects = [
        _effect(case, known, table)
        for case in known
        if case.status in _DECIDED
        and case.severity is not None
        and first_day <= case.counted_on <= last_day
    ]
    frozen_by = tuple(
        case.case_no
        for case in known
        if case.status in FREEZING_STATUSES
        and case.potential_severity >= CAPPING_SEVERITY
        and first_day <= case.counted_on <= last_day
    )
    deduction = min(table.person_cap, sum((e.points for e in effects), Decimal(0)))
    own = [effect.treated_as for effect in effects if not effect.is_joint]
    worst = max((effect.treated_as for effect in effects), default=0)
    is_vetoed = VETO_SEVERITY in own
    has_cap = CAPPING_SEVERITY in own
    gate = (
        Gate.VETO if is_vetoed else Gate.FREEZE if frozen_by else Gate.CAP if has_cap else Gate.NONE
    )
    return GateStanding(
        gate=gate,
        deduction=total2(deduction),
        band_cap=table.band_cap if has_cap else None,
        is_frozen=bool(frozen_by),
        is_vetoed=is_vetoed,
        worst_severity=worst,
        effects=tuple(effects),
        frozen_by=frozen_by,
    )


def _effect(case: Case, known: Sequence[Case], table: SeverityTable) -> CaseEffect:
    severity = _checked(case.severity)
    treated = CAPPING_SEVERITY if _is_third(case, known) else severity
    is_halved = case.is_self_reported and treated <= SELF_REPORT_LIMIT and case.points is None
    points = case_points(treated, is_self_reported=case.is_self_reported, table=table)
    if case.points is not None:
        points = case.points
    return CaseEffect(case.case_no, severity, treated, points, case.is_joint, is_halved)


def _is_third(case: Case, known: Sequence[Case]) -> bool:
    """True when two or more severity-2 cases lie before it in the twelve months up to it."""
    if case.severity != REPEATED_SEVERITY or case.is_joint:
        return False
    start = a_year_before(case.conduct_on)
    place = (case.conduct_on, case.case_no)
    earlier = [
        other
        for other in known
        if other.severity == REPEATED_SEVERITY
        and other.status in _DECIDED
        and not other.is_joint
        and (other.conduct_on, other.case_no) < place
        and other.conduct_on > start
    ]
    return len(earlier) >= REPEATED_TIMES - 1


def a_year_before(day: date) -> date:
    """The same day of the year before; 29 February becomes 28 February."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def case_points(
    severity: int, *, is_self_reported: bool = False, table: SeverityTable = DEFAULT_SEVERITIES
) -> Decimal:
    """Points of one case, 2 dp; reported by the person before detection halves up to severity 2."""
    points = exact(table.points[_checked(severity)])
    if is_self_reported and severity <= SELF_REPORT_LIMIT:
        points /= 2
    return total2(points)


def joint_liability(
    severity: int, points: Exact | str, table: SeverityTable = DEFAULT_SEVERITIES
) -> tuple[int, Decimal]:
    """What the direct manager gets when supervision failed: severity one lower, 30 % (2 dp)."""
    return max(0, _checked(severity) - 1), total2(exact(points) * exact(table.joint_share))


def person_deduction(points: Iterable[Exact | str], cap: Exact | str = 20) -> Decimal:
    """min(cap, Σ points of the person's cases), 2 dp."""
    return total2(min(exact(cap), sum((exact(part) for part in points), Fraction(0))))


def deducted_total(total: Exact | str, deduction: Exact | str) -> Decimal:
    """max(0, person total − deduction), N3: 101.22 − 5 → 96.22."""
    return total2(max(Fraction(0), exact(total) - exact(deduction)))


def counted_on(
    conduct_on: date, decided_on: date, is_conduct_cycle_open: bool
) -> tuple[date, bool]:
    """The day that decides the cycle of a deduction, and whether malus on the past is due too."""
    return (conduct_on, False) if is_conduct_cycle_open else (decided_on, True)


CONDUCT_GRADES: Mapping[str, Decimal] = {
    "A": Decimal("1.00"),
    "B": Decimal("0.75"),
    "C": Decimal("0.50"),
    "D": Decimal("0.25"),
    "E": Decimal("0"),
}


def conduct_multiplier(grade: str, grades: Mapping[str, Decimal] = CONDUCT_GRADES) -> Decimal:
    """The multiplier of a quarterly conduct grade, 4 decimals; unknown grades raise ``DOMAIN``."""
    if grade not in grades:
        raise ComputationError("DOMAIN", name="grade", value=grade)
    return round_half_up(grades[grade], 4)


def mean_conduct_multiplier(
    quarters: Sequence[str], grades: Mapping[str, Decimal] = CONDUCT_GRADES
) -> Decimal:
    """G of a year under conduct grades: the mean of its quarters' multipliers, 4 dp (N4).

    No grade yet: 1. Unknown grades raise ``DOMAIN``.
    """
    if not quarters:
        return round_half_up(1, 4)
    parts = [exact(conduct_multiplier(grade, grades)) for grade in quarters]
    return round_half_up(sum(parts, Fraction(0)) / len(parts), 4)


def _checked(severity: int | None) -> int:
    if severity is None or isinstance(severity, bool) or not 0 <= severity <= VETO_SEVERITY:
        raise ComputationError("DOMAIN", name="severity", value=str(severity))
    return severity
