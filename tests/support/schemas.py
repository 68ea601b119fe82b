"""What a database says about its own schema, in a form that two databases can be compared by."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Engine, inspect, Inspector

BOOKKEEPING = "alembic_version"


def described(engine: Engine) -> dict[str, dict[str, Any]]:
    """Table → columns, keys, indexes and constraints, CHECK included."""
    inspector = inspect(engine)
    names = set(inspector.get_table_names()) - {BOOKKEEPING}
    return {name: _table(inspector, name) for name in sorted(names)}


def _table(inspector: Inspector, name: str) -> dict[str, Any]:
    return {
        "columns": {
            column["name"]: (str(column["type"]), column["nullable"], column["default"])
            for column in inspector.get_columns(name)
        },
        "primary_key": _named(inspector.get_pk_constraint(name), "constrained_columns"),
        "foreign_keys": {
            key["name"]: (
                key["constrained_columns"],
                key["referred_table"],
                key["referred_columns"],
                key["options"],
            )
            for key in inspector.get_foreign_keys(name)
        },
        "unique": {
            item["name"]: item["column_names"] for item in inspector.get_unique_constraints(name)
        },
        "indexes": {
            item["name"]: (item["column_names"], item["unique"])
            for item in inspector.get_indexes(name)
        },
        "checks": {
            item["name"]: _normal(item["sqltext"]) for item in inspector.get_check_constraints(name)
        },
    }


def _named(constraint: Any, key: str) -> tuple[str | None, list[str]]:
    return constraint["name"], constraint[key]


def _normal(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).strip("() ")
