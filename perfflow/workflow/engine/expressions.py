"""FEEL inside processes: what expressions may call, and how their values become variables."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, UTC
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from perfflow.calendar import end_of_day, firm_calendar, FIRM_ZONE, local_date
from perfflow.feel import compile, Expression, FeelError
from perfflow.kernel.errors import RuleViolation
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.ports import directory

logger = logging.getLogger("perfflow.workflow")

FUNCTION_NAMES = frozenset(
    {
        "manager of",
        "second line of",
        "hr partner of",
        "working days after",
        "end of day",
        "today",
        "now",
    }
)
LONGEST_QUOTE = 120
_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?"
)


@lru_cache(maxsize=4096)
def compiled(text: str) -> Expression:
    """The compiled FEEL of ``text``; a leading ``=`` is the file format's mark, not FEEL."""
    return compile(text.removeprefix("=").strip(), functions=FUNCTION_NAMES)


def functions_for(session: Session, now: datetime) -> Mapping[str, Callable[..., Any]]:
    """The functions that processes may call, bound to a session and an instant."""
    on = local_date(now)

    def day(value: Any) -> date:
        return local_date(value) if isinstance(value, datetime) else value

    return {
        "manager of": lambda who: directory().manager_of(session, who, on),
        "second line of": lambda who: directory().second_line_of(session, who, on),
        "hr partner of": lambda who: directory().hr_group_of(session, who, on),
        "working days after": lambda start, count: firm_calendar(session).add_working_days(
            day(start), int(count)
        ),
        "end of day": lambda value: end_of_day(day(value)),
        "today": lambda: on,
        "now": lambda: now.astimezone(FIRM_ZONE),
    }


class Evaluator:
    """Evaluates texts of a definition on variables, for one step at one instant."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self._functions: Mapping[str, Callable[..., Any]] | None = None

    def value(self, text: str, context: Mapping[str, Any]) -> Any:
        """The value of ``=feel`` text; other text stands for itself."""
        return self.feel(text, context) if text.startswith("=") else text

    def feel(self, text: str, context: Mapping[str, Any]) -> Any:
        """The value of FEEL text with or without the leading ``=``."""
        if self._functions is None:
            self._functions = functions_for(self.session, self.now)
        try:
            result = compiled(text).evaluate(context, now=self.now, functions=self._functions)
        except FeelError as error:
            raise failed_expression(text, error) from error
        for warning in result.warnings:
            logger.info("expression %s: %s", text, warning)
        return plain(result.value)

    def subject(self, element: Element, context: Mapping[str, Any]) -> str | None:
        """The person whom a step is about: its property, else the variable ``employee``."""
        text = element.properties.get("subject")
        value = self.value(text, context) if text else context.get("employee")
        return value if isinstance(value, str) else None

    def instant(self, text: str, context: Mapping[str, Any]) -> datetime | None:
        """A date, instant or duration text as an aware instant; a date means its end."""
        value = self.value(text, context)
        if isinstance(value, str):
            value = read_temporal(value, self.now)
        if isinstance(value, timedelta):
            return self.now + value
        if isinstance(value, datetime):
            return value.replace(tzinfo=FIRM_ZONE) if value.tzinfo is None else value
        if isinstance(value, date):
            return end_of_day(value)
        if value is None:
            return None
        raise RuleViolation("workflow.not_an_instant", expression=text, got=str(value))


def failed_expression(text: str, error: FeelError) -> RuleViolation:
    """An expression that may not go on (limits, foreign values), as an error for people."""
    return RuleViolation(
        "workflow.expression_failed",
        expression=text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…",
        reason={"zh": error.message_zh, "en": error.message_en},
    )


def plain(value: Any) -> Any:
    """A FEEL value as a storable one: whole decimals become ints, durations ISO text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if value is None or isinstance(value, (bool, int, str, datetime, date, timedelta)):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


def storable(value: Any) -> Any:
    """``value`` without what JSON text cannot hold (durations are kept as ISO text)."""
    value = plain(value)
    if isinstance(value, timedelta):
        return f"PT{int(value.total_seconds())}S"
    if isinstance(value, dict):
        return {name: storable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def read_temporal(text: str, start: datetime) -> datetime | date | timedelta:
    """ISO 8601 date, instant or duration; a duration with months is counted from ``start``."""
    text = text.strip()
    if text.startswith(("P", "-P")):
        return add_duration(start, text) - start
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else _instant(text)
    except ValueError:
        raise RuleViolation("workflow.not_an_instant", expression=text, got=text) from None


def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=FIRM_ZONE) if value.tzinfo is None else value


def add_duration(start: datetime, text: str) -> datetime:
    """``start`` plus an ISO 8601 duration; years and months keep the firm's wall clock."""
    match = _DURATION.fullmatch(text)
    if match is None or text.rstrip("T") in ("P", "-P") or text.endswith("T"):
        raise RuleViolation("workflow.not_an_instant", expression=text, got=text)
    sign = -1 if match[1] else 1
    years, months, weeks, days, hours, minutes, seconds = (
        sign * int(part or 0) for part in match.groups()[1:]
    )
    local = start.astimezone(FIRM_ZONE)
    if years or months:
        count = local.year * 12 + local.month - 1 + years * 12 + months
        year, month = divmod(count, 12)
        local = local.replace(
            year=year, month=month + 1, day=min(local.day, _days_in(year, month + 1))
        )
    wall = datetime.combine(local.date() + timedelta(days=weeks * 7 + days), local.time())
    moved = wall.replace(tzinfo=FIRM_ZONE)
    return (moved + timedelta(hours=hours, minutes=minutes, seconds=seconds)).astimezone(UTC)


def _days_in(year: int, month: int) -> int:
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - first).days


def midnight(day: date) -> datetime:
    """The start of a firm day."""
    return datetime.combine(day, time.min, FIRM_ZONE)
