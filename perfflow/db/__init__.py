"""The database: declarative base, column types, engines and the unit of work."""

from perfflow.db.base import Base, metadata
from perfflow.db.session import Database, make_engine, unit_of_work
from perfflow.db.types import Fen, JsonText, Scaled, UtcDateTime

__all__ = [
    "Base",
    "Database",
    "Fen",
    "JsonText",
    "Scaled",
    "UtcDateTime",
    "make_engine",
    "metadata",
    "unit_of_work",
]
