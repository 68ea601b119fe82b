"""What simulated people fill in: the start values, what is required, and a person's choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from perfflow.calendar import local_date
from perfflow.forms import FormContext, FormDefinition
from perfflow.forms.bindings import start_values
from perfflow.forms.definition import Component
from perfflow.seed.streams import Stream
from perfflow.simulation.texts import sentence

Values = dict[str, Any]

ACCEPTS_EVERYTHING = 2.0


@dataclass(frozen=True, slots=True)
class Persona:
    """Who answers: how agreeable she is (0–1, or ``ACCEPTS_EVERYTHING``), her stream of chance."""

    no: str
    stream: Stream
    agreeable: float = 0.7


@dataclass(frozen=True, slots=True)
class Question:
    """One form in front of one person; ``about`` is the person that the case is about."""

    form: FormDefinition
    context: FormContext
    start: Values
    persona: Persona
    about: str | None

    @property
    def today(self) -> date:
        return local_date(self.context.now)


Choice = Callable[[Question, Values], None]
_choices: dict[str, Choice] = {}


def choice(form_key: str) -> Callable[[Choice], Choice]:
    """Register how people decide on one form; forms without one get what is required."""

    def register(function: Choice) -> Choice:
        _choices[form_key] = function
        return function

    return register


def answer(
    form: FormDefinition, context: FormContext, persona: Persona, about: str | None
) -> Values:
    """The plain values that this person hands in."""
    start = start_values(form, context)
    question = Question(form, context, start, persona, about)
    values = fill(question, form.components, start)
    decide = _choices.get(form.key)
    if decide is not None:
        decide(question, values)
    return values


def fill(question: Question, components: tuple[Component, ...], start: Mapping[str, Any]) -> Values:
    """Editable fields with their start values, and something fitting where one is required.

    Fields that a condition may hide stay out: the one who decides sets them.
    """
    values: Values = {}
    for component in components:
        if component.kind == "group":
            inner = start.get(component.key, {}) if component.path else start
            found = fill(question, component.children, inner if isinstance(inner, Mapping) else {})
            values |= {component.key: found} if component.path else found
        elif component.kind == "dynamiclist":
            rows = start.get(component.key) or []
            filled = [fill(question, component.children, row) for row in rows]
            if any(filled):  # a list that is only shown is not handed in
                values[component.key] = filled
        elif component.is_input and component.path and component.hide is None:
            if component.settings.get("readonly"):
                continue
            value = start.get(component.key)
            if value in (None, "", []) or value is False:
                value = sample(question, component) if component.is_required else value
            if value is not None:
                values[component.key] = value
    return values


def sample(question: Question, component: Component) -> Any:
    """A value of the field's kind, as short as it may be."""
    match component.kind:
        case "checkbox":
            return True
        case "number":
            return Decimal(str(component.validate.get("min", 1)))
        case "radio" | "select":
            return component.options[0].value if component.options else None
        case "checklist" | "taglist":
            return [component.options[0].value] if component.options else []
        case "datetime":
            return question.today + timedelta(days=30)
        case _:
            least = int(component.validate.get("minLength", 0))
            return sentence(question.persona.stream, component.key, least)
