"""Goal libraries by post: ready goals that people copy into their own sheets (domain §4.3, R37)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfflow.kernel.configuration import Reader
from perfflow.kernel.errors import BadInput
from perfflow.metrics.rules import MetricDefinition
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.profiles import Severity, Thresholds
from perfflow.plans.rules.sales_checks import is_market_bet, YEAR_MONTHS

SHORTEST_WHY = 20
_PROMISE = re.compile(
    r"保本|保收益|保证收益|承诺收益|刚性兑付|guarantee[ds]?\b.{0,20}\breturn|promis\w*.{0,20}\breturn",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LibraryGoal:
    """One ready goal. ``target`` is in stored units (0.25 is 25 %), None where a rule or last
    year sets it; ``window_months`` is how long it runs."""

    code: str
    metric: str
    title_zh: str
    title_en: str
    why_zh: str
    why_en: str
    action_zh: str
    action_en: str
    target: Decimal | None
    window_months: int


@dataclass(frozen=True, slots=True)
class GoalLibrary:
    """One version of the ready goals of a post."""

    code: str
    version: int
    post: str
    name_zh: str
    name_en: str
    goals: tuple[LibraryGoal, ...]

    def link(self, goal: LibraryGoal) -> str:
        """How a copied goal names where it came from: ``GL-FA@1/FA-01``."""
        return f"{self.code}@{self.version}/{goal.code}"


def parse_library(data: Any, path: str = "library") -> GoalLibrary:
    """A library from its YAML mapping; raises ``BadInput`` naming the place."""
    reader = Reader(data, path)
    library = GoalLibrary(
        code=reader.text("code"),
        version=reader.integer("version", 1),
        post=reader.text("post"),
        name_zh=reader.text("name_zh"),
        name_en=reader.text("name_en"),
        goals=tuple(_goal(row) for row in reader.readers("goals", required=True)),
    )
    reader.finish()
    codes = [goal.code for goal in library.goals]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice:
        raise BadInput("plans.code_twice", field=path, code_=twice)
    return library


def _goal(reader: Reader) -> LibraryGoal:
    goal = LibraryGoal(
        code=reader.text("code"),
        metric=reader.text("metric"),
        title_zh=reader.text("title_zh"),
        title_en=reader.text("title_en"),
        why_zh=reader.text("why_zh"),
        why_en=reader.text("why_en"),
        action_zh=reader.text("action_zh", ""),
        action_en=reader.text("action_en", ""),
        target=reader.optional_number("target"),
        window_months=reader.integer("window_months", YEAR_MONTHS),
    )
    reader.finish()
    for why in (goal.why_zh, goal.why_en):
        # A Han character says as much as two letters.
        width = sum(2 if ord(sign) > 0x2E7F else 1 for sign in why.strip())
        if width < SHORTEST_WHY:
            raise reader.refuse("why_zh", f"a reason of {SHORTEST_WHY} characters or more")
    return goal


def lint_library(
    library: GoalLibrary, metrics: Mapping[str, MetricDefinition], limits: Thresholds
) -> Iterator[Finding]:
    """PL-07, PL-13 and PL-19 on ready goals: contests, unknown metrics, promises of return."""

    def found(code: str, name: str, index: int, **params: Any) -> Finding:
        severity, source = limits.severity(code, Severity.WARNING)
        if code == "PL-13":
            severity = Severity.ERROR
        path = f"libraries/{library.code}.goals.{index}"
        shown = {"post": library.post, **params}
        return Finding(code, severity, path, f"plans.lint.{name}", shown, source)

    for index, goal in enumerate(library.goals):
        metric = metrics.get(goal.metric)
        if metric is None:
            yield found("PL-13", "unknown_metric", index, metric=goal.metric)
            continue
        if metric.product_scope.upper() != "ALL" and goal.window_months < YEAR_MONTHS:
            yield found(
                "PL-07", "product_contest", index, metric=goal.metric, months=goal.window_months
            )
        if is_market_bet(metric):
            yield found("PL-19", "market_target", index, metric=goal.metric)
        if promises_return(goal.title_zh, goal.title_en, goal.action_zh, goal.action_en):
            yield found("PL-19", "promised_return", index, metric=goal.metric)


def promises_return(*texts: str) -> bool:
    """True when a text promises clients a return or their principal."""
    return any(_PROMISE.search(text) for text in texts)
