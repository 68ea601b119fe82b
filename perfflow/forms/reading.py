"""Reads a form file into a definition; what it cannot use becomes a notice, never a crash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from perfflow.forms.definition import Component, FormDefinition, Option, Rights, Rule, Text
from perfflow.kernel.errors import BadInput

MAX_BYTES = 1_000_000
MAX_DEPTH = 8
MAX_COMPONENTS = 600
_RULE_NAME = re.compile(r"rule(\d*)")


class DuplicateName(ValueError):
    """A JSON object names the same thing twice; which one counts would be a guess."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for name, value in pairs:
        if name in seen:
            raise DuplicateName(name)
        seen[name] = value
    return seen


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def load_json(text: str | bytes) -> Any:
    """The JSON of a form file; numbers with a fraction are exact, duplicates are refused."""
    if len(text) > MAX_BYTES:
        raise BadInput("forms.file_too_big", limit=MAX_BYTES, got=len(text))
    decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    return json.loads(
        decoded, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_unique
    )


def parse_form(text: str | bytes, key: str | None = None) -> FormDefinition:
    """Read a form file (cached); raises ``BadInput`` only when it is no form at all."""
    return _parse(text.decode("utf-8-sig") if isinstance(text, bytes) else text, key)


@lru_cache(maxsize=512)
def _parse(text: str, key: str | None) -> FormDefinition:
    try:
        document = load_json(text)
    except (ValueError, RecursionError) as error:
        raise BadInput("forms.not_readable", why=str(error)) from error
    if not isinstance(document, dict) or not isinstance(document.get("components"), list):
        raise BadInput("forms.not_a_form")
    properties = _texts(document.get("properties"))
    budget = [MAX_COMPONENTS]
    return FormDefinition(
        key=key or str(document.get("id") or ""),
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
        components=_components(document["components"], (), 0, budget),
        properties=properties,
        rules=_rules(properties),
    )


def _components(
    items: Any, parents: tuple[str, ...], depth: int, budget: list[int]
) -> tuple[Component, ...]:
    if not isinstance(items, list) or depth > MAX_DEPTH:
        return ()
    found = []
    for position, item in enumerate(items):
        budget[0] -= 1
        if budget[0] < 0:
            break
        if isinstance(item, dict):
            found.append(_component(item, parents, f"{depth}_{position}", depth, budget))
    return tuple(found)


def _component(
    item: dict[str, Any], parents: tuple[str, ...], fallback: str, depth: int, budget: list[int]
) -> Component:
    kind = str(item.get("type") or "")
    properties = _texts(item.get("properties"))
    own = _path(item.get("path") if kind in {"group", "dynamiclist"} else item.get("key"))
    path = parents + own
    # Rows are a scope of their own; groups only lengthen the path of what is inside.
    inner = () if kind == "dynamiclist" else path
    label_name = "label"
    if kind == "datetime" and not item.get("label"):
        label_name = "timeLabel" if item.get("subtype") == "time" else "dateLabel"
    return Component(
        kind=kind,
        ident=str(item.get("id") or f"c_{fallback}"),
        path=path if kind != "group" else (),
        label=_text(item, properties, label_name, "label"),
        description=_text(item, properties, "description"),
        settings=item,
        properties=properties,
        children=_components(item.get("components"), inner, depth + 1, budget),
        options=_options(item.get("values"), properties),
        rules=_rules(properties),
        rights=_rights(properties),
    )


def _path(value: Any) -> tuple[str, ...]:
    return tuple(part for part in value.split(".") if part) if isinstance(value, str) else ()


def _texts(value: Any) -> dict[str, str]:
    """Free properties; the editor writes texts, so numbers and truth values are read as text."""
    if not isinstance(value, Mapping):
        return {}
    return {
        str(name): str(entry).lower() if isinstance(entry, bool) else str(entry)
        for name, entry in value.items()
        if isinstance(entry, (str, int, Decimal))
    }


def _text(item: Mapping[str, Any], properties: Mapping[str, str], *names: str) -> Text:
    primary = next((item[n] for n in names if isinstance(item.get(n), str) and item[n]), "")
    english = next((properties[f"{n}@en"] for n in names if properties.get(f"{n}@en")), "")
    return Text(primary, english)


def _options(values: Any, properties: Mapping[str, str]) -> tuple[Option, ...]:
    if not isinstance(values, list):
        return ()
    return tuple(option for value in values if (option := as_option(value, properties)) is not None)


def as_option(value: Any, properties: Mapping[str, str] | None = None) -> Option | None:
    """An option from ``"x"`` or ``{"value", "label", "label@en"}``.

    The visual editor keeps only value and label of an option; its second language may therefore
    also stand in the component's properties as ``values.<value>@en``.
    """
    if isinstance(value, Mapping):
        raw = value.get("value", value.get("label"))
        if raw is None:
            return None
        label = str(value.get("label", raw))
        english = str(value.get("label@en") or "")
        english = english or (properties or {}).get(f"values.{raw}@en", "")
        return Option(raw, Text(label, english))
    if isinstance(value, (str, int, Decimal)):
        return Option(value, Text(str(value), (properties or {}).get(f"values.{value}@en", "")))
    return None


def _rules(properties: Mapping[str, str]) -> tuple[Rule, ...]:
    found = []
    for name in sorted(properties):
        match = _RULE_NAME.fullmatch(name)
        if match and properties[name].strip():
            message = f"message{match[1]}"
            text = Text(properties.get(message, ""), properties.get(f"{message}@en", ""))
            found.append(Rule(properties[name], text))
    return tuple(found)


def names_in(text: str) -> frozenset[str]:
    """The names of a comma list."""
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _rights(properties: Mapping[str, str]) -> Rights:
    return Rights(
        read_roles=names_in(properties.get("read", "")),
        write_roles=names_in(properties.get("write", "")),
        read_at=names_in(properties.get("readAt", "")),
        write_at=names_in(properties.get("writeAt", "")),
    )
