"""Translates the simple expressions of the Java engines, ``${…}`` and ``#{…}``, into FEEL.

Comparisons, ``&& || ! not empty``, arithmetic, ``a ? b : c``, literals and property access have one
meaning in both languages and are translated; method calls and everything else are not. A missing
value counts as false in the Java engines; FEEL's null does so too, except under ``!``, where the
translation compares with true.
"""

from __future__ import annotations

import re

from perfflow.feel import FeelSyntaxError
from perfflow.workflow.engine.expressions import compiled

WRAPPED = re.compile(r"[$#]\{([^{}]*)\}")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<mark>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:().\[\]]))"
)
_WORDS = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "le": "<=",
    "gt": ">", "ge": ">=", "div": "/", "mod": "%",
}  # fmt: skip
_LITERALS = frozenset({"true", "false", "null"})
_COMPARE = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
# bpmn-engine calls the variables of a process so.
_PREFIX = ["environment", "variables"]
MAX_LENGTH = 2_000
MAX_DEPTH = 50
# Words of FEEL that cannot be the name of a variable there.
_TAKEN = frozenset(
    {
        "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between",
        "instance", "of", "function", "external", "date", "time", "duration",
    }
)  # fmt: skip


class Untranslatable(ValueError):
    """The expression says something that has no counterpart; the argument says what."""


def has_foreign(text: str) -> bool:
    """The text holds an expression of the Java engines."""
    return "${" in text or "#{" in text


def translate(text: str) -> str:
    """``${a == 1}`` → ``=a = 1``; ``x_${n}`` → ``="x_" + string(n)``; other text as it is.

    :class:`Untranslatable` says what stands in the way.
    """
    stripped = text.strip()
    if not has_foreign(stripped):
        return text
    if len(stripped) > MAX_LENGTH:
        raise Untranslatable("…")
    whole = WRAPPED.fullmatch(stripped)
    if whole is not None:
        return f"={expression(whole[1])}"
    parts: list[str] = []
    end = 0
    for match in WRAPPED.finditer(stripped):
        if match.start() > end:
            parts.append(_quoted(stripped[end : match.start()]))
        parts.append(f"string({expression(match[1])})")
        end = match.end()
    if end < len(stripped):
        parts.append(_quoted(stripped[end:]))
    if has_foreign(WRAPPED.sub("", stripped)):
        raise Untranslatable(stripped[:60])
    return "=" + " + ".join(parts)


def expression(text: str) -> str:
    """One expression without its wrapping, as FEEL."""
    parser = _Parser(text)
    found = parser.choice()
    if parser.kind != "end":
        raise Untranslatable(parser.token)
    return found


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.kind, self.token = "", ""
        self._next()

    def _next(self) -> None:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            rest = self.text[self.at :].strip()
            if rest:
                raise Untranslatable(rest[:60])
            self.kind, self.token = "end", ""
            return
        self.at = match.end()
        self.kind, self.token = str(match.lastgroup), match[str(match.lastgroup)]
        if self.kind == "name" and self.token in _WORDS:
            self.kind, self.token = "mark", _WORDS[self.token]

    def _take(self, *marks: str) -> str | None:
        if self.kind == "mark" and self.token in marks:
            found = self.token
            self._next()
            return found
        return None

    def _expect(self, mark: str) -> None:
        if self._take(mark) is None:
            raise Untranslatable(self.token or self.text[:60])

    def choice(self) -> str:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Untranslatable(self.text[:60])
        found = self._either()
        if self._take("?"):
            first = self.choice()
            self._expect(":")
            found = f"(if {found} then {first} else {self.choice()})"
        self.depth -= 1
        return found

    def _either(self) -> str:
        parts = [self._both()]
        while self._take("||"):
            parts.append(self._both())
        return " or ".join(parts)

    def _both(self) -> str:
        parts = [self._comparison()]
        while self._take("&&"):
            parts.append(self._comparison())
        return " and ".join(parts)

    def _comparison(self) -> str:
        left = self._sum()
        mark = self._take(*_COMPARE)
        if mark is None:
            return left
        right = self._sum()
        if self._take(*_COMPARE):
            raise Untranslatable(self.text[:60])
        return f"{left} {_COMPARE[mark]} {right}"

    def _sum(self) -> str:
        left = self._product()
        while mark := self._take("+", "-"):
            left = f"{left} {mark} {self._product()}"
        return left

    def _product(self) -> str:
        left = self._unary()
        while mark := self._take("*", "/", "%"):
            right = self._unary()
            left = f"modulo({left}, {right})" if mark == "%" else f"{left} {mark} {right}"
        return left

    def _unary(self) -> str:
        if self._take("!"):
            return f"not({self._unary()} = true)"
        if self._take("-"):
            return f"-{self._unary()}"
        if self.kind == "name" and self.token == "empty":
            self._next()
            return _empty(self._unary())
        return self._value()

    def _value(self) -> str:
        kind, token = self.kind, self.token
        if self._take("("):
            inner = self.choice()
            self._expect(")")
            return f"({inner})"
        self._next()
        if kind == "number":
            return token
        if kind == "text":
            return _quoted(re.sub(r"\\(.)", r"\1", token[1:-1]))
        if kind != "name":
            raise Untranslatable(token or self.text[:60])
        return token if token in _LITERALS else self._path(token)

    def _path(self, first: str) -> str:
        names = [first]
        suffix = ""
        while mark := self._take(".", "[", "("):
            if mark == "(":
                raise Untranslatable(f"{'.'.join(names)}()")
            if mark == ".":
                if self.kind != "name" or suffix:
                    raise Untranslatable(self.token or first)
                names.append(self.token)
                self._next()
                continue
            if self.kind == "number" and self.token.isdigit():
                suffix += f"[{int(self.token) + 1}]"  # FEEL counts from one
            elif self.kind == "text" and self.token[1:-1].isidentifier() and not suffix:
                names.append(self.token[1:-1])
            else:
                raise Untranslatable(f"{first}[{self.token}]")
            self._next()
            self._expect("]")
        if names[:2] == _PREFIX and len(names) > 2:
            names = names[2:]
        if not _is_variable(names[0]) or _TAKEN.intersection(names):
            raise Untranslatable(".".join(names))
        return ".".join(names) + suffix


def _is_variable(name: str) -> bool:
    """FEEL reads ``count`` and the like as functions; a variable of that name is out of reach."""
    try:
        return compiled(name).variables == {name}
    except FeelSyntaxError:
        return False


def _empty(feel: str) -> str:
    return (
        f'(if {feel} = null then true else if {feel} instance of string then {feel} = "" '
        f"else if {feel} instance of list<Any> then count({feel}) = 0 else false)"
    )
