"""The deploy gate of form files: every problem with its place, before anybody fills the form in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import re2

from perfflow.forms import formulas
from perfflow.forms.bindings import binding_named, lookup_named
from perfflow.forms.checks import pattern
from perfflow.forms.definition import (
    CHOICE_KINDS,
    FormDefinition,
    INPUT_KINDS,
    KNOWN_KINDS,
    MULTI_KINDS,
    REFUSED_KINDS,
)
from perfflow.forms.findings import Finding, finding
from perfflow.forms.markup import removed_markup
from perfflow.forms.reading import (
    DuplicateName,
    load_json,
    MAX_BYTES,
    MAX_COMPONENTS,
    MAX_DEPTH,
    names_in,
    parse_form,
)
from perfflow.kernel.actor import Role

SCHEMA_VERSION = 19
_KEY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_RULE = re.compile(r"rule(\d*)")
_ROLES = frozenset(role.value for role in Role)
_SETTING_NAMES = (
    "type id key path label description layout properties validate conditional readonly disabled "
    "defaultValue values valuesKey valuesExpression searchable subtype dateLabel timeLabel "
    "timeInterval timeSerializingFormat use24h disallowPassedDates decimalDigits increment "
    "serializeToString appearance expression computeOn components showOutline isRepeating "
    "defaultRepetitions allowAddRemove disableCollapse nonCollapsedItems verticalAlignment text "
    "content dataSource columns columnsExpression rowCount source alt height action"
)
_LIMIT_NAMES = "required minLength maxLength pattern patternErrorMessage validationType min max"
_SETTINGS = frozenset(_SETTING_NAMES.split())
_VALIDATE = frozenset(_LIMIT_NAMES.split())


def check_form(text: str | bytes, key: str | None = None) -> list[Finding]:
    """All findings of a form file; an empty list means that it may be deployed as it is.

    ``key`` is the form key that the file's name gives.
    """
    if len(text) > MAX_BYTES:
        return [finding("FM-002", "", limit=f"{MAX_BYTES} B", got=f"{len(text)} B")]
    try:
        document = load_json(text)
    except DuplicateName as error:
        return [finding("FM-023", "", got=str(error))]
    except (ValueError, RecursionError) as error:
        return [finding("FM-001", "", why=str(error) or type(error).__name__)]
    if not isinstance(document, dict):
        return [_expected("", "一个 JSON 对象", "a JSON object", document)]
    if not isinstance(document.get("components"), list):
        got = document.get("components")
        return [_expected("components", "组件列表", "a list of components", got)]
    gate = _Gate()
    found = list(gate.form(document, key))
    if not any(one.severity == "error" for one in found):
        found += _binding_findings(parse_form(text, key))
    return found


def _expected(path: str, wanted_zh: str, wanted_en: str, value: Any) -> Finding:
    names = {dict: "{…}", list: "[…]", type(None): "null"}
    got = names.get(type(value), repr(value)[:40])
    return finding("FM-003", path, expected=wanted_zh, expected_en=wanted_en, got=got)


def _binding_findings(form: FormDefinition) -> Iterator[Finding]:
    if form.binding is None:
        return
    binding = binding_named(form.binding)
    if binding is None:
        yield finding("FM-013", "properties.binding", got=form.binding)
        return
    for missing in sorted(binding.required - form.data_keys()):
        yield finding("FM-014", "components", binding=form.binding, got=missing)


class _Gate:
    """Walks one document; counts components so that a bomb ends early."""

    def __init__(self) -> None:
        self._count = 0

    def form(self, document: dict[str, Any], key: str | None) -> Iterator[Finding]:
        ident = document.get("id")
        if key and isinstance(ident, str) and ident != key:
            yield finding("FM-025", "id", got=key, form_id=ident)
        version = document.get("schemaVersion")
        if isinstance(version, int) and version > SCHEMA_VERSION:
            yield finding("FM-020", "schemaVersion", got=version, limit=SCHEMA_VERSION)
        properties = document.get("properties", {})
        if not isinstance(properties, Mapping):
            yield _expected("properties", "名称和文字", "names with texts", properties)
            properties = {}
        yield from self._rules(properties, "properties")
        for name in ("title", "purpose", "readers", "submit"):
            if properties.get(name) and not properties.get(f"{name}@en"):
                yield finding("FM-018", "properties", got=f"{name}@en")
        yield from self.components(document["components"], "components", {}, (), 0)

    def components(
        self,
        items: list[Any],
        path: str,
        taken: dict[tuple[str, ...], str],
        parents: tuple[str, ...],
        depth: int,
    ) -> Iterator[Finding]:
        if depth > MAX_DEPTH:
            yield finding("FM-002", path, limit=MAX_DEPTH, got=depth)
            return
        for position, item in enumerate(items):
            place = f"{path}[{position}]"
            self._count += 1
            if self._count > MAX_COMPONENTS:
                if self._count == MAX_COMPONENTS + 1:
                    yield finding("FM-002", place, limit=MAX_COMPONENTS, got=self._count)
                return
            if not isinstance(item, dict):
                yield _expected(place, "一个组件", "a component", item)
                continue
            yield from self.component(item, place, taken, parents, depth)

    def component(
        self,
        item: dict[str, Any],
        place: str,
        taken: dict[tuple[str, ...], str],
        parents: tuple[str, ...],
        depth: int,
    ) -> Iterator[Finding]:
        kind = item.get("type")
        if not isinstance(kind, str) or kind not in KNOWN_KINDS:
            if isinstance(kind, str) and kind in REFUSED_KINDS:
                why_zh, why_en = REFUSED_KINDS[kind]
                yield finding("FM-005", f"{place}.type", got=kind, why=why_zh, why_en=why_en)
            else:
                yield finding("FM-004", f"{place}.type", got=kind)
            return
        own, problem = self._own_path(item, kind, place)
        yield from problem
        where = parents + own
        if own and kind != "group":
            if where in taken:
                yield finding("FM-008", f"{place}.key", got=".".join(where))
            taken[where] = place
        for name in item:
            if name not in _SETTINGS:
                yield finding("FM-022", f"{place}.{name}", got=name)
        yield from self._common(item, kind, place)
        yield from self._by_kind(item, kind, place)
        if kind in {"group", "dynamiclist"}:
            inner = item.get("components", [])
            if not isinstance(inner, list):
                yield _expected(f"{place}.components", "组件列表", "a list of components", inner)
                return
            rows = kind == "dynamiclist"
            yield from self.components(
                inner,
                f"{place}.components",
                {} if rows else taken,
                () if rows else where,
                depth + 1,
            )

    def _own_path(
        self, item: dict[str, Any], kind: str, place: str
    ) -> tuple[tuple[str, ...], list[Finding]]:
        name = "path" if kind in {"group", "dynamiclist"} else "key"
        value = item.get(name)
        needed = kind in INPUT_KINDS or kind in {"expression", "dynamiclist"}
        if value in (None, "") and not needed:
            return (), []
        if value in (None, ""):
            return (), [finding("FM-006", f"{place}.{name}")]
        if not isinstance(value, str) or not _KEY.fullmatch(value) or len(value) > 80:
            return (), [finding("FM-007", f"{place}.{name}", got=value)]
        return tuple(value.split(".")), []

    def _common(self, item: dict[str, Any], kind: str, place: str) -> Iterator[Finding]:
        properties = item.get("properties", {})
        if not isinstance(properties, Mapping):
            yield _expected(f"{place}.properties", "名称和文字", "names with texts", properties)
            properties = {}
        for name in ("label", "description", "dateLabel", "timeLabel"):
            if name in item and not isinstance(item[name], str):
                yield _expected(f"{place}.{name}", "文字", "a text", item[name])
            elif _has_han(item.get(name)) and not (
                properties.get(f"{name}@en") or properties.get("label@en")
            ):
                yield finding("FM-018", f"{place}.properties", got=f"{name}@en")
        appearance = item.get("appearance")
        for name in ("prefixAdorner", "suffixAdorner"):
            unit = appearance.get(name) if isinstance(appearance, Mapping) else None
            if _has_han(unit) and not properties.get(f"{name}@en"):
                yield finding("FM-018", f"{place}.properties", got=f"{name}@en")
        conditional = item.get("conditional")
        if conditional is not None:
            hide = conditional.get("hide") if isinstance(conditional, Mapping) else conditional
            if isinstance(hide, str) and hide.strip():
                yield from _feel(hide, f"{place}.conditional.hide")
            elif hide not in (None, ""):
                yield _expected(f"{place}.conditional", "FEEL 条件", "a FEEL condition", hide)
        if isinstance(item.get("readonly"), str):
            yield from _feel(item["readonly"], f"{place}.readonly")
        yield from self._rules(properties, f"{place}.properties")
        for name in ("read", "write"):
            for role in sorted(names_in(str(properties.get(name, ""))) - _ROLES):
                yield finding("FM-017", f"{place}.properties.{name}", got=role)
        lookup = properties.get("lookup")
        if lookup and lookup_named(str(lookup)) is None:
            yield finding("FM-016", f"{place}.properties.lookup", got=lookup)
        for name in ("minItems", "maxItems"):
            if name in properties:
                yield from _number_or_feel(properties[name], f"{place}.properties.{name}")

    def _rules(self, properties: Mapping[str, Any], place: str) -> Iterator[Finding]:
        for name, text in properties.items():
            match = _RULE.fullmatch(str(name))
            if not match:
                continue
            if isinstance(text, str):
                yield from _feel(text, f"{place}.{name}")
            message = f"message{match[1]}"
            if not (properties.get(message) and properties.get(f"{message}@en")):
                yield finding("FM-015", f"{place}.{name}", got=message)

    def _by_kind(self, item: dict[str, Any], kind: str, place: str) -> Iterator[Finding]:
        if kind in INPUT_KINDS:
            yield from _limits(item, place)
        if kind in CHOICE_KINDS | MULTI_KINDS:
            yield from _options(item, place)
        if kind == "expression":
            yield from _needed_feel(item, "expression", place)
        if kind == "table":
            yield from _table(item, place)
        if kind in {"text", "html"}:
            yield from _content(item, kind, place)
        if kind == "image":
            source = item.get("source")
            if not isinstance(source, str) or not re.match(r"/(?!/)|data:image/(png|jpeg)", source):
                yield finding("FM-024", f"{place}.source")


def _has_han(value: Any) -> bool:
    return isinstance(value, str) and any("\u4e00" <= sign <= "\u9fff" for sign in value)


def _feel(text: str, path: str) -> Iterator[Finding]:
    problem = formulas.syntax_problem(text)
    if problem is not None:
        yield finding("FM-009", path, why=str(problem))


def _needed_feel(item: Mapping[str, Any], name: str, place: str) -> Iterator[Finding]:
    text = item.get(name)
    if not isinstance(text, str) or not text.strip():
        yield _expected(f"{place}.{name}", "FEEL 表达式", "a FEEL expression", text)
    else:
        yield from _feel(text, f"{place}.{name}")


def _number_or_feel(value: Any, path: str) -> Iterator[Finding]:
    if formulas.is_formula(value):
        yield from _feel(value, path)
    elif _as_number(value) is None:
        yield _expected(path, "数字或 FEEL 表达式", "a number or a FEEL expression", value)


def _as_number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _limits(item: Mapping[str, Any], place: str) -> Iterator[Finding]:
    limits = item.get("validate", {})
    if not isinstance(limits, Mapping):
        yield _expected(f"{place}.validate", "校验设置", "validation settings", limits)
        return
    for name in limits:
        if name not in _VALIDATE:
            yield finding("FM-022", f"{place}.validate.{name}", got=name)
    is_day = item.get("type") == "datetime"
    for name in ("min", "max", "minLength", "maxLength"):
        value = limits.get(name)
        if value in (None, "") or (is_day and isinstance(value, str) and "=" not in value[:1]):
            continue
        yield from _number_or_feel(value, f"{place}.validate.{name}")
    for low_name, high_name in (("min", "max"), ("minLength", "maxLength")):
        low, high = _as_number(limits.get(low_name)), _as_number(limits.get(high_name))
        if low is not None and high is not None and low > high:
            yield finding("FM-021", f"{place}.validate", low=low, high=high)
    wanted = limits.get("pattern")
    if wanted not in (None, ""):
        try:
            pattern(wanted)
        except (re2.error, TypeError) as error:
            yield finding("FM-012", f"{place}.validate.pattern", why=_why(error))
    digits = item.get("decimalDigits")
    if digits is not None and (isinstance(digits, bool) or not isinstance(digits, int)):
        yield _expected(f"{place}.decimalDigits", "整数", "a whole number", digits)
    step = item.get("increment")
    if step not in (None, ""):
        yield from _number_or_feel(step, f"{place}.increment")


def _why(error: Exception) -> str:
    text = error.args[0] if error.args else error
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _options(item: Mapping[str, Any], place: str) -> Iterator[Finding]:
    properties = item.get("properties")
    has_lookup = isinstance(properties, Mapping) and properties.get("lookup")
    if isinstance(item.get("valuesExpression"), str):
        yield from _feel(item["valuesExpression"], f"{place}.valuesExpression")
    elif not (item.get("values") or item.get("valuesKey") or has_lookup):
        yield finding("FM-010", place)
    values = item.get("values", [])
    if not isinstance(values, list):
        yield _expected(f"{place}.values", "选项列表", "a list of options", values)
        return
    seen: set[str] = set()
    for position, value in enumerate(values):
        where = f"{place}.values[{position}]"
        if not isinstance(value, Mapping) or not isinstance(
            value.get("value"), (str, int, Decimal)
        ):
            yield _expected(where, "带 value 的选项", "an option with a value", value)
            continue
        token = str(value["value"])
        if token in seen:
            yield finding("FM-011", where, got=token)
        seen.add(token)
        english = value.get("label@en")
        if isinstance(properties, Mapping):
            english = english or properties.get(f"values.{token}@en")
        if _has_han(value.get("label")) and not english:
            yield finding("FM-018", where, got="label@en")


def _table(item: Mapping[str, Any], place: str) -> Iterator[Finding]:
    yield from _needed_feel(item, "dataSource", place)
    columns = item.get("columns")
    if isinstance(item.get("columnsExpression"), str):
        yield from _feel(item["columnsExpression"], f"{place}.columnsExpression")
    elif not isinstance(columns, list) or not all(
        isinstance(column, Mapping) and isinstance(column.get("key"), str) for column in columns
    ):
        yield _expected(f"{place}.columns", "带 key 的列", "columns with a key", columns)


def _content(item: Mapping[str, Any], kind: str, place: str) -> Iterator[Finding]:
    name = "text" if kind == "text" else "content"
    text = item.get(name, "")
    if not isinstance(text, str):
        yield _expected(f"{place}.{name}", "文字", "a text", text)
        return
    expressions = formulas.placeholders(text)
    if formulas.is_formula(text):
        expressions = [text]
    for expression in expressions:
        yield from _feel(expression, f"{place}.{name}")
    if kind == "html":
        for tag in removed_markup(text):
            yield finding("FM-019", f"{place}.content", got=tag)
    properties = item.get("properties")
    if _has_han(text) and not (isinstance(properties, Mapping) and properties.get(f"{name}@en")):
        yield finding("FM-018", f"{place}.properties", got=f"{name}@en")
