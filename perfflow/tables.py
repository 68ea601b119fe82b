"""All tables of the product: importing every package's models fills the one metadata."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from sqlalchemy import MetaData

import perfflow
from perfflow.db import metadata


def packages_with_tables() -> list[str]:
    """Names of the packages that have a ``models`` module (or folder), in name order."""
    packages = sorted(module.name for module in iter_modules(perfflow.__path__) if module.ispkg)
    return [name for name in packages if find_spec(f"perfflow.{name}.models") is not None]


def all_tables() -> MetaData:
    """The metadata with the tables of every package in it."""
    for name in packages_with_tables():
        import_module(f"perfflow.{name}.models")
    return metadata
