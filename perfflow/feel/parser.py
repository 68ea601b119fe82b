"""Reads the text of an expression or of unary tests into a tree (operators by precedence)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from perfflow.feel import syntax as ast
from perfflow.feel.errors import FeelSyntaxError, Pair, Position
from perfflow.feel.lexer import Lines, Token, tokenize
from perfflow.feel.parser_names import known_names, NameReader
from perfflow.feel.parser_primary import PrimaryParser
from perfflow.feel.types import TypeFinder

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


class Parser(PrimaryParser, NameReader):
    """One use per text; ``parse_expression`` and ``parse_tests`` are the two ways in."""

    def __init__(self, text: str, names: Iterable[str], types: TypeFinder) -> None:
        self.text = text
        self.lines = Lines(text)
        self.tokens: list[Token] = tokenize(text, self.lines)
        self.position = 0
        self.depth = 0
        self.in_range_end = False
        self.second_readings = 0
        self.types = types
        self.known = {first: list(parts) for first, parts in known_names(frozenset(names)).items()}

    def parse_expression(self) -> ast.Node:
        node = self.expression()
        self.expect_end()
        return node

    def parse_tests(self) -> ast.Tests:
        at = self.here()
        if self.is_op("-") and self.tokens[self.position + 1].kind == "end":
            self.position += 1
            return ast.Tests(at, None)
        negation = self._whole_negation()
        if negation is not None:
            return negation
        tests = [self.positive_test()]
        while self.take_op(","):
            tests.append(self.positive_test())
        self.expect_end()
        return ast.Tests(at, tests)

    def _whole_negation(self) -> ast.Tests | None:
        start, at = self.position, self.here()
        token = self.tokens[start]
        if token.text != "not" or self.tokens[start + 1].text != "(":
            return None
        self.position += 2
        if self.is_op("-"):
            self.position += 1
            if self.take_op(")") and self.peek().kind == "end":
                return ast.Tests(at, None, negated=True)
            self.position = start + 2
        tests = [self.positive_test()]
        while self.take_op(","):
            tests.append(self.positive_test())
        if self.take_op(")") and self.peek().kind == "end":
            return ast.Tests(at, tests, negated=True)
        self.position = start
        return None

    def positive_test(self, *, interval: bool = True) -> ast.Node:
        token = self.peek()
        if token.kind == "op" and token.text in COMPARISONS:
            at = self.here()
            self.position += 1
            return ast.UnaryTest(at, token.text, self.additive())
        return self.range_or_expression() if interval else self.expression()

    # ----- operators by precedence, lowest first

    def expression(self) -> ast.Node:
        with self.nested():
            return self.disjunction()

    def disjunction(self) -> ast.Node:
        at = self.here()
        first = self.conjunction()
        if not self.is_word("or"):
            return first
        operands = [first]
        while self.take_word("or"):
            operands.append(self.conjunction())
        return ast.Logic(at, "or", operands)

    def conjunction(self) -> ast.Node:
        at = self.here()
        first = self.comparison()
        if not self.is_word("and"):
            return first
        operands = [first]
        while self.take_word("and"):
            operands.append(self.comparison())
        return ast.Logic(at, "and", operands)

    def comparison(self) -> ast.Node:
        left = self.additive()
        for _ in range(self.max_chain):
            at, token = self.here(), self.peek()
            if token.kind == "op" and token.text in COMPARISONS:
                self.position += 1
                left = ast.Comparison(at, token.text, left, self.additive())
            elif self.take_word("between"):
                low = self.additive()
                if not self.take_word("and"):
                    raise self.expected("and")
                left = ast.Between(at, left, low, self.additive())
            elif self.take_word("in"):
                left = ast.In(at, left, self._in_tests())
            else:
                return left
        raise self.too_deep()

    def _in_tests(self) -> list[ast.Node]:
        """``( test, test )``, an interval that opens with a parenthesis, or one test."""
        at = self.here()
        if not self.take_op("("):
            return [self.positive_test()]
        with self.bracketed():
            tests = [self.positive_test(interval=False)]
            if self.is_op(".."):
                return [self.open_range(at, tests[0])]
            while self.take_op(","):
                tests.append(self.positive_test())
        self.expect_op(")")
        if len(tests) == 1 and self.peek().text in (".", "["):
            return [self.postfix_of(tests[0])]
        return tests

    def additive(self) -> ast.Node:
        return self._chain(("+", "-"), self.multiplicative)

    def multiplicative(self) -> ast.Node:
        return self._chain(("*", "/"), self.exponent)

    def exponent(self) -> ast.Node:
        return self._chain(("**",), self.unary)

    def _chain(self, operators: tuple[str, ...], operand: Any) -> ast.Node:
        at = self.here()
        first: ast.Node = operand()
        rest: list[tuple[str, ast.Node, Position]] = []
        while True:
            token = self.peek()
            if token.kind != "op" or token.text not in operators:
                break
            place = self.here()
            self.position += 1
            rest.append((token.text, operand(), place))
        return ast.Chain(at, first, rest) if rest else first

    def unary(self) -> ast.Node:
        if self.is_op("-"):
            at = self.here()
            self.position += 1
            with self.nested():
                return ast.Negation(at, self.unary())
        node = self.postfix()
        while self.is_word("instance") and self.tokens[self.position + 1].text == "of":
            at = self.here()
            self.position += 2
            node = ast.InstanceOf(at, node, self.type_name())
        return node

    def postfix(self) -> ast.Node:
        return self.postfix_of(self.primary())

    def postfix_of(self, node: ast.Node) -> ast.Node:
        for _ in range(self.max_chain):
            at = self.here()
            if self.is_op("("):
                node = self._call(node)
            elif self.is_op(".") and not self.in_path_end():
                self.position += 1
                node = ast.Path(at, node, self.property_name())
            elif self.is_op("[") and not self.in_range_end:
                self.position += 1
                with self.bracketed():
                    condition = self.expression()
                self.expect_op("]")
                node = ast.Filter(at, node, condition)
            else:
                return node
        raise self.too_deep()

    def _call(self, function: ast.Node) -> ast.Node:
        self.position += 1
        with self.bracketed():
            if self.take_op(")"):
                return ast.Call(function.at, function, [], None)
            if self.entry_key(peek=True) is not None:
                named = [self._named_argument()]
                while self.take_op(","):
                    named.append(self._named_argument())
                self.expect_op(")")
                return ast.Call(function.at, function, [], named)
            positional = [self.argument()]
            while self.take_op(","):
                positional.append(self.argument())
        self.expect_op(")")
        return ast.Call(function.at, function, positional, None)

    def _named_argument(self) -> tuple[str, ast.Node]:
        key = self.entry_key()
        if key is None:
            raise self.expected(Pair("the name of a parameter", "参数名"))
        return key, self.argument()

    def argument(self) -> ast.Node:
        return self.expression()

    def range_or_expression(self) -> ast.Node:
        """An expression, or an interval without brackets as iterations allow it."""
        start = self.expression()
        if not self.is_op(".."):
            return start
        at = self.here()
        self.position += 1
        return ast.RangeNode(at, True, start, self.additive(), True)


def parse(text: str, names: Iterable[str], types: TypeFinder) -> ast.Node:
    try:
        return Parser(text, names, types).parse_expression()
    except RecursionError as error:
        raise FeelSyntaxError("feel.too_deep", (1, 1), limit=Parser.max_depth) from error


def parse_tests(text: str, names: Iterable[str], types: TypeFinder) -> ast.Tests:
    try:
        return Parser(text, names, types).parse_tests()
    except RecursionError as error:
        raise FeelSyntaxError("feel.too_deep", (1, 1), limit=Parser.max_depth) from error
