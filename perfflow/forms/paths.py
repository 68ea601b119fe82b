"""Places in nested values: reading, writing and removing by a path of names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def get(data: Any, path: tuple[str, ...]) -> Any:
    """The value at ``path``; None when there is none."""
    for name in path:
        if not isinstance(data, Mapping):
            return None
        data = data.get(name)
    return data


def put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Write ``value`` at ``path``, making the mappings on the way."""
    for name in path[:-1]:
        inner = data.get(name)
        if not isinstance(inner, dict):
            inner = data[name] = {}
        data = inner
    data[path[-1]] = value


def drop(data: dict[str, Any], path: tuple[str, ...]) -> None:
    """Remove the value at ``path``, if it is there."""
    for name in path[:-1]:
        inner = data.get(name)
        if not isinstance(inner, dict):
            return
        data = inner
    data.pop(path[-1], None)
