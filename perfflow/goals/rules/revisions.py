"""When a locked target may be revised, and who has to agree (domain §6.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction

from perfflow.kernel.errors import RuleViolation
from perfflow.kernel.rounding import Exact, exact
from perfflow.metrics.rules import Dimension

MOST_PER_GOAL = 2
LAST_DAYS = 30
FREE_SHARE = Fraction(20, 100)
MIN_EVIDENCE = 10
REASON_CLASSES = ("market", "post", "strategy")


class RevisionMode(StrEnum):
    """Whether the new target holds from its day on, or for the whole cycle."""

    SPLIT = "split"
    REPLACE = "replace"


class Approval(StrEnum):
    """Who has to agree, in this order."""

    MANAGER = "manager"
    SECOND_LINE = "second_line"
    COMPLIANCE = "compliance"
    COMMITTEE = "committee"


def approvals_needed(
    old: Exact, new: Exact, *, dimension: str, is_by_manager: bool, is_late: bool
) -> list[Approval]:
    """Manager → second line beyond ±20 % → compliance for K → the committee in the last 30 days.

    A manager who proposes has agreed. From a target of 0 every change is beyond ±20 %.
    """
    needed = [] if is_by_manager else [Approval.MANAGER]
    before = exact(old)
    if abs(exact(new) - before) > abs(before) * FREE_SHARE:
        needed.append(Approval.SECOND_LINE)
    if dimension == Dimension.COMPLIANCE:
        needed.append(Approval.COMPLIANCE)
    if is_late:
        needed.append(Approval.COMMITTEE)
    return needed


def is_late(day: date, ends_on: date) -> bool:
    """True in the last 30 days of the cycle and after them."""
    return (ends_on - day).days < LAST_DAYS


def check_revision(
    *,
    old: Exact,
    new: Exact | None,
    effective_on: date | None,
    first_on: date,
    last_on: date,
    reason_class: str,
    evidence: str,
    earlier: Sequence[date],
) -> None:
    """Refuse what no approval could mend; every refusal names its field.

    ``earlier`` are the days of the revisions of this goal that stand or wait: at most two a
    cycle, and never two on one day.
    """
    if len(earlier) >= MOST_PER_GOAL:
        raise RuleViolation("goals.revision_twice", field="metric_code", most=MOST_PER_GOAL)
    if new is None or new < 0 or exact(new) == exact(old):
        raise RuleViolation("goals.revision_target", field="target")
    if effective_on is None or not first_on <= effective_on <= last_on:
        raise RuleViolation(
            "goals.revision_day", field="effective_on", first=first_on, last=last_on
        )
    if effective_on in earlier:
        raise RuleViolation("goals.revision_same_day", field="effective_on")
    if reason_class not in REASON_CLASSES:
        raise RuleViolation("goals.revision_class", field="reason_class")
    if len(evidence.strip()) < MIN_EVIDENCE:
        raise RuleViolation("goals.revision_evidence", field="evidence", least=MIN_EVIDENCE)
