"""FEEL inside forms: conditions, limits, rules and computed fields over the values of a form."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from perfflow.feel import compile as compile_feel
from perfflow.feel import FeelError, FeelSyntaxError

logger = logging.getLogger("perfflow.forms")
_PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)


def is_formula(value: Any) -> bool:
    """True for a setting that is computed: a text that starts with ``=``."""
    return isinstance(value, str) and value.lstrip().startswith("=")


def body(text: str) -> str:
    """The expression without its leading ``=``."""
    stripped = text.strip()
    return stripped[1:].strip() if stripped.startswith("=") else stripped


def syntax_problem(text: str) -> FeelSyntaxError | None:
    """Why the text is no FEEL expression; None when it is one."""
    try:
        compile_feel(body(text))
    except FeelSyntaxError as error:
        return error
    return None


class FormulaFailed(Exception):
    """A formula that must have a value was stopped; ``error`` says why in both languages."""

    def __init__(self, error: FeelError) -> None:
        super().__init__(error.code)
        self.error = error


def evaluate(text: str, context: Mapping[str, Any], now: datetime) -> Any:
    """The value of a formula; None when it cannot be computed (FEEL's null on error).

    Also None when it was stopped (limits, values that FEEL does not know): what is only shown
    stays empty then. Who decides by the value asks :func:`decided`.
    """
    try:
        return decided(text, context, now)
    except FormulaFailed as failed:
        logger.warning("formula %s: %s", text[:200], failed.error)
        return None


def decided(text: str, context: Mapping[str, Any], now: datetime) -> Any:
    """The value of a formula that something depends on; :class:`FormulaFailed` when stopped.

    A file from an older deployment may hold an expression that is no longer read: that counts
    as null too, the deploy gate is where it is refused.
    """
    try:
        return compile_feel(body(text)).evaluate(context, now=now).value
    except FeelSyntaxError:
        return None
    except FeelError as error:
        raise FormulaFailed(error) from error


def is_true(text: str, context: Mapping[str, Any], now: datetime) -> bool:
    """True only when the formula says true; null and everything else do not."""
    return decided(text, context, now) is True


def filled_in(
    text: str,
    context: Mapping[str, Any],
    now: datetime,
    quote: Callable[[str], str] = str,
) -> str:
    """``text`` with ``{{ expression }}`` replaced by values; a formula is evaluated.

    ``quote`` makes a value harmless in the language of ``text`` (HTML).
    """
    if is_formula(text):
        return quote(_shown(evaluate(text, context, now)))
    return _PLACEHOLDER.sub(lambda match: quote(_shown(evaluate(match[1], context, now))), text)


def placeholders(text: str) -> list[str]:
    """The expressions inside ``{{ }}`` of a text."""
    return [match[1] for match in _PLACEHOLDER.finditer(text)]


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def row_context(outer: Mapping[str, Any], row: Mapping[str, Any], position: int) -> dict[str, Any]:
    """What an expression inside a row sees: its keys, ``this``, ``parent`` and ``i`` (from 1)."""
    return {**outer, **row, "this": row, "parent": outer, "i": [position + 1]}
