"""Lint of the shape of a process: what is supported, connected, reachable and able to end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from perfflow.workflow.definitions.elements import Element, Flow, Process
from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.foreign import NAMESPACES as FOREIGN_NAMESPACES
from perfflow.workflow.definitions.foreign import TRANSLATED_ATTRIBUTES
from perfflow.workflow.definitions.tags import bpmn, in_bpmn, local, ZEEBE

AUTOMATIC = frozenset(
    {
        "startEvent", "endEvent", "task", "serviceTask", "scriptTask", "businessRuleTask",
        "sendTask", "exclusiveGateway", "parallelGateway", "inclusiveGateway",
        "intermediateThrowEvent", "subProcess", "transaction",
    }
)  # fmt: skip
MAX_CYCLES = 50
KNOWN_EXTENSIONS = frozenset(
    {
        "userTask", "formDefinition", "assignmentDefinition", "taskSchedule",
        "priorityDefinition", "taskHeaders", "header", "properties", "property",
        "taskDefinition", "ioMapping", "input", "output", "calledElement", "subscription",
        "script", "calledDecision", "versionTag", "loopCharacteristics",
    }
)  # fmt: skip
VALUE_MOVERS = frozenset({"in", "out", "inputOutput", "inputParameter", "outputParameter"})
# These say nothing about how a process runs.
IGNORED_ATTRIBUTES = frozenset(
    {"historyTimeToLive", "diagramRelationId", "versionTag", "isStartableInTasklist", "initiator"}
)
UNSUPPORTED = frozenset(
    {
        "complexGateway",
        "adHocSubProcess",
        "callChoreography",
        "subChoreography",
        "loopDataInputRef",
        "loopDataOutputRef",
    }
)
EVENTS_BY_KIND = {
    "startEvent": {"none"},
    "endEvent": {
        "none", "message", "signal", "error", "escalation", "terminate", "compensate", "cancel",
    },
    "intermediateCatchEvent": {"timer", "message", "signal", "conditional", "link"},
    "intermediateThrowEvent": {"none", "message", "signal", "escalation", "link", "compensate"},
    "boundaryEvent": {
        "timer", "message", "signal", "error", "escalation", "conditional", "compensate", "cancel",
    },
    "receiveTask": {"message"},
}  # fmt: skip
HANDLED = {"timer", "message", "signal", "error", "escalation", "conditional", "compensate"}
CONDITIONAL_SOURCES = frozenset(
    {"task", "userTask", "serviceTask", "receiveTask", "callActivity", "subProcess", "scriptTask",
     "businessRuleTask", "sendTask", "transaction"}
)  # fmt: skip
BOUNDARY_HOSTS = frozenset(
    {"userTask", "serviceTask", "receiveTask", "callActivity", "subProcess", "scriptTask",
     "businessRuleTask", "sendTask", "task", "transaction"}
)  # fmt: skip


def lint_tree(root: Any, findings: Findings) -> None:
    """What can only be seen in the XML itself."""
    for node in root.iter(etree.Element):
        if not in_bpmn(node):
            _lint_extension(node, findings)
            continue
        name = local(node)
        _lint_attributes(node, findings)
        if name in UNSUPPORTED:
            findings.error("WF-102", node, what=name)
        elif name == "multiInstanceLoopCharacteristics" and node.get("behavior", "All") != "All":
            findings.error("WF-103", node, what="behavior")
        elif name == "compensateEventDefinition" and node.get("waitForCompletion") == "false":
            findings.error("WF-102", node, what="waitForCompletion")
        elif node.get("instantiate") == "true":
            findings.error("WF-102", node, what="instantiate")
        elif name == "association" and node.get("associationDirection") == "One":
            source = node.get("sourceRef")
            if source is not None:
                findings.note("WF-901", node, what=name)
        for attribute in ("startQuantity", "completionQuantity"):
            if node.get(attribute, "1") != "1":
                findings.error("WF-102", node, what=attribute)
    for process in root.iter(bpmn("process")):
        _lint_scope(process, findings)
    if root.find(bpmn("process")) is None:
        findings.error("WF-105")


def _lint_extension(node: Any, findings: Findings) -> None:
    """Extension elements: ours are known, those of other engines are not executed."""
    namespace, name = etree.QName(node).namespace, local(node)
    if namespace == ZEEBE and name == "loopCharacteristics":
        around = node.getparent().getparent()
        if around is None or local(around) != "multiInstanceLoopCharacteristics":
            findings.error("WF-103", node, what=name)
    elif namespace == ZEEBE and name not in KNOWN_EXTENSIONS:
        findings.error("WF-102", node, what=f"zeebe:{name}")
    elif namespace in FOREIGN_NAMESPACES:
        # What moves values into or out of a step would change its meaning when left out.
        report = findings.error if name in VALUE_MOVERS else findings.warning
        report("WF-903", node, what=name)


def _lint_attributes(node: Any, findings: Findings) -> None:
    for attribute in node.attrib:
        namespace, name = etree.QName(attribute).namespace, etree.QName(attribute).localname
        is_known = name in TRANSLATED_ATTRIBUTES or name in IGNORED_ATTRIBUTES
        if namespace in FOREIGN_NAMESPACES and not is_known:
            findings.warning("WF-903", node, what=name)


def _lint_scope(scope: Any, findings: Findings) -> None:
    starts = list(scope.iterchildren(bpmn("startEvent")))
    if not starts and local(scope) == "process":
        findings.error("WF-106", scope)
    elif len(starts) > 1:
        findings.error("WF-107", starts[1])
    for inner in scope.iterchildren(bpmn("subProcess"), bpmn("transaction")):
        _lint_scope(inner, findings)


def lint_structure(process: Process, findings: Findings) -> None:
    """The graph of one process."""
    if not process.is_executable:
        findings.error("WF-108", process_place(process))
    for element in process.elements.values():
        _lint_event(process, element, findings)
        _lint_boundary(process, element, findings)
        _lint_compensation(process, element, findings)
    if not _flows_are_whole(process, findings):
        return
    _lint_gateways(process, findings)
    reachable = _reachable(process)
    for element in process.elements.values():
        if element.id not in reachable:
            findings.error("WF-112", element)
    _lint_dead_ends(process, reachable, findings)
    _lint_automatic_cycles(process, findings)


@dataclass(frozen=True, slots=True)
class Place:
    """What a finding points to when it is no element."""

    original_id: str
    line: int | None


def process_place(process: Process) -> Place:
    """The process itself as the place of a finding."""
    return Place(process.key, process.line)


def _lint_event(process: Process, element: Element, findings: Findings) -> None:
    allowed = EVENTS_BY_KIND.get(element.kind)
    owner = process.elements.get(element.parent_id or "")
    if element.kind == "startEvent" and owner is not None and owner.is_event_sub_process:
        allowed = HANDLED
    if allowed is not None and element.event not in allowed:
        if element.event == "none":
            findings.error("WF-110", element)
        else:
            findings.error("WF-102", element, what=f"{element.event} {element.kind}")


def _lint_boundary(process: Process, element: Element, findings: Findings) -> None:
    if element.kind != "boundaryEvent":
        return
    host = process.elements.get(element.attached_to or "")
    if host is None or host.kind not in BOUNDARY_HOSTS:
        findings.error("WF-113", element, host=element.attached_to or "")
    elif element.event == "error" and not element.is_interrupting:
        findings.error("WF-102", element, what="non-interrupting error event")
    elif host.kind == "userTask" and element.event in ("error", "escalation"):
        findings.warning("WF-114", element)


def _lint_compensation(process: Process, element: Element, findings: Findings) -> None:
    """Undoing one instance of many is not executed: nobody could say which."""
    owner: Element | None = element
    if element.event == "compensate" and element.kind == "boundaryEvent":
        owner = process.elements.get(element.attached_to or "")
    elif not element.is_for_compensation:
        return
    while owner is not None:
        if owner.loop is not None:
            findings.error("WF-102", element, what="compensation × loop")
        owner = process.elements.get(owner.parent_id or "")


def _flows_are_whole(process: Process, findings: Findings) -> bool:
    whole = True
    for flow in process.flows:
        source, target = process.elements.get(flow.source), process.elements.get(flow.target)
        if source is None or target is None:
            findings.error("WF-115", _place(flow), missing="source" if not source else "target")
            whole = False
        elif source.parent_id != target.parent_id:
            findings.error("WF-116", _place(flow))
            whole = False
        elif target.kind in ("startEvent", "boundaryEvent") or source.kind == "endEvent":
            findings.error("WF-117", _place(flow))
            whole = False
    return whole


def _place(flow: Flow) -> Place:
    return Place(flow.id, flow.line)


def _lint_gateways(process: Process, findings: Findings) -> None:
    for element in process.elements.values():
        leaving = process.outgoing(element.id)
        is_choice = element.kind in ("exclusiveGateway", "inclusiveGateway")
        conditional = [flow for flow in leaving if flow.condition]
        if element.kind.endswith("Gateway") and not leaving:
            findings.error("WF-118", element)
        elif is_choice and len(leaving) > 1:
            _lint_choice(element, leaving, findings)
        elif conditional and not is_choice and element.kind not in CONDITIONAL_SOURCES:
            findings.error("WF-119", element)
        elif is_choice and conditional and not element.default_flow:
            findings.warning("WF-121", element)
        if element.default_flow and element.default_flow not in {flow.id for flow in leaving}:
            findings.error("WF-122", element, flow=element.default_flow)
        if element.kind == "eventBasedGateway":
            for flow in leaving:
                target = process.elements[flow.target]
                if target.kind not in ("intermediateCatchEvent", "receiveTask"):
                    findings.error("WF-123", element, target=target.original_id)
                elif len(process.incoming(target.id)) > 1:
                    findings.error("WF-124", target)


def _lint_choice(element: Element, leaving: list[Any], findings: Findings) -> None:
    for flow in leaving:
        if flow.id == element.default_flow:
            if flow.condition:
                findings.warning("WF-125", _place(flow))
        elif not flow.condition:
            findings.error("WF-120", _place(flow), gateway=element.original_id)
    if not element.default_flow:
        findings.warning("WF-121", element)


def _successors(process: Process) -> dict[str, list[str]]:
    following: dict[str, list[str]] = {name: [] for name in process.elements}
    for flow in process.flows:
        following[flow.source].append(flow.target)
    for element in process.elements.values():
        if element.attached_to in following:
            following[element.attached_to].append(element.id)
        if element.parent_id in following and _begins(process, element):
            following[element.parent_id].append(element.id)
        if element.handler in following:
            following[element.id].append(element.handler)
        following[element.id] += [other.id for other in _linked(process, element)]
    return following


def _begins(process: Process, element: Element) -> bool:
    """Whether an element gets a token when its sub-process begins, or may begin by itself."""
    if element.kind == "startEvent" or element.is_event_sub_process:
        return True
    return (
        element.kind != "boundaryEvent"
        and not element.is_for_compensation
        and element.link is None
        and not process.incoming(element.id)
        and not any(
            other.kind == "startEvent" and other.parent_id == element.parent_id
            for other in process.elements.values()
        )
    )


def _linked(process: Process, element: Element) -> list[Element]:
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
        for other in _linked(process, element):
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
