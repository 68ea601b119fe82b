"""Small forms for the tests: components in one line, a context, and a way to submit."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from perfflow.calendar import FIRM_ZONE
from perfflow.forms import FormContext, FormDefinition, parse_form, Submission, validate
from perfflow.kernel.actor import Actor, Role

NOW = datetime(2026, 1, 30, 9, 0, tzinfo=FIRM_ZONE)
EMPLOYEE = Actor("E00001", "E00001", frozenset({Role.EMPLOYEE}))
HR = Actor("E00002", "E00002", frozenset({Role.EMPLOYEE, Role.HR_PARTNER}))


def part(kind: str, key: str = "", label: str = "", **settings: Any) -> dict[str, Any]:
    """A component; ``props`` become its properties, ``children`` its components."""
    place = "path" if kind in {"group", "dynamiclist"} else "key"
    found = {"type": kind, "id": f"id_{key or kind}", "label": label or key, **settings}
    if key:
        found[place] = key
    for ours, theirs in (("props", "properties"), ("children", "components")):
        if ours in found:
            found[theirs] = found.pop(ours)
    return found


def document(*components: dict[str, Any], **properties: str) -> str:
    """The text of a form file."""
    return json.dumps(
        {
            "id": "probe",
            "type": "default",
            "schemaVersion": 19,
            "properties": properties,
            "components": list(components),
        },
        ensure_ascii=False,
    )


def form(*components: dict[str, Any], **properties: str) -> FormDefinition:
    return parse_form(document(*components, **properties), "probe")


def context(
    actor: Actor = EMPLOYEE, language: str = "en", element: str = "step", **variables: Any
) -> FormContext:
    return FormContext(None, actor, NOW, "probe", "key", variables, element, "process", language)


def page(*pairs: tuple[str, str], **single: str) -> MultiDict[str, str]:
    """What a browser sends: ``page(why="x")`` is ``f-why=x``."""
    return MultiDict([*pairs, *((f"f-{name}", value) for name, value in single.items())])


def send(definition: FormDefinition, submitted: Any, **about: Any) -> Submission:
    start = about.pop("start", {})
    return validate(definition, submitted, context(**about), start)


def codes(submission: Submission) -> list[tuple[str, str]]:
    return [(error.path, error.code) for error in submission.errors]


def sentences(submission: Submission, language: str = "en") -> list[str]:
    return [error.sentence(language) for error in submission.errors]
