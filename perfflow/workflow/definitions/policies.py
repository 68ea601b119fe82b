"""Policies of the firm over the ways through a process: a step only after another one.

The property ``policy`` of a process says ``pay after approve; book after payouts.check``: an id of
an element, the name of a service task or of a called process on either side. Every way from the
start to the left side has to complete the right side first; a way over a boundary event of the
right side does not complete it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfflow.workflow.definitions.elements import Element, Process
from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.reachability import begins, linked
from perfflow.workflow.definitions.structure import process_place

PROPERTY = "policy"
_RULE = re.compile(r"(\S+)\s+after\s+(\S+)")


def lint_policies(process: Process, findings: Findings) -> None:
    """The policies of one process."""
    known = process.elements
    if any(flow.source not in known or flow.target not in known for flow in process.flows):
        return  # the flows have to be mended first
    texts = (one.strip() for one in process.properties.get(PROPERTY, "").split(";"))
    for text in filter(None, texts):
        rule = _RULE.fullmatch(text)
        if rule is None:
            findings.error("WF-141", process_place(process), policy=text)
            continue
        later, earlier = (_meant(process, name) for name in rule.groups())
        for name, found in zip(rule.groups(), (later, earlier), strict=True):
            if not found:
                findings.error("WF-142", process_place(process), policy=text, name=name)
        if not later or not earlier:
            continue
        came_from = _ways(process, {element.id for element in earlier})
        for element in later:
            if element.id in came_from:
                way = " → ".join(_way(process, came_from, element.id))
                findings.error("WF-140", element, policy=text, way=way)


def _meant(process: Process, name: str) -> list[Element]:
    return [
        element
        for element in process.elements.values()
        if name in (element.original_id, element.service, element.called_process)
    ]


def _ways(process: Process, guards: set[str]) -> dict[str, str | None]:
    """Each element that a token can reach without completing a guard → where it came from."""
    came_from: dict[str, str | None] = {}
    pending: list[tuple[str, str | None]] = [
        (element.id, None)
        for element in process.elements.values()
        if element.parent_id is None and (element.is_event_sub_process or begins(process, element))
    ]
    while pending:
        name, source = pending.pop()
        if name not in came_from:
            came_from[name] = source
            pending += [(found, name) for found in _next(process, process.elements[name], guards)]
    return came_from


def _next(process: Process, element: Element, guards: set[str]) -> Iterator[str]:
    for event in process.boundary_events(element.id):
        yield event.id
    if element.id in guards:
        return
    inner = [one for one in process.elements.values() if one.parent_id == element.id]
    for one in inner:
        if begins(process, one):
            yield one.id
    if not inner:
        yield from _onward(process, element, guards)


def _onward(process: Process, element: Element, guards: set[str]) -> Iterator[str]:
    """Behind an element that is complete; the last one inside completes what is around it."""
    following = [flow.target for flow in process.outgoing(element.id)]
    following += [other.id for other in linked(process, element)]
    yield from following
    around = process.elements.get(element.parent_id or "")
    if not following and around is not None and around.id not in guards:
        yield from _onward(process, around, guards)


def _way(process: Process, came_from: dict[str, str | None], name: str) -> list[str]:
    steps: list[str] = []
    current: str | None = name
    while current is not None:
        steps.append(process.elements[current].original_id)
        current = came_from[current]
    return steps[::-1]
