"""How migrations spell column types: as the database knows them."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy.types import TypeDecorator


def plain_type(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    """Our own types under the name of their database type: what Python makes may change later."""
    if kind == "type" and isinstance(value, TypeDecorator):
        return f"sa.{value.impl_instance!r}"
    return False
