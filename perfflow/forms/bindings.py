"""Bindings: how a room gives a form its first values and takes over what was filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from perfflow.forms.definition import FormDefinition, Option, Text
from perfflow.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class FormContext:
    """Everything a form may know about where it is filled in."""

    session: Session | None
    actor: Actor
    now: datetime
    form_key: str
    business_key: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    element_id: str = ""
    definition_key: str = ""
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One figure beside the form with where it comes from."""

    label: Text | str
    value: Any
    source: str = ""
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A panel beside the form: figures, each with source and date, and a closing note."""

    title: Text | str
    rows: tuple[EvidenceRow | tuple[Any, Any, str, date | None], ...] = ()
    note: Text | str = ""

    def lines(self) -> list[EvidenceRow]:
        """The rows in one shape, however the room wrote them."""
        return [row if isinstance(row, EvidenceRow) else EvidenceRow(*row) for row in self.rows]


class FormBinding:
    """What a room implements; ``fields`` are the keys it stores itself, rows as ``lines.why``.

    Everything else that a form carries comes to :meth:`store` under ``values["extra"]``, rows
    under their own ``extra``. ``required`` are keys without which a form file is refused.
    ``private`` keys are kept by the room alone: they are not in the submission, so no record page
    and no export ever has them.
    """

    fields: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()

    def load(self, ctx: FormContext) -> dict[str, Any]:
        """Values that the form starts with, also those of read-only fields."""
        return {}

    def store(self, ctx: FormContext, values: dict[str, Any]) -> dict[str, Any] | None:
        """Write the room's tables; the small result goes back to the process."""
        return None

    def evidence(self, ctx: FormContext) -> list[Evidence]:
        """Panels beside the form."""
        return []


_BINDINGS: dict[str, FormBinding] = {}
Lookup = Callable[[FormContext], list[Option]]
_LOOKUPS: dict[str, Lookup] = {}
Bound = TypeVar("Bound", bound=type[FormBinding])


def form_binding(name: str) -> Callable[[Bound], Bound]:
    """Register a binding class under ``room.noun``; the same class again is no mistake."""

    def register(binding: Bound) -> Bound:
        known = _BINDINGS.get(name)
        if known is not None and type(known).__qualname__ != binding.__qualname__:
            raise ValueError(f"expected one binding named {name} but got two")
        _BINDINGS[name] = binding()
        return binding

    return register


def form_lookup(name: str) -> Callable[[Lookup], Lookup]:
    """Register a source of options (``people``, ``units``, ``metrics``) for choice fields."""

    def register(source: Lookup) -> Lookup:
        _LOOKUPS[name] = source
        return source

    return register


def binding_named(name: str) -> FormBinding | None:
    return _BINDINGS.get(name)


def binding_of(form: FormDefinition) -> FormBinding | None:
    """The binding that the form declares, if it is registered."""
    return _BINDINGS.get(form.binding) if form.binding else None


def lookup_named(name: str) -> Lookup | None:
    return _LOOKUPS.get(name)


def binding_names() -> frozenset[str]:
    return frozenset(_BINDINGS)


def start_values(form: FormDefinition, ctx: FormContext) -> dict[str, Any]:
    """What the form starts with: the room's values, or process variables of the same name.

    With a binding the variables stay out: a ``decision`` of an earlier step must not be
    pre-selected in a later form that happens to ask with the same key.
    """
    binding = binding_of(form)
    if binding is not None:
        return dict(binding.load(ctx))
    names = {key.split(".")[0] for key in form.data_keys()}
    return {name: ctx.variables[name] for name in names if name in ctx.variables}


def split_extra(form: FormDefinition, values: dict[str, Any]) -> dict[str, Any]:
    """Move what the binding does not know to ``extra``; without a binding nothing moves."""
    binding = binding_of(form)
    if binding is None:
        return values
    return _split(values, binding.fields, "")


def _split(values: Mapping[str, Any], known: frozenset[str], prefix: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, value in values.items():
        full = prefix + name
        nested = any(field_key.startswith(full + ".") for field_key in known)
        if isinstance(value, list) and nested:
            kept[name] = [
                _split(row, known, full + ".") if isinstance(row, Mapping) else row for row in value
            ]
        elif isinstance(value, Mapping) and nested:
            kept[name] = _split(value, known, full + ".")
        elif full in known:
            kept[name] = value
        else:
            extra[name] = value
    kept["extra"] = extra
    return kept
