"""Functions over contexts."""

from __future__ import annotations

from typing import Any

from perfflow.feel.evaluation import Run
from perfflow.feel.functions import builtin, fail


@builtin("get value", "m: context, key: string")
def get_value(_run: Run, context: dict[str, Any], key: str) -> Any:
    if key not in context:
        raise fail("get value", key)
    return context[key]


@builtin("get entries", "m: context")
def get_entries(run: Run, context: dict[str, Any]) -> Any:
    run.charge(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context put", "context: context, key: string, value: any?")
def context_put(run: Run, context: dict[str, Any], key: str, value: Any) -> Any:
    run.charge(len(context))
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any?")
def context_put_deep(run: Run, context: dict[str, Any], keys: list[Any], value: Any) -> Any:
    if not keys or any(type(key) is not str for key in keys):
        raise fail("context put", keys)
    run.charge(len(context) + len(keys))
    result = dict(context)
    level = result
    for key in keys[:-1]:
        below = level.get(key)
        if type(below) is not dict:
            raise fail("context put", key)
        run.charge(len(below))
        level[key] = dict(below)
        level = level[key]
    level[keys[-1]] = value
    return result


@builtin("context merge", "contexts: list")
def context_merge(run: Run, contexts: list[Any]) -> Any:
    result: dict[str, Any] = {}
    for context in contexts:
        if type(context) is not dict:
            raise fail("context merge", context)
        run.charge(1 + len(context))
        result.update(context)
    return result


@builtin("context", "entries: list")
def context_of(run: Run, entries: list[Any]) -> Any:
    result: dict[str, Any] = {}
    for entry in entries:
        run.charge(1)
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            raise fail("context", entry)
        if entry["key"] in result:
            raise fail("context", entry["key"])
        result[entry["key"]] = entry["value"]
    return result
