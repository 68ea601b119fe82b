"""Functions over lists."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal, ROUND_DOWN
from functools import cmp_to_key
from typing import Any

from perfflow.feel.equality import equal
from perfflow.feel.errors import NullResult
from perfflow.feel.evaluation import Run
from perfflow.feel.functions import builtin, fail, invoke
from perfflow.feel.values import Function, kind_of


def position_in(name: str, items: list[Any], position: Decimal) -> int:
    """The index of a position that counts from 1, or backwards from -1."""
    index = int(position.to_integral_value(ROUND_DOWN)) if position.adjusted() < 12 else 0
    if index == 0 or abs(index) > len(items):
        raise fail(name, position)
    return index - 1 if index > 0 else len(items) + index


@builtin("list contains", "list: list, element: any?")
def list_contains(run: Run, items: list[Any], element: Any) -> Any:
    run.charge(len(items))
    return any(equal(run, item, element) is True for item in items)


@builtin("count", "list: list")
def count(_run: Run, items: list[Any]) -> Any:
    return Decimal(len(items))


@builtin("sublist", "list: list, start position: number, length: number?=")
def sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> Any:
    begin = position_in("sublist", items, start)
    run.charge(len(items))
    if length is None:
        return items[begin:]
    if length.adjusted() > 12 or length < 0 or begin + int(length) > len(items):
        raise fail("sublist", length)
    return items[begin : begin + int(length)]


@builtin("append", "list: list, item: any?*")
def append(run: Run, items: list[Any], *more: Any) -> Any:
    run.charge(len(items) + len(more))
    return [*items, *more]


@builtin("concatenate", "list: list*")
def concatenate(run: Run, *lists: list[Any]) -> Any:
    run.charge(sum(len(items) for items in lists))
    return [item for items in lists for item in items]


@builtin("insert before", "list: list, position: number, newItem: any?")
def insert_before(run: Run, items: list[Any], position: Decimal, item: Any) -> Any:
    run.charge(len(items))
    index = position_in("insert before", items, position)
    return [*items[:index], item, *items[index:]]


@builtin("remove", "list: list, position: number")
def remove(run: Run, items: list[Any], position: Decimal) -> Any:
    run.charge(len(items))
    index = position_in("remove", items, position)
    return items[:index] + items[index + 1 :]


@builtin("list replace", "list: list, position: number, newItem: any?")
def list_replace(run: Run, items: list[Any], position: Decimal, item: Any) -> Any:
    run.charge(len(items))
    index = position_in("list replace", items, position)
    return [*items[:index], item, *items[index + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any?")
def list_replace_matching(run: Run, items: list[Any], match: Function, item: Any) -> Any:
    result = []
    for old in items:
        verdict = invoke(run, match, [old, item])
        if type(verdict) is not bool:
            raise NullResult("feel.condition", got=kind_of(verdict))
        result.append(item if verdict else old)
    return result


@builtin("reverse", "list: list")
def reverse(run: Run, items: list[Any]) -> Any:
    run.charge(len(items))
    return items[::-1]


@builtin("index of", "list: list, match: any?")
def index_of(run: Run, items: list[Any], match: Any) -> Any:
    run.charge(len(items))
    return [
        Decimal(index) for index, item in enumerate(items, 1) if equal(run, item, match) is True
    ]


@builtin("union", "list: list*")
def union(run: Run, *lists: list[Any]) -> Any:
    return distinct(run, concatenate(run, *lists))


@builtin("distinct values", "list: list")
def distinct_values(run: Run, items: list[Any]) -> Any:
    return distinct(run, items)


def distinct(run: Run, items: list[Any]) -> list[Any]:
    """The items without repetition, in their order."""
    run.charge(len(items))
    seen: set[tuple[type, Hashable]] = set()
    others: list[Any] = []
    result: list[Any] = []
    for item in items:
        if type(item) in (Decimal, str, bool, type(None)):
            key = (type(item), item)
            if key in seen:
                continue
            seen.add(key)
        else:
            run.charge(len(others))
            if any(equal(run, item, other) is True for other in others):
                continue
            others.append(item)
        result.append(item)
    return result


@builtin("flatten", "list: list")
def flatten(run: Run, items: list[Any]) -> Any:
    result: list[Any] = []
    _flatten_into(run, items, result)
    return result


def _flatten_into(run: Run, items: list[Any], result: list[Any]) -> None:
    run.charge(1 + len(items))
    for item in items:
        if type(item) is list:
            _flatten_into(run, item, result)
        else:
            result.append(item)


@builtin("sort", "list: list, precedes: function")
def sort(run: Run, items: list[Any], precedes: Function) -> Any:
    def order(left: Any, right: Any) -> int:
        if _before(run, precedes, left, right):
            return -1
        return 1 if _before(run, precedes, right, left) else 0

    run.charge(len(items))
    return sorted(items, key=cmp_to_key(order))


def _before(run: Run, precedes: Function, left: Any, right: Any) -> bool:
    run.charge(5)
    verdict = invoke(run, precedes, [left, right])
    if type(verdict) is not bool:
        raise NullResult("feel.condition", got=kind_of(verdict))
    return verdict
