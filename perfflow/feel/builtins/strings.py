"""Functions over texts; characters are code points."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from perfflow.feel import patterns
from perfflow.feel.evaluation import MAX_STRING, Run
from perfflow.feel.functions import builtin, fail


@builtin("substring", "string: string, start position: number, length: number?=")
def substring(_run: Run, text: str, start: Decimal, length: Decimal | None = None) -> Any:
    position = int(start) if start.adjusted() < 12 else 0
    if position == 0 or abs(position) > max(len(text), 1):
        raise fail("substring", start)
    begin = position - 1 if position > 0 else len(text) + position
    if length is None:
        return text[begin:]
    if length.adjusted() > 12:
        return text[begin:]
    count = int(length)
    if count < 1:
        raise fail("substring", length)
    return text[begin : begin + count]


@builtin("string length", "string: string")
def string_length(_run: Run, text: str) -> Any:
    return Decimal(len(text))


@builtin("upper case", "string: string")
def upper_case(run: Run, text: str) -> Any:
    run.charge_text(len(text))
    return text.upper()


@builtin("lower case", "string: string")
def lower_case(run: Run, text: str) -> Any:
    run.charge_text(len(text))
    return text.lower()


@builtin("substring before", "string: string, match: string")
def substring_before(_run: Run, text: str, match: str) -> Any:
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string, match: string")
def substring_after(_run: Run, text: str, match: str) -> Any:
    if not match:
        return text
    _, found, after = text.partition(match)
    return after if found else ""


@builtin("contains", "string: string, match: string")
def contains(_run: Run, text: str, match: str) -> Any:
    return match in text


@builtin("starts with", "string: string, match: string")
def starts_with(_run: Run, text: str, match: str) -> Any:
    return text.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(_run: Run, text: str, match: str) -> Any:
    return text.endswith(match)


@builtin("matches", "input: string, pattern: string, flags: string?=")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> Any:
    return patterns.find(run, pattern, flags or "").search(run, text)


@builtin("replace", "input: string, pattern: string, replacement: string, flags: string?=")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> Any:
    return patterns.find(run, pattern, flags or "").replace(run, text, replacement)


@builtin("split", "string: string, delimiter: string")
def split(run: Run, text: str, delimiter: str) -> Any:
    return patterns.find(run, delimiter, "").split(run, text)


@builtin("string join", "list: list, delimiter: string?=")
def string_join(run: Run, items: list[Any], delimiter: str | None = None) -> Any:
    """The texts of a list, nulls left out, with the delimiter between them."""
    run.charge(len(items))
    parts = []
    total = 0
    for item in items:
        if item is None:
            continue
        if type(item) is not str:
            raise fail("string join", item)
        total += len(item) + len(delimiter or "")
        if total > MAX_STRING:
            run.charge_text(total)
        parts.append(item)
    run.charge_text(total)
    return (delimiter or "").join(parts)
