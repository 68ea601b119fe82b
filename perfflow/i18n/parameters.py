"""How one parameter of a message is written inside its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from markupsafe import Markup

from perfflow.i18n import formats
from perfflow.i18n.languages import Language


def shown(name: str, value: Any, language: Language) -> str:
    """``value`` as text; the ending of ``name`` says when it is money (_fen) or a share (_bp)."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return "—"
    if isinstance(value, bool):
        return formats.yes_no(value, language)
    if isinstance(value, int) and name.endswith("_bp"):
        return formats.percent_bp(value)
    if isinstance(value, int) and name.endswith("_fen"):
        return formats.money(value, language)
    return _by_type(value, language)


def _by_type(value: Any, language: Language) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, int):
        # Plain, without separators: years, counts and numbers of things come this way.
        return str(value).replace("-", formats.MINUS)
    if isinstance(value, Decimal):
        return formats.number(value)
    if isinstance(value, datetime):
        return formats.instant(value, language)
    if isinstance(value, date):
        return formats.day(value, language, year=True)
    if isinstance(value, Mapping):
        return str(value.get(language) or value.get("zh") or value.get("en") or "")
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return formats.joined([_by_type(item, language) for item in items], language)
    return str(value)
