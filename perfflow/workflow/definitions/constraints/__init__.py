"""Rules of the BPMN 2.0 standard that a file is checked against before anything executes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfflow.workflow.definitions.constraints import (
    activities,
    collaboration,
    data,
    events,
    flows,
    gateways,
    references,
    schema,
    triggers,
)
from perfflow.workflow.definitions.constraints.model import Model
from perfflow.workflow.definitions.constraints.rule import Rule
from perfflow.workflow.definitions.findings import Finding, Findings

RULES: tuple[Rule, ...] = tuple(
    rule
    for module in (
        references, schema, flows, events, triggers, gateways, activities, data, collaboration,
    )
    for rule in module.BOOK.rules
)  # fmt: skip


# What the engine's own lint says about the same place: once is enough.
SAID_OF_THE_ELEMENT = {
    "WF-601": {"WF-113", "WF-115", "WF-122"},
    "WF-602": {"WF-115"},
    "WF-611": {"WF-115"},
    "WF-617": {"WF-122"},
    "WF-619": {"WF-116"},
    "WF-632": {"WF-126"},
    "WF-643": {"WF-102"},
    "WF-651": {"WF-112"},
    "WF-653": {"WF-113"},
    "WF-664": {"WF-203"},
    "WF-668": {"WF-304"},
    "WF-684": {"WF-123"},
    "WF-687": {"WF-124"},
}
SAID_OF_THE_FLOW = {
    "WF-615": {"WF-119"},
    "WF-631": {"WF-117"},
    "WF-633": {"WF-117"},
    "WF-645": {"WF-117"},
    "WF-691": {"WF-119"},
}


def check_standard(root: Any, findings: Findings, neighbours: frozenset[str] = frozenset()) -> None:
    """Everything in a file, as its author wrote it, that breaks a rule of the standard.

    ``neighbours`` are the names of the files that come with it, without folders.
    """
    model = Model(root, neighbours)
    for rule in RULES:
        is_mild = rule.is_repetition and model.is_ours
        report = findings.warning if is_mild else findings.error
        for node, params in rule.find(model):
            report(rule.code, node, **params)


def without_repeats(standard: Findings, own: Findings) -> Iterator[Finding]:
    """Both lists as one; the standard is silent where the lint already said the same."""
    said = {(finding.code, finding.element) for finding in own}
    codes = {finding.code for finding in own}
    for finding in standard:
        same = SAID_OF_THE_ELEMENT.get(finding.code, set())
        if codes & SAID_OF_THE_FLOW.get(finding.code, set()):
            continue
        if not any((code, finding.element) in said for code in same):
            yield finding
    yield from own


__all__ = ["RULES", "check_standard", "without_repeats"]
