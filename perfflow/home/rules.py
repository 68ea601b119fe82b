"""Plain decisions of the overview pages: who needs somebody, how warm a step is, what is next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

QUIET_AFTER = 10
"""Working days without any logged activity before a person counts as quiet."""
LONG_SILENCE = 45
"""Days without a check-in before a talk is due."""
STALE_DATA = 45
"""Days after which the newest figure of a person is called old."""
DUE_SOON = 14
"""Days before its due day that a commitment shows up on the first page."""
HEAT_STEPS = 4


class Need(StrEnum):
    """Why a member of the team needs somebody, the most pressing first."""

    OVERDUE = "overdue"
    NO_GOALS = "no_goals"
    GAP = "gap"
    NO_TALK = "no_talk"
    QUIET = "quiet"
    OLD_DATA = "old_data"


WEIGHT: Mapping[Need, int] = {
    Need.OVERDUE: 32,
    Need.NO_GOALS: 16,
    Need.GAP: 8,
    Need.NO_TALK: 4,
    Need.QUIET: 2,
    Need.OLD_DATA: 1,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the board knows about one member on a day."""

    overdue: int
    takes_part: bool
    has_goals: bool
    gaps: int
    days_since_talk: int | None
    days_in_cycle: int
    quiet_days: int | None
    data_age: int | None


def needs_of(facts: Facts) -> tuple[Need, ...]:
    """The needs of a member in the order of their weight."""
    silence = facts.days_in_cycle if facts.days_since_talk is None else facts.days_since_talk
    found = {
        Need.OVERDUE: facts.overdue > 0,
        Need.NO_GOALS: facts.takes_part and not facts.has_goals,
        Need.GAP: facts.gaps > 0,
        Need.NO_TALK: facts.takes_part and facts.has_goals and silence > LONG_SILENCE,
        Need.QUIET: facts.quiet_days is not None and facts.quiet_days >= QUIET_AFTER,
        Need.OLD_DATA: facts.data_age is not None and facts.data_age > STALE_DATA,
    }
    return tuple(need for need, holds in found.items() if holds)


def urgency(needs: Sequence[Need], overdue: int) -> int:
    """How far up a member stands; scores play no part in it."""
    return sum(WEIGHT[need] for need in needs) * 100 + min(overdue, 99)


def heat(counts: Mapping[str, int]) -> dict[str, int]:
    """Each step's warmth from 1 to 4 by its share of the busiest step; nothing waiting is 1."""
    busiest = max(counts.values(), default=0)
    if busiest == 0:
        return dict.fromkeys(counts, 1)
    return {
        step: 1 if count == 0 else max(1, -(-HEAT_STEPS * count // busiest))
        for step, count in counts.items()
    }


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something dated that comes next."""

    on: date
    text: str


def next_milestone(candidates: Sequence[Milestone], today: date) -> Milestone | None:
    """The nearest one from today on."""
    ahead = [one for one in candidates if one.on >= today]
    return min(ahead, key=lambda one: one.on) if ahead else None


@dataclass(frozen=True, slots=True)
class Standing:
    """A metric with its score (100 is on target) for picking what stands out."""

    code: str
    score: Decimal


def strongest(standings: Sequence[Standing]) -> str | None:
    """The metric that is furthest above its target; None when nothing has reached it."""
    reached = [one for one in standings if one.score >= 100]
    return max(reached, key=lambda one: (one.score, one.code)).code if reached else None


def weakest(standings: Sequence[Standing]) -> str | None:
    """The metric that is furthest below its target; None when all have reached it."""
    behind = [one for one in standings if one.score < 100]
    return min(behind, key=lambda one: (one.score, one.code)).code if behind else None


def part_of_day(hour: int) -> str:
    """The greeting that fits the hour."""
    if hour < 12:
        return "morning"
    return "afternoon" if hour < 18 else "evening"
