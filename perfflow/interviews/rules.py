"""What makes an interview record more than a formality (domain §6.5, R57–R62); no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from perfflow.kernel.errors import RuleViolation, RuleViolations

SHORTEST_TALK = timedelta(minutes=2)
GAP_BELOW = Decimal(80)
PATTERN_GOOD = Decimal(100)
PATTERN_COMPLIANCE = Decimal(90)
DIMENSION_NAMES = {
    "R": ("业绩成果", "Results"),
    "C": ("客户关系", "Client relationship"),
    "K": ("合规风控", "Compliance & risk"),
    "G": ("行为与成长", "Behaviour & growth"),
}
COPY_RATIO_PERCENT = 90
"""Two summaries that agree to this share are marked as copied."""


class Cause(StrEnum):
    """Why a dimension fell behind."""

    COMMUNICATION = "communication_skill"
    PRODUCT_KNOWLEDGE = "product_knowledge"
    CLIENT_SEGMENT = "client_resources"
    PROCESS_OR_TOOL = "process_or_tool"
    TIME = "time_allocation"
    MOTIVATION = "motivation"
    MARKET = "external_market"
    GOAL_SETTING = "goal_setting"


class Outcome(StrEnum):
    """How the employee signs."""

    AGREE = "agree"
    AGREE_WITH_NOTE = "agree_with_note"
    DISAGREE = "disagree"


class Flag(StrEnum):
    """Marks of quality: shown to HR, never counted against anybody."""

    SIGNED_TOO_FAST = "signed_too_fast"
    COPIED = "copied"
    EMPLOYEE_PART_SHORT = "employee_part_short"


def check_record(
    achievements: Sequence[Mapping[str, Any]],
    gaps: Sequence[Mapping[str, Any]],
    actions: Sequence[Mapping[str, Any]],
    low_dimensions: Iterable[str],
    today: date,
) -> None:
    """Refuse a record without a dated fact, a cause per weak dimension, or a plan.

    Achievements come first: while they are missing nothing else is reported.
    """
    violations = _achievement_violations(achievements, today)
    if not violations:
        violations = _gap_violations(gaps, low_dimensions)
        if not actions:
            violations.append(RuleViolation("interviews.action_missing", field="actions"))
    if len(violations) == 1:
        raise violations[0]
    if violations:
        raise RuleViolations(violations)


def _achievement_violations(
    achievements: Sequence[Mapping[str, Any]], today: date
) -> list[RuleViolation]:
    if not achievements:
        return [RuleViolation("interviews.achievement_missing", field="achievements")]
    found: list[RuleViolation] = []
    for index, row in enumerate(achievements):
        if not str(row.get("fact") or "").strip():
            found.append(
                RuleViolation("interviews.fact_missing", field=f"achievements.{index}.fact")
            )
        if not str(row.get("evidence") or "").strip():
            found.append(
                RuleViolation("interviews.evidence_missing", field=f"achievements.{index}.evidence")
            )
        dated = row.get("evidence_on")
        if isinstance(dated, date) and dated > today:
            found.append(
                RuleViolation(
                    "interviews.evidence_ahead", field=f"achievements.{index}.evidence_on"
                )
            )
    if not any(isinstance(row.get("evidence_on"), date) for row in achievements):
        found.append(
            RuleViolation("interviews.dated_evidence_missing", field="achievements.0.evidence_on")
        )
    return found


def _gap_violations(
    gaps: Sequence[Mapping[str, Any]], low_dimensions: Iterable[str]
) -> list[RuleViolation]:
    found: list[RuleViolation] = []
    covered: set[str] = set()
    for index, row in enumerate(gaps):
        covered.add(str(row.get("dimension") or ""))
        if str(row.get("cause") or "") not in set(Cause):
            found.append(RuleViolation("interviews.cause_missing", field=f"gaps.{index}.cause"))
        if not str(row.get("text") or "").strip():
            found.append(RuleViolation("interviews.gap_text_missing", field=f"gaps.{index}.text"))
    missing = sorted(set(low_dimensions) - covered)
    if missing:
        found.append(
            RuleViolation(
                "interviews.gap_missing",
                field="gaps",
                dimensions={
                    "zh": "、".join(DIMENSION_NAMES[code][0] for code in missing),
                    "en": ", ".join(DIMENSION_NAMES[code][1] for code in missing),
                },
                below=GAP_BELOW,
            )
        )
    return found


def low_dimensions(scores: Mapping[str, Decimal]) -> list[str]:
    """The dimensions that need a word about causes."""
    return sorted(code for code, score in scores.items() if score < GAP_BELOW)


def suggested_causes(scores: Mapping[str, Decimal]) -> dict[str, list[Cause]]:
    """The pattern library: what to ask first, by dimension."""
    results, clients = scores.get("R"), scores.get("C")
    compliance, growth = scores.get("K"), scores.get("G")
    found: dict[str, list[Cause]] = {}
    if results is not None and clients is not None:
        if results >= PATTERN_GOOD and clients < GAP_BELOW:
            found["C"] = [Cause.COMMUNICATION, Cause.PRODUCT_KNOWLEDGE]
        elif clients >= PATTERN_GOOD and results < GAP_BELOW:
            found["R"] = [Cause.CLIENT_SEGMENT, Cause.TIME]
    if compliance is not None and compliance < PATTERN_COMPLIANCE:
        found["K"] = [Cause.PROCESS_OR_TOOL, Cause.PRODUCT_KNOWLEDGE]
    if growth is not None and growth < GAP_BELOW:
        found["G"] = [Cause.MOTIVATION, Cause.TIME]
    return found


def is_signed_too_fast(held_at: datetime, signed_at: datetime) -> bool:
    """True when the signature came within two minutes of the record."""
    return signed_at - held_at < SHORTEST_TALK


def is_copy(text: str, others: Iterable[str]) -> bool:
    """True when ``text`` says nearly the same as one of the manager's other records."""
    own = " ".join(text.split())
    if not own:
        return False
    for other in others:
        known = " ".join(other.split())
        if own == known:
            return True
        matcher = SequenceMatcher(None, own, known, autojunk=False)
        # Counted in whole characters, so that no float decides.
        same = sum(block.size for block in matcher.get_matching_blocks())
        if 200 * same >= COPY_RATIO_PERCENT * (len(own) + len(known)):
            return True
    return False
