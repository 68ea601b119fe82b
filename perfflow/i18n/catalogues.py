"""The message catalogues: one gettext file per package and language, merged on first use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from markupsafe import escape, Markup

from perfflow.i18n.languages import DEFAULT_LANGUAGE, Language, LANGUAGES, LOCALES
from perfflow.i18n.parameters import shown

PACKAGE_ROOT = Path(__file__).resolve().parents[1]
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


@dataclass(frozen=True, slots=True)
class Catalogues:
    """All messages of one product: language → message id → one form, or several by number."""

    messages: Mapping[Language, Mapping[str, tuple[str, ...]]]
    conflicts: tuple[str, ...] = field(default=())

    def forms(self, message_id: str, language: Language) -> tuple[str, ...]:
        """The wording in ``language``, else in English, else the id itself."""
        for wanted in (language, "en"):
            found = self.messages[wanted].get(message_id)
            if found:
                return found
        return (message_id,)


def catalogue_files(root: Path, language: Language) -> Iterator[Path]:
    """The catalogue files of ``language`` in every package below ``root``, in name order."""
    yield from sorted(root.glob(f"*/locale/{LOCALES[language]}.po"))


def load_catalogues(root: Path) -> Catalogues:
    """Read and merge every catalogue below ``root``; a second wording of an id is a conflict."""
    merged: dict[Language, dict[str, tuple[str, ...]]] = {code: {} for code in LANGUAGES}
    conflicts: list[str] = []
    for language in LANGUAGES:
        known = merged[language]
        for path in catalogue_files(root, language):
            for message_id, forms in _entries(path, language):
                if known.setdefault(message_id, forms) != forms:
                    conflicts.append(f"{path.parent.parent.name}/{language}: {message_id}")
    return Catalogues(merged, tuple(conflicts))


def _entries(path: Path, language: Language) -> Iterator[tuple[str, tuple[str, ...]]]:
    with path.open("rb") as source:
        catalogue = read_po(source, locale=LOCALES[language])
    for message in catalogue:
        if not message.id or message.fuzzy or not message.string:
            continue
        message_id = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        if all(forms):
            yield message_id, forms


@lru_cache(maxsize=1)
def catalogues() -> Catalogues:
    """The catalogues of the installed product, read once."""
    return load_catalogues(PACKAGE_ROOT)


def translate(
    message_id: str,
    params: Mapping[str, Any] | None = None,
    language: Language = DEFAULT_LANGUAGE,
) -> str:
    """The sentence behind a code (or an English template text) in ``language``.

    ``%(name)s`` is filled from ``params``: numbers, dates and lists in the way of the language;
    a name that ends in ``_bp`` is shown as a percentage and one that ends in ``_fen`` as money.
    When a parameter is markup the answer is markup and everything else in it is escaped.
    """
    forms = catalogues().forms(message_id, language)
    count = (params or {}).get("count")
    chosen = forms[0] if len(forms) == 1 else forms[_plural_index(count, len(forms))]
    return fill(chosen, params or {}, language)


def translate_plural(
    singular: str,
    plural: str,
    count: int,
    params: Mapping[str, Any] | None = None,
    language: Language = DEFAULT_LANGUAGE,
) -> str:
    """Like :func:`translate` for texts that differ by number; ``%(count)s`` is the number."""
    found = catalogues().messages[language].get(singular) or (singular, plural)
    chosen = found[_plural_index(count, len(found))]
    return fill(chosen, {"count": count, **(params or {})}, language)


def _plural_index(count: object, forms: int) -> int:
    return 0 if forms == 1 or count == 1 else 1


def fill(text: str, params: Mapping[str, Any], language: Language) -> str:
    """Put ``params`` into ``text``; an unknown name stays as it is written."""
    if any(isinstance(value, Markup) for value in params.values()):
        return Markup(_filled(str(escape(text)), params, language, safe=True))
    return _filled(text, params, language, safe=False)


def _filled(text: str, params: Mapping[str, Any], language: Language, *, safe: bool) -> str:
    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return "%"
        if name not in params:
            return match.group(0)
        value = shown(name, params[name], language)
        return str(escape(value)) if safe else str(value)

    return _PLACEHOLDER.sub(replace, text)
