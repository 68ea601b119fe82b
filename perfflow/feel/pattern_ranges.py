"""The code points behind the body of a character class in RE2's syntax."""

from __future__ import annotations

import re

from perfflow.feel import pattern_sets as sets

_PIECE = re.compile(
    r"\\([pP])\{(\w+)\}|(\\x\{[0-9a-f]+\}|\\.|.)(?:-(\\x\{[0-9a-f]+\}|\\.|.))?", re.DOTALL
)
_NAMED = {"\\n": 10, "\\r": 13, "\\t": 9}


def ranges_of_body(body: str) -> sets.Ranges:
    found: list[tuple[int, int]] = []
    for match in _PIECE.finditer(body):
        letter, name, low, high = match.groups()
        if letter:
            known = sets.category(name)
            found.extend(known if letter == "p" else sets.complement(known))
        else:
            found.append((_code(low), _code(high or low)))
    return sets.union(tuple(found))


def _code(text: str) -> int:
    if text in _NAMED:
        return _NAMED[text]
    if text.startswith("\\x{"):
        return int(text[3:-1], 16)
    if text.startswith("\\"):
        return ord(text[1:])
    return ord(text)


def ranges_of(text: str, *, folded: bool) -> sets.Ranges:
    """The code points of a whole class, with both cases when the pattern ignores case."""
    text = text.removeprefix("(?i:").removesuffix(")") if text.startswith("(?i:") else text
    body = text[1:-1]
    negated = body.startswith("^")
    ranges = ranges_of_body(body.removeprefix("^"))
    if folded:
        ranges = sets.fold(ranges)
    return sets.complement(ranges) if negated else ranges
