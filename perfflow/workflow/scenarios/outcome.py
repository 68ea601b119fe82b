"""What became of an entry, and the failures that a story or a trace may end with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from perfflow.i18n import LANGUAGES, translate, word
from perfflow.kernel.errors import PerfFlowError

NOTHING = "—"
Sentence = Mapping[str, str]  # by language


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a case went another way: ``step`` counts from 1, the start is 0."""

    step: int
    expected: str
    got: str
    element: str | None = None
    message: Sentence | None = None


class Mismatch(Exception):
    """A check that does not hold."""

    def __init__(self, expected: Any, got: Any, element: str | None = None) -> None:
        super().__init__(expected, got)
        self.failure = (shown(expected), shown(got), element)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One story or trace of an entry: its number from 1, its name, and where it failed."""

    number: int
    name: str
    failure: Failure | None

    def as_data(self) -> dict[str, Any]:
        """The result as JSON values."""
        found: dict[str, Any] = {
            "case": self.number,
            "name": self.name,
            "result": "fail" if self.failure else "pass",
        }
        if self.failure is not None:
            found |= asdict(self.failure)
        return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one entry, as it is printed."""

    file: str
    kind: str
    expect: str
    result: str  # pass, fail
    how: str  # ran, draft, refused, crashed, hung
    case: int | None = None
    name: str = ""
    step: int | None = None
    expected: str | None = None
    got: str | None = None
    element: str | None = None
    message: Sentence | None = None
    milliseconds: int = 0
    cases: tuple[CaseResult, ...] = ()
    unvisited: tuple[str, ...] = ()  # elements that no story has come to

    @property
    def passed(self) -> bool:
        return self.result == "pass"

    def as_data(self) -> dict[str, Any]:
        """The outcome as JSON values."""
        return {
            "file": self.file,
            "kind": self.kind,
            "expect": self.expect,
            "result": self.result,
            "how": self.how,
            "case": self.case,
            "name": self.name,
            "step": self.step,
            "expected": self.expected,
            "got": self.got,
            "element": self.element,
            "message": None if self.message is None else dict(self.message),
            "cases": [one.as_data() for one in self.cases],
            "unvisited": list(self.unvisited),
            "seconds": self.milliseconds / 1000,
        }


def report(outcomes: list[Outcome]) -> dict[str, Any]:
    """All outcomes as one JSON value."""
    passed = sum(one.passed for one in outcomes)
    return {
        "format": 1,
        "total": len(outcomes),
        "passed": passed,
        "failed": len(outcomes) - passed,
        "entries": [one.as_data() for one in outcomes],
    }


def sentence(error: PerfFlowError) -> Sentence:
    """An error in every language."""
    return {language: word(error, language) for language in LANGUAGES}


def said(code: str, **params: Any) -> Sentence:
    """A message in every language."""
    return {language: translate(code, params, language) for language in LANGUAGES}


def shown(value: Any) -> str:
    """A value as short text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_text)


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else sorted(value, key=str)
