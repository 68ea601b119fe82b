"""A form bound to one case: fields with their values, what is shown, and what may be changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from perfflow.feel import FeelError
from perfflow.forms import formulas, paths
from perfflow.forms.bindings import FormContext, lookup_named, start_values
from perfflow.forms.definition import Component, FormDefinition, scope
from perfflow.forms.fields import Choice, form_class, PREFIX, ScopeForm, ValueField
from perfflow.forms.problems import FieldError
from perfflow.forms.reading import as_option

MAX_ROWS = 300
MAX_PASSES = 5
_DEFAULT_ROWS = 1


@dataclass(frozen=True, slots=True)
class State:
    """What the reader may do with a component right now."""

    shown: bool = True
    locked: bool = False


@dataclass(slots=True, eq=False)
class RowList:
    """The rows of a dynamiclist; ``name`` is the input that carries their numbers."""

    component: Component
    name: str
    rows: list[Scope]
    place: tuple[str, ...]
    errors: list[FieldError] = field(default_factory=list)

    @property
    def next_number(self) -> int:
        """A row number that was never used in this page."""
        return max((row.number for row in self.rows), default=-1) + 1

    @property
    def may_change(self) -> bool:
        return self.component.settings.get("allowAddRemove") is not False


@dataclass(slots=True, eq=False)
class Scope:
    """The form itself or one row: fields, nested row lists, states and current values."""

    components: tuple[Component, ...]
    form: ScopeForm
    start: Mapping[str, Any]
    number: int = 0
    position: int = 0
    lists: dict[Component, RowList] = field(default_factory=dict)
    states: dict[Component, State] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    failed: dict[Component, FeelError] = field(default_factory=dict)  # conditions that stopped

    def entry(self, component: Component) -> ValueField:
        """The field of an input component."""
        found: ValueField = self.form[f"field_{component.key}"]
        return found

    def state(self, component: Component) -> State:
        return self.states.get(component, State())

    def inputs(self) -> Iterator[tuple[Component, ValueField]]:
        for component in scope(self.components):
            if component.is_input and component.path:
                yield component, self.entry(component)


class BoundForm:
    """A definition with a context, start values and perhaps what was sent."""

    def __init__(
        self,
        definition: FormDefinition,
        context: FormContext,
        sent: MultiDict[str, str] | None = None,
        start: Mapping[str, Any] | None = None,
        read_only: bool = False,
    ) -> None:
        self.definition = definition
        self.read_only = read_only
        self.context = context
        self.language = context.language
        self.sent = sent
        self.start = dict(start_values(definition, context) if start is None else start)
        self.errors: list[FieldError] = []
        self.root = self._scope(definition.components, (), PREFIX, self.start, 0)
        self.settle()

    # -- building ---------------------------------------------------------------------------

    def _scope(
        self,
        components: tuple[Component, ...],
        place: tuple[str, ...],
        prefix: str,
        start: Mapping[str, Any],
        number: int,
    ) -> Scope:
        kind = form_class(self.definition, components, place, self.language)
        choices = {
            component.key: self._choices(component, start)
            for component in scope(components)
            if component.kind in {"radio", "select", "checklist", "taglist"}
        }
        form = kind(self.sent, prefix=prefix, choices=choices)
        bound = Scope(components, form, start, number)
        if self.sent is None:
            for component, entry in bound.inputs():
                given = paths.get(start, component.path)
                entry.settle(component.settings.get("defaultValue") if given is None else given)
        for component in scope(components):
            if component.kind == "dynamiclist" and component.path:
                bound.lists[component] = self._rows(component, place, prefix, start)
        return bound

    def _choices(self, component: Component, start: Mapping[str, Any]) -> list[Choice]:
        """The options of a choice: from the file, the values, a formula or a look-up."""
        options = list(component.options)
        source = lookup_named(component.properties.get("lookup", ""))
        found: Any = None
        if source is not None:
            options = source(self.context)
        elif isinstance(component.settings.get("valuesExpression"), str):
            known = {**self.context.variables, **self.start, **start}
            text = component.settings["valuesExpression"]
            found = formulas.evaluate(text, known, self.context.now)
        elif isinstance(component.settings.get("valuesKey"), str):
            where = tuple(component.settings["valuesKey"].split("."))
            for values in (start, self.start, self.context.variables):
                found = found if found is not None else paths.get(values, where)
        if isinstance(found, list):
            options = [option for value in found if (option := as_option(value)) is not None]
        return [
            (option.token, option.value, option.label.within(self.language)) for option in options
        ]

    def _rows(
        self,
        component: Component,
        place: tuple[str, ...],
        prefix: str,
        start: Mapping[str, Any],
    ) -> RowList:
        given = paths.get(start, component.path)
        starts = (
            [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) else []
        )
        name = f"{prefix}{component.key}"
        inner = (*place, component.key)
        rows = [
            self._scope(
                component.children,
                inner,
                f"{name}-{number}-",
                starts[number] if number < len(starts) else {},
                number,
            )
            for number in self._numbers(component, name, len(starts))
        ]
        for position, row in enumerate(rows):
            row.position = position
        return RowList(component, name, rows, inner)

    def blank_row(self, owner: Scope, rows: RowList) -> tuple[str, Scope]:
        """A fresh row for the page to copy, and the placeholder that stands for its number."""
        placeholder = f"__row{len(rows.place)}__"
        prefix = f"{rows.name}-{placeholder}-"
        row = self._scope(rows.component.children, rows.place, prefix, {}, rows.next_number)
        for component, entry in row.inputs():
            entry.settle(component.settings.get("defaultValue"))
        row.position = len(rows.rows)
        self._settle(row, owner.context, False, owner.state(rows.component).locked)
        return placeholder, row

    def _numbers(self, component: Component, name: str, known: int) -> list[int]:
        """The numbers of the rows: as sent, or as many as there are values to start with."""
        fresh = component.settings.get("defaultRepetitions", _DEFAULT_ROWS)
        fresh = fresh if isinstance(fresh, int) and 0 <= fresh <= MAX_ROWS else _DEFAULT_ROWS
        fixed = component.settings.get("allowAddRemove") is False
        if self.sent is None or fixed or self._is_locked(component, False):
            return list(range(known or fresh))
        carried = [int(text) for text in self.sent.getlist(name) if _is_number(text)]
        spelled = re.compile(re.escape(name) + r"-(\d{1,6})-")
        named = [int(match[1]) for key in self.sent if (match := spelled.match(key))]
        return list(dict.fromkeys(carried + sorted(named)))[: MAX_ROWS + 1]

    # -- what is shown, what is locked -------------------------------------------------------

    def settle(self) -> None:
        """Decide what is shown and locked until nothing changes any more.

        A hidden value must not decide whether something else is shown, so it leaves the data
        and the conditions are read again; conditions in a circle stop after a few passes.
        """
        for _ in range(MAX_PASSES):
            before = self._states(self.root)
            self._settle(self.root, dict(self.context.variables), False, False)
            if not self.definition.is_conditional or self._states(self.root) == before:
                break

    def _states(self, bound: Scope) -> list[State]:
        found = list(bound.states.values())
        for rows in bound.lists.values():
            for row in rows.rows:
                found += self._states(row)
        return found

    def _settle(self, bound: Scope, outer: dict[str, Any], hidden: bool, locked: bool) -> None:
        bound.data = self._collected(bound)
        bound.context = outer
        bound.failed.clear()
        self._settle_each(bound, bound.components, hidden, locked)
        bound.context = self.seen(bound, outer)

    def seen(self, bound: Scope, outer: Mapping[str, Any]) -> dict[str, Any]:
        """What an expression in this scope may use."""
        if bound is self.root:
            return {**outer, **bound.data}
        return formulas.row_context(outer, bound.data, bound.position)

    def _collected(self, bound: Scope) -> dict[str, Any]:
        """Current values of a scope without those that are hidden so far."""
        data: dict[str, Any] = {}
        for component, entry in bound.inputs():
            if bound.state(component).shown:
                paths.put(data, component.path, entry.data)
        for component, rows in bound.lists.items():
            if bound.state(component).shown:
                paths.put(data, component.path, [self._collected(row) for row in rows.rows])
        return data

    def _settle_each(
        self, bound: Scope, components: tuple[Component, ...], hidden: bool, locked: bool
    ) -> None:
        for component in components:
            # Only what is computed needs to see the values; most components are not.
            context = self.seen(bound, bound.context) if component.is_computed else {}
            shown, fixed = self._state(bound, component, context, hidden, locked)
            bound.states[component] = State(shown, fixed)
            if component.kind == "group":
                self._settle_each(bound, component.children, not shown, fixed)
            elif component.kind == "dynamiclist" and component in bound.lists:
                for row in bound.lists[component].rows:
                    self._settle(row, context, not shown, fixed)
                rows = [row.data for row in bound.lists[component].rows]
                self._place(bound, component, rows, shown)
            elif component.is_input and component.path:
                entry = bound.entry(component)
                if fixed and self.sent is not None:
                    entry.settle(self._own(bound, component))
                self._place(bound, component, entry.data, shown)
            elif component.kind == "expression" and component.path:
                self._place(bound, component, self._computed(component, context), shown)

    def _state(
        self,
        bound: Scope,
        component: Component,
        context: Mapping[str, Any],
        hidden: bool,
        locked: bool,
    ) -> tuple[bool, bool]:
        """Shown and locked; what cannot be decided stays in sight and shut, and says why."""
        shown, fixed = not hidden, True
        try:
            shown = shown and self._is_shown(component, context)
        except formulas.FormulaFailed as failed:
            bound.failed[component] = failed.error
        try:
            fixed = self._is_locked(component, locked, context)
        except formulas.FormulaFailed as failed:
            bound.failed[component] = failed.error
        return shown, fixed

    def _own(self, bound: Scope, component: Component) -> Any:
        """The server's value of a locked field."""
        given = paths.get(bound.start, component.path)
        return component.settings.get("defaultValue") if given is None else given

    @staticmethod
    def _place(bound: Scope, component: Component, value: Any, shown: bool) -> None:
        if shown:
            paths.put(bound.data, component.path, value)
        else:
            paths.drop(bound.data, component.path)

    def _computed(self, component: Component, context: Mapping[str, Any]) -> Any:
        text = component.settings.get("expression")
        return formulas.evaluate(text, context, self.context.now) if isinstance(text, str) else None

    def _is_shown(self, component: Component, context: Mapping[str, Any]) -> bool:
        if not self._allowed(component.rights.read_roles, component.rights.read_at):
            return False
        hide = component.hide
        return hide is None or not formulas.is_true(hide, context, self.context.now)

    def _is_locked(
        self, component: Component, locked: bool, context: Mapping[str, Any] | None = None
    ) -> bool:
        rights = component.rights
        if locked or self.read_only or not self._allowed(rights.write_roles, rights.write_at):
            return True
        if component.settings.get("disabled") is True:
            return True
        readonly = component.settings.get("readonly")
        if isinstance(readonly, str) and context is not None:
            return formulas.is_true(readonly, context, self.context.now)
        return readonly is True

    def is_always_locked(self, component: Component) -> bool:
        """True when no input can unlock the component in this case."""
        return self._is_locked(component, False)

    def _allowed(self, roles: frozenset[str], places: frozenset[str]) -> bool:
        if places and self.context.element_id not in places:
            return False
        return not roles or bool(roles & {str(role) for role in self.context.actor.roles})


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6
