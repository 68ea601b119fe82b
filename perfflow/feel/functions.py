"""How functions are declared, chosen by their arguments and called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation, Overflow
from typing import Any

from perfflow.feel.errors import NullResult, TypeWord
from perfflow.feel.evaluation import Run
from perfflow.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from perfflow.feel.values import Function, kind_of, Range, to_feel, to_python

_CLASSES: dict[str, tuple[type, ...]] = {
    "number": (Decimal,),
    "integer": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "date": (Date,),
    "time": (Time,),
    "date and time": (DateTime,),
    "duration": (DaysDuration, YearsDuration),
    "days and time duration": (DaysDuration,),
    "list": (list,),
    "context": (dict,),
    "range": (Range,),
    "function": (Function,),
    "day": (Date, DateTime),
    "point": (Decimal, str, Date, Time, DateTime, DaysDuration, YearsDuration),
}


class Parameter:
    """One parameter of a built-in function, read from ``name: type``."""

    __slots__ = ("any", "classes", "name", "nullable", "optional", "type", "variadic")

    def __init__(self, text: str) -> None:
        name, _, kind = text.partition(": ")
        self.optional = kind.endswith("=")
        kind = kind.removesuffix("=")
        self.variadic = kind.endswith("*")
        kind = kind.removesuffix("*")
        self.nullable = kind.endswith("?")
        self.name = name.strip()
        self.type = kind.removesuffix("?")
        self.any = self.type == "any"
        self.classes = _CLASSES.get(self.type, ())

    def take(self, value: Any) -> tuple[bool, Any]:
        """Whether the argument fits, after the implicit conversions of the standard."""
        kind = type(value)
        if kind in self.classes:
            return True, value
        if value is None:
            return self.nullable, None
        if self.any:
            return True, value
        if self.type == "list":
            return True, [value]
        if kind is list and len(value) == 1 and type(value[0]) in self.classes:
            return True, value[0]
        if kind is Date and self.type == "date and time":
            return True, DateTime(value, Time(0, 0))
        return False, None


class Overload:
    """One form of a built-in function."""

    __slots__ = ("function", "least", "most", "names", "parameters", "variadic")

    def __init__(self, signature: str, function: Callable[..., Any]) -> None:
        self.parameters = [Parameter(text) for text in signature.split(",")] if signature else []
        self.names = {parameter.name: i for i, parameter in enumerate(self.parameters)}
        self.variadic = bool(self.parameters) and self.parameters[-1].variadic
        self.least = sum(not parameter.optional for parameter in self.parameters)
        self.most = 1_000_000 if self.variadic else len(self.parameters)
        self.function = function


class Builtin:
    """A function of the standard with all its forms."""

    __slots__ = ("name", "overloads")

    def __init__(self, name: str) -> None:
        self.name = name
        self.overloads: list[Overload] = []

    def call(self, run: Run, arguments: Sequence[Any]) -> Any:
        count = len(arguments)
        failure: NullResult | None = None
        for overload in self.overloads:
            if not overload.least <= count <= overload.most:
                continue
            taken = self._take(overload, arguments)
            if isinstance(taken, list):
                return _guarded(self.name, overload.function, run, taken)
            failure = failure or taken
        raise failure or NullResult("feel.arguments", function=self.name, count=count)

    def call_named(self, run: Run, named: Mapping[str, Any]) -> Any:
        failure: NullResult | None = None
        for overload in self.overloads:
            if overload.variadic and len(overload.parameters) == 1:
                continue
            if not named.keys() <= overload.names.keys():
                continue
            places = sorted(overload.names[name] for name in named)
            arguments = [named.get(parameter.name) for parameter in overload.parameters]
            given = max(places) + 1 if places else 0
            missing = [p for p in overload.parameters if not p.optional and p.name not in named]
            if not missing:
                taken = self._take(overload, arguments[:given], named)
                if isinstance(taken, list):
                    return _guarded(self.name, overload.function, run, taken)
                failure = failure or taken
        raise failure or NullResult(
            "feel.argument_names", function=self.name, names=", ".join(named)
        )

    def _take(
        self, overload: Overload, arguments: Sequence[Any], named: Mapping[str, Any] | None = None
    ) -> list[Any] | NullResult:
        taken: list[Any] = []
        for index, value in enumerate(arguments):
            parameter = overload.parameters[min(index, len(overload.parameters) - 1)]
            if named is not None and parameter.name not in named:
                taken.append(None)
                continue
            fits, converted = parameter.take(value)
            if not fits:
                return NullResult(
                    "feel.argument",
                    function=self.name,
                    parameter=parameter.name,
                    expected=TypeWord(parameter.type),
                    got=kind_of(value),
                )
            taken.append(converted)
        return taken

    def as_value(self) -> Function:
        first = self.overloads[0]
        names = tuple(parameter.name for parameter in first.parameters)
        return Function(self.name, names, self.call)


def _guarded(name: str, function: Callable[..., Any], run: Run, arguments: list[Any]) -> Any:
    try:
        return function(run, *arguments)
    except (InvalidOperation, Overflow) as error:
        raise NullResult("feel.out_of_range") from error


BUILTINS: dict[str, Builtin] = {}


def builtin(name: str, signature: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register one form of a function; forms are tried in the order of their registration.

    A signature reads ``string: string, start position: number, length: number?=``: ``?`` also
    takes null, ``=`` may be left out, ``*`` takes any number of arguments.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        BUILTINS.setdefault(name, Builtin(name)).overloads.append(Overload(signature, function))
        return function

    return register


def invoke(run: Run, function: Any, arguments: Sequence[Any]) -> Any:
    """Call a function value."""
    if type(function) is not Function:
        raise NullResult("feel.not_a_function", got=kind_of(function))
    return function.call(run, arguments)


def invoke_named(run: Run, function: Any, named: Mapping[str, Any]) -> Any:
    if type(function) is not Function:
        raise NullResult("feel.not_a_function", got=kind_of(function))
    if set(named) != set(function.parameters):
        known = BUILTINS.get(function.name)
        if known is not None and function.call == known.call:
            return known.call_named(run, named)
        raise NullResult("feel.argument_names", function=function.name, names=", ".join(named))
    return function.call(run, [named[name] for name in function.parameters])


def python_function(name: str, function: Callable[..., Any]) -> Function:
    """A function of the host as a FEEL function; it takes and returns plain Python values."""

    def call(run: Run, arguments: Sequence[Any]) -> Any:
        run.charge(20)
        try:
            return to_feel(function(*(to_python(argument) for argument in arguments)))
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise NullResult("feel.function_failed", function=name, reason=str(error)) from error

    return Function(name, (), call)


def fail(function: str, value: Any) -> NullResult:
    """Why a function gives null for an argument of the right type."""
    from perfflow.feel.printer import to_text

    return NullResult("feel.invalid", function=function, value=to_text(value, [20])[:80])
