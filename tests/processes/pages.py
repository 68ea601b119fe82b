"""Reads a task page as a browser without scripts does, fills its form in and sends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lxml import html
from werkzeug.datastructures import MultiDict

PREFIX = "f-"


class TaskForm:
    """The fields of one task page with what the page shows in them."""

    def __init__(self, page: str) -> None:
        document: Any = html.document_fromstring(page)  # the stubs know too little of HTML
        form = document.get_element_by_id("task-form")
        self.names = {
            name.removeprefix(PREFIX)
            for element in form.iter("input", "select", "textarea")
            if (name := element.get("name"))
        }
        self.sent: MultiDict[str, str] = MultiDict(
            (name, value) for name, value in form.form_values() if name and value is not None
        )

    @property
    def revision(self) -> str:
        return self.sent["revision"]

    def rows(self, name: str) -> list[str]:
        """The numbers of the rows of a list."""
        return self.sent.getlist(f"{PREFIX}{name}")

    def value(self, name: str) -> str | None:
        """What a field shows; the path is written with dashes: ``lines-0-weight``."""
        return self.sent.get(f"{PREFIX}{name}")

    def fill(self, values: Mapping[str, Any]) -> None:
        """Type values in: a list replaces all rows, ``{number: {…}}`` changes some."""
        for name, value in values.items():
            self._put(f"{PREFIX}{name}", value)

    def _put(self, name: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for number, row in value.items():
                for key, inner in row.items():
                    self._put(f"{name}-{number}-{key}", inner)
        elif isinstance(value, list):
            for known in [key for key in self.sent if key.startswith(f"{name}-")]:
                del self.sent[known]
            self.sent.setlist(name, [str(number) for number in range(len(value))])
            self._put(name, dict(enumerate(value)))
        elif value is None or value is False:
            self.sent.poplist(name)
        else:
            self.sent.setlist(name, [_typed(value)])


def _typed(value: Any) -> str:
    if value is True:
        return "y"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
