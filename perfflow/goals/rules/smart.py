"""The SMART verdict on one goal (domain §6.3): five letters, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from perfflow.goals.rules.sheets import DraftLine
from perfflow.plans.rules.library import promises_return

PASS, INFO, WARN, FAIL = "pass", "info", "warn", "fail"
LETTERS = "SMART"
SHORTEST = 10
MONTHS_A_CHECKPOINT = 4
_WITHOUT_TARGET = frozenset({"RATING", "RANGE", "MILESTONE", "BAND"})
_LOWER_IS_BETTER = frozenset({"LB", "LB_INV"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known when a goal is judged: the metric, last year, colleagues, the tree, dates."""

    known_metric: bool
    direction: str
    unit: str
    source: str
    last_year: Decimal | None
    peers: Mapping[str, Decimal] | None  # p25, p50, p90, p95 of eight colleagues or more
    reaches_objective: bool
    starts_on: date
    ends_on: date
    checkpoints: int
    is_market_bet: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """One letter: how it stands and why (a message code with parameters)."""

    letter: str
    state: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"state": self.state, "code": self.code, "params": dict(self.params)}


def smart_verdict(line: DraftLine, known: Evidence) -> dict[str, Verdict]:
    """The five letters of one goal, by letter."""
    found = (
        _specific(line, known),
        _measurable(line, known),
        _achievable(line, known),
        _relevant(line, known),
        _timed(line, known),
    )
    return {verdict.letter: verdict for verdict in found}


def failing(verdicts: Mapping[str, Verdict]) -> list[Verdict]:
    """The letters that block a proposal."""
    return [verdict for verdict in verdicts.values() if verdict.state == FAIL]


def text_width(text: str) -> int:
    """Length as people see it: a Han character says as much as two letters."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text.strip())


def _specific(line: DraftLine, known: Evidence) -> Verdict:
    said = f"{line.title} {line.target or ''} {line.action or ''}"
    if text_width(said) < SHORTEST or not line.title.strip():
        return Verdict("S", FAIL, "goals.smart_s_short", {"length": SHORTEST})
    return Verdict("S", PASS, "goals.smart_s_pass")


def _measurable(line: DraftLine, known: Evidence) -> Verdict:
    if not known.known_metric or not known.unit or not known.source:
        return Verdict("M", FAIL, "goals.smart_m_metric", {"metric": line.metric_code})
    if line.target is None and known.direction not in _WITHOUT_TARGET:
        return Verdict("M", FAIL, "goals.smart_m_target")
    return Verdict("M", PASS, "goals.smart_m_pass", {"source": known.source})


def _achievable(line: DraftLine, known: Evidence) -> Verdict:
    if line.target is None:
        return Verdict("A", PASS, "goals.smart_a_rated")
    params = {"target": line.target, "last_year": known.last_year, **(known.peers or {})}
    if known.peers is None:
        code = "goals.smart_a_no_peers" if known.last_year is not None else "goals.smart_a_unknown"
        return Verdict("A", INFO, code, params)
    low, high = known.peers["p25"], known.peers["p95"]
    if known.direction in _LOWER_IS_BETTER:
        # For complaints and errors the ambitious end is the low one.
        if line.target < low:
            return Verdict("A", WARN, "goals.smart_a_high", params)
        if line.target > high:
            return Verdict("A", WARN, "goals.smart_a_low", params)
    elif line.target > high:
        return Verdict("A", WARN, "goals.smart_a_high", params)
    elif line.target < low:
        return Verdict("A", WARN, "goals.smart_a_low", params)
    return Verdict("A", PASS, "goals.smart_a_pass", params)


def _relevant(line: DraftLine, known: Evidence) -> Verdict:
    """PL-19 comes before the tree: a promise of return is wrong wherever it leads."""
    if promises_return(line.title, line.why, line.action or ""):
        return Verdict("R", WARN, "goals.smart_r_promise")
    if known.is_market_bet:
        return Verdict("R", WARN, "goals.smart_r_market")
    if known.reaches_objective:
        return Verdict("R", PASS, "goals.smart_r_pass")
    return Verdict("R", WARN, "goals.smart_r_none")


def _timed(line: DraftLine, known: Evidence) -> Verdict:
    due_on = line.action_due_on
    if due_on is not None and not known.starts_on <= due_on <= known.ends_on:
        return Verdict(
            "T",
            FAIL,
            "goals.smart_t_outside",
            {"first": known.starts_on, "last": known.ends_on},
        )
    months = (known.ends_on.year - known.starts_on.year) * 12
    months += known.ends_on.month - known.starts_on.month + 1
    if (known.checkpoints + 1) * MONTHS_A_CHECKPOINT < months:
        return Verdict("T", WARN, "goals.smart_t_checkpoints", {"count": known.checkpoints})
    return Verdict("T", PASS, "goals.smart_t_pass", {"last": known.ends_on})


def summary(verdicts: Iterable[Mapping[str, Verdict]]) -> dict[str, int]:
    """How many letters pass, inform, warn and fail over several goals."""
    counts = dict.fromkeys((PASS, INFO, WARN, FAIL), 0)
    for one in verdicts:
        for verdict in one.values():
            counts[verdict.state] += 1
    return counts
