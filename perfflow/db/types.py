"""Column types that keep exact values exact and times in UTC."""

from __future__ import annotations

import json
from datetime import date, datetime, UTC
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from perfflow.kernel.rounding import DECIMAL34, round_half_up


class Fen(TypeDecorator[int]):
    """Whole 分 in a 64-bit integer; refuses anything that is not an ``int``."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise TypeError(f"expected whole 分 as int but got {value!r}")
        return value


class Scaled(TypeDecorator[Decimal]):
    """A ``Decimal`` with a fixed number of places, stored as an integer (column suffix ``_eN``)."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if isinstance(value, (float, bool)):
            raise TypeError(f"expected Decimal but got {value!r}")
        scaled = Decimal(value).scaleb(self.places, DECIMAL34)
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"expected at most {self.places} decimals but got {value}")
        return whole

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.places, DECIMAL34)

    @staticmethod
    def rounded(value: Decimal, places: int) -> Decimal:
        """``value`` rounded half-up to what a column of ``places`` holds."""
        return round_half_up(value, places)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; stored as UTC, refuses naive values, comes back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"expected an aware datetime but got {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _encode(value: Any) -> Any:
    """Write Decimal, date and datetime so that :class:`JsonText` reads them back."""
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$instant": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    raise TypeError(f"expected a JSON value, Decimal, date or datetime but got {value!r}")


def _decode(pairs: dict[str, Any]) -> Any:
    if len(pairs) == 1:
        match next(iter(pairs.items())):
            case ("$decimal", str(text)):
                return Decimal(text)
            case ("$instant", str(text)):
                return datetime.fromisoformat(text)
            case ("$date", str(text)):
                return date.fromisoformat(text)
    return pairs


# Made once: a coder for each text would cost more than the text.
_ENCODER = json.JSONEncoder(
    ensure_ascii=False,
    check_circular=False,
    sort_keys=True,
    separators=(",", ":"),
    default=_encode,
)
_DECODER = json.JSONDecoder(object_hook=_decode, parse_float=Decimal)


def json_text(value: Any) -> str:
    """Canonical JSON text (sorted keys, no spaces, Han as it is) of a :class:`JsonText` value."""
    return _ENCODER.encode(value)


def json_value(text: str) -> Any:
    """The value behind :func:`json_text`; numbers with a fraction come back as ``Decimal``."""
    return _DECODER.decode(text)


class JsonText(TypeDecorator[Any]):
    """JSON in a text column; Decimal, date and datetime survive, key order does not matter."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json_value(value)
