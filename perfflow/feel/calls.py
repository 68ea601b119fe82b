"""Compiles function calls and function literals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from perfflow.feel import syntax as ast
from perfflow.feel.errors import NullResult, Position, TypeWord
from perfflow.feel.evaluation import Code, Run, Scope
from perfflow.feel.functions import Builtin, BUILTINS, invoke, invoke_named
from perfflow.feel.iteration import CompilerBase
from perfflow.feel.types import coerce, FeelType
from perfflow.feel.values import Function, kind_of


class CallCompiler(CompilerBase):
    """The part of the compiler for functions."""

    def call(self, node: ast.Call) -> Code:
        target, at = self._target(node.function), node.at
        if node.named is not None:
            names = [name for name, _ in node.named]
            codes = [self.compile(value) for _, value in node.named]
            return _named_call(target, names, codes, at)
        arguments = [self.compile(argument) for argument in node.positional]
        if isinstance(target, Builtin):
            return _builtin_call(target, arguments, at)

        def call(scope: Scope) -> Any:
            run = scope.run
            try:
                function = target(scope)
                return invoke(run, function, [argument(scope) for argument in arguments])
            except NullResult as reason:
                run.warn(reason.code, at, **reason.params)
                return None

        return call

    def _target(self, node: ast.Node) -> Builtin | Code:
        """What is called: a function of the standard, or code that finds the function."""
        if not isinstance(node, ast.Name):
            return self.compile(node)
        name = node.name
        if self.is_local(name) or name in self.names:
            self.note_use(name)
        elif name in BUILTINS and name not in self.host and None not in self.frames:
            return BUILTINS[name]
        else:
            self.functions.add(name)
        known = BUILTINS.get(name)
        value = known.as_value() if known is not None else None

        def find(scope: Scope) -> Any:
            here: Scope | None = scope
            while here is not None:
                if name in here.vars and (value is None or type(here.vars[name]) is Function):
                    return here.vars[name]
                here = here.parent
            functions = scope.run.functions
            if functions is not None and name in functions:
                return functions[name]
            if value is None:
                raise NullResult("feel.unknown_function", name=name)
            return value

        return find

    def function(self, node: ast.FunctionNode) -> Code:
        names = tuple(name for name, _ in node.parameters)
        types = tuple(kind for _, kind in node.parameters)
        if node.external:
            return lambda scope: external("function", names)
        body = self.inside(set(names), node.body)

        def build(scope: Scope) -> Any:
            return closure("function", names, types, body, scope)

        return build


def closure(
    name: str,
    names: tuple[str, ...],
    types: tuple[FeelType | None, ...],
    body: Code,
    scope: Scope,
    result: FeelType | None = None,
) -> Function:
    """A function whose body sees its parameters and the scope in which it was written."""

    def call(run: Run, arguments: Sequence[Any]) -> Any:
        if len(arguments) != len(names):
            raise NullResult("feel.arguments", function=name, count=len(arguments))
        values: dict[str, Any] = {}
        for parameter, kind, value in zip(names, types, arguments, strict=True):
            values[parameter] = value if kind is None else _typed(name, parameter, kind, value)
        run.enter()
        try:
            found = body(Scope(values, scope, run))
        finally:
            run.leave()
        return found if result is None else conformed(result, found)

    return Function(name, names, call, types, result)


def _typed(function: str, parameter: str, kind: FeelType, value: Any) -> Any:
    fits, converted = coerce(value, kind)
    if not fits:
        raise NullResult(
            "feel.argument",
            function=function,
            parameter=parameter,
            expected=TypeWord(kind.name),
            got=kind_of(value),
        )
    return converted


def conformed(kind: FeelType, value: Any) -> Any:
    fits, converted = coerce(value, kind)
    if not fits:
        raise NullResult("feel.type", expected=TypeWord(kind.name), got=kind_of(value))
    return converted


def external(name: str, names: tuple[str, ...]) -> Function:
    """A function that the text leaves to Java or PMML; calling it gives null."""

    def call(_run: Run, _arguments: Sequence[Any]) -> Any:
        raise NullResult("feel.external", function=name)

    return Function(name, names, call)


def _builtin_call(target: Builtin, arguments: list[Code], at: Position) -> Code:
    def call(scope: Scope) -> Any:
        run = scope.run
        run.charge(1)
        try:
            return target.call(run, [argument(scope) for argument in arguments])
        except NullResult as reason:
            run.warn(reason.code, at, **reason.params)
            return None

    return call


def _named_call(
    target: Builtin | Callable[[Scope], Any], names: list[str], codes: list[Code], at: Position
) -> Code:
    def call(scope: Scope) -> Any:
        run = scope.run
        run.charge(1)
        values = {name: code(scope) for name, code in zip(names, codes, strict=True)}
        try:
            if len(values) != len(names):
                raise NullResult("feel.duplicate_key", name=names[-1])
            if isinstance(target, Builtin):
                return target.call_named(run, values)
            return invoke_named(run, target(scope), values)
        except NullResult as reason:
            run.warn(reason.code, at, **reason.params)
            return None

    return call
