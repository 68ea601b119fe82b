"""Reading names: words with spaces, Chinese, known names with operators in them, and type names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from perfflow.feel.errors import FeelSyntaxError, Pair, Position
from perfflow.feel.lexer import Lines, Token, tokenize, unescape
from perfflow.feel.types import (
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    RangeType,
    simple_type,
    TypeFinder,
)

# Words that may follow an operand; a name never runs over them unless it is a known name.
STOP_WORDS = frozenset(
    {"and", "or", "in", "between", "then", "else", "return", "satisfies", "external"}
)
_KEY_OPS = frozenset("+-*/'.")
_TWO_PART_TYPES = (
    ("days", "and", "time", "duration"),
    ("years", "and", "months", "duration"),
    ("date", "and", "time"),
)


Known = dict[str, list[tuple[tuple[str, ...], str]]]
"""First word → the words of each name that begins with it, and how that name is written."""


def add_name(known: Known, name: str) -> None:
    try:
        parts = tuple(token.text for token in tokenize(name, Lines(name))[:-1])
    except FeelSyntaxError:
        return
    if len(parts) > 1:
        others = [entry for entry in known.get(parts[0], ()) if entry[0] != parts]
        known[parts[0]] = sorted([*others, (parts, name)], key=_words, reverse=True)


def _words(entry: tuple[tuple[str, ...], str]) -> int:
    return len(entry[0])


@lru_cache(maxsize=256)
def known_names(names: frozenset[str]) -> Known:
    """Names of several words by their first word, the longest first."""
    known: Known = {}
    for name in names:
        add_name(known, name)
    return known


class NameReader:
    """The part of the parser that looks at tokens and puts names together."""

    text: str
    lines: Lines
    tokens: list[Token]
    position: int
    depth: int
    in_range_end: bool
    second_readings: int
    types: TypeFinder
    known: Known
    max_depth = 60
    max_chain = 60

    # ----- tokens

    def peek(self) -> Token:
        return self.tokens[self.position]

    def here(self) -> Position:
        return self.lines.at(self.tokens[self.position].start)

    def is_op(self, text: str) -> bool:
        token = self.tokens[self.position]
        return token.kind == "op" and token.text == text

    def take_op(self, text: str) -> bool:
        if self.is_op(text):
            self.position += 1
            return True
        return False

    def expect_op(self, text: str) -> None:
        if not self.take_op(text):
            raise self.expected(f"'{text}'")

    def is_word(self, text: str) -> bool:
        token = self.tokens[self.position]
        return token.kind == "name" and token.text == text

    def take_word(self, text: str) -> bool:
        if self.is_word(text):
            self.position += 1
            return True
        return False

    def expect_word(self, text: str) -> None:
        if not self.take_word(text):
            raise self.expected(f"'{text}'")

    def expect_end(self) -> None:
        if self.peek().kind != "end":
            raise self.expected(Pair("an operator or the end", "运算符或结尾"))

    def expected(self, what: str | Pair) -> FeelSyntaxError:
        token = self.peek()
        end = Pair("the end", "结尾")
        found = end if token.kind == "end" else f"'{token.text[:40]}'"
        return FeelSyntaxError("feel.expected", self.here(), expected=what, found=found)

    def too_deep(self) -> FeelSyntaxError:
        return FeelSyntaxError("feel.too_deep", self.here(), limit=self.max_depth)

    @contextmanager
    def nested(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > self.max_depth:
            raise self.too_deep()
        yield
        self.depth -= 1

    @contextmanager
    def bracketed(self) -> Iterator[None]:
        """Inside brackets a ``[`` filters again, also within the end of a range."""
        before, self.in_range_end = self.in_range_end, False
        depth = self.depth
        try:
            yield
        finally:
            self.in_range_end = before
            self.depth = depth

    # ----- names

    def learn(self, name: str) -> None:
        """Remember a name that greedy reading would not find (operators or keywords inside)."""
        add_name(self.known, name)

    def name(self) -> str:
        """The longest known name here, or all the words up to an operator or keyword."""
        start = self.position
        known = self._known(start)
        first = self.tokens[start]
        if first.kind != "name" or (first.text in STOP_WORDS and known is None):
            raise self.expected(Pair("a name", "名称"))
        end = self._greedy_end(start)
        if known is not None and known[0] >= end:
            self.position = known[0]
            return known[1]
        self.position = end
        return self.joined(start, end)

    def _known(self, start: int) -> tuple[int, str] | None:
        """Where the longest known name ends, and how it is written."""
        for parts, name in self.known.get(self.tokens[start].text, ()):
            end = start + len(parts)
            if tuple(token.text for token in self.tokens[start:end]) == parts:
                return end, name
        return None

    def _greedy_end(self, start: int) -> int:
        end = start + 1
        while True:
            token = self.tokens[end]
            if token.kind == "name":
                if token.text in STOP_WORDS:
                    return end
                if token.text == "instance" and self.tokens[end + 1].text == "of":
                    return end
            elif not (token.kind == "number" and token.text.isdigit()):
                return end
            end += 1

    def joined(self, start: int, end: int) -> str:
        rest = self.tokens[start + 1 : end]
        words = ((" " if token.after_space else "") + token.text for token in rest)
        return self.tokens[start].text + "".join(words)

    def property_name(self) -> str:
        if self.peek().kind != "name":
            raise self.expected(Pair("the name of an entry", "属性名"))
        return self.name()

    def in_path_end(self) -> bool:
        return self.tokens[self.position + 1].kind != "name"

    def entry_key(self, *, peek: bool = False) -> str | None:
        """The key before a colon; None (and nothing read) when there is no such key."""
        start = end = self.position
        token = self.tokens[start]
        if token.kind == "string":
            key = unescape(token.text[1:-1], self.here())
            end += 1
        else:
            while token.kind in ("name", "number") or (token.text in _KEY_OPS and token.text):
                end += 1
                token = self.tokens[end]
            if end == start or self.tokens[start].kind == "number":
                return None
            key = self.joined(start, end)
        if self.tokens[end].text != ":":
            return None
        if not peek:
            self.position = end + 1
        return key

    # ----- types

    def type_name(self) -> FeelType:
        with self.nested():
            for parts in _TWO_PART_TYPES:
                end = self.position + len(parts)
                if tuple(token.text for token in self.tokens[self.position : end]) == parts:
                    self.position = end
                    return simple_type(" ".join(parts)) or self._unknown(" ".join(parts))
            if self.is_word("function"):
                self.position += 1
                name = "function"
            else:
                name = self.name()
            if self.is_op("<"):
                return self._parametrised(name)
            while self.is_op(".") and self.tokens[self.position + 1].kind == "name":
                self.position += 1
                name += "." + self.name()
            return simple_type(name) or self.types(name) or self._unknown(name)

    def _unknown(self, name: str) -> FeelType:
        raise FeelSyntaxError(
            "feel.unknown_type", self.here(), name=name, expected=Pair("a type", "类型")
        )

    def _parametrised(self, name: str) -> FeelType:
        self.position += 1
        if name == "function":
            return self._function_type()
        if name == "context":
            fields = [self._field()]
            while self.take_op(","):
                fields.append(self._field())
            self._close_type()
            return ContextType(dict(fields))
        item = self.type_name()
        self._close_type()
        if name == "list":
            return ListType(item)
        return RangeType(item) if name == "range" else self._unknown(name)

    def _close_type(self) -> None:
        if self.is_op(">="):  # ``x instance of list<number>=…`` reads > and = as one token
            token = self.peek()
            self.tokens[self.position] = Token("op", "=", token.start + 1, token.end, False)
            return
        self.expect_op(">")

    def _field(self) -> tuple[str, FeelType]:
        key = self.entry_key()
        if key is None:
            raise self.expected(Pair("the name of an entry", "属性名"))
        return key, self.type_name()

    def _function_type(self) -> FeelType:
        parameters: list[FeelType] = []
        if not self.is_op(">"):
            parameters.append(self.type_name())
            while self.take_op(","):
                parameters.append(self.type_name())
        self._close_type()
        self.expect_op("->")
        return FunctionType(tuple(parameters), self.type_name())
