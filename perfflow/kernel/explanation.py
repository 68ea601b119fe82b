"""The explanation tree: where a figure comes from, as message codes that are worded at the edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """One figure: its name (``code``), formula, value as exact text, and what went into it.

    ``rounding`` names the rule of domain §5.1 that was applied (``N1`` … ``N7``); ``source`` says
    where an input was taken from (``CORE#batch 12``); ``weight_bp`` is its share in the parent.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    formula: str | None = None
    value: str | None = None
    unit: str | None = None
    rounding: str | None = None
    source: str | None = None
    children: tuple[Node, ...] = ()
    weight_bp: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able form; what is empty is left out."""
        shown: dict[str, Any] = {"code": self.code}
        if self.params:
            shown["params"] = dict(self.params)
        for name in ("formula", "value", "unit", "rounding", "source", "weight_bp"):
            content = getattr(self, name)
            if content is not None:
                shown[name] = content
        if self.children:
            shown["children"] = [child.to_dict() for child in self.children]
        return shown

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Node:
        """The node that ``to_dict`` wrote; unknown keys raise ``TypeError``."""
        fields = dict(stored)
        children = tuple(cls.from_dict(child) for child in fields.pop("children", ()))
        return cls(children=children, **fields)

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, code: str) -> Node | None:
        """The first node with ``code`` in this tree."""
        return next((node for node in self.walk() if node.code == code), None)
