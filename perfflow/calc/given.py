"""Reading the ``in`` of a calculation strictly: exact numbers, known keys, bounded sizes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from perfflow.kernel.errors import BadInput

T = TypeVar("T")
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:/\d{1,40})?", re.ASCII)
_MAX_EXPONENT = 40
_MAX_INT_BITS = 200
_REQUIRED: Any = object()


def bad(place: str) -> BadInput:
    """The error for an input that cannot be read."""
    return BadInput("calc.bad_input", field=place, place=place)


def number(value: Any, place: str) -> Fraction:
    """An exact number: a JSON number or text like ``-12.5`` or ``214/365``."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        try:
            whole, _, below = value.partition("/")
            return Fraction(Decimal(whole)) / (int(below) if below else 1)
        except ZeroDivisionError:
            raise bad(place) from None
    if isinstance(value, Decimal) and value.is_finite():
        if value and abs(value.adjusted()) > _MAX_EXPONENT:
            raise bad(place)
        return Fraction(value)
    return Fraction(whole_number(value, place))


def decimal(value: Any, place: str) -> Decimal:
    """An exact number that is a finite decimal."""
    found = number(value, place)
    below = found.denominator
    for prime in (2, 5):
        while below % prime == 0:
            below //= prime
    if below != 1:
        raise bad(place)
    return Decimal(found.numerator) / Decimal(found.denominator)


def whole_number(value: Any, place: str) -> int:
    """A JSON whole number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int) or value.bit_length() > _MAX_INT_BITS:
        raise bad(place)
    return value


def text(value: Any, place: str) -> str:
    """A JSON text."""
    if not isinstance(value, str):
        raise bad(place)
    return value


def flag(value: Any, place: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise bad(place)
    return value


def day(value: Any, place: str) -> date:
    """A date as ``2025-09-26``."""
    written = text(value, place)
    try:
        found = date.fromisoformat(written)
    except ValueError:
        raise bad(place) from None
    if written != found.isoformat():
        raise bad(place)
    return found


def items(value: Any, place: str, read: Callable[[Any, str], T]) -> list[T]:
    """A list whose every item is read by ``read``."""
    if not isinstance(value, list):
        raise bad(place)
    return [read(item, f"{place}.{index}") for index, item in enumerate(value)]


def row(value: Any, place: str, *reads: Callable[[Any, str], Any]) -> tuple[Any, ...]:
    """A list of fixed length, one reader a cell."""
    if not isinstance(value, list) or len(value) != len(reads):
        raise bad(place)
    cells = zip(value, reads, strict=True)
    return tuple(read(cell, f"{place}.{index}") for index, (cell, read) in enumerate(cells))


def rows(*reads: Callable[[Any, str], Any]) -> Callable[[Any, str], list[tuple[Any, ...]]]:
    """A reader for a list of such rows."""

    def read_row(value: Any, place: str) -> tuple[Any, ...]:
        return row(value, place, *reads)

    def read(value: Any, place: str) -> list[tuple[Any, ...]]:
        return items(value, place, read_row)

    return read


def list_of(read: Callable[[Any, str], T]) -> Callable[[Any, str], list[T]]:
    """A reader for a list of ``read``."""
    return lambda value, place: items(value, place, read)


def maybe(read: Callable[[Any, str], T]) -> Callable[[Any, str], T | None]:
    """``read``, or None for null."""
    return lambda value, place: None if value is None else read(value, place)


def by_key(read: Callable[[Any, str], T]) -> Callable[[Any, str], dict[str, T]]:
    """A mapping whose values are read by ``read``."""

    def read_all(value: Any, place: str) -> dict[str, T]:
        if not isinstance(value, dict):
            raise bad(place)
        return {key: read(item, f"{place}.{key}") for key, item in value.items()}

    return read_all


class Given:
    """The ``in`` object of one line; ``finish`` refuses keys that nobody read."""

    def __init__(self, data: Any) -> None:
        if not isinstance(data, Mapping):
            raise bad("in")
        self._data = data
        self._taken: set[str] = set()

    def get(self, key: str, read: Callable[[Any, str], T], default: Any = _REQUIRED) -> T:
        """The value of ``key`` by ``read``; ``default`` when the key is missing."""
        self._taken.add(key)
        if key not in self._data:
            if default is _REQUIRED:
                raise bad(key)
            missing: T = default
            return missing
        return read(self._data[key], key)

    def has(self, key: str) -> bool:
        return key in self._data

    def ignore(self, *keys: str) -> None:
        """Keys that are allowed but not needed in this case."""
        self._taken.update(keys)

    def finish(self) -> None:
        """Refuse unknown keys."""
        unknown = [key for key in self._data if key not in self._taken]
        if unknown:
            raise bad(unknown[0])
