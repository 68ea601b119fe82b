"""Reads ``grammar.txt``: which children and attributes each element of BPMN 2.0 may have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SIMPLE = frozenset({"string", "boolean", "integer", "int", "ID", "IDREF", "QName", "anyURI"})
ANY = "ANY"
MANY = 1 << 30
_COUNTS = {"": (1, 1), "?": (0, 1), "*": (0, MANY), "+": (1, MANY)}
_PARTICLE = re.compile(r"([A-Za-z]+)(?::([A-Za-z]+))?(\?|\*|\+|\{(\d+),(\d*)\})?")


@dataclass(frozen=True, slots=True)
class Particle:
    """``least`` to ``most`` children of one of these names."""

    name: str
    names: frozenset[str]
    least: int
    most: int


Sequence = tuple[Particle, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """What an element of one type may hold; ``choice`` are alternatives behind the sequence."""

    name: str
    attributes: dict[str, str]
    required: frozenset[str]
    sequence: Sequence
    choice: tuple[Sequence, ...]
    children: dict[str, str]
    has_text: bool
    bases: frozenset[str]

    @property
    def takes_anything(self) -> bool:
        return any(particle.name == ANY for particle in self.sequence)


@dataclass(frozen=True, slots=True)
class Grammar:
    """Types by name, the type of each element, and the words of enumerations."""

    kinds: dict[str, Kind]
    elements: dict[str, str]
    words: dict[str, frozenset[str]]


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """The grammar, read once."""
    lines = (Path(__file__).with_name("grammar.txt")).read_text(encoding="utf-8").splitlines()
    places: dict[str, list[str]] = {}
    elements: dict[str, str] = {}
    words: dict[str, frozenset[str]] = {}
    rules: dict[str, tuple[str, str, str]] = {}
    for line in lines:
        if line.startswith("= "):
            place, *names = line[2:].split()
            for name in names:
                own, _, kind = name.partition("=")
                elements[own] = kind or own[0].upper() + own[1:]
                places.setdefault(place, []).append(own)
        elif line.startswith("! "):
            name, *allowed = line[2:].split()
            words[name] = frozenset(allowed)
        elif line and not line.startswith("#"):
            head, attributes, content = (part.strip() for part in f"{line} ".split("|", 2))
            rules[head.split()[0]] = (head, attributes, content)
    members = {name: _members(name, places) for name in {*elements, *places}}
    kinds: dict[str, Kind] = {}
    for name in rules:
        _build(name, rules, members, elements, kinds)
    return Grammar(kinds, elements, words)


def _members(place: str, places: dict[str, list[str]]) -> frozenset[str]:
    """The element and all that may take its place, directly or not."""
    found = {place}
    for name in places.get(place, ()):
        found |= _members(name, places)
    return frozenset(found)


def _build(
    name: str,
    rules: dict[str, tuple[str, str, str]],
    members: dict[str, frozenset[str]],
    elements: dict[str, str],
    kinds: dict[str, Kind],
) -> Kind:
    if name in kinds:
        return kinds[name]
    head, listed, content = rules[name]
    base = None
    if "<" in head:
        base = _build(head.split("<")[1].split()[0], rules, members, elements, kinds)
    attributes = dict(base.attributes) if base else {}
    required = set(base.required) if base else set()
    for item in listed.split():
        attribute, _, value = item.partition(":")
        attributes[attribute] = value.rstrip("!")
        if value.endswith("!"):
            required.add(attribute)
    children = dict(base.children) if base else {}
    text, _, chosen = content.partition("(")
    sequence = _sequence(text, members, elements, children)
    choice = tuple(
        _sequence(one, members, elements, children)
        for one in chosen.rstrip(")").split("|")
        if one.strip()
    )
    kinds[name] = Kind(
        name,
        attributes,
        frozenset(required),
        (*(base.sequence if base else ()), *sequence),
        choice or (base.choice if base else ()),
        children,
        "~" in head or bool(base and base.has_text),
        frozenset({name}) | (base.bases if base else frozenset()),
    )
    return kinds[name]


def _sequence(
    text: str,
    members: dict[str, frozenset[str]],
    elements: dict[str, str],
    children: dict[str, str],
) -> Sequence:
    found = []
    for match in _PARTICLE.finditer(text):
        name, kind, count, least, most = match.groups()
        names = frozenset({name}) if kind else members.get(name, frozenset({name}))
        for one in names:
            children[one] = kind or elements.get(one, ANY)
        if least is not None:
            limits = (int(least), int(most) if most else MANY)
        else:
            limits = _COUNTS[count or ""]
        found.append(Particle(name, names, *limits))
    return tuple(found)
