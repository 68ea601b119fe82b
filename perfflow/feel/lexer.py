"""Cuts the text of an expression into tokens, each with its place."""

from __future__ import annotations

import re
from bisect import bisect_right

from perfflow.feel.errors import FeelSyntaxError, Pair, Position

MAX_TEXT = 20_000

_START = (
    "?A-Z_a-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff"
    "\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff01-\ufffd"
    "\U00010000-\U000effff"
)
# Punctuation of the Chinese keyboard is no part of a name: （ ） ， 。 ： and the like.
_NOT = "(?![\u3001-\u3003\u3008-\u3011\uff01-\uff0f\uff1a-\uff20\u1680\u2000-\u200b])"
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SPACE = " \t\n\r\v\f\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"

_TOKEN = re.compile(
    rf"""(?P<space>[{_SPACE}]+|//[^\n]*|/\*.*?\*/)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>{_NOT}[{_START}](?:{_NOT}[{_PART}])*)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<op>\*\*|\.\.|<=|>=|!=|->|[-+*/=<>()\[\]{{}},.:@'])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


class Token:
    """``kind`` is number, name, string, op or end; ``after_space`` tells names apart."""

    __slots__ = ("after_space", "end", "kind", "start", "text")

    def __init__(self, kind: str, text: str, start: int, end: int, after_space: bool) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end
        self.after_space = after_space


class Lines:
    """Turns an offset into line and column, both from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def tokenize(text: str, lines: Lines) -> list[Token]:
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError("feel.too_long", (1, 1), limit=MAX_TEXT, size=len(text))
    tokens: list[Token] = []
    offset, spaced = 0, True
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            raise _unreadable(text, offset, lines)
        if match.lastgroup == "op" and match.group() == "/" and text.startswith("/*", offset):
            raise FeelSyntaxError("feel.open_comment", lines.at(offset), expected="*/")
        if match.lastgroup == "space":
            spaced = True
        else:
            kind = match.lastgroup or "op"
            tokens.append(Token(kind, match.group(), offset, match.end(), spaced))
            spaced = False
        offset = match.end()
    tokens.append(Token("end", "", len(text), len(text), spaced))
    return tokens


def _unreadable(text: str, offset: int, lines: Lines) -> FeelSyntaxError:
    at = lines.at(offset)
    if text[offset] == '"':
        return FeelSyntaxError("feel.open_string", at, expected='"')
    shown = repr(text[offset])
    return FeelSyntaxError(
        "feel.bad_character", at, found=shown, expected=Pair("an expression", "表达式")
    )


def unescape(raw: str, at: Position) -> str:
    """The text between the quotation marks; unknown escapes keep their backslash (``\\d``)."""
    if "\\" not in raw:
        return raw

    def replace(match: re.Match[str]) -> str:
        body = match.group(1)
        if len(body) > 1:
            code = int(body[1:], 16)
            if code > 0x10FFFF:
                raise FeelSyntaxError("feel.bad_escape", at, found=match.group())
            return chr(code)
        return _SIMPLE.get(body, match.group())

    text = _SURROGATES.sub(_join_pair, _ESCAPE.sub(replace, raw))
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise FeelSyntaxError("feel.bad_escape", at, found=Pair("half a pair", "代理对的一半"))
    return text


def _join_pair(match: re.Match[str]) -> str:
    pair = match.group()
    return chr(0x10000 + ((ord(pair[0]) - 0xD800) << 10) + (ord(pair[1]) - 0xDC00))
