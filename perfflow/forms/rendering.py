"""Draws a form: by the room's own template for its key when there is one, else generically."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, render_template
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from perfflow.forms.bindings import binding_of, Evidence, FormContext
from perfflow.forms.bound import BoundForm
from perfflow.forms.definition import FormDefinition, Text
from perfflow.forms.view import form_view, FormView

blueprint = Blueprint("forms", __name__, template_folder="templates")


def install_forms(app: Flask) -> None:
    """Make the form templates known to ``app``."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["in_language"] = in_language


def in_language(text: Text | str, language: str) -> str:
    """A text of a room's evidence in the reader's language."""
    return text.within(language) if isinstance(text, Text) else str(text)


def evidence_of(form: FormDefinition, context: FormContext) -> list[Evidence]:
    """The panels that the form's room shows beside it."""
    binding = binding_of(form)
    return binding.evidence(context) if binding is not None else []


def render_form(
    bound: BoundForm, evidence: Sequence[Evidence] = (), task: Any = None, **more: Any
) -> tuple[Markup, FormView]:
    """The HTML of the fields (no ``<form>`` around them) and the view it was drawn from."""
    view = form_view(bound)
    html = render_template(
        [f"forms/{bound.definition.key}.html", "forms/generic.html"],
        form=bound,
        view=view,
        evidence=evidence,
        task=task,
        lang=bound.language,
        **more,
    )
    return Markup(html), view


def with_row_change(sent: MultiDict[str, str]) -> MultiDict[str, str] | None:
    """What was sent, with a row more or less; None when no row button was pressed."""
    added, removed = sent.get("add_row"), sent.get("remove_row")
    if not added and not removed:
        return None
    changed = MultiDict(
        (name, value)
        for name, value in sent.items(multi=True)
        if name not in {"add_row", "remove_row"}
    )
    if added:
        numbers = [int(text) for text in changed.getlist(added) if text.isdigit()]
        changed.add(added, str(max(numbers, default=-1) + 1))
    elif removed:
        name, _, number = removed.rpartition("-")
        kept = [text for text in changed.getlist(name) if text != number]
        for inner in [key for key in changed if key.startswith(f"{removed}-")]:
            changed.poplist(inner)
        changed.setlist(name, kept)
    return changed
