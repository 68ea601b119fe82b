"""Reads regular expressions of XPath 3.1 and writes them in the syntax of RE2."""

from __future__ import annotations

from dataclasses import dataclass, field

from perfflow.feel import pattern_sets as sets
from perfflow.feel.pattern_ranges import ranges_of, ranges_of_body

_ESCAPED = frozenset("\\|.?*+(){}$-[]^")
_CONTROL = {"n": "\\n", "r": "\\r", "t": "\\t"}
_MAX_GROUPS = 99


class PatternError(Exception):
    """The text is no regular expression of XPath."""


@dataclass(slots=True)
class Part:
    """``kind``: seq, alt, repeat, group, back or text (RE2 for a single character or anchor)."""

    kind: str
    text: str = ""
    parts: list[Part] = field(default_factory=list)
    number: int = 0
    least: int = 0
    most: int | None = None
    lazy: bool = False


class PatternReader:
    """Recursive descent over one pattern."""

    def __init__(self, text: str, flags: str) -> None:
        if any(flag not in "smixq" for flag in flags):
            raise PatternError(flags)
        self.flags = flags
        self.literal = "q" in flags
        self.text = _strip_spaces(text) if "x" in flags and not self.literal else text
        self.at = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.has_back = False
        self.depth = 0

    def read(self) -> Part:
        if self.literal:
            return Part("seq", parts=[Part("text", _literal(char)) for char in self.text])
        part = self._alternatives()
        if self.at < len(self.text):
            raise PatternError(self.text)
        return part

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise PatternError(self.text)
        self.at += 1
        return char

    def _alternatives(self) -> Part:
        self.depth += 1
        if self.depth > 50:
            raise PatternError(self.text)
        branches = [self._branch()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._branch())
        self.depth -= 1
        return branches[0] if len(branches) == 1 else Part("alt", parts=branches)

    def _branch(self) -> Part:
        pieces = []
        while self._peek() not in ("", "|", ")"):
            pieces.append(self._quantified(self._atom()))
        return Part("seq", parts=pieces)

    def _quantified(self, atom: Part) -> Part:
        char = self._peek()
        if char not in ("?", "*", "+", "{") or not char:
            return atom
        self.at += 1
        least, most = 0, None
        if char == "?":
            most = 1
        elif char == "+":
            least = 1
        elif char == "{":
            least, most = self._bounds()
        lazy = self._peek() == "?"
        self.at += lazy
        if self._peek() in ("?", "*", "+", "{") and self._peek():
            raise PatternError(self.text)
        return Part("repeat", parts=[atom], least=least, most=most, lazy=lazy)

    def _bounds(self) -> tuple[int, int | None]:
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at : max(end, self.at)].partition(",")
        if not low.isdecimal() or (high and not high.isdecimal()) or len(low + high) > 8:
            raise PatternError(self.text)
        self.at = end + 1
        most = int(low) if not comma else (int(high) if high else None)
        if most is not None and most < int(low):
            raise PatternError(self.text)
        return int(low), most

    def _atom(self) -> Part:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return Part("text", self._class())
        if char == ".":
            return Part("text", "(?s:.)" if "s" in self.flags else "[^\\n\\r]")
        if char == "^":
            return Part("text", "(?m:^)" if "m" in self.flags else "\\A")
        if char == "$":
            return Part("text", "(?m:$)" if "m" in self.flags else "\\z")
        if char == "\\":
            return self._escape()
        if char in "?*+{})]|":
            raise PatternError(self.text)
        return Part("text", self._cased(_literal(char)))

    def _cased(self, text: str) -> str:
        return f"(?i:{text})" if "i" in self.flags else text

    def _group(self) -> Part:
        if self.text.startswith("?", self.at):
            if not self.text.startswith("?:", self.at):
                raise PatternError(self.text)
            self.at += 2
            number = 0
        else:
            self.groups += 1
            number = self.groups
        inner = self._alternatives()
        if self._next() != ")" or self.groups > _MAX_GROUPS:
            raise PatternError(self.text)
        self.closed.add(number)
        return Part("group", parts=[inner], number=number)

    def _escape(self) -> Part:
        char = self._peek()
        if char.isdecimal() and char.isascii():
            return self._back_reference()
        return Part("text", self._cased(f"[{self._escape_body()}]"))

    def _back_reference(self) -> Part:
        digits = self._next()
        while self._peek().isdecimal() and int(digits + self._peek()) <= self.groups:
            digits += self._next()
        if int(digits) not in self.closed or digits == "0":
            raise PatternError(self.text)
        self.has_back = True
        return Part("back", number=int(digits))

    def _escape_body(self) -> str:
        """The body of a class for the escape at hand."""
        char = self._next()
        if char in _CONTROL:
            return _CONTROL[char]
        if char in _ESCAPED:
            return _literal(char)
        if char in "pP":
            return self._property(negated=char == "P")
        if char in "wW":
            return sets.NOT_WORD if char == "W" else _negated_body(sets.NOT_WORD)
        if char.lower() in sets.ESCAPES:
            body = sets.ESCAPES[char.lower()]
            return body if char.islower() else _negated_body(body)
        raise PatternError(self.text)

    def _property(self, *, negated: bool) -> str:
        end = self.text.find("}", self.at)
        if self._peek() != "{" or end < 0:
            raise PatternError(self.text)
        name = self.text[self.at + 1 : end]
        self.at = end + 1
        if name in sets.CATEGORIES and name != "Cn":
            return f"\\{'P' if negated else 'p'}{{{name}}}"
        block = sets.BLOCKS.get(name.removeprefix("Is")) if name.startswith("Is") else None
        if block is None:
            raise PatternError(self.text)
        ranges = sets.complement((block,)) if negated else (block,)
        return sets.class_text(ranges)[1:-1]

    # ----- classes

    def _class(self) -> str:
        """From after ``[`` to its ``]``, as a class of RE2."""
        negated = self._peek() == "^"
        self.at += negated
        body = ""
        minus: sets.Ranges | None = None
        first = True
        while True:
            char = self._next()
            if char == "]" and not first:
                break
            if char == "-" and self._peek() == "[" and not first:
                self.at += 1
                minus = self._subtracted()
                if self._next() != "]":
                    raise PatternError(self.text)
                break
            body += self._class_item(char)
            first = False
        if minus is None:
            return self._cased(f"[{'^' if negated else ''}{body}]")
        return _explicit(ranges_of_body(body), minus, negated=negated, folded="i" in self.flags)

    def _subtracted(self) -> sets.Ranges:
        return ranges_of(self._class(), folded="i" in self.flags)

    def _class_item(self, char: str) -> str:
        if char == "[" or char == "]":
            raise PatternError(self.text)
        if char == "\\":
            if self._peek().isdecimal():
                raise PatternError(self.text)
            body = self._escape_body()
            single = _single(body)
            if single is None or self._peek() != "-":
                return body
            char = single
        if self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", "[", ""):
            self.at += 1
            end = self._next()
            if end == "\\":
                single = _single(self._escape_body())
                if single is None:
                    raise PatternError(self.text)
                end = single
            if end == "[" or ord(end) < ord(char):
                raise PatternError(self.text)
            return f"{_literal(char)}-{_literal(end)}"
        return _literal(char)


def _negated_body(body: str) -> str:
    return sets.class_text(sets.complement(ranges_of_body(body)))[1:-1]


def _single(body: str) -> str | None:
    """The character that the body of a class stands for when it is a single one."""
    named = {"\\n": "\n", "\\r": "\r", "\\t": "\t"}
    if body in named:
        return named[body]
    if body.startswith("\\x{") and body.endswith("}") and "-" not in body:
        return chr(int(body[3:-1], 16))
    return None


def _literal(char: str) -> str:
    return char if char.isalnum() and char.isascii() else f"\\x{{{ord(char):x}}}"


def _explicit(ranges: sets.Ranges, minus: sets.Ranges, *, negated: bool, folded: bool) -> str:
    base = sets.fold(ranges) if folded else sets.union(ranges)
    if negated:
        base = sets.complement(base)
    return sets.class_text(sets.difference(base, minus))


def _strip_spaces(text: str) -> str:
    """Flag x: white space counts inside character classes only."""
    kept, level, index = [], 0, 0
    while index < len(text):
        char = text[index]
        if char == "\\" and level == 0:
            kept.append(char)
            index += 1
            while text[index : index + 1] in (" ", "\t", "\n", "\r") and index < len(text):
                index += 1
            kept.append(text[index : index + 1])
        elif char == "\\":
            kept.append(text[index : index + 2])
            index += 1
        else:
            level += (char == "[") - (char == "]" and level > 0)
            if level or char not in " \t\n\r":
                kept.append(char)
        index += 1
    return "".join(kept)


def write(part: Part) -> str:
    """The pattern for RE2; parts with references back cannot be written."""
    if part.kind == "text":
        return part.text
    inner = [write(child) for child in part.parts]
    if part.kind == "seq":
        return "".join(inner)
    if part.kind == "alt":
        return "(?:" + "|".join(inner) + ")"
    if part.kind == "group":
        return ("(" if part.number else "(?:") + inner[0] + ")"
    if part.kind == "repeat":
        most = "" if part.most is None else str(part.most)
        return f"(?:{inner[0]}){{{part.least},{most}}}" + ("?" if part.lazy else "")
    raise PatternError(part.kind)
