"""The blueprint of the overview pages."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("home", "perfflow.home", template_folder="templates")
