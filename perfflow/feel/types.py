"""The types that ``instance of``, parameters and item definitions name, and what fits them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from perfflow.feel.temporal import Date, DateTime, DaysDuration, Time, YearsDuration
from perfflow.feel.values import Function, Range, type_name

SIMPLE: dict[str, tuple[type, ...]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "date": (Date,),
    "time": (Time,),
    "date and time": (DateTime,),
    "dateTime": (DateTime,),
    "days and time duration": (DaysDuration,),
    "dayTimeDuration": (DaysDuration,),
    "years and months duration": (YearsDuration,),
    "yearMonthDuration": (YearsDuration,),
    "duration": (DaysDuration, YearsDuration),
    "list": (list,),
    "context": (dict,),
    "range": (Range,),
    "function": (Function,),
}


class FeelType:
    """A type: ``fits`` is membership, ``accepts`` also takes null and a list of one."""

    name = "Any"

    def fits(self, value: Any) -> bool:
        return value is not None

    def accepts(self, value: Any) -> bool:
        return value is None or self.fits(value)

    def includes(self, other: FeelType) -> bool:
        """Whether every value of ``other`` is one of this type."""
        return True


ANY = FeelType()


class NullType(FeelType):
    name = "Null"

    def fits(self, value: Any) -> bool:
        return value is None

    def includes(self, other: FeelType) -> bool:
        return isinstance(other, NullType)


class SimpleType(FeelType):
    def __init__(self, name: str) -> None:
        self.name = name
        self.classes = SIMPLE[name]

    def fits(self, value: Any) -> bool:
        return type(value) in self.classes

    def includes(self, other: FeelType) -> bool:
        if isinstance(other, SimpleType):
            return set(other.classes) <= set(self.classes)
        if isinstance(other, ListType):
            return list in self.classes
        if isinstance(other, ContextType):
            return dict in self.classes
        if isinstance(other, RangeType):
            return Range in self.classes
        return isinstance(other, FunctionType) and Function in self.classes


class ListType(FeelType):
    def __init__(self, item: FeelType) -> None:
        self.item = item
        self.name = f"list<{item.name}>"

    def fits(self, value: Any) -> bool:
        return type(value) is list and all(self.item.accepts(item) for item in value)

    def includes(self, other: FeelType) -> bool:
        return isinstance(other, ListType) and self.item.includes(other.item)


class RangeType(FeelType):
    def __init__(self, item: FeelType) -> None:
        self.item = item
        self.name = f"range<{item.name}>"

    def fits(self, value: Any) -> bool:
        if type(value) is not Range:
            return False
        ends = [end for end in (value.start, value.end) if end is not None]
        return all(self.item.fits(end) for end in ends)

    def includes(self, other: FeelType) -> bool:
        return isinstance(other, RangeType) and self.item.includes(other.item)


class ContextType(FeelType):
    def __init__(self, fields: Mapping[str, FeelType]) -> None:
        self.fields = dict(fields)
        shown = ", ".join(f"{key}: {field.name}" for key, field in self.fields.items())
        self.name = f"context<{shown}>"

    def fits(self, value: Any) -> bool:
        return type(value) is dict and all(
            key in value and field.accepts(value[key]) for key, field in self.fields.items()
        )

    def includes(self, other: FeelType) -> bool:
        return isinstance(other, ContextType) and all(
            key in other.fields and field.includes(other.fields[key])
            for key, field in self.fields.items()
        )


class FunctionType(FeelType):
    def __init__(self, parameters: tuple[FeelType, ...], result: FeelType) -> None:
        self.parameters = parameters
        self.result = result
        shown = ", ".join(parameter.name for parameter in parameters)
        self.name = f"function<{shown}>->{result.name}"

    def fits(self, value: Any) -> bool:
        if type(value) is not Function or len(value.parameters) != len(self.parameters):
            return False
        declared = value.types or (ANY,) * len(value.parameters)
        takes = all(
            (own or ANY).includes(asked)
            for own, asked in zip(declared, self.parameters, strict=True)
        )
        return takes and (value.result_type is None or self.result.includes(value.result_type))

    def includes(self, other: FeelType) -> bool:
        return (
            isinstance(other, FunctionType)
            and len(other.parameters) == len(self.parameters)
            and all(o.includes(s) for s, o in zip(self.parameters, other.parameters, strict=True))
            and self.result.includes(other.result)
        )


TypeFinder = Callable[[str], FeelType | None]

_CACHE: dict[str, FeelType] = {"Any": ANY, "Null": NullType()}


def simple_type(name: str) -> FeelType | None:
    """A type of the standard by its name."""
    found = _CACHE.get(name)
    if found is None and name in SIMPLE:
        found = _CACHE[name] = SimpleType(name)
    return found


def coerce(value: Any, kind: FeelType) -> tuple[bool, Any]:
    """The implicit conversions of the standard: a list of one and a day as midnight in UTC."""
    if kind.accepts(value):
        return True, value
    if type(value) is list and len(value) == 1 and kind.accepts(value[0]):
        return True, value[0]
    if isinstance(kind, ListType) and kind.item.accepts(value):
        return True, [value]
    if kind.name == "list":
        return True, [value]
    if type(value) is Date and kind.name in ("date and time", "dateTime"):
        return True, DateTime(value, Time(0, 0))
    return False, None


def describe(value: Any) -> str:
    return type_name(value)
