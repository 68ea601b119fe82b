"""Equality and order of the standard, with null for what cannot be compared."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from perfflow.feel.evaluation import Run
from perfflow.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    NANOS,
    Time,
    time_key,
    YearsDuration,
)
from perfflow.feel.values import Range

_ATOMS = (Decimal, str, bool, Date, Time, DateTime, DaysDuration, YearsDuration)


def equal(run: Run, left: Any, right: Any) -> bool | None:
    """True or false; None when the two are of different types."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        return None
    if kind in _ATOMS:
        return bool(left == right)
    run.charge(4)
    if kind is list:
        return len(left) == len(right) and all(
            equal(run, a, b) is True for a, b in zip(left, right, strict=True)
        )
    if kind is dict:
        return left.keys() == right.keys() and all(
            equal(run, item, right[key]) is True for key, item in left.items()
        )
    if kind is Range:
        return same_range(run, left, right)
    return left is right


def same_range(run: Run, left: Range, right: Range) -> bool:
    return (
        left.operator == right.operator
        and left.start_included == right.start_included
        and left.end_included == right.end_included
        and equal(run, left.start, right.start) is True
        and equal(run, left.end, right.end) is True
    )


def order(left: Any, right: Any) -> int | None:
    """-1, 0 or 1; None when the two have no order."""
    kind = type(left)
    a: Any
    b: Any
    if kind is not type(right):
        return None
    if kind is Decimal or kind is str:
        a, b = left, right
    elif kind is Date:
        a, b = left.days, right.days
    elif kind is DateTime:
        if (left.time.zone is None) != (right.time.zone is None):
            return None
        a, b = left.instant() // NANOS, right.instant() // NANOS
    elif kind is Time:
        if (left.zone is None) != (right.zone is None):
            return None
        a, b = time_key(left), time_key(right)
    elif kind is DaysDuration:
        a, b = left.nanos, right.nanos
    elif kind is YearsDuration:
        a, b = left.months, right.months
    else:
        return None
    return int(a > b) - int(a < b)


def compare(operator: str, left: Any, right: Any) -> bool | None:
    found = order(left, right)
    if found is None:
        return None
    if operator == "<":
        return found < 0
    if operator == "<=":
        return found <= 0
    if operator == ">":
        return found > 0
    return found >= 0


def contains(run: Run, interval: Range, value: Any) -> bool | None:
    """Whether the value lies in the range; None when it cannot be compared with its ends."""
    if interval.operator == "!=":
        same = equal(run, value, interval.start)
        return None if same is None else not same
    if interval.operator == "=":
        return equal(run, value, interval.start)
    above: bool | None = True
    below: bool | None = True
    if interval.start is not None:
        above = compare(">=" if interval.start_included else ">", value, interval.start)
    if interval.end is not None:
        below = compare("<=" if interval.end_included else "<", value, interval.end)
    if above is None or below is None:
        return None
    return above and below


def matches(run: Run, value: Any, test: Any) -> bool | None:
    """Whether a value passes a test: lies in the range, is in the list, or is equal."""
    kind = type(test)
    if kind is Range and type(value) is not Range:
        return contains(run, test, value)
    if kind is list:
        if type(value) is list and equal(run, value, test):
            return True
        run.charge(len(test))
        return any(_is_item(run, value, item) for item in test)
    return equal(run, value, test)


def _is_item(run: Run, value: Any, item: Any) -> bool:
    if type(item) is Range and type(value) is not Range:
        return contains(run, item, value) is True
    return equal(run, value, item) is True
