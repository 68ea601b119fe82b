"""Lint of the ways through a process: reached from a start, able to end, no endless circle."""

from __future__ import annotations

from collections.abc import Iterable

from perfflow.workflow.definitions.elements import Element, Process
from perfflow.workflow.definitions.findings import Findings

AUTOMATIC = frozenset(
    {
        "startEvent", "endEvent", "task", "serviceTask", "scriptTask", "businessRuleTask",
        "sendTask", "exclusiveGateway", "parallelGateway", "inclusiveGateway",
        "intermediateThrowEvent", "subProcess", "transaction",
    }
)  # fmt: skip
MAX_CYCLES = 50
CONDITIONAL_SOURCES = frozenset(
    {"task", "userTask", "serviceTask", "receiveTask", "callActivity", "subProcess", "scriptTask",
     "businessRuleTask", "sendTask", "transaction"}
)  # fmt: skip


def lint_reachability(process: Process, findings: Findings) -> None:
    """The graph of one process whose flows are whole."""
    reachable = _reachable(process)
    for element in process.elements.values():
        if element.id not in reachable:
            findings.error("WF-112", element)
    _lint_dead_ends(process, reachable, findings)
    _lint_automatic_cycles(process, findings)


def _successors(process: Process) -> dict[str, list[str]]:
    following: dict[str, list[str]] = {name: [] for name in process.elements}
    for flow in process.flows:
        following[flow.source].append(flow.target)
    for element in process.elements.values():
        if element.attached_to in following:
            following[element.attached_to].append(element.id)
        if element.parent_id in following and begins(process, element):
            following[element.parent_id].append(element.id)
        if element.handler in following:
            following[element.id].append(element.handler)
        following[element.id] += [other.id for other in linked(process, element)]
    return following


def begins(process: Process, element: Element) -> bool:
    """Whether an element gets a token when its sub-process begins, or may begin by itself."""
    if element.kind == "startEvent" or element.is_event_sub_process:
        return True
    return (
        element.kind != "boundaryEvent"
        and not element.is_for_compensation
        and element.link is None
        and not process.incoming(element.id)
        and not process.has_start_event(element.parent_id)
    )


def linked(process: Process, element: Element) -> list[Element]:
    """Where a link leads."""
    if element.link is None or element.kind != "intermediateThrowEvent":
        return []
    return [
        other
        for other in process.elements.values()
        if other.kind == "intermediateCatchEvent"
        and other.link == element.link
        and other.parent_id == element.parent_id
    ]


def _reachable(process: Process) -> set[str]:
    starts = [
        element.id
        for element in process.elements.values()
        if element.parent_id is None
        and (element.kind == "startEvent" or element.is_event_sub_process)
    ]
    return _closure(starts, _successors(process))


def _closure(starts: Iterable[str], following: dict[str, list[str]]) -> set[str]:
    found, pending = set(starts), list(starts)
    while pending:
        for name in following.get(pending.pop(), ()):
            if name not in found:
                found.add(name)
                pending.append(name)
    return found


def _lint_dead_ends(process: Process, reachable: set[str], findings: Findings) -> None:
    leading: dict[str, list[str]] = {name: [] for name in process.elements}
    for flow in process.flows:
        leading[flow.target].append(flow.source)
    for element in process.elements.values():
        if element.kind == "boundaryEvent" and element.attached_to in leading:
            leading[element.id].append(element.attached_to)
        for other in linked(process, element):
            leading[other.id].append(element.id)
    ends = []
    for element in process.elements.values():
        if process.outgoing(element.id) or element.kind.endswith("Gateway") or element.link:
            continue
        ends.append(element.id)
        if element.kind in CONDITIONAL_SOURCES and not (
            element.is_event_sub_process or element.is_for_compensation
        ):
            findings.warning("WF-902", element)
    able = _closure(ends, leading)
    for element in process.elements.values():
        if element.id in reachable and element.id not in able:
            findings.error("WF-126", element)


def _lint_automatic_cycles(process: Process, findings: Findings) -> None:
    """A cycle without a wait runs for ever; a choice inside may or may not end it."""
    following: dict[str, list[str]] = {}
    for flow in process.flows:
        if (
            process.elements[flow.source].kind in AUTOMATIC
            and process.elements[flow.target].kind in AUTOMATIC
            and not _has_wait_inside(process, flow.source)
        ):
            following.setdefault(flow.source, []).append(flow.target)
    for component in _cycles(following):
        if not any(process.elements[name].kind == "exclusiveGateway" for name in component):
            findings.error("WF-127", process.elements[component[0]], through=" → ".join(component))
        else:
            findings.warning(
                "WF-128", process.elements[component[0]], through=" → ".join(component)
            )


def _has_wait_inside(process: Process, element_id: str) -> bool:
    element = process.elements[element_id]
    return element.kind in ("subProcess", "transaction") and any(
        inner.parent_id == element_id and inner.kind not in AUTOMATIC
        for inner in process.elements.values()
    )


def _cycles(following: dict[str, list[str]]) -> list[list[str]]:
    """One list of names for each set of nodes that reach each other."""
    # Nodes that end nothing and begin nothing in a circle are peeled off from both sides; then
    # each node that is left shares its circle with what it reaches and what reaches it.
    edges = {name: set(targets) for name, targets in following.items()}
    backward: dict[str, set[str]] = {}
    for name, targets in edges.items():
        for target in targets:
            backward.setdefault(target, set()).add(name)
    left = set(edges) & set(backward)
    pending = (set(edges) | set(backward)) - left
    while pending:
        gone = pending.pop()
        for near in (edges.get(gone, set()) | backward.get(gone, set())) & left:
            if not (edges.get(near, set()) & left) or not (backward.get(near, set()) & left):
                left.discard(near)
                pending.add(near)
    found: list[list[str]] = []
    ahead = {name: [t for t in edges[name] if t in left] for name in left}
    behind = {name: [t for t in backward[name] if t in left] for name in left}
    while left and len(found) < MAX_CYCLES:
        name = min(left)
        circle = _closure(ahead[name], ahead) & _closure(behind[name], behind)
        if name in circle:
            found.append(sorted(circle))
        left -= circle | {name}
    return found
