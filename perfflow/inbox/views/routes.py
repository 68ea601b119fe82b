"""The blueprint of the inbox; the views beside this file add their routes to it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from perfflow.forms.rendering import install_forms

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox", template_folder="../templates")


@blueprint.record_once
def _install_forms(state: Any) -> None:
    """Task pages draw forms, so whoever has the inbox has the form templates."""
    install_forms(state.app)
