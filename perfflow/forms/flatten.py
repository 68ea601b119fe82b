"""Plain values (simulation, API) as a page would have sent them, types checked strictly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from perfflow.forms import paths
from perfflow.forms.bound import BoundForm, MAX_ROWS
from perfflow.forms.definition import CHOICE_KINDS, Component, MULTI_KINDS, scope, Text, TEXT_KINDS
from perfflow.forms.fields import PREFIX
from perfflow.forms.problems import FieldError

_EXPECTED = {
    "text": Text("文字", "a text"),
    "number": Text("数字", "a number"),
    "checkbox": Text("是或否", "true or false"),
    "choice": Text("一个选项值", "one option value"),
    "choices": Text("选项值的列表", "a list of option values"),
    "datetime": Text("日期或时间", "a date or time"),
    "rows": Text("行的列表", "a list of rows"),
    "values": Text("字段和值", "names with values"),
}


class Flattened:
    """The outcome: ``sent`` for binding, ``errors`` found on the way, ``given`` to compare later.

    ``given`` holds (row numbers, component, value) of everything that was named, so that a value
    for a hidden or read-only field can be refused once it is known which fields those are.
    """

    def __init__(self, blank: BoundForm, values: Mapping[str, Any]) -> None:
        self._blank = blank
        self.sent: MultiDict[str, str] = MultiDict()
        self.errors: list[FieldError] = []
        self.given: list[tuple[tuple[int, ...], str, Component, Any]] = []
        self._scope(blank.definition.components, values, blank.start, PREFIX, "", ())

    def _scope(
        self,
        components: tuple[Component, ...],
        values: Mapping[str, Any],
        start: Mapping[str, Any],
        prefix: str,
        trail: str,
        numbers: tuple[int, ...],
    ) -> None:
        known = {item.path: item for item in scope(components) if item.holds_data}
        for path, value in self._named(values, known, (), trail):
            component = known[path]
            full = trail + component.key
            self.given.append((numbers, full, component, value))
            if component.kind == "dynamiclist":
                self._rows(component, value, start, f"{prefix}{component.key}", full, numbers)
            elif component.is_input:
                for text in self._texts(component, value, full):
                    self.sent.add(f"{prefix}{component.key}", text)

    def _named(
        self,
        values: Mapping[str, Any],
        known: Mapping[tuple[str, ...], Component],
        parents: tuple[str, ...],
        trail: str,
    ) -> list[tuple[tuple[str, ...], Any]]:
        found: list[tuple[tuple[str, ...], Any]] = []
        for name, value in values.items():
            path = (*parents, str(name))
            if path in known:
                found.append((path, value))
            elif any(other[: len(path)] == path for other in known):
                if isinstance(value, Mapping):
                    found += self._named(value, known, path, trail)
                elif value is not None:
                    self._wrong(trail + ".".join(path), "values", value)
            else:
                place = trail + ".".join(path)
                self.errors.append(FieldError(place, "forms.unknown_key", {"key": place}))
        return found

    def _rows(
        self,
        component: Component,
        value: Any,
        start: Mapping[str, Any],
        name: str,
        full: str,
        numbers: tuple[int, ...],
    ) -> None:
        if value is None:
            return
        if not isinstance(value, (list, tuple)) or not all(isinstance(r, Mapping) for r in value):
            self._wrong(full, "rows", value)
            return
        if len(value) > MAX_ROWS:
            self.errors.append(
                FieldError(full, "forms.too_many_rows", {"limit": MAX_ROWS, "got": len(value)})
            )
            return
        given = paths.get(start, component.path)
        starts = (
            [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) else []
        )
        taken: set[int] = set()
        for position, row in enumerate(value):
            number = self._number(component, row, starts, taken, position)
            taken.add(number)
            self.sent.add(name, str(number))
            own = starts[number] if number < len(starts) else {}
            self._scope(
                component.children,
                row,
                own,
                f"{name}-{number}-",
                f"{full}.{position}.",
                (*numbers, number),
            )

    def _number(
        self,
        component: Component,
        row: Mapping[str, Any],
        starts: list[Mapping[str, Any]],
        taken: set[int],
        position: int,
    ) -> int:
        """Which of the rows we started with this is: by its read-only values, else by position."""
        fixed = [
            item.path
            for item in scope(component.children)
            if item.is_input and item.path and self._blank.is_always_locked(item)
        ]
        named = [path for path in fixed if paths.get(row, path) is not None]
        for number, own in enumerate(starts):
            same = all(paths.get(row, path) == paths.get(own, path) for path in named)
            if named and same and number not in taken:
                return number
        if not named and position not in taken and position < len(starts):
            return position
        number = max(len(starts), position)
        while number in taken:
            number += 1
        return number

    def _texts(self, component: Component, value: Any, full: str) -> list[str]:
        """The value as a page sends it; a wrong type is an error and sends nothing."""
        if value is None:
            return []
        if component.kind in TEXT_KINDS:
            return [value] if isinstance(value, str) else self._wrong(full, "text", value)
        if component.kind == "number":
            if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
                return self._wrong(full, "number", value)
            return [format(value, "f") if isinstance(value, Decimal) else str(value)]
        if component.kind == "checkbox":
            if not isinstance(value, bool):
                return self._wrong(full, "checkbox", value)
            return ["y"] if value else []
        if component.kind in CHOICE_KINDS:
            if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
                return self._wrong(full, "choice", value)
            return [str(value)]
        if component.kind in MULTI_KINDS:
            if not isinstance(value, (list, tuple)):
                return self._wrong(full, "choices", value)
            return [str(entry) for entry in value]
        if isinstance(value, (datetime, date)):
            return [value.isoformat()]
        return [value] if isinstance(value, str) else self._wrong(full, "datetime", value)

    def _wrong(self, place: str, expected: str, value: Any) -> list[str]:
        got = type(value).__name__
        self.errors.append(
            FieldError(place, "forms.wrong_type", {"expected": _EXPECTED[expected], "got": got})
        )
        return []
