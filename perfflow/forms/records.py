"""Stored values of a form for reading again: record pages, extra fields and exports."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from perfflow.calendar import FIRM_ZONE
from perfflow.forms import paths
from perfflow.forms.bindings import binding_of
from perfflow.forms.definition import Component, FormDefinition, scope
from perfflow.i18n import as_language, formats

_YES = {"zh": "是", "en": "Yes"}
_NO = {"zh": "否", "en": "No"}


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A label with its stored value in words; ``rows`` is filled for row lists instead."""

    key: str
    label: str
    shown: str
    rows: tuple[tuple[RecordRow, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: the full key and its heading."""

    key: str
    heading: str


def shown_value(component: Component, value: Any, language: str) -> str:
    """``value`` as a person reads it: options by their label, numbers with unit, dates in words."""
    spoken = as_language(language) or "zh"
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return (_YES if value else _NO)[spoken]
    if component.options:
        labels = {option.token: option.label.within(language) for option in component.options}
        values = value if isinstance(value, list) else [value]
        joiner = "、" if spoken == "zh" else ", "
        return joiner.join(labels.get(str(entry), str(entry)) for entry in values)
    if isinstance(value, datetime):
        return formats.instant(value, spoken, year=True)
    if isinstance(value, date):
        return formats.day(value, spoken, year=True)
    if isinstance(value, (int, Decimal)):
        unit = adorner(component, "suffixAdorner", language)
        number = formats.number(value)
        return number + (unit if unit in {"", "%"} else f" {unit}")
    if isinstance(value, list):
        return ("、" if spoken == "zh" else ", ").join(str(entry) for entry in value)
    return str(value)


def adorner(component: Component, name: str, language: str) -> str:
    """The unit before or after an input."""
    appearance = component.settings.get("appearance")
    primary = appearance.get(name) if isinstance(appearance, Mapping) else None
    english = component.properties.get(f"{name}@en")
    if english and not language.startswith("zh"):
        return english
    return primary if isinstance(primary, str) else ""


def record_rows(
    form: FormDefinition,
    values: Mapping[str, Any],
    language: str,
    roles: Collection[str] | None = None,
) -> list[RecordRow]:
    """A completed form as it was: every stored field, also those in ``extra``.

    With ``roles`` (of the reader), fields that these roles may not read are left out.
    """
    return list(_rows(form.components, _merged(values), language, roles))


def record_extra(
    form: FormDefinition, extra: Mapping[str, Any] | None, language: str
) -> list[RecordRow]:
    """The fields that a firm added beyond the binding, with the values stored in ``extra``.

    Values of fields that a later version of the form no longer has are shown under their key.
    """
    if not extra:
        return []
    found = list(_rows(form.components, extra, language))
    known = {row.key for row in found}
    known |= {component.path[0] for component in scope(form.components) if component.path}
    for name, value in extra.items():
        if name not in known:
            found.append(RecordRow(name, name, "–" if value is None else str(value)))
    return found


def _merged(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with their ``extra`` back in place."""
    plain = {name: value for name, value in values.items() if name != "extra"}
    extra = values.get("extra")
    return {**plain, **extra} if isinstance(extra, Mapping) else dict(values)


def _rows(
    components: tuple[Component, ...],
    values: Mapping[str, Any],
    language: str,
    roles: Collection[str] | None = None,
) -> Iterator[RecordRow]:
    for component in scope(components):
        if not component.holds_data or not _is_present(values, component.path):
            continue
        readers = component.rights.read_roles
        if roles is not None and readers and readers.isdisjoint(roles):
            continue
        value = paths.get(values, component.path)
        label = component.label.within(language) or component.key
        if component.kind == "dynamiclist":
            rows = value if isinstance(value, list) else []
            yield RecordRow(
                component.key,
                label,
                str(len(rows)),
                tuple(
                    tuple(_rows(component.children, _merged(row), language, roles))
                    for row in rows
                    if isinstance(row, Mapping)
                ),
            )
        else:
            yield RecordRow(component.key, label, shown_value(component, value, language))


def _is_present(values: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    inner = paths.get(values, path[:-1]) if len(path) > 1 else values
    return isinstance(inner, Mapping) and path[-1] in inner


def export_columns(form: FormDefinition, language: str = "zh") -> list[Column]:
    """The columns of an export: single fields first, then those of rows (``lines.weight``)."""
    single: list[Column] = []
    rows: list[Column] = []
    for key, component in form.walk():
        if component.kind == "dynamiclist":
            continue
        column = Column(key, component.label.within(language) or key)
        (rows if _list_of(form, key) else single).append(column)
    return single + rows


def extra_columns(form: FormDefinition, language: str = "zh") -> list[Column]:
    """The export columns of fields that the binding does not know."""
    binding = binding_of(form)
    known = binding.fields if binding is not None else frozenset()
    return [column for column in export_columns(form, language) if column.key not in known]


def _list_of(form: FormDefinition, key: str) -> str | None:
    lists = [name for name, item in form.walk() if item.kind == "dynamiclist"]
    return max((name for name in lists if key.startswith(name + ".")), key=len, default=None)


def export_row(form: FormDefinition, values: Mapping[str, Any]) -> dict[str, str]:
    """One submission as text cells by column key; each row of a list is a line in its cell."""
    merged = _merged(values)
    cells: dict[str, str] = {}
    for key, component in form.walk():
        if component.kind != "dynamiclist":
            cells[key] = "\n".join(_plain(value) for value in _reach(merged, key.split(".")))
    return cells


def _reach(values: Any, names: list[str]) -> Iterator[Any]:
    if isinstance(values, list):
        for entry in values:
            yield from _reach(_merged(entry) if isinstance(entry, Mapping) else entry, names)
    elif not names:
        yield values
    elif isinstance(values, Mapping):
        yield from _reach(values.get(names[0]), names[1:])
    else:
        yield None


def _plain(value: Any) -> str:
    """A cell: exact, language-free, and never a formula for the spreadsheet that opens it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(FIRM_ZONE).isoformat(timespec="minutes")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (bool, int, date)):
        return str(value)
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
