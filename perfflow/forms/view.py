"""What a template needs to draw a bound form: items in order, rows, sentences of errors."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from markupsafe import Markup

from perfflow.forms import formulas, paths
from perfflow.forms.bound import BoundForm, RowList, Scope
from perfflow.forms.definition import Component, KNOWN_KINDS, Text
from perfflow.forms.fields import ValueField
from perfflow.forms.markup import clean_html, markdown
from perfflow.forms.problems import FieldError, formula_failed
from perfflow.forms.records import adorner, shown_value

GRID = 16
SHORT = 5
SHORT_KINDS = frozenset({"number", "datetime", "select", "expression"})


@dataclass(slots=True, eq=False)
class Item:
    """One component as the page shows it."""

    component: Component
    path: str
    kind: str
    label: str
    help: str
    required: bool = False
    locked: bool = False
    field: ValueField | None = None
    value: Any = None
    shown_value: str = ""
    prefix: str = ""
    suffix: str = ""
    html: Markup = dataclasses.field(default_factory=Markup)
    table: TableView | None = None
    children: list[Item] = dataclasses.field(default_factory=list)
    rows: list[RowView] = dataclasses.field(default_factory=list)
    row_list: RowList | None = None
    blank: RowView | None = None
    errors: list[str] = dataclasses.field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The id to jump to."""
        if self.field is not None:
            return str(self.field.id)
        return self.row_list.name if self.row_list is not None else f"c-{self.component.ident}"

    @property
    def columns(self) -> int:
        """Width in sixteenths of the row; what holds a short value is short unless told else."""
        layout = self.component.settings.get("layout")
        wide = layout.get("columns") if isinstance(layout, Mapping) else None
        if isinstance(wide, int) and 1 <= wide <= GRID:
            return wide
        return SHORT if self.kind in SHORT_KINDS else GRID

    def item(self, key: str) -> Item | None:
        """The item with that key inside this group."""
        return _find(self.children, key)


@dataclass(slots=True, eq=False)
class RowView:
    """One row of a list; ``number`` is what the page calls it, ``position`` counts from 0."""

    number: str
    position: int
    path: str
    start: Mapping[str, Any]
    items: list[Item]
    errors: list[str] = dataclasses.field(default_factory=list)

    def item(self, key: str) -> Item | None:
        """The item with that key in this row."""
        return _find(self.items, key)


@dataclass(frozen=True, slots=True)
class TableView:
    """A read-only table: headings, rows of texts, and how many to show at first."""

    headings: list[str]
    rows: list[list[str]]
    first: int


@dataclass(slots=True, eq=False)
class FormView:
    """The whole form for a template; ``summary`` lists every error with its anchor."""

    form: BoundForm
    items: list[Item]
    summary: list[tuple[str | None, str]]

    def item(self, key: str) -> Item | None:
        """The item with that key, also inside groups; not inside rows."""
        return _find(self.items, key)

    @property
    def submit(self) -> str:
        """The verb of the one filled button."""
        return self.form.definition.text("submit").within(self.form.language)


def _find(items: list[Item], key: str) -> Item | None:
    for item in items:
        if item.component.key == key and item.kind != "group":
            return item
        found = _find(item.children, key)
        if found is not None:
            return found
    return None


def form_view(bound: BoundForm) -> FormView:
    """The items of ``bound`` that this person may see, with errors at their places."""
    builder = _Builder(bound)
    items = builder.items(bound.root, bound.root.components, "")
    summary = [builder.place(error) for error in bound.errors]
    return FormView(bound, items, summary)


