"""Writes a value as FEEL text that reads back as the same value."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from perfflow.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from perfflow.feel.values import Function, Range

_PLAIN_KEY = re.compile(
    r"[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]*( [A-Za-z0-9_\u4e00-\u9fff]+)*"
)
_LITERALS = (Date, DateTime, Time, DaysDuration, YearsDuration)


def number_text(value: Decimal) -> str:
    """Digits without exponent and without zeros at the end."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def to_text(value: Any, left: list[int] | None = None) -> str:
    """FEEL text; ``left`` counts down the pieces so that shared lists cannot explode."""
    if left is not None:
        left[0] -= 1
        if left[0] < 0:
            return "…"
    kind = type(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is Decimal:
        return number_text(value)
    if kind is str:
        return quoted(value)
    if kind in _LITERALS:
        return f'@"{value}"'
    left = left if left is not None else [20_000]
    if kind is list:
        return "[" + ", ".join(to_text(item, left) for item in value) + "]"
    if kind is dict:
        entries = (f"{_key(key)}: {to_text(item, left)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    if kind is Range:
        return _range(value, left)
    return _function(value)


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else quoted(key)


def _range(value: Range, left: list[int]) -> str:
    if value.operator in ("<", "<="):
        return f"({value.operator} {to_text(value.end, left)})"
    if value.operator != "..":
        return f"({value.operator} {to_text(value.start, left)})"
    opening = "[" if value.start_included else "("
    closing = "]" if value.end_included else ")"
    start = "" if value.start is None else to_text(value.start, left)
    end = "" if value.end is None else to_text(value.end, left)
    text = f"{opening}{start}..{end}{closing}"
    return text if start and end else f"range({quoted(text)})"


def _function(value: Any) -> str:
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters)})"
    return "function()"


def plain_text(value: Any, left: list[int] | None = None) -> str:
    """What ``string(value)`` gives: as :func:`to_text`, but texts and dates at the top are bare."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind in _LITERALS:
        return str(value)
    return to_text(value, left)
