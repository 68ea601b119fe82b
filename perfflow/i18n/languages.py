"""The two languages of the product and how one is chosen."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
DEFAULT_LANGUAGE: Final[Language] = "zh"
LOCALES: Final[dict[Language, str]] = {"zh": "zh_Hans_CN", "en": "en"}
"""Language → name of its catalogue file."""


def as_language(text: str | None) -> Language | None:
    """``text`` as one of our languages (``zh-CN`` → ``zh``); None when it is none of them."""
    if not text:
        return None
    head = text.strip().lower().replace("_", "-").split("-")[0]
    return next((language for language in LANGUAGES if language == head), None)


def best_language(*wishes: str | None) -> Language:
    """The first wish that is one of our languages; Chinese when none is."""
    for wish in wishes:
        language = as_language(wish)
        if language is not None:
            return language
    return DEFAULT_LANGUAGE
