"""Item definitions: the types that a model declares, with their allowed values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from perfflow.feel.decisions.xml import attribute, child, children, Element, tag, text_of
from perfflow.feel.errors import FeelError
from perfflow.feel.types import (
    ANY,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    simple_type,
    SimpleType,
)

Tester = Callable[[Any], bool | None]
TesterMaker = Callable[[str], Tester]


class ItemType(FeelType):
    """A named type; ``tests`` decide which values of its base it allows."""

    def __init__(self, name: str, base: FeelType, tests: Tester | None, text: str = "") -> None:
        self.name = name
        self.base = base
        self.tests = tests
        self.allowed_text = text

    def fits(self, value: Any) -> bool:
        return self.base.fits(value) and (self.tests is None or self.tests(value) is True)

    def accepts(self, value: Any) -> bool:
        """Null is allowed unless the allowed values leave it out on purpose."""
        return value is None or self.fits(value)

    def includes(self, other: FeelType) -> bool:
        return other is self or (self.tests is None and self.base.includes(other))


class LazyType(FeelType):
    """A reference to an item definition that may come later or lead back to itself."""

    def __init__(self, name: str, find: Callable[[], FeelType]) -> None:
        self.name = name
        self._find = find
        self._depth = 0

    def fits(self, value: Any) -> bool:
        return self._find().fits(value)

    def includes(self, other: FeelType) -> bool:
        target = self._find()
        return other is self or other is target or target.includes(other)


class ItemTypes:
    """The item definitions of one model by name."""

    def __init__(
        self,
        root: Element,
        tester: TesterMaker,
        imported: Callable[[str, str], FeelType | None],
    ) -> None:
        self.elements = {attribute(item, "name"): item for item in children(root, "itemDefinition")}
        self.tester = tester
        self.imported = imported
        self.known: dict[str, FeelType] = {}
        self.open: set[str] = set()

    def find(self, name: str) -> FeelType | None:
        """The type of that name: of FEEL, of this model or (``prefix.name``) of an import."""
        plain = name.strip()
        found = self.known.get(plain)
        if found is not None:
            return found
        if plain in self.elements:
            if plain in self.open:
                return LazyType(plain, lambda: self.known.get(plain, ANY))
            self.open.add(plain)
            found = self._read(self.elements[plain], plain)
            self.open.discard(plain)
            self.known[plain] = found
            return found
        local = plain.rpartition(":")[2] if ":" in plain else plain
        prefix, dot, rest = local.partition(".")
        if dot:
            return self.imported(prefix, rest)
        return simple_type(local) or self.imported("", local)

    def of(self, reference: str) -> FeelType:
        """As :meth:`find`; a missing or unknown reference allows anything."""
        return (self.find(reference) if reference else None) or ANY

    def _read(self, item: Element, name: str) -> FeelType:
        base = self._base(item)
        allowed = text_of(child(item, "allowedValues"))
        if allowed:
            base = ItemType(name, base, self._tests(allowed), allowed)
        if attribute(item, "isCollection") == "true":
            base = ListType(base)
        constraint = text_of(child(item, "typeConstraint"))
        if constraint:
            return ItemType(name, base, self._tests(constraint), constraint)
        return base

    def _base(self, item: Element) -> FeelType:
        components = list(children(item, "itemComponent"))
        if components:
            return ContextType(
                {attribute(c, "name"): self._read(c, attribute(c, "name")) for c in components}
            )
        function = child(item, "functionItem")
        if function is not None:
            parameters = [
                self.of(attribute(p, "typeRef")) for p in children(function, "parameters")
            ]
            return FunctionType(tuple(parameters), self.of(attribute(function, "outputTypeRef")))
        reference = child(item, "typeRef")
        return self.of((reference.text or "").strip() if reference is not None else "")

    def _tests(self, text: str) -> Tester:
        try:
            return self.tester(text)
        except FeelError:
            return lambda _value: False


def allowed_text(kind: FeelType) -> str:
    """The text of the allowed values behind a type, or an empty text."""
    return kind.allowed_text if isinstance(kind, ItemType) else ""


def is_boolean(kind: FeelType) -> bool:
    base = kind.base if isinstance(kind, ItemType) else kind
    return isinstance(base, SimpleType) and base.name == "boolean"


def type_reference(element: Element | None) -> str:
    """``typeRef`` as an attribute, or as the qualified name of DMN 1.1."""
    if element is None:
        return ""
    value = attribute(element, "typeRef")
    if not value:
        inner = child(element, "typeRef")
        value = (inner.text or "").strip() if inner is not None else ""
    return value


__all__ = ["ItemType", "ItemTypes", "allowed_text", "is_boolean", "tag", "type_reference"]
