"""The explanation tree: where a figure comes from, as message codes that are worded at the edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

_NO_PARAMS: Mapping[str, Any] = MappingProxyType({})


class Node(NamedTuple):
    """One figure: its name (``code``), formula, value as exact text, and what went into it.

    ``rounding`` names the rule of domain §5.1 that was applied (``N1`` … ``N7``); ``source`` says
    where an input was taken from (``CORE#batch 12``); ``weight_bp`` is its share in the parent.
    A tuple, because trees of a hundred thousand people are built in one go.
    """

    code: str
    params: Mapping[str, Any] = _NO_PARAMS
    formula: str | None = None
    value: str | None = None
    unit: str | None = None
    rounding: str | None = None
    source: str | None = None
    children: tuple[Node, ...] = ()
    weight_bp: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able form; what is empty is left out. Parameters are shared, not copied."""
        code, params, formula, value, unit, rounding, source, children, weight_bp = self
        shown: dict[str, Any] = {"code": code}
        if params:
            shown["params"] = params if type(params) is dict else dict(params)
        if formula is not None:
            shown["formula"] = formula
        if value is not None:
            shown["value"] = value
        if unit is not None:
            shown["unit"] = unit
        if rounding is not None:
            shown["rounding"] = rounding
        if source is not None:
            shown["source"] = source
        if weight_bp is not None:
            shown["weight_bp"] = weight_bp
        if children:
            shown["children"] = [child.to_dict() for child in children]
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
