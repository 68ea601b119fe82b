"""Reading configuration files strictly: YAML with exact numbers, mappings with named errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from perfflow.kernel.errors import BadInput

Choice = TypeVar("Choice", bound=StrEnum)
MAX_EXPONENT = 40
MAX_DEPTH = 40


class _ExactLoader(yaml.SafeLoader):
    """Safe YAML whose decimal numbers stay exact and whose keys may not repeat."""


def _decimal(loader: _ExactLoader, node: yaml.ScalarNode) -> Decimal | str:
    text = loader.construct_scalar(node).replace("_", "")
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _mapping(loader: _ExactLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, (str, int)) or key in seen:
            raise BadInput("kernel.config_repeated_key", key=str(key), line=_line(key_node))
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _event_line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)
_ExactLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def load_configuration(text: str) -> Any:
    """The content of a YAML file; decimals become ``Decimal``. Anchors are refused.

    Raises ``BadInput("kernel.config_not_yaml", line=…)`` when it cannot be read.
    """
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
                raise BadInput("kernel.config_not_yaml", line=_event_line(event))
        return yaml.load(text, Loader=_ExactLoader)  # a SafeLoader: builds plain data only
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BadInput("kernel.config_not_yaml", line=line) from error
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput("kernel.config_not_yaml", line=1) from error


class Reader:
    """Takes the keys of one mapping apart; every refusal names the path of the key.

    ``path`` is where the mapping stands (``cards/FA.lines.3``). ``finish`` refuses keys that
    nobody asked for, so that a typing mistake is found instead of being ignored.
    """

    def __init__(self, data: Any, path: str) -> None:
        if not isinstance(data, Mapping):
            raise BadInput("kernel.config_not_mapping", field=path, path=path)
        self._data = data
        self._taken: set[str] = set()
        self.path = path

    def at(self, key: str) -> str:
        """The path of ``key``."""
        return f"{self.path}.{key}"

    def has(self, key: str) -> bool:
        """True when the key is there and not null."""
        return self._data.get(key) is not None

    def raw(self, key: str, default: Any = None) -> Any:
        """The value as it stands, null included as ``default``."""
        self._taken.add(key)
        value = self._data.get(key)
        return default if value is None else value

    def _required(self, key: str) -> Any:
        value = self.raw(key)
        if value is None:
            raise BadInput("kernel.config_missing_key", field=self.at(key), path=self.at(key))
        return value

    def refuse(self, key: str, expected: str) -> BadInput:
        """The error for a value of another kind than ``expected``; the caller raises it."""
        return BadInput(
            "kernel.config_wrong_value",
            field=self.at(key),
            path=self.at(key),
            expected=expected,
            got=str(self._data.get(key)),
        )

    def text(self, key: str, default: str | None = None) -> str:
        """Text; whole numbers are taken as text too (``version: 1``)."""
        value = self._required(key) if default is None else self.raw(key, default)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self.refuse(key, "text")
        return str(value)

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        value = self._required(key) if default is None else self.raw(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse(key, "a whole number")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false."""
        value = self.raw(key, default)
        if not isinstance(value, bool):
            raise self.refuse(key, "true or false")
        return value

    def number(self, key: str, default: str | None = None) -> Decimal:
        """An exact decimal, written as a number or as text."""
        value = self._required(key) if default is None else self.raw(key, default)
        found = decimal_of(value)
        if found is None:
            raise self.refuse(key, "a number")
        return found

    def optional_number(self, key: str) -> Decimal | None:
        """An exact decimal or nothing."""
        return self.number(key) if self.has(key) else self.raw(key)

    def choice(self, key: str, kind: type[Choice], default: Choice | None = None) -> Choice:
        """A member of the enumeration ``kind``."""
        value = self._required(key) if default is None else self.raw(key, default)
        try:
            return kind(value)
        except ValueError:
            raise self.refuse(key, ", ".join(kind)) from None

    def day(self, key: str) -> date | None:
        """A date or nothing."""
        value = self.raw(key)
        if isinstance(value, datetime):
            raise self.refuse(key, "a date")
        if value is None or isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise self.refuse(key, "a date") from None

    def items(self, key: str, *, required: bool = False) -> list[Any]:
        """A list, empty when the key is missing and not required."""
        value = self._required(key) if required else self.raw(key, [])
        if not isinstance(value, list):
            raise self.refuse(key, "a list")
        return value

    def readers(self, key: str, *, required: bool = False) -> Iterator[Reader]:
        """One reader for each mapping of a list."""
        for index, item in enumerate(self.items(key, required=required)):
            yield Reader(item, f"{self.at(key)}.{index}")

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self.items(key)
        if not all(isinstance(value, str) for value in values):
            raise self.refuse(key, "a list of texts")
        return tuple(values)

    def pairs(self, key: str) -> list[tuple[Decimal | None, Decimal | None]]:
        """A list of pairs of numbers; null stays None."""
        rows = []
        for row in self.items(key):
            if not isinstance(row, list) or len(row) != 2:
                raise self.refuse(key, "a list of pairs")
            first, second = (None if cell is None else decimal_of(cell) for cell in row)
            if (first is None) != (row[0] is None) or (second is None) != (row[1] is None):
                raise self.refuse(key, "a list of pairs of numbers")
            rows.append((first, second))
        return rows

    def child(self, key: str) -> Reader:
        """A reader for the mapping under ``key``; an empty one when it is missing."""
        return Reader(self.raw(key, {}), self.at(key))

    def keys(self) -> list[str]:
        """The keys of this mapping, in file order."""
        return [str(key) for key in self._data]

    def finish(self) -> None:
        """Refuse keys that were not read."""
        unknown = [str(key) for key in self._data if key not in self._taken]
        if unknown:
            place = self.at(unknown[0])
            raise BadInput("kernel.config_unknown_key", field=place, path=place)


def decimal_of(value: Any) -> Decimal | None:
    """``value`` as a bounded exact decimal, or None when it is not one.

    A plain YAML or JSON reader delivers binary fractions; their shortest text is what was typed.
    """
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        if type(value).__name__ != "float":
            return None
        value = repr(value)
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    if not number.is_finite() or (number and abs(number.adjusted()) > MAX_EXPONENT):
        return None
    return number
