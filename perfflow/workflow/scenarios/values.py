"""Values of a scenario file: JSON as it is written, FEEL where it is marked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.calendar import FIRM_ZONE
from perfflow.workflow.engine.expressions import Evaluator

FEEL_KEY = "="


def computed(session: Session, now: datetime, given: Mapping[str, Any]) -> dict[str, Any]:
    """``{"=": "FEEL"}`` is computed at ``now``, everything else is meant as written."""
    evaluator = Evaluator(session, now)

    def value_of(item: Any) -> Any:
        if isinstance(item, dict):
            if set(item) == {FEEL_KEY}:
                return evaluator.feel(str(item[FEEL_KEY]), {})
            return {name: value_of(one) for name, one in item.items()}
        return [value_of(one) for one in item] if isinstance(item, list) else item

    return {str(name): value_of(item) for name, item in given.items()}


def firm_instant(text: str) -> datetime:
    """An ISO 8601 date (its start) or instant; without a zone it is the firm's.

    Raises ``ValueError`` for other text.
    """
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=FIRM_ZONE) if instant.tzinfo is None else instant
