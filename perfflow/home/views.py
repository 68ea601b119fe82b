"""The routes of the pages over all rooms."""

from __future__ import annotations

from flask import Blueprint

from perfflow.web import Permission, render, requires

blueprint = Blueprint("home", __name__, template_folder="templates")


@blueprint.get("/")
@requires(Permission.HOME_PAGE_VIEW)
def today() -> str:
    """What this person does next."""
    return render("home/today.html")
