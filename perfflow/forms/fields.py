"""WTForms classes of a form, one per data scope, cached by form version and language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from wtforms import Field, Form, widgets

from perfflow.calendar import FIRM_ZONE
from perfflow.forms.definition import (
    CHOICE_KINDS,
    Component,
    FormDefinition,
    MULTI_KINDS,
    scope,
    TEXT_KINDS,
)

PREFIX = "f-"
MAX_DIGITS = 34
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")


Choice = tuple[str, Any, str]
"""What HTML carries, what is stored, what the reader sees."""


class ValueField(Field):  # type: ignore[misc]
    """A field of a component: ``data`` is the typed value, ``problem`` why the text is none."""

    widget = widgets.TextInput()
    raw_data: list[str] | None

    def __init__(self, *args: Any, component: Component, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.component = component
        self.problem: str | None = None
        self.choices: list[Choice] = []

    def process_formdata(self, valuelist: list[str]) -> None:
        # What is absent is empty: the start value is not what somebody sent.
        self.data = None
        self.problem = None
        text = valuelist[0].strip() if valuelist else ""
        if text:
            self.data = self.read(text)

    def read(self, text: str) -> Any:
        """The typed value of ``text``; sets ``problem`` when there is none."""
        return text

    def adopt(self, value: Any) -> Any:
        """A value of the server or of an API caller in the type that this field holds."""
        if not isinstance(value, str):
            return value
        kept, text = self.problem, value.strip()
        typed: Any = self.read(text) if text else None
        self.problem = kept
        return value if text and typed is None else typed

    def settle(self, value: Any) -> None:
        """Hold ``value`` and forget what was sent."""
        self.data = self.adopt(value)
        self.raw_data = None
        self.problem = None

    def reject(self, code: str) -> None:
        self.problem = code

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.shown()

    def shown(self) -> str:
        """The value as the input shows it."""
        return str(self.data)


class TextField(ValueField):
    """A line or a paragraph of text, in composed Unicode, without control characters."""

    def read(self, text: str) -> str | None:
        plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
        if any(unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in plain):
            self.reject("forms.control_characters")
            return None
        return plain


class NumberField(ValueField):
    """An exact decimal; thousands separators and full-width digits are understood."""

    def read(self, text: str) -> Decimal | None:
        plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace(" ", "")
        if not plain.strip("+-.,") or not _NUMBER.fullmatch(plain):
            self.reject("forms.not_a_number")
            return None
        digits = plain.replace(",", "")
        if sum(sign.isdigit() for sign in digits) > MAX_DIGITS:
            self.reject("forms.number_too_long")
            return None
        try:
            return Decimal(digits)
        except InvalidOperation:
            self.reject("forms.not_a_number")
            return None

    def adopt(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        return super().adopt(value)

    def shown(self) -> str:
        return format(self.data, "f") if isinstance(self.data, Decimal) else str(self.data)


class CheckboxField(ValueField):
    """Yes or no; a box that was not sent is a no."""

    widget = widgets.CheckboxInput()
    no_words = frozenset({"", "false", "0", "off", "no", "none"})

    def process_formdata(self, valuelist: list[str]) -> None:
        self.problem = None
        self.data = bool(valuelist) and valuelist[-1].strip().lower() not in self.no_words

    def adopt(self, value: Any) -> Any:
        return value is True or (isinstance(value, str) and value.lower() not in self.no_words)

    def _value(self) -> str:
        return "y"


class ChoiceField(ValueField):
    """One of the options that the page offered."""

    def read(self, text: str) -> Any:
        for token, value, _label in self.choices:
            if token == text:
                return value
        self.reject("forms.not_an_option")
        return None

    def adopt(self, value: Any) -> Any:
        # A value that the options no longer offer is still the value that was stored.
        return value if value != "" else None


class ChoicesField(ValueField):
    """Several of the options, in the order of the options, each once."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.problem = None
        wanted = {text.strip() for text in valuelist if text.strip()}
        if wanted - {token for token, _value, _label in self.choices}:
            self.reject("forms.not_an_option")
        self.data = [value for token, value, _label in self.choices if token in wanted]

    def adopt(self, value: Any) -> Any:
        return list(value) if isinstance(value, (list, tuple, set, frozenset)) else []

    @property
    def tokens(self) -> frozenset[str]:
        return frozenset(str(value) for value in self.data or [])


class DateField(ValueField):
    """A day."""

    def read(self, text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.reject("forms.not_a_date")
            return None


class TimeField(ValueField):
    """A time of day, kept as ``HH:MM``."""

    def read(self, text: str) -> str | None:
        match = _CLOCK.fullmatch(text)
        try:
            if match:
                return time(int(match[1]), int(match[2])).strftime("%H:%M")
        except ValueError:
            pass
        self.reject("forms.not_a_time")
        return None


class MomentField(ValueField):
    """A day with a time, read as firm time."""

    def read(self, text: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.reject("forms.not_a_moment")
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=FIRM_ZONE)

    def shown(self) -> str:
        if isinstance(self.data, datetime):
            return self.data.astimezone(FIRM_ZONE).strftime("%Y-%m-%dT%H:%M")
        return str(self.data)


_BY_KIND: Mapping[str, type[ValueField]] = {
    **dict.fromkeys(TEXT_KINDS, TextField),
    **dict.fromkeys(CHOICE_KINDS, ChoiceField),
    **dict.fromkeys(MULTI_KINDS, ChoicesField),
    "number": NumberField,
    "checkbox": CheckboxField,
}
_BY_SUBTYPE: Mapping[str, type[ValueField]] = {
    "time": TimeField,
    "datetime": MomentField,
    "date": DateField,
}


def field_type(component: Component) -> type[ValueField]:
    """The field class of an input component."""
    if component.kind == "datetime":
        return _BY_SUBTYPE.get(str(component.settings.get("subtype") or "date"), DateField)
    return _BY_KIND[component.kind]


class ScopeForm(Form):  # type: ignore[misc]
    """The fields of one data scope; ``choices`` holds the options that depend on the case."""

    def __init__(
        self,
        formdata: Any = None,
        prefix: str = PREFIX,
        choices: Mapping[str, list[Choice]] | None = None,
    ) -> None:
        self._choices = choices or {}
        super().__init__(formdata, prefix=prefix)

    def process(self, *args: Any, **kwargs: Any) -> None:
        # Options first: what was sent is read against them.
        for field in self._fields.values():
            field.choices = self._choices.get(field.component.key, [])
        super().process(*args, **kwargs)


@lru_cache(maxsize=1024)
def _classes(form_hash: str, language: str) -> dict[tuple[str, ...], type[ScopeForm]]:
    return {}


def form_class(
    form: FormDefinition, components: tuple[Component, ...], place: tuple[str, ...], language: str
) -> type[ScopeForm]:
    """The WTForms class of the scope at ``place`` (() = the form, ("lines",) = its rows)."""
    cache = _classes(form.content_hash, language)
    known = cache.get(place)
    if known is None:
        known = cache[place] = _build(components, language)
    return known


def _build(components: tuple[Component, ...], language: str) -> type[ScopeForm]:
    # A data key becomes an attribute under a prefix of its own (a field called "meta" or "data"
    # would break WTForms) while its name in the HTML stays readable.
    attributes = {
        f"field_{component.key}": field_type(component)(
            label=component.label.within(language),
            name=component.key,
            component=component,
        )
        for component in scope(components)
        if component.is_input and component.path
    }
    return type("BuiltForm", (ScopeForm,), attributes)
