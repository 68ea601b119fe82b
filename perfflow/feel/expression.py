"""Compiled expressions: what other packages hold and evaluate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from perfflow.feel import builtins as _builtins  # noqa: F401 - registers the functions
from perfflow.feel import syntax as ast
from perfflow.feel.compiler import Compiler
from perfflow.feel.errors import FeelLimitError
from perfflow.feel.evaluation import Code, MAX_STEPS, Run
from perfflow.feel.functions import BUILTINS, python_function
from perfflow.feel.parser import parse, parse_tests
from perfflow.feel.types import FeelType, TypeFinder
from perfflow.feel.values import FEEL_TYPES, to_feel, to_python

Kind = Literal["expression", "unary"]
_DIRECT = FEEL_TYPES - {list, dict, Decimal}


class Result(Run):
    """A value with the warnings that explain its nulls; ``feel_value`` is not yet Python's.

    It is the run itself that is handed out: a second object would cost a sixth of the time that
    the commonest condition takes.
    """

    feel_value: Any = None

    @property
    def value(self) -> Any:
        return to_python(self.feel_value)

    def __repr__(self) -> str:
        return f"Result({self.feel_value!r}, {self.warnings!r})"


class Expression:
    """A compiled text. ``variables`` are the names that it certainly reads from its context."""

    __slots__ = ("_code", "_needed", "functions", "kind", "possible", "text", "tree", "variables")

    def __init__(self, text: str, kind: Kind, tree: ast.Node, compiler: Compiler) -> None:
        self.text = text
        self.kind = kind
        self.tree = tree
        try:
            self._code: Code = compiler.compile(tree)
        except RecursionError as error:
            raise FeelLimitError("feel.too_deep", limit=60) from error
        self.variables = frozenset(compiler.variables)
        self.possible = frozenset(compiler.possible) - self.variables
        self.functions = frozenset(compiler.functions)
        self._needed = tuple(self.variables | self.possible | self.functions)

    def evaluate(
        self,
        context: Mapping[str, Any] | None = None,
        *,
        now: datetime | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> Result:
        variables: dict[str, Any]
        if type(context) is dict:
            variables = context
            for name in self._needed:  # only what must be converted is copied
                value = context.get(name)
                if type(value) is Decimal:
                    if not value.is_finite():
                        variables = self._read(context)
                elif type(value) not in _DIRECT:
                    variables = self._read(context)
                    break
        else:
            variables = self._read(context or {})
        run = Result(variables)
        if now is not None:
            run.moment = now
        if functions and self.functions:
            run.functions = {
                name: python_function(name, functions[name])
                for name in self.functions
                if name in functions
            }
        try:
            run.feel_value = self._code(run)
        except RecursionError as error:
            raise FeelLimitError("feel.budget", limit=MAX_STEPS) from error
        return run

    def evaluate_unary(
        self,
        value: Any,
        context: Mapping[str, Any] | None = None,
        *,
        now: datetime | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> Result:
        """Whether the value passes these unary tests (or the expression over ``?``)."""
        run = Result({**self._read(context or {}), "?": to_feel(value)})
        run.moment = now
        if functions:
            run.functions = {name: python_function(name, f) for name, f in functions.items()}
        run.feel_value = self.run(run)
        return run

    def run(self, scope: Any) -> Any:
        """Evaluate in a scope that holds FEEL values already."""
        try:
            return self._code(scope)
        except RecursionError as error:
            raise FeelLimitError("feel.budget", limit=MAX_STEPS) from error

    def _read(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Only what the text may read is converted."""
        return {name: to_feel(context[name]) for name in self._needed if name in context}

    def __repr__(self) -> str:
        return f"Expression({self.text!r}, {self.kind!r})"


def _no_types(_name: str) -> FeelType | None:
    return None


def compile_text(
    text: str,
    kind: Kind,
    names: frozenset[str],
    types: TypeFinder = _no_types,
    functions: frozenset[str] = frozenset(),
) -> Expression:
    known = SPACED | names | functions
    tree = parse(text, known, types) if kind == "expression" else parse_tests(text, known, types)
    return Expression(text, kind, tree, Compiler(names, functions))


def _compiled(
    text: str, kind: Kind, names: frozenset[str], functions: frozenset[str]
) -> Expression:
    return compile_text(text, kind, names, functions=functions)


# Long texts get a small cache of their own, so that hostile ones cannot fill the memory.
_cached = lru_cache(maxsize=2048)(_compiled)
_cached_long = lru_cache(maxsize=32)(_compiled)
_LONG = 2000


def compile(
    text: str,
    kind: Kind = "expression",
    *,
    names: Iterable[str] = (),
    functions: Iterable[str] = (),
) -> Expression:
    """Compile FEEL text.

    ``names`` are variables that contain operators or keywords (``Date-Time``), ``functions`` the
    extra functions whose names do or that replace a function of the standard; other names with
    spaces need no declaration.
    """
    cached = _cached if len(text) <= _LONG else _cached_long
    return cached(text, kind, frozenset(names), frozenset(functions))


SPACED = frozenset(name for name in BUILTINS if " " in name and " and " not in name)