class _Builder:
    """Builds items and remembers them by path, so that errors find their place."""

    def __init__(self, bound: BoundForm) -> None:
        self.bound = bound
        self.by_path: dict[str, Item | RowView] = {}

    def items(self, part: Scope, components: tuple[Component, ...], trail: str) -> list[Item]:
        return [
            self.item(part, component, trail)
            for component in components
            if part.state(component).shown
        ]

    def item(self, part: Scope, component: Component, trail: str) -> Item:
        language = self.bound.language
        item = Item(
            component=component,
            path=trail + component.key,
            kind=component.kind if component.kind in KNOWN_KINDS else "unknown",
            label=component.label.within(language),
            help=component.description.within(language),
            required=component.is_required,
            locked=part.state(component).locked,
            prefix=adorner(component, "prefixAdorner", language),
            suffix=adorner(component, "suffixAdorner", language),
        )
        if component in part.failed and not self.bound.errors:
            # A submission says it with its errors; a page that was only opened says it here.
            failed = formula_failed(item.path, part.failed[component], component.label)
            item.errors.append(failed.sentence(language))
        if component.holds_data:
            self.by_path[item.path] = item
            item.value = paths.get(part.data, component.path)
        if component.kind == "group":
            item.children = self.items(part, component.children, trail)
        elif component.kind == "dynamiclist" and component in part.lists:
            self.rows(part, part.lists[component], item)
        elif component.is_input and component.path:
            item.field = part.entry(component)
            item.required = item.required and not item.locked
            item.shown_value = self.shown(component, item.field)
        elif component.kind == "expression":
            item.shown_value = shown_value(component, item.value, language)
        else:
            self.display(part, component, item)
        return item

    def shown(self, component: Component, entry: ValueField) -> str:
        if entry.choices and entry.data not in (None, []):
            labels = {token: label for token, _value, label in entry.choices}
            values = entry.data if isinstance(entry.data, list) else [entry.data]
            joiner = "、" if self.bound.language.startswith("zh") else ", "
            return joiner.join(labels.get(str(value), str(value)) for value in values)
        return shown_value(component, entry.data, self.bound.language)

    def rows(self, part: Scope, rows: RowList, item: Item) -> None:
        item.row_list = rows
        for position, row in enumerate(rows.rows):
            path = f"{item.path}.{position}"
            view = RowView(str(row.number), position, path, row.start, [])
            view.items = self.items(row, row.components, path + ".")
            self.by_path[path] = view
            item.rows.append(view)
        if rows.may_change and not item.locked:
            placeholder, blank = self.bound.blank_row(part, rows)
            known = dict(self.by_path)
            items = self.items(blank, blank.components, f"{item.path}.{placeholder}.")
            self.by_path = known
            item.blank = RowView(placeholder, len(rows.rows), "", {}, items)

    def display(self, part: Scope, component: Component, item: Item) -> None:
        context, now, language = part.context, self.bound.context.now, self.bound.language
        if component.kind == "text":
            text = component.setting_text("text").within(language)
            item.html = markdown(formulas.filled_in(text, context, now))
        elif component.kind == "html":
            text = component.setting_text("content").within(language)
            item.html = clean_html(formulas.filled_in(text, context, now, escape))
        elif component.kind == "table":
            item.table = self.table(component, context)
        elif component.kind == "image":
            source = str(component.settings.get("source") or "")
            # The gate has let in only paths of this site and pictures inside the file.
            safe = source.startswith(("data:image/png", "data:image/jpeg")) or (
                source.startswith("/") and not source.startswith("//")
            )
            item.value = source if safe else ""
            item.label = component.setting_text("alt").within(language)

    def table(self, component: Component, context: Mapping[str, Any]) -> TableView:
        now, language = self.bound.context.now, self.bound.language
        source = str(component.settings.get("dataSource") or "")
        rows = formulas.evaluate(source, context, now)
        columns = component.settings.get("columns")
        if isinstance(component.settings.get("columnsExpression"), str):
            columns = formulas.evaluate(component.settings["columnsExpression"], context, now)
        columns = [column for column in columns or [] if isinstance(column, Mapping)]
        headings = [
            Text(str(column.get("label") or column.get("key")), str(column.get("label@en") or ""))
            for column in columns
        ]
        first = component.settings.get("rowCount")
        return TableView(
            [heading.within(language) for heading in headings],
            [
                [shown_value(component, row.get(column.get("key")), language) for column in columns]
                for row in (rows if isinstance(rows, list) else [])
                if isinstance(row, Mapping)
            ],
            first if isinstance(first, int) and first > 0 else 10,
        )

    def place(self, error: FieldError) -> tuple[str | None, str]:
        """Put the sentence on the item it names, or on the nearest thing around it."""
        sentence = error.sentence(self.bound.language)
        path = error.path
        while path:
            found = self.by_path.get(path)
            if found is not None:
                found.errors.append(sentence)
                return _anchor(found), sentence
            path = path.rpartition(".")[0]
        return None, sentence


def _anchor(found: Item | RowView) -> str | None:
    if isinstance(found, Item):
        return found.anchor
    return next((item.anchor for item in found.items if item.field is not None), None)
