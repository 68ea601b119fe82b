"""Compiles boxed expressions: literals, contexts, lists, relations, functions, calls and loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TYPE_CHECKING

from perfflow.feel import syntax as ast
from perfflow.feel.calls import closure, conformed, external
from perfflow.feel.compiler import Compiler
from perfflow.feel.decisions.item_types import type_reference
from perfflow.feel.decisions.tables import compile_table
from perfflow.feel.decisions.xml import attribute, child, children, Element, tag, text_of
from perfflow.feel.errors import FeelSyntaxError, NullResult, Position
from perfflow.feel.evaluation import Code, Scope
from perfflow.feel.functions import invoke_named
from perfflow.feel.iteration import filtered, iterable
from perfflow.feel.parser import parse, parse_tests
from perfflow.feel.types import ANY, FeelType
from perfflow.feel.values import kind_of

if TYPE_CHECKING:
    from perfflow.feel.decisions.model import Model

NOWHERE: Position = (0, 0)
LOGIC = (
    "literalExpression", "decisionTable", "context", "list", "relation", "functionDefinition",
    "invocation", "conditional", "filter", "for", "some", "every",
)  # fmt: skip


class BoxedCompiler:
    """Compiles the logic of one element of a model."""

    def __init__(self, model: Model, where: str) -> None:
        self.model = model
        self.where = where
        self.compiler = Compiler(model.names)
        self.problems: list[FeelSyntaxError] = []

    # ----- texts

    def text(self, text: str | None) -> Code:
        """The code of an expression; a text that is none gives null with a warning."""
        if not text:
            return lambda scope: None
        return self._guarded(lambda: parse(text, self.model.parser_names, self.model.types.find))

    def tests(self, text: str) -> tuple[Code, ast.Tests | None]:
        """The code of unary tests, and their tree for those who look inside."""
        seen: list[ast.Tests] = []

        def read() -> ast.Node:
            seen.append(parse_tests(text, self.model.parser_names, self.model.types.find))
            return seen[0]

        return self._guarded(read), seen[0] if seen else None

    def _guarded(self, read: Callable[[], ast.Node]) -> Code:
        try:
            return self.compiler.compile(read())
        except FeelSyntaxError as error:
            self.problems.append(error)
            at, where, reason = (error.line, error.column), self.where, error.message_en

            def broken(scope: Scope) -> Any:
                scope.run.warn("feel.syntax_inside", at, where=where, reason=reason)
                return None

            return broken

    # ----- elements

    def logic_of(self, parent: Element | None) -> Code | None:
        """The code of the first boxed expression below an element, if there is one."""
        found = child(parent, *LOGIC) if parent is not None else None
        return None if found is None else self.compile(found)

    def compile(self, element: Element) -> Code:
        code: Code = getattr(self, "_" + tag(element).lower())(element)
        kind = self.model.types.of(attribute(element, "typeRef"))
        return code if kind is ANY else typed(code, kind)

    def _literalexpression(self, element: Element) -> Code:
        return self.text(text_of(element))

    def _decisiontable(self, element: Element) -> Code:
        return compile_table(self, element)

    def _context(self, element: Element) -> Code:
        frame: set[str] = set()
        self.compiler.frames.append(frame)
        entries: list[tuple[str, Code, FeelType]] = []
        result: Code | None = None
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            code = self.logic_of(entry) or (lambda scope: None)
            if variable is None:
                result = code
                continue
            name = attribute(variable, "name")
            entries.append((name, code, self.model.types.of(type_reference(variable))))
            frame.add(name)
        self.compiler.frames.pop()
        return _context_code(entries, result)

    def _list(self, element: Element) -> Code:
        items = [self.compile(item) for item in children(element, *LOGIC)]

        def build(scope: Scope) -> Any:
            scope.run.charge(len(items))
            return [item(scope) for item in items]

        return build

    def _relation(self, element: Element) -> Code:
        names = [attribute(column, "name") for column in children(element, "column")]
        rows = [
            [self.compile(cell) for cell in children(row, *LOGIC)]
            for row in children(element, "row")
        ]

        def build(scope: Scope) -> Any:
            scope.run.charge(len(rows) * (1 + len(names)))
            return [{n: cell(scope) for n, cell in zip(names, row, strict=False)} for row in rows]

        return build

    def _functiondefinition(self, element: Element) -> Code:
        names = tuple(attribute(p, "name") for p in children(element, "formalParameter"))
        types = tuple(
            self.model.types.of(type_reference(p)) for p in children(element, "formalParameter")
        )
        label = self.where
        if attribute(element, "kind", "FEEL") not in ("FEEL", ""):
            return lambda scope: external(label, names)
        self.compiler.frames.append(set(names))
        body = self.logic_of(element) or (lambda scope: None)
        self.compiler.frames.pop()
        return lambda scope: closure(label, names, types, body, scope)

    def _invocation(self, element: Element) -> Code:
        function = self.logic_of(element) or (lambda scope: None)
        bindings = [
            (attribute(child(binding, "parameter"), "name"), self.logic_of(binding))
            for binding in children(element, "binding")
        ]
        where = self.where

        def call(scope: Scope) -> Any:
            named = {name: code(scope) if code else None for name, code in bindings}
            try:
                return invoke_named(scope.run, function(scope), named)
            except NullResult as reason:
                scope.run.warn(reason.code, NOWHERE, **{"function": where, **reason.params})
                return None

        return call

    def _conditional(self, element: Element) -> Code:
        test, then, otherwise = (
            self.logic_of(child(element, part)) or (lambda scope: None)
            for part in ("if", "then", "else")
        )

        def choose(scope: Scope) -> Any:
            value = test(scope)
            if value is not None and type(value) is not bool:
                scope.run.warn("feel.condition", NOWHERE, got=kind_of(value))
            return then(scope) if value is True else otherwise(scope)

        return choose

    def _filter(self, element: Element) -> Code:
        source = self.logic_of(child(element, "in")) or (lambda scope: None)
        self.compiler.frames.extend([{"item"}, None])
        condition = self.logic_of(child(element, "match")) or (lambda scope: None)
        del self.compiler.frames[-2:]

        def run_filter(scope: Scope) -> Any:
            value = source(scope)
            if value is None:
                scope.run.warn("feel.filter_null", NOWHERE)
                return None
            items = value if type(value) is list else [value]
            return filtered(scope, items, condition, 5, NOWHERE)

        return run_filter

    def _domain(self, holder: Element | None) -> Code:
        """What a loop goes over; as in a text, ``1..3`` needs no brackets here."""
        text = text_of(child(holder, "literalExpression")) if holder is not None else None
        if text and ".." in text and text[0] not in "[(]":
            return self.text(f"[{text}]")
        return self.logic_of(holder) or (lambda scope: None)

    def _loop_parts(self, element: Element, body: str) -> tuple[str, Code, Code]:
        name = attribute(element, "iteratorVariable", "item")
        source = self._domain(child(element, "in"))
        self.compiler.frames.append({name, "partial"})
        code = self.logic_of(child(element, body)) or (lambda scope: None)
        self.compiler.frames.pop()
        return name, source, code

    def _for(self, element: Element) -> Code:
        name, source, body = self._loop_parts(element, "return")

        def loop(scope: Scope) -> Any:
            results: list[Any] = []
            items = iterable(scope.run, source(scope), NOWHERE)
            if items is None:
                return None
            for item in items:
                scope.run.charge(5 + (len(results) >> 4))
                seen = {name: item, "partial": results.copy()}
                results.append(body(Scope(seen, scope, scope.run)))
            return results

        return loop

    def _some(self, element: Element) -> Code:
        return self._quantified(element, decisive=True)

    def _every(self, element: Element) -> Code:
        return self._quantified(element, decisive=False)

    def _quantified(self, element: Element, *, decisive: bool) -> Code:
        name, source, condition = self._loop_parts(element, "satisfies")

        def quantified(scope: Scope) -> Any:
            items = iterable(scope.run, source(scope), NOWHERE)
            if items is None:
                return None
            for item in items:
                scope.run.charge(5)
                value = condition(Scope({name: item}, scope, scope.run))
                if value is decisive:
                    return decisive
                if type(value) is not bool:  # unlike in a text, the box takes conditions only
                    scope.run.warn("feel.condition", NOWHERE, got=kind_of(value))
                    return None
            return not decisive

        return quantified


def typed(code: Code, kind: FeelType) -> Code:
    """The value if it is of the type (after implicit conversions), else null with a warning."""

    def checked(scope: Scope) -> Any:
        value = code(scope)
        try:
            return conformed(kind, value)
        except NullResult as reason:
            scope.run.warn(reason.code, NOWHERE, **reason.params)
            return None

    return checked


def _context_code(entries: Sequence[tuple[str, Code, FeelType]], result: Code | None) -> Code:
    ready = [(name, code if kind is ANY else typed(code, kind)) for name, code, kind in entries]

    def build(scope: Scope) -> Any:
        scope.run.charge(len(ready))
        values: dict[str, Any] = {}
        inner = Scope(values, scope, scope.run)
        for name, code in ready:
            values[name] = code(inner)
        return values if result is None else result(inner)

    return build
