"""Lint of the shape of a process: what is supported, connected, reachable and able to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from perfflow.workflow.definitions.elements import Element, Flow, Process
from perfflow.workflow.definitions.findings import Findings
from perfflow.workflow.definitions.foreign import NAMESPACES as FOREIGN_NAMESPACES
from perfflow.workflow.definitions.foreign import TRANSLATED_ATTRIBUTES
from perfflow.workflow.definitions.reachability import CONDITIONAL_SOURCES, lint_reachability
from perfflow.workflow.definitions.tags import bpmn, in_bpmn, local, ZEEBE

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
    "startEvent": {"none", "message", "signal", "timer"},
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
RAISED = {"error", "escalation"}
SEVERAL = {"timer", "message", "signal", "conditional", *RAISED}
HANDLED = {"timer", "message", "signal", "error", "escalation", "conditional", "compensate"}
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
    plain = [start for start in starts if not any(map(_is_trigger, start))]
    if len(plain) > 1:
        findings.error("WF-107", plain[1])
    for inner in scope.iterchildren(bpmn("subProcess"), bpmn("transaction")):
        _lint_scope(inner, findings)


def _is_trigger(node: Any) -> bool:
    return isinstance(node.tag, str) and local(node).lower().endswith("eventdefinition")


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
    lint_reachability(process, findings)


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
    if element.kind == "startEvent" and owner is not None:
        allowed = HANDLED if owner.is_event_sub_process else {"none"}
    if allowed is not None and element.event == "multiple":
        _lint_parts(element, allowed & SEVERAL, findings)
    elif allowed is not None and element.event not in allowed:
        if element.event == "none":
            findings.error("WF-110", element)
        else:
            findings.error("WF-102", element, what=f"{element.event} {element.kind}")


def _lint_parts(element: Element, allowed: set[str], findings: Findings) -> None:
    """Several triggers at one event: those that wait, or those that only tell."""
    kinds = {part.event for part in element.parts}
    can_wait_for_all = element.kind != "startEvent" or element.parent_id is not None
    if kinds - allowed or (element.needs_all_parts and (not can_wait_for_all or kinds & RAISED)):
        findings.error("WF-109", element, what=", ".join(sorted(kinds)))


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
