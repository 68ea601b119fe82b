"""Languages: message catalogues, numbers, money and dates; a message is worded here."""

from perfflow.i18n.catalogues import catalogues, translate, translate_plural
from perfflow.i18n.languages import (
    as_language,
    best_language,
    DEFAULT_LANGUAGE,
    Language,
    LANGUAGES,
    LOCALES,
)
from perfflow.i18n.wording import localized, word

__all__ = [
    "DEFAULT_LANGUAGE",
    "LANGUAGES",
    "LOCALES",
    "Language",
    "as_language",
    "best_language",
    "catalogues",
    "localized",
    "translate",
    "translate_plural",
    "word",
]
