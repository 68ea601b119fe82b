"""Reads operands: literals, names, brackets of every kind, and the constructs with keywords."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from perfflow.feel import syntax as ast
from perfflow.feel.errors import FeelSyntaxError, Pair, Position
from perfflow.feel.lexer import Token, unescape
from perfflow.feel.parser_names import STOP_WORDS
from perfflow.feel.temporal_text import parse_temporal
from perfflow.feel.values import NUMBERS

if TYPE_CHECKING:
    from perfflow.feel.parser_names import NameReader as _Base
else:
    _Base = object

_ORDER = frozenset({"=", "!=", "<", "<=", ">", ">="})
MOST_SECOND_READINGS = 20
_CONSTANTS = {"true": True, "false": False, "null": None}
# Names that begin like a conjunction; read as one name only when they are called.
_CALLED = (
    ("date", "and", "time"),
    ("years", "and", "months", "duration"),
    ("days", "and", "time", "duration"),
)


class PrimaryParser(_Base):
    """The part of the parser below the operators."""

    if TYPE_CHECKING:

        def expression(self) -> ast.Node: ...
        def additive(self) -> ast.Node: ...
        def range_or_expression(self) -> ast.Node: ...

    def primary(self) -> ast.Node:
        token, at = self.peek(), self.here()
        if token.kind == "number":
            self.position += 1
            return self._number(token, at)
        if token.kind == "string":
            self.position += 1
            return ast.Literal(at, unescape(token.text[1:-1], at))
        if token.kind == "name":
            return self._word(token, at)
        if token.kind == "op":
            if token.text == "(":
                return self._parenthesis(at)
            if token.text == "[":
                return self._square(at)
            if token.text == "]":
                self.position += 1
                with self.bracketed():
                    return self.open_range(at, self.expression())
            if token.text == "{":
                return self._context(at)
            if token.text == "@":
                return self._at_literal(at)
        raise self.expected(Pair("an expression", "表达式"))

    def _number(self, token: Token, at: Position) -> ast.Node:
        try:
            return ast.Literal(at, NUMBERS.create_decimal(token.text))
        except ArithmeticError:
            return ast.Literal(at, None, token.text)

    def _at_literal(self, at: Position) -> ast.Node:
        self.position += 1
        token = self.peek()
        if token.kind != "string":
            raise self.expected(Pair("a string", "字符串"))
        self.position += 1
        text = unescape(token.text[1:-1], at)
        value = parse_temporal(text)
        return ast.Literal(at, value, text if value is None else None)

    def _word(self, token: Token, at: Position) -> ast.Node:
        word = token.text
        after = self.tokens[self.position + 1]
        if self._known(self.position) is not None:
            return ast.Name(at, self.name())
        if word in _CONSTANTS:
            self.position += 1
            return ast.Literal(at, _CONSTANTS[word])
        if word == "if":
            return self._if(at)
        if word == "for":
            return self._for(at)
        if word in ("some", "every"):
            return self._quantified(at, word)
        if word == "function" and after.text == "(":
            return self._function(at)
        for parts in _CALLED:
            end = self.position + len(parts)
            if self.tokens[min(end, len(self.tokens) - 1)].text == "(" and (
                tuple(part.text for part in self.tokens[self.position : end]) == parts
            ):
                self.position = end
                return ast.Name(at, " ".join(parts))
        if word in STOP_WORDS:
            raise self.expected(Pair("an expression", "表达式"))
        return ast.Name(at, self.name())

    # ----- brackets

    def _parenthesis(self, at: Position) -> ast.Node:
        self.position += 1
        with self.bracketed():
            token = self.peek()
            if token.kind == "op" and token.text in _ORDER:
                self.position += 1
                node: ast.Node = ast.UnaryTest(at, token.text, self.additive())
                self.expect_op(")")
                return node
            node = self.expression()
            if self.is_op(".."):
                return self.open_range(at, node)
        self.expect_op(")")
        return node

    def _square(self, at: Position) -> ast.Node:
        self.position += 1
        with self.bracketed():
            if self.take_op("]"):
                return ast.ListNode(at, [])
            items = [self._item()]
            if self.is_op(".."):
                return self.open_range(at, items[0], included=True)
            while self.take_op(","):
                items.append(self._item())
        self.expect_op("]")
        return ast.ListNode(at, items)

    def _item(self) -> ast.Node:
        token, at = self.peek(), self.here()
        if token.kind == "op" and token.text in _ORDER:
            self.position += 1
            return ast.UnaryTest(at, token.text, self.additive())
        return self.expression()

    def open_range(self, at: Position, start: ast.Node, *, included: bool = False) -> ast.Node:
        if not self.take_op(".."):
            raise self.expected("'..'")
        end = self._range_end()
        if self.take_op("]"):
            return ast.RangeNode(at, included, start, end, True)
        if self.take_op(")") or self.take_op("["):
            return ast.RangeNode(at, included, start, end, False)
        raise self.expected(Pair("']' or ')'", "']' 或 ')'"))

    def _range_end(self) -> ast.Node:
        """The upper end. A ``[`` after it closes the range (``[1..3[``) or filters (``[0..x[1]]``).

        It filters when what follows reads as a filter with the bracket that closes behind it. The
        number of second readings is bounded, or nested ranges would double the work each time.
        """
        start, depth = self.position, self.depth
        self.in_range_end = True
        end = self.additive()
        self.in_range_end = False
        if not self.is_op("[") or self.second_readings >= MOST_SECOND_READINGS:
            return end
        self.second_readings += 1
        after = self.position
        try:
            self.position = start
            filtered = self.additive()
            if self.is_op("]") or self.is_op(")"):
                return filtered
        except FeelSyntaxError:
            self.depth = depth
        self.position = after
        return end

    def _context(self, at: Position) -> ast.Node:
        self.position += 1
        entries: list[tuple[str, ast.Node, Position]] = []
        known = {key: list(parts) for key, parts in self.known.items()}
        with self.bracketed():
            while not self.is_op("}"):
                place = self.here()
                key = self.entry_key()
                if key is None:
                    raise self.expected(Pair("a key and ':'", "键与 ':'"))
                entries.append((key, self.expression(), place))
                self.learn(key)
                if not self.take_op(","):
                    break
        self.expect_op("}")
        self.known = known
        return ast.ContextNode(at, entries)

    # ----- constructs

    def _if(self, at: Position) -> ast.Node:
        self.position += 1
        with self.bracketed():
            condition = self.expression()
            self.expect_word("then")
            then = self.expression()
            self.expect_word("else")
        return ast.If(at, condition, then, self.expression())

    def _iterators(self) -> list[tuple[str, ast.Node, ast.Node | None]]:
        found: list[tuple[str, ast.Node, ast.Node | None]] = []
        while True:
            name = self.name()
            self.learn(name)
            self.expect_word("in")
            with self.bracketed():
                start = self.expression()
                end = self.additive() if self.take_op("..") else None
            found.append((name, start, end))
            if not self.take_op(","):
                return found

    def _for(self, at: Position) -> ast.Node:
        self.position += 1
        iterators = self._iterators()
        self.expect_word("return")
        return ast.For(at, iterators, self.expression())

    def _quantified(self, at: Position, quantifier: str) -> ast.Node:
        self.position += 1
        iterators = self._iterators()
        self.expect_word("satisfies")
        return ast.Quantified(at, quantifier, iterators, self.expression())

    def _function(self, at: Position) -> ast.Node:
        self.position += 2
        parameters: list[tuple[str, Any]] = []
        while not self.take_op(")"):
            if parameters:
                self.expect_op(",")
            name = self.name()
            self.learn(name)
            parameters.append((name, self.type_name() if self.take_op(":") else None))
        external = self.take_word("external")
        return ast.FunctionNode(at, parameters, self.expression(), external)
