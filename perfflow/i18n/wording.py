"""Errors and two-language data in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfflow.i18n.catalogues import translate
from perfflow.i18n.languages import DEFAULT_LANGUAGE, Language, LANGUAGES
from perfflow.kernel.errors import PerfFlowError, RuleViolations


def word(error: PerfFlowError, language: Language = DEFAULT_LANGUAGE) -> str:
    """The sentence of ``error``; several broken rules become one sentence each, joined."""
    if isinstance(error, RuleViolations):
        return " ".join(word(violation, language) for violation in error.violations)
    return translate(error.code, error.params, language)


def localized(obj: Any, name: str, language: Language = DEFAULT_LANGUAGE) -> str:
    """``obj.name_zh`` or ``obj.name_en``; the other one, then plain ``name``, when it is empty.

    Works for objects, mappings with those keys, and mappings ``{"name": {"zh": …, "en": …}}``.
    """
    others = tuple(code for code in LANGUAGES if code != language)
    for code in (language, *others):
        value = _get(obj, f"{name}_{code}")
        if value:
            return str(value)
    plain = _get(obj, name)
    if isinstance(plain, Mapping):
        return str(plain.get(language) or next((v for v in plain.values() if v), ""))
    return "" if plain is None else str(plain)


def _get(obj: Any, key: str) -> Any:
    if isinstance(obj, Mapping):
        return obj.get(key)
    return getattr(obj, key, None)
