"""What templates may call: words, figures, dates, icons and addresses, in the reader's language."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, get_flashed_messages, request, url_for
from lxml import etree
from markupsafe import Markup

from perfflow.i18n import formats, localized, translate, translate_plural, word
from perfflow.i18n.formats import Number
from perfflow.i18n.languages import Language
from perfflow.kernel.errors import PerfFlowError
from perfflow.web import charts
from perfflow.web.navigation import navigation, tabs
from perfflow.web.permissions import Permission, permits
from perfflow.web.requests import (
    current_language,
    current_person,
    current_theme,
    now,
    parts,
    today,
)
from perfflow.web.responses import local_path

STATIC = Path(__file__).parent / "static"
HTML_LANG = {"zh": "zh-Hans", "en": "en"}


# --- words -------------------------------------------------------------------------------------


def _(message: str, /, **params: Any) -> str:
    """The sentence for an English template text or a code."""
    return translate(message, params, current_language())


def ngettext(singular: str, plural: str, count: int, /, **params: Any) -> str:
    """A sentence that differs by number; ``%(count)s`` is the number."""
    return translate_plural(singular, plural, count, params, current_language())


def loc(obj: Any, name: str) -> str:
    """Two-language data in the reader's language (``localized`` in templates)."""
    return localized(obj, name, current_language())


def worded(error: PerfFlowError) -> str:
    """The sentence of an error."""
    return word(error, current_language())


# --- figures and dates -------------------------------------------------------------------------


def _money(fen: int) -> str:
    return formats.money(fen, current_language())


def _size(yuan: Number) -> str:
    return formats.size(yuan, current_language())


def _quantity(value: Number | None, unit: str | None = None) -> str:
    return formats.quantity(value, unit, current_language())


def _in_unit(value: Number | None, unit: str | None = None, places: int | None = None) -> str:
    return formats.in_unit(value, unit, current_language(), places)


def _unit_name(unit: str | None) -> str:
    return formats.unit_name(unit, current_language())


def _day(value: date | None, weekday: bool = False) -> str:
    if value is None:
        return "—"
    return formats.day(value, current_language(), weekday=weekday, year=today())


def _instant(value: datetime | None) -> str:
    return "—" if value is None else formats.instant(value, current_language(), year=today())


def _clock_time(value: datetime) -> str:
    return formats.clock_time(value)


def _due(value: date, days: int | None = None) -> str:
    return formats.due(value, current_language(), days)


def _working_days_left(days: int) -> str:
    return formats.working_days_left(days, current_language())


def _period(value: str) -> str:
    return formats.period(value, current_language())


def short_name(obj: Any) -> str:
    """What an avatar shows: the last two Han characters, or initials."""
    name = loc(obj, "name") if not isinstance(obj, str) else obj
    if any("\u4e00" <= character <= "\u9fff" for character in name):
        return name[-2:]
    return "".join(part[0] for part in name.split()[:2]).upper()


# --- icons, assets, rights ---------------------------------------------------------------------


@lru_cache(maxsize=1)
def icons() -> Mapping[str, str]:
    """Icon name → the drawing inside its 16 × 16 symbol."""
    root = etree.parse(str(STATIC / "icons.svg")).getroot()
    found = {}
    for symbol in root.iter("{*}symbol"):
        inner = b"".join(etree.tostring(child, with_tail=False) for child in symbol)
        found[symbol.get("id", "")] = inner.decode().replace(
            ' xmlns="http://www.w3.org/2000/svg"', ""
        )
    return found


def icon(name: str, label: str | None = None, css: str = "") -> Markup:
    """An icon drawn in the page; decoration unless ``label`` says what it means."""
    meaning = (
        Markup('role="img" aria-label="{}"').format(label)
        if label
        else Markup('aria-hidden="true"')
    )
    return Markup(
        '<svg class="icon{}" width="16" height="16" viewBox="0 0 16 16" {}>{}</svg>'
    ).format(f" {css}" if css else "", meaning, Markup(icons()[name]))


@lru_cache(maxsize=256)
def _fingerprint(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]


def asset(path: str) -> str:
    """The address of a static file, with its content's fingerprint so that it can be cached."""
    return url_for("static", filename=path, v=_fingerprint(path))


def can(permission: Permission | str) -> bool:
    """True when the reader holds ``permission`` (``can("goals:tree:view")``)."""
    person = current_person()
    return person is not None and permits(person.actor, Permission(permission))


def here(**changes: Any) -> str:
    """This page's address with some query parameters changed; None takes one away."""
    query: dict[str, Any] = {**request.args.to_dict(flat=False), **changes}
    kept = {name: value for name, value in query.items() if value is not None}
    return url_for(request.endpoint or "web.login", **(request.view_args or {}), **kept)


def return_path() -> str:
    """Where a settings form goes back to: this page when it can be read again."""
    if request.method in ("GET", "HEAD"):
        kept = request.args.to_dict(flat=False)
        kept.pop("lang", None)
        if request.endpoint:
            return url_for(request.endpoint, **(request.view_args or {}), **kept)  # type: ignore[arg-type]
    return local_path(request.path) or "/"


FIGURES: dict[str, Callable[..., str]] = {
    "amount": formats.amount,
    "clock_time": _clock_time,
    "day": _day,
    "due": _due,
    "headline_money": formats.headline_money,
    "in_unit": _in_unit,
    "instant": _instant,
    "money": _money,
    "number": formats.number,
    "percent": formats.percent,
    "percent_bp": formats.percent_bp,
    "period": _period,
    "quantity": _quantity,
    "short_name": short_name,
    "signed": formats.signed,
    "size": _size,
    "unit_name": _unit_name,
    "working_days_left": _working_days_left,
}
"""Each is a function and a filter in templates: ``{{ money(fen) }}`` and ``{{ fen|money }}``."""


def install_rendering(app: Flask) -> None:
    """Give every template the words, figures, icons and the shell's data."""
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension("jinja2.ext.do")
    env.filters.update(FIGURES)
    env.globals.update(FIGURES)
    env.globals.update(
        {
            "_": _,
            "gettext": _,
            "ngettext": ngettext,
            "localized": loc,
            "worded": worded,
            "icon": icon,
            "asset": asset,
            "can": can,
            "here": here,
            "return_path": return_path,
            "language": current_language,
            "current_person": current_person,
            "navigation": navigation,
            "phone_tabs": tabs,
            "now": now,
            "today": today,
            "charts": charts,
            "toasts": lambda: get_flashed_messages(category_filter=["toast"]),
        }
    )
    app.context_processor(_page_context)


def _page_context() -> dict[str, Any]:
    language: Language = current_language()
    return {
        "html_lang": HTML_LANG[language],
        "theme": current_theme(),
        "person": current_person() if request.endpoint != "static" else None,
        "firm_name": parts().firm_name[language],
        "shows_firm_time": parts().shows_firm_time,
    }
