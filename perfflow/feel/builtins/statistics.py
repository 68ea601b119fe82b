"""Functions that make one value of many: sums, extremes, averages, all and any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from perfflow.feel.equality import order
from perfflow.feel.errors import NullResult
from perfflow.feel.evaluation import Run
from perfflow.feel.functions import builtin, fail
from perfflow.feel.temporal import DaysDuration, YearsDuration
from perfflow.feel.values import kind_of, NUMBERS


def over_list(
    name: str, parameter: str = "list"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function that takes a list or the items of one as its arguments."""

    def register(function: Callable[[Run, list[Any]], Any]) -> Callable[..., Any]:
        builtin(name, f"{parameter}: list")(function)

        def spread(run: Run, *items: Any) -> Any:
            return function(run, list(items))

        builtin(name, "1: any?, 2: any?*")(spread)  # these have no names to call them by
        return function

    return register


def _numbers(run: Run, name: str, items: list[Any]) -> list[Decimal]:
    run.charge(len(items))
    for item in items:
        if type(item) is not Decimal:
            raise fail(name, item)
    return items


def _extreme(run: Run, name: str, items: list[Any], wanted: int) -> Any:
    run.charge(len(items))
    if not items:
        raise fail(name, items)
    best = items[0]
    if order(best, best) is None:
        raise fail(name, best)
    for item in items[1:]:
        found = order(item, best)
        if found is None:
            raise NullResult(
                "feel.operands", operator=name, left=kind_of(item), right=kind_of(best)
            )
        if found == wanted:
            best = item
    return best


@over_list("min")
def minimum(run: Run, items: list[Any]) -> Any:
    return _extreme(run, "min", items, -1)


@over_list("max")
def maximum(run: Run, items: list[Any]) -> Any:
    return _extreme(run, "max", items, 1)


@over_list("sum")
def total(run: Run, items: list[Any]) -> Any:
    if not items:
        raise fail("sum", items)
    if type(items[0]) in (DaysDuration, YearsDuration):
        return _total_duration(run, items)
    result = Decimal(0)
    for item in _numbers(run, "sum", items):
        result = NUMBERS.add(result, item)
    return result


def _total_duration(run: Run, items: list[Any]) -> Any:
    from perfflow.feel.arithmetic import operate

    run.charge(len(items))
    result = items[0]
    for item in items[1:]:
        result = operate(run, "+", result, item)
    return result


@over_list("product")
def product(run: Run, items: list[Any]) -> Any:
    if not items:
        raise fail("product", items)
    result = Decimal(1)
    for item in _numbers(run, "product", items):
        result = NUMBERS.multiply(result, item)
    return result


@over_list("mean")
def mean(run: Run, items: list[Any]) -> Any:
    return NUMBERS.divide(total(run, _numbers(run, "mean", items)), Decimal(len(items)))


@over_list("median")
def median(run: Run, items: list[Any]) -> Any:
    ordered = sorted(_numbers(run, "median", items))
    if not ordered:
        raise fail("median", items)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@over_list("stddev")
def standard_deviation(run: Run, items: list[Any]) -> Any:
    """Of a sample: divided by one less than the number of items."""
    if len(_numbers(run, "stddev", items)) < 2:
        raise fail("stddev", items)
    average = mean(run, items)
    squares = Decimal(0)
    for item in items:
        distance = NUMBERS.subtract(item, average)
        squares = NUMBERS.add(squares, NUMBERS.multiply(distance, distance))
    return NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(items) - 1)))


@over_list("mode")
def mode(run: Run, items: list[Any]) -> Any:
    counts = Counter(_numbers(run, "mode", items))
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)


def _truth(run: Run, name: str, items: list[Any], decisive: bool) -> Any:
    run.charge(len(items))
    if any(item is decisive for item in items):
        return decisive
    for item in items:
        if type(item) is not bool:
            raise fail(name, item)
    return not decisive


@over_list("all")
def all_true(run: Run, items: list[Any]) -> Any:
    return _truth(run, "all", items, False)


@over_list("any")
def any_true(run: Run, items: list[Any]) -> Any:
    return _truth(run, "any", items, True)
