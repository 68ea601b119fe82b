"""A BPMN tree as its author drew it, with the look-ups that rules of the standard need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from perfflow.workflow.definitions.tags import bpmn, in_bpmn, local

TASKS = frozenset(
    {
        "task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask",
        "sendTask", "receiveTask",
    }
)  # fmt: skip
SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SUB_PROCESSES | {"callActivity"}
CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
THROWING = frozenset({"endEvent", "intermediateThrowEvent", "implicitThrowEvent"})
EVENTS = CATCHING | THROWING
GATEWAYS = frozenset(
    {
        "exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway",
        "eventBasedGateway",
    }
)  # fmt: skip
FLOW_NODES = ACTIVITIES | EVENTS | GATEWAYS
CHOREOGRAPHY = frozenset({"choreographyTask", "subChoreography", "callChoreography"})
ARTIFACTS = frozenset({"textAnnotation", "group", "association"})
EVENT_DEFINITIONS = frozenset(
    {
        "messageEventDefinition", "timerEventDefinition", "signalEventDefinition",
        "errorEventDefinition", "escalationEventDefinition", "terminateEventDefinition",
        "linkEventDefinition", "compensateEventDefinition", "conditionalEventDefinition",
        "cancelEventDefinition",
    }
)  # fmt: skip
SCOPES = SUB_PROCESSES | {"process"}
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"


class Model:
    """One file; nothing in it is changed."""

    def __init__(self, root: Any, neighbours: frozenset[str] = frozenset()) -> None:
        self.root, self.neighbours = root, neighbours
        self.memory: dict[str, Any] = {}
        self._by_name: dict[str, list[Any]] = {}
        self.by_id: dict[str, Any] = {}
        for node in root.iter(etree.Element):
            if in_bpmn(node):
                self._by_name.setdefault(local(node), []).append(node)
                if node.get("id"):
                    self.by_id.setdefault(node.get("id"), node)
        self._leaving: dict[str, list[Any]] = {}
        self._entering: dict[str, list[Any]] = {}
        for flow in self.each("sequenceFlow"):
            self._leaving.setdefault(flow.get("sourceRef", ""), []).append(flow)
            self._entering.setdefault(flow.get("targetRef", ""), []).append(flow)
        self._hosted: dict[str, list[Any]] = {}
        for event in self.each("boundaryEvent"):
            self._hosted.setdefault(event.get("attachedToRef", ""), []).append(event)

    @property
    def is_ours(self) -> bool:
        """The file is written in our dialect, with the extension elements of Camunda 8."""
        return ZEEBE in self.root.nsmap.values()

    def each(self, *names: str) -> Iterator[Any]:
        """All elements of these names, name by name, in the order of the file."""
        for name in names:
            yield from self._by_name.get(name, ())

    def any_of(self, names: frozenset[str]) -> Iterator[Any]:
        """All elements whose name is among these."""
        return self.each(*sorted(names))

    def leaving(self, node: Any) -> list[Any]:
        """Sequence flows that start at the node."""
        return self._leaving.get(node.get("id") or "", [])

    def entering(self, node: Any) -> list[Any]:
        """Sequence flows that lead to the node."""
        return self._entering.get(node.get("id") or "", [])

    def attached(self, node: Any) -> list[Any]:
        """Boundary events of the node."""
        return self._hosted.get(node.get("id") or "", [])

    def named(self, text: str | None) -> Any | None:
        """What a reference names in this file; None when it names nothing here."""
        text = (text or "").strip()
        return self.by_id.get(text) if text in self.by_id else self.by_id.get(text.split(":")[-1])

    def is_foreign(self, node: Any, text: str) -> bool:
        """The reference has the prefix of another name space: its target is not in this file."""
        prefix, colon, _ = text.strip().partition(":")
        if not colon:
            return False
        return bool(node.nsmap.get(prefix) != self.root.get("targetNamespace"))

    def scope(self, node: Any) -> Any | None:
        """The process or sub-process that directly holds the node."""
        return _above(node, SCOPES)

    def process(self, node: Any) -> Any | None:
        """The process around the node."""
        return _above(node, frozenset({"process"}))

    def is_executable(self, node: Any) -> bool:
        """The node belongs to a process that says it is to be executed."""
        process = node if local(node) == "process" else self.process(node)
        return process is not None and process.get("isExecutable") in ("true", "1")

    def definitions(self, event: Any) -> list[Any]:
        """The event definitions of an event, those that it only refers to included."""
        own = [one for one in event if in_bpmn(one) and local(one) in EVENT_DEFINITIONS]
        for reference in event.findall(bpmn("eventDefinitionRef")):
            target = self.named(reference.text)
            if target is not None:
                own.append(target)
        return own

    def triggers(self, event: Any) -> list[str]:
        """``message``, ``timer`` … of an event."""
        return [local(one).removesuffix("EventDefinition") for one in self.definitions(event)]

    def members(self, scope: Any, names: frozenset[str] = FLOW_NODES) -> Iterator[Any]:
        """Nodes directly inside a process or sub-process."""
        return (one for one in scope if in_bpmn(one) and local(one) in names)


def is_event_sub_process(node: Any) -> bool:
    """A sub-process that an event inside it starts."""
    return local(node) in SUB_PROCESSES and node.get("triggeredByEvent") in ("true", "1")


def is_for_compensation(node: Any) -> bool:
    """An activity that only runs to undo another one."""
    return node.get("isForCompensation") in ("true", "1")


def texts(node: Any, name: str) -> list[str]:
    """The stripped texts of the children ``name``."""
    return [(one.text or "").strip() for one in node.findall(bpmn(name))]


def _above(node: Any, names: frozenset[str]) -> Any | None:
    current = node.getparent()
    while current is not None and not (in_bpmn(current) and local(current) in names):
        current = current.getparent()
    return current
