"""A form as it was read from its file: immutable components with texts in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

TEXT_KINDS = frozenset({"textfield", "textarea"})
CHOICE_KINDS = frozenset({"radio", "select"})
MULTI_KINDS = frozenset({"checklist", "taglist"})
INPUT_KINDS = TEXT_KINDS | CHOICE_KINDS | MULTI_KINDS | {"number", "checkbox", "datetime"}
DISPLAY_KINDS = frozenset({"text", "html", "table", "image", "spacer", "separator", "button"})
REFUSED_KINDS = {
    "iframe": ("不能嵌入外部网页", "pages of other sites may not be embedded"),
    "documentPreview": ("没有文件存储", "there is no file store to preview from"),
    "filepicker": ("没有文件存储", "there is no file store to keep uploads in"),
}
KNOWN_KINDS = INPUT_KINDS | DISPLAY_KINDS | {"expression", "group", "dynamiclist"}
PRIMARY_LANGUAGE = "zh"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages; English falls back on Chinese and the other way round."""

    zh: str = ""
    en: str = ""

    def within(self, language: str) -> str:
        """The text for a reader of ``language`` (``zh…`` or ``en…``)."""
        return (
            (self.zh or self.en) if language.startswith(PRIMARY_LANGUAGE) else (self.en or self.zh)
        )

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the value that is stored and its label."""

    value: Any
    label: Text

    @property
    def token(self) -> str:
        """The value as HTML carries it."""
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Rule:
    """A FEEL condition that must hold, with its sentence."""

    formula: str
    message: Text


@dataclass(frozen=True, slots=True)
class Rights:
    """Who sees and who fills a component: role codes and element ids; empty = everybody, always."""

    read_roles: frozenset[str] = frozenset()
    write_roles: frozenset[str] = frozenset()
    read_at: frozenset[str] = frozenset()
    write_at: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """One component of a form; ``path`` is its place in the data of its row or form.

    Components compare by identity: two separators of one form are two things.
    """

    kind: str
    ident: str
    path: tuple[str, ...]
    label: Text
    description: Text
    settings: Mapping[str, Any]
    properties: Mapping[str, str]
    children: tuple[Component, ...] = ()
    options: tuple[Option, ...] = ()
    rules: tuple[Rule, ...] = ()
    rights: Rights = field(default_factory=Rights)

    @property
    def key(self) -> str:
        """The dotted data path; empty for components that carry no data."""
        return ".".join(self.path)

    @property
    def is_input(self) -> bool:
        return self.kind in INPUT_KINDS

    @property
    def holds_data(self) -> bool:
        """True for what has a place in the values: inputs, computed fields and row lists."""
        return bool(self.path) and (self.is_input or self.kind in {"expression", "dynamiclist"})

    @property
    def validate(self) -> Mapping[str, Any]:
        value = self.settings.get("validate")
        return value if isinstance(value, Mapping) else {}

    @property
    def is_required(self) -> bool:
        return bool(self.validate.get("required"))

    @property
    def hide(self) -> str | None:
        """The FEEL condition that hides the component."""
        conditional = self.settings.get("conditional")
        text = conditional.get("hide") if isinstance(conditional, Mapping) else None
        return text if isinstance(text, str) and text.strip() else None

    @property
    def is_computed(self) -> bool:
        """True when the component, or its rows, read other values to know how they stand."""
        return (
            self.kind in {"expression", "dynamiclist"}
            or self.hide is not None
            or isinstance(self.settings.get("readonly"), str)
        )

    def setting_text(self, name: str) -> Text:
        """A text setting with its second language from ``properties``."""
        primary = self.settings.get(name)
        return Text(
            primary if isinstance(primary, str) else "", self.properties.get(f"{name}@en", "")
        )


@dataclass(frozen=True)
class FormDefinition:
    """A whole form; ``content_hash`` identifies this version of it."""

    key: str
    content_hash: str
    components: tuple[Component, ...]
    properties: Mapping[str, str]
    rules: tuple[Rule, ...] = ()

    @property
    def binding(self) -> str | None:
        return self.properties.get("binding") or None

    def text(self, name: str) -> Text:
        """A text of the form itself: ``title``, ``purpose``, ``readers``, ``submit``."""
        return Text(self.properties.get(name, ""), self.properties.get(f"{name}@en", ""))

    @cached_property
    def is_conditional(self) -> bool:
        """True when values decide what is shown or locked."""
        return any(
            item.hide is not None or isinstance(item.settings.get("readonly"), str)
            for item in every(self.components)
        )

    def walk(self) -> Iterator[tuple[str, Component]]:
        """Every component that holds data with its full key (``lines.metric_code`` in rows)."""
        yield from _walk(self.components, "")

    def data_keys(self) -> frozenset[str]:
        return frozenset(key for key, _ in self.walk())


def scope(components: tuple[Component, ...]) -> Iterator[Component]:
    """Components of one data scope in document order: into groups, not into row lists."""
    for component in components:
        yield component
        if component.kind == "group":
            yield from scope(component.children)


def every(components: tuple[Component, ...]) -> Iterator[Component]:
    """All components, also those inside groups and rows."""
    for component in components:
        yield component
        yield from every(component.children)


def _walk(components: tuple[Component, ...], prefix: str) -> Iterator[tuple[str, Component]]:
    for component in scope(components):
        if not component.holds_data:
            continue
        full = prefix + component.key
        yield full, component
        if component.kind == "dynamiclist":
            yield from _walk(component.children, full + ".")
