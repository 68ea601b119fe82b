"""Checks of one value against the settings of its component; each names what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import re2

from perfflow.calendar import FIRM_ZONE
from perfflow.forms import formulas
from perfflow.forms.definition import Component, MULTI_KINDS, TEXT_KINDS

MAX_TEXT = 10_000
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[\d\s()-]{5,24}")

Problem = tuple[str, dict[str, Any]]


@lru_cache(maxsize=512)
def pattern(text: str) -> Any:
    """The compiled pattern; linear-time matching, so no text can make it hang."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(text, options=options)


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def problems(
    component: Component, value: Any, context: Mapping[str, Any], now: datetime
) -> Iterator[Problem]:
    """All problems of ``value``; an empty value is only a problem where one is required."""
    if is_empty(value) or (component.kind == "checkbox" and value is False):
        if component.is_required:
            code = "forms.must_be_ticked" if component.kind == "checkbox" else "forms.required"
            yield code, {}
        return
    if component.kind in TEXT_KINDS:
        yield from _text(component, value, context, now)
    elif component.kind == "number":
        yield from _number(component, value, context, now)
    elif component.kind == "datetime":
        yield from _moment(component, value, context, now)
    elif component.kind in MULTI_KINDS:
        yield from _several(component, value, context, now)


def limit(value: Any, context: Mapping[str, Any], now: datetime) -> Any:
    """A limit from the file: a number, a text that is one, or a formula (which may fail)."""
    if formulas.is_formula(value):
        value = formulas.decided(value, context, now)
    if isinstance(value, bool) or value is None or value == "":
        return None
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    if isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation:
            return value
    return value


def _bound(
    component: Component, name: str, context: Mapping[str, Any], now: datetime
) -> Decimal | None:
    found = limit(component.validate.get(name), context, now)
    return found if isinstance(found, Decimal) and found.is_finite() else None


def _text(
    component: Component, value: str, context: Mapping[str, Any], now: datetime
) -> Iterator[Problem]:
    least = _bound(component, "minLength", context, now)
    most = _bound(component, "maxLength", context, now)
    most = Decimal(MAX_TEXT) if most is None else min(most, Decimal(MAX_TEXT))
    if least is not None and len(value) < least:
        yield "forms.too_short", {"limit": least, "got": len(value)}
    if len(value) > most:
        yield "forms.too_long", {"limit": most, "got": len(value)}
    if component.kind == "textfield" and "\n" in value:
        yield "forms.one_line", {}
    shape = component.validate.get("validationType")
    if shape == "email" and not _EMAIL.fullmatch(value):
        yield "forms.not_an_email", {}
    if shape == "phone" and not _PHONE.fullmatch(value):
        yield "forms.not_a_phone", {}
    wanted = component.validate.get("pattern")
    if isinstance(wanted, str) and wanted and shape in (None, "", "custom"):
        try:
            matches = bool(pattern(wanted).search(value))
        except re2.error:
            matches = True
        if not matches:
            yield "forms.pattern", {}


def _number(
    component: Component, value: Decimal, context: Mapping[str, Any], now: datetime
) -> Iterator[Problem]:
    low = _bound(component, "min", context, now)
    high = _bound(component, "max", context, now)
    if low is not None and value < low:
        yield "forms.too_small", {"limit": low, "got": value}
    if high is not None and value > high:
        yield "forms.too_large", {"limit": high, "got": value}
    places = component.settings.get("decimalDigits")
    exponent = value.normalize().as_tuple().exponent
    if isinstance(places, int) and isinstance(exponent, int) and -exponent > places:
        yield (
            ("forms.whole_number", {}) if places == 0 else ("forms.too_precise", {"limit": places})
        )
    step = limit(component.settings.get("increment"), context, now)
    if isinstance(step, Decimal) and step > 0 and value % step != 0:
        yield "forms.not_a_step", {"limit": step}


def _moment(
    component: Component, value: Any, context: Mapping[str, Any], now: datetime
) -> Iterator[Problem]:
    day = _day(value)
    if day is None:
        return
    if component.settings.get("disallowPassedDates") and day < now.astimezone(FIRM_ZONE).date():
        yield "forms.in_the_past", {}
    checks: tuple[tuple[str, str, Callable[[date, date], bool]], ...] = (
        ("min", "forms.too_early", lambda a, b: a < b),
        ("max", "forms.too_late", lambda a, b: a > b),
    )
    for name, code, breaks in checks:
        edge = limit(component.validate.get(name), context, now)
        if isinstance(edge, str):
            edge = _iso_day(edge)
        edge = _day(edge)
        if edge is not None and breaks(day, edge):
            yield code, {"limit": edge}


def _several(
    component: Component, value: list[Any], context: Mapping[str, Any], now: datetime
) -> Iterator[Problem]:
    least = limit(component.properties.get("minItems"), context, now)
    most = limit(component.properties.get("maxItems"), context, now)
    if isinstance(least, Decimal) and len(value) < least:
        yield "forms.choose_more", {"limit": least, "got": len(value)}
    if isinstance(most, Decimal) and len(value) > most:
        yield "forms.choose_fewer", {"limit": most, "got": len(value)}


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.astimezone(FIRM_ZONE).date()
    return value if isinstance(value, date) else None


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
