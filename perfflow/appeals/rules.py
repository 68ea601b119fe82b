"""Grounds and outcomes of an appeal, and what a decision must say (domain §6.7); no database."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from perfflow.kernel.errors import RuleViolation

MIN_TEXT = 20


class Ground(StrEnum):
    """Why somebody objects."""

    DATA_ERROR = "data_error"
    PROCEDURE = "procedure"
    UNFAIR_SCORING = "unfair_scoring"
    UNDISCLOSED_RULE = "undisclosed_rule"
    GATE_CASE = "gate_case"


class Outcome(StrEnum):
    """How it ends: the result stands, or a new one is written."""

    UPHELD = "upheld"
    CORRECTED = "corrected"


def check_filing(ground: str | None, text: str | None) -> None:
    """Refuse an appeal without a known ground and a text that can be examined."""
    if ground not in set(Ground):
        raise RuleViolation("appeals.ground_missing", field="ground")
    check_text(text, "text")


def check_text(text: str | None, field: str) -> str:
    """The cleaned text; refused when it is too short to mean anything."""
    words = (text or "").strip()
    if len(words) < MIN_TEXT:
        raise RuleViolation("appeals.text_too_short", field=field, least=MIN_TEXT, got=len(words))
    return words


def check_decision(outcome: str | None, to_total: Decimal | None, current: Decimal | None) -> None:
    """A correction names another total; a result that stands names none."""
    if outcome not in set(Outcome):
        raise RuleViolation("appeals.outcome_missing", field="outcome")
    if outcome == Outcome.CORRECTED:
        if to_total is None:
            raise RuleViolation("appeals.total_missing", field="to_total")
        if to_total == current:
            raise RuleViolation("appeals.total_unchanged", field="to_total", total=to_total)
