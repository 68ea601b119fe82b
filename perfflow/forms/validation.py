"""Validates a submission: one path for pages, the API and the simulation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from perfflow.forms import formulas, paths
from perfflow.forms.bindings import FormContext, split_extra
from perfflow.forms.bound import BoundForm, MAX_ROWS, RowList, Scope
from perfflow.forms.checks import limit, problems
from perfflow.forms.definition import Component, FormDefinition, Rule, scope, Text
from perfflow.forms.flatten import Flattened
from perfflow.forms.problems import errors_of, FieldError, formula_failed
from perfflow.kernel.errors import RuleViolation, RuleViolations


@dataclass(slots=True)
class Submission:
    """What was sent, judged: ``values`` are clean and typed, ``errors`` empty when all is well.

    ``values`` hold only shown fields: what was filled in, the server's own values of read-only
    fields and computed fields. With a binding, what the binding does not know is in ``extra``.
    ``shown`` are the dotted paths of the fields that the person saw.
    """

    values: dict[str, Any]
    errors: list[FieldError]
    shown: frozenset[str]
    form: BoundForm = field(repr=False)

    @property
    def is_valid(self) -> bool:
        return not self.errors

    def attach(self, violation: RuleViolation) -> None:
        """Put the rules that a room found broken on their fields."""
        for error in errors_of(violation):
            self.errors.append(error)
            self.form.errors.append(error)

    def raise_errors(self) -> None:
        """For callers without a page: raise what is wrong."""
        if self.errors:
            raise RuleViolations([error.as_violation() for error in self.errors])


def validate(
    form: FormDefinition,
    submitted: MultiDict[str, str] | Mapping[str, Any],
    context: FormContext,
    start: Mapping[str, Any] | None = None,
) -> Submission:
    """Judge ``submitted``: the fields of a page (MultiDict) or plain values (any other mapping).

    Names that a page sends beside the fields are ignored; in plain values unknown names, wrong
    types and values for hidden or read-only fields are errors.
    """
    flattened: Flattened | None = None
    if isinstance(submitted, MultiDict):
        bound = BoundForm(form, context, submitted, start)
    else:
        blank = BoundForm(form, context, None, start)
        flattened = Flattened(blank, submitted)
        bound = BoundForm(form, context, flattened.sent, blank.start)
    errors = list(_scope_errors(bound, bound.root, ""))
    errors += _rule_errors(bound, form.rules, bound.root.context, "", None)
    if flattened is not None:
        wrong = {error.path for error in flattened.errors}
        errors = flattened.errors + [error for error in errors if error.path not in wrong]
        errors += _forbidden(bound, flattened)
    bound.errors = list(errors)
    shown: set[str] = set()
    values = _values(bound.root, "", shown)
    return Submission(split_extra(form, values), errors, frozenset(shown), bound)


def _scope_errors(bound: BoundForm, part: Scope, trail: str) -> Iterator[FieldError]:
    for component, error in part.failed.items():
        if part.state(component).shown:
            yield formula_failed((trail + component.key).rstrip("."), error, component.label)
    for component in scope(part.components):
        state = part.state(component)
        if not state.shown or not component.path:
            continue
        place = trail + component.key
        if component.kind == "dynamiclist":
            yield from _list_errors(bound, part, part.lists[component], place)
        elif component.is_input and not state.locked:
            entry = part.entry(component)
            if entry.problem:
                yield FieldError(place, entry.problem, {}, component.label)
                continue
            yield from _value_errors(bound, part, component, place)
            context = {**part.context, "value": entry.data}
            yield from _rule_errors(bound, component.rules, context, place, component)


def _value_errors(
    bound: BoundForm, part: Scope, component: Component, place: str
) -> Iterator[FieldError]:
    data, now = part.entry(component).data, bound.context.now
    try:
        for code, params in problems(component, data, part.context, now):
            message = _pattern_message(component) if code == "forms.pattern" else Text()
            yield FieldError(place, code, params, component.label, message)
    except formulas.FormulaFailed as failed:
        yield formula_failed(place, failed.error, component.label)


def _pattern_message(component: Component) -> Text:
    primary = component.validate.get("patternErrorMessage")
    return Text(
        primary if isinstance(primary, str) else "",
        component.properties.get("patternErrorMessage@en", ""),
    )


def _list_errors(bound: BoundForm, part: Scope, rows: RowList, place: str) -> Iterator[FieldError]:
    component, now, count = rows.component, bound.context.now, len(rows.rows)
    if not part.state(component).locked:
        least = most = None
        try:
            least = limit(component.properties.get("minItems"), part.context, now)
            most = limit(component.properties.get("maxItems"), part.context, now)
        except formulas.FormulaFailed as failed:
            yield formula_failed(place, failed.error, component.label)
        top = min(most, Decimal(MAX_ROWS)) if isinstance(most, Decimal) else Decimal(MAX_ROWS)
        if isinstance(least, Decimal) and count < least:
            yield FieldError(
                place, "forms.too_few_rows", {"limit": least, "got": count}, component.label
            )
        if count > top:
            yield FieldError(
                place, "forms.too_many_rows", {"limit": top, "got": count}, component.label
            )
    for position, row in enumerate(rows.rows):
        yield from _scope_errors(bound, row, f"{place}.{position}.")
    value = paths.get(part.data, component.path)
    context = {**part.context, "value": value}
    yield from _rule_errors(bound, component.rules, context, place, component)


def _rule_errors(
    bound: BoundForm,
    rules: tuple[Rule, ...],
    context: Mapping[str, Any],
    place: str,
    component: Component | None,
) -> Iterator[FieldError]:
    """A rule is broken when it says false; null (something is still empty) breaks nothing."""
    for rule in rules:
        label = component.label if component is not None else bound.definition.text("title")
        try:
            if formulas.decided(rule.formula, context, bound.context.now) is False:
                yield FieldError(place, "forms.rule", {}, label, rule.message)
        except formulas.FormulaFailed as failed:
            yield formula_failed(place, failed.error, label)


def _forbidden(bound: BoundForm, flattened: Flattened) -> Iterator[FieldError]:
    """Values that were named for fields which are hidden, read-only or computed."""
    for numbers, place, component, value in flattened.given:
        part = _row(bound.root, place, numbers)
        if part is None or value is None:
            continue
        state = part.state(component)
        if not state.shown:
            yield FieldError(place, "forms.hidden_field", {}, component.label)
        elif component.kind == "expression":
            if value != paths.get(part.data, component.path):
                yield FieldError(place, "forms.computed_field", {}, component.label)
        elif component.is_input and state.locked:
            entry = part.entry(component)
            if entry.adopt(value) != entry.data:
                yield FieldError(place, "forms.read_only", {}, component.label)
        elif component.kind == "dynamiclist" and isinstance(value, (list, tuple)):
            rows = part.lists[component]
            if not rows.may_change and len(value) != len(rows.rows):
                yield FieldError(place, "forms.rows_fixed", {}, component.label)


def _row(root: Scope, place: str, numbers: tuple[int, ...]) -> Scope | None:
    """The scope that ``numbers`` lead to; ``place`` names the lists on the way."""
    part = root
    names = place.split(".")
    for number in numbers:
        rows = next(
            (
                rows
                for item, rows in part.lists.items()
                if names[: len(item.path)] == list(item.path)
            ),
            None,
        )
        if rows is None:
            return None
        names = names[len(rows.component.path) + 1 :]
        found = next((row for row in rows.rows if row.number == number), None)
        if found is None:
            return None
        part = found
    return part


def _values(part: Scope, trail: str, shown: set[str]) -> dict[str, Any]:
    """The clean values of a scope; what is hidden or disabled is not among them."""
    values: dict[str, Any] = {}
    for component in scope(part.components):
        if not component.holds_data or not part.state(component).shown:
            continue
        place = trail + component.key
        shown.add(place)
        if component.kind == "dynamiclist":
            rows = part.lists[component].rows
            kept: Any = [
                _values(row, f"{place}.{position}.", shown) for position, row in enumerate(rows)
            ]
        elif component.settings.get("disabled") is True:
            continue
        else:
            kept = paths.get(part.data, component.path)
        paths.put(values, component.path, kept)
    return values
