"""One evaluation: the scope of names, the warnings collected and the steps that are left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, UTC
from typing import Any

from perfflow.feel.errors import FeelLimitError, FeelWarning, Position
from perfflow.feel.temporal import DateTime
from perfflow.feel.values import from_datetime, Function

MAX_STEPS = 150_000
MAX_STRING = 200_000
MAX_CALLS = 60
MAX_WARNINGS = 100

Code = Callable[["Scope"], Any]
"""Compiled FEEL: a closure from a scope to a value."""


class Scope:
    """Names and values; a name that is not here is looked for in ``parent``."""

    __slots__ = ("parent", "run", "vars")

    def __init__(self, variables: dict[str, Any], parent: Scope | None, run: Run) -> None:
        self.vars = variables
        self.parent = parent
        self.run = run


class Run(Scope):
    """The outermost scope of an evaluation and its account of steps and warnings.

    What most evaluations never change stays on the class: making a run is on the fast path.
    """

    parent = None
    moment: datetime | None = None
    functions: Mapping[str, Function] | None = None
    left = MAX_STEPS
    calls = 0

    def __init__(self, variables: dict[str, Any]) -> None:
        self.vars = variables
        self.warnings: list[FeelWarning] = []

    @property
    def run(self) -> Run:  # type: ignore[override]
        return self

    def charge(self, steps: int) -> None:
        """Pay for work that grows with the data; an empty account ends the evaluation."""
        self.left -= steps
        if self.left < 0:
            raise FeelLimitError("feel.budget", limit=MAX_STEPS)

    def charge_text(self, length: int) -> None:
        if length > MAX_STRING:
            raise FeelLimitError("feel.text_too_long", limit=MAX_STRING)
        self.charge(length >> 4)

    def warn(self, code: str, at: Position, **params: Any) -> None:
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(FeelWarning(code, at, params))

    def now(self) -> DateTime:
        """The one moment that this evaluation calls now."""
        if self.moment is None:
            self.moment = datetime.now(UTC)
        return from_datetime(self.moment)

    def enter(self) -> None:
        self.calls += 1
        self.charge(10)
        if self.calls > MAX_CALLS:
            raise FeelLimitError("feel.call_depth", limit=MAX_CALLS)

    def leave(self) -> None:
        self.calls -= 1
