"""Overrides: a compliance officer lets a blocking finding pass, with a reason, until a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from perfflow.kernel.errors import RuleViolation
from perfflow.plans.rules.findings import Finding

LONGEST = timedelta(days=366)
"""An override is looked at again after a year at the latest."""
SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class Override:
    """One granted override of the finding with that mark; valid up to and on ``expires_on``."""

    id: int
    mark: str
    granted_by: str
    reason: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with the override that covers it, or the last one that no longer does."""

    finding: Finding
    override: Override | None = None
    expired: Override | None = None

    @property
    def blocks(self) -> bool:
        """True when the finding refuses the publication."""
        return self.finding.blocks and self.override is None


def judge(findings: Sequence[Finding], overrides: Iterable[Override], on: date) -> list[Judged]:
    """The findings, each with the override that covers it on a day."""
    by_mark: dict[str, list[Override]] = {}
    for one in overrides:
        by_mark.setdefault(one.mark, []).append(one)
    judged = []
    for finding in findings:
        granted = sorted(by_mark.get(finding.mark, []), key=lambda one: (one.expires_on, one.id))
        last = granted[-1] if granted and finding.blocks else None
        is_valid = last is not None and on <= last.expires_on
        judged.append(Judged(finding, last if is_valid else None, None if is_valid else last))
    return judged


def require_reason(reason: str) -> str:
    """The reason without blanks around it; too short a one is refused."""
    text = reason.strip()
    if len(text) < SHORTEST_REASON:
        raise RuleViolation("plans.reason_too_short", field="reason", length=SHORTEST_REASON)
    return text


def require_expiry(expires_on: date | None, today: date) -> date:
    """A day from tomorrow to a year from today."""
    if expires_on is None or not today < expires_on <= today + LONGEST:
        raise RuleViolation(
            "plans.expiry_outside", field="expires_on", first=today, last=today + LONGEST
        )
    return expires_on
