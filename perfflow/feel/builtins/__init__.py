"""The functions of the standard; importing this package registers them all."""

from perfflow.feel.builtins import (
    contexts,
    conversion,
    lists,
    numbers,
    ranges,
    statistics,
    strings,
    temporal,
)

__all__ = [
    "contexts",
    "conversion",
    "lists",
    "numbers",
    "ranges",
    "statistics",
    "strings",
    "temporal",
]
