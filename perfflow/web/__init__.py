"""Accounts, permissions, form tokens, errors, base templates and static files of all pages."""

from perfflow.web.access import declared_permission, public, requires, undeclared_routes
from perfflow.web.install import create_base_app, install
from perfflow.web.permissions import GRANTS, Permission, permits
from perfflow.web.ports import Principals, Standing, WaitingCounts
from perfflow.web.requests import (
    current_actor,
    current_language,
    current_person,
    now,
    reading,
    render,
    toast,
    today,
    writing,
)
from perfflow.web.responses import local_path, problem_json, wants_json
from perfflow.web.security import secret_from_file

__all__ = [
    "GRANTS",
    "Permission",
    "Principals",
    "Standing",
    "WaitingCounts",
    "create_base_app",
    "current_actor",
    "current_language",
    "current_person",
    "declared_permission",
    "install",
    "local_path",
    "now",
    "permits",
    "problem_json",
    "public",
    "reading",
    "render",
    "requires",
    "secret_from_file",
    "toast",
    "today",
    "undeclared_routes",
    "wants_json",
    "writing",
]
