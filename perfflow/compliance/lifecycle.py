"""The states of a gate case and which step leads from where to where (domain §5.9)."""

from __future__ import annotations

from perfflow.compliance.rules import CaseStatus
from perfflow.kernel.errors import Conflict

OPEN_STATUSES = frozenset(
    {CaseStatus.REPORTED, CaseStatus.TRIAGED, CaseStatus.INVESTIGATING, CaseStatus.HEARING}
)
DECIDED_STATUSES = frozenset(
    {CaseStatus.UNFOUNDED, CaseStatus.UPHELD, CaseStatus.APPEALED, CaseStatus.FINAL}
)

STEPS: dict[str, tuple[frozenset[CaseStatus], CaseStatus]] = {
    "triage": (frozenset({CaseStatus.REPORTED}), CaseStatus.TRIAGED),
    "investigate": (frozenset({CaseStatus.TRIAGED}), CaseStatus.INVESTIGATING),
    "hear": (frozenset({CaseStatus.TRIAGED, CaseStatus.INVESTIGATING}), CaseStatus.HEARING),
    "dismiss": (frozenset({CaseStatus.HEARING}), CaseStatus.UNFOUNDED),
    "uphold": (frozenset({CaseStatus.HEARING}), CaseStatus.UPHELD),
    "appeal": (frozenset({CaseStatus.UPHELD}), CaseStatus.APPEALED),
    "close": (
        frozenset({CaseStatus.UNFOUNDED, CaseStatus.UPHELD, CaseStatus.APPEALED}),
        CaseStatus.FINAL,
    ),
}


def next_status(step: str, current: str) -> CaseStatus:
    """Where ``step`` leads from ``current``; Conflict when it is not possible from there."""
    sources, target = STEPS[step]
    if current not in sources:
        raise Conflict("compliance.step_not_possible", step=step, status=current)
    return target


def possible_steps(current: str) -> tuple[str, ...]:
    """The steps that the case page may offer."""
    return tuple(step for step, (sources, _) in STEPS.items() if current in sources)
