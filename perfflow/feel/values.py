"""The values that FEEL knows, the name of a value's type, and the way from and to Python."""

from __future__ import annotations

import datetime as py
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from perfflow.feel.errors import FeelLimitError, FeelValueError, TypeWord
from perfflow.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    NANOS,
    Time,
    YearsDuration,
)

NUMBERS = Context(
    prec=34, Emax=6144, Emin=-6143, traps=[DivisionByZero, InvalidOperation, Overflow]
)
"""The arithmetic of the standard: 34 digits, half even."""

MAX_ITEMS = 100_000
MAX_NESTING = 200

Value = Any


class Range:
    """An interval or a one-sided test such as ``< 10``; ``operator`` is ``..`` for an interval."""

    __slots__ = ("end", "end_included", "operator", "start", "start_included")

    def __init__(
        self,
        start_included: bool,
        start: Value,
        end: Value,
        end_included: bool,
        operator: str = "..",
    ) -> None:
        self.start_included = start_included
        self.start = start
        self.end = end
        self.end_included = end_included
        self.operator = operator


class Function:
    """Something callable: ``parameters`` are its names, ``types`` their declared types."""

    __slots__ = ("call", "name", "parameters", "result_type", "types")

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...],
        call: Callable[..., Value],
        types: tuple[Any, ...] = (),
        result_type: Any = None,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.call = call
        self.types = types
        self.result_type = result_type


_TYPE_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "days and time duration",
    YearsDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
}


def type_name(value: Value) -> str:
    return _TYPE_NAMES.get(type(value), "function")


def kind_of(value: Value) -> TypeWord:
    """The type of a value as a parameter of a message."""
    return TypeWord(type_name(value))


def number(value: int | str | Decimal) -> Decimal:
    return NUMBERS.create_decimal(value)


FEEL_TYPES = frozenset(_TYPE_NAMES) | {Function}
_PLAIN = frozenset({type(None), bool, str, Date, Time, DateTime, DaysDuration, YearsDuration})


def to_feel(value: Any) -> Value:
    """The FEEL value of a Python value; only values of the whitelist have one."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is Decimal:
        return _finite(value)
    return _convert(value, [MAX_ITEMS], 0)


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise FeelValueError("feel.not_a_value", type="Decimal that is no number")
    try:
        return NUMBERS.plus(value)
    except (Overflow, InvalidOperation) as error:
        raise FeelValueError("feel.out_of_range") from error


def _convert(value: Any, left: list[int], depth: int) -> Value:
    kind = type(value)
    if kind in _PLAIN or kind is Range or kind is Function:
        return value
    if kind is Decimal:
        return _finite(value)
    left[0] -= 1
    if left[0] < 0 or depth > MAX_NESTING:
        raise FeelLimitError("feel.budget", limit=MAX_ITEMS)
    if kind is int:
        return _from_int(value)
    if kind is list or kind is tuple:
        return [_convert(item, left, depth + 1) for item in value]
    if kind is dict or isinstance(value, Mapping):
        return _context(value, left, depth)
    return _from_stdlib(value, kind)


def _context(value: Mapping[Any, Any], left: list[int], depth: int) -> dict[str, Value]:
    result: dict[str, Value] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise FeelValueError("feel.not_a_value", type=f"key of type {type(key).__name__}")
        result[str(key)] = _convert(item, left, depth + 1)
    return result


def _from_int(value: int) -> Decimal:
    if value.bit_length() > 20_400:
        raise FeelValueError("feel.out_of_range")
    return number(value)


def _from_stdlib(value: Any, kind: type) -> Value:
    if isinstance(value, py.datetime):
        return from_datetime(value)
    if isinstance(value, py.date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, py.time):
        return Time(_clock_nanos(value), _zone_of(value.utcoffset()))
    if isinstance(value, py.timedelta):
        micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
        return DaysDuration(micros * 1000)
    if isinstance(value, str):
        return str.__str__(value)
    raise FeelValueError("feel.not_a_value", type=kind.__name__)


def from_datetime(value: py.datetime) -> DateTime:
    zone = getattr(value.tzinfo, "key", None)
    if not isinstance(zone, str):
        zone = _zone_of(value.utcoffset())
    date = Date(value.year, value.month, value.day)
    return DateTime(date, Time(_clock_nanos(value), zone))


def _clock_nanos(value: py.datetime | py.time) -> int:
    seconds = value.hour * 3600 + value.minute * 60 + value.second
    return seconds * NANOS + value.microsecond * 1000


def _zone_of(offset: py.timedelta | None) -> int | None:
    return None if offset is None else int(offset.total_seconds())


def to_python(value: Value) -> Any:
    """Plain Python for a FEEL value.

    Dates beyond the years of Python, years and months durations, ranges and functions come back
    as their FEEL text.
    """
    kind = type(value)
    if kind is Decimal or kind is str or kind is bool or value is None:
        return value
    return _plain(value, [MAX_ITEMS], 0)


def _plain(value: Value, left: list[int], depth: int) -> Any:
    kind = type(value)
    left[0] -= 1
    if left[0] < 0 or depth > MAX_NESTING:
        raise FeelLimitError("feel.budget", limit=MAX_ITEMS)
    if kind is list:
        return [_plain(item, left, depth + 1) for item in value]
    if kind is dict:
        return {key: _plain(item, left, depth + 1) for key, item in value.items()}
    if kind is Date:
        in_python = 1 <= value.year <= 9999
        return py.date(value.year, value.month, value.day) if in_python else str(value)
    if kind is DateTime:
        return _python_datetime(value)
    if kind is Time:
        return _python_time(value).replace(tzinfo=_tzinfo(value.offset()))
    if kind is DaysDuration:
        return _python_duration(value)
    if kind is YearsDuration:
        return str(value)
    if kind is Range or kind is Function:
        from perfflow.feel.printer import to_text

        return to_text(value)
    return value


def _python_duration(value: DaysDuration) -> Any:
    try:
        return py.timedelta(microseconds=value.nanos // 1000)
    except OverflowError:
        return str(value)


def _python_datetime(value: DateTime) -> Any:
    if not 1 <= value.date.year <= 9999:
        return str(value)
    date = py.date(value.date.year, value.date.month, value.date.day)
    zone = value.time.zone
    if isinstance(zone, str):
        from perfflow.feel.temporal import find_zone

        return py.datetime.combine(date, _python_time(value.time), find_zone(zone))
    return py.datetime.combine(date, _python_time(value.time), _tzinfo(zone))


def _python_time(value: Time) -> py.time:
    micros = value.nanos % NANOS // 1000
    return py.time(value.hour, value.minute, value.second, micros)


def _tzinfo(offset: int | None) -> py.timezone | None:
    if offset is None:
        return None
    return py.UTC if offset == 0 else py.timezone(py.timedelta(seconds=offset))
