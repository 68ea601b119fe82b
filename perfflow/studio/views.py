"""The routes of the deployments page."""

from __future__ import annotations

from flask import Blueprint

from perfflow.web import Permission, render, requires

blueprint = Blueprint("studio", __name__, url_prefix="/studio", template_folder="templates")


@blueprint.get("/")
@requires(Permission.STUDIO_DEPLOYMENT_VIEW)
def deployments() -> str:
    """What runs, and what could run."""
    return render("studio/deployments.html")
