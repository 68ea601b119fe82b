"""All tables of the product: importing every package's models fills the one metadata."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from sqlalchemy import MetaData

import perfflow
from perfflow.db import metadata


def packages_with_tables() -> list[str]:
    """Names of the packages that have a ``models`` module (or folder), in name order."""
    packages = sorted(module.name for module in iter_modules(perfflow.__path__) if module.ispkg)
    root = Path(perfflow.__file__).parent
    return [
        name
        for name in packages
        if (root / name / "models.py").exists() or (root / name / "models").is_dir()
    ]


def all_tables() -> MetaData:
    """The metadata with the tables of every package in it."""
    for name in packages_with_tables():
        import_module(f"perfflow.{name}.models")
    return metadata
