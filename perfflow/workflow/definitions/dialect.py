"""Reads a normalised BPMN tree, Camunda 8 extension elements included, into `Process` values."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from perfflow.workflow.definitions.elements import (
    Assignment,
    Element,
    Flow,
    Loop,
    Process,
    Rung,
    TimerRule,
)
from perfflow.workflow.definitions.findings import Findings, ORIGINAL_ID
from perfflow.workflow.definitions.normalise import NODES
from perfflow.workflow.definitions.tags import bpmn, extension, local, zeebe

EVENTS = {
    "timerEventDefinition": "timer",
    "messageEventDefinition": "message",
    "signalEventDefinition": "signal",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "terminateEventDefinition": "terminate",
    "linkEventDefinition": "link",
    "compensateEventDefinition": "compensate",
    "conditionalEventDefinition": "conditional",
    "cancelEventDefinition": "cancel",
}
_RUNG = re.compile(r"([+\-−]?\d+)\s+(remind|escalate)(?:\s+(\S+))?")


def read_processes(root: Any, path: str, findings: Findings) -> list[Process]:
    """All processes of the file, in its order."""
    nodes = list(root.iter(bpmn("process")))
    has_executable = any(_is_executable(node) for node in nodes)
    # What is only drawn beside an executable process may say as little as it likes.
    return [
        _Reader(
            root, node, path, findings if _counts(node, has_executable) else Findings(path)
        ).process()
        for node in nodes
    ]


def _counts(node: Any, has_executable: bool) -> bool:
    return _is_executable(node) or not has_executable


def _is_executable(node: Any) -> bool:
    return node.get("isExecutable", "true") in ("true", "1")


def read_ladder(text: str) -> list[Rung] | None:
    """``"-3 remind; +2 escalate second-line"`` as rungs; None when it cannot be read."""
    rungs = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        match = _RUNG.fullmatch(part)
        if match is None or (match[2] == "escalate" and match[3] is None):
            return None
        offset = int(match[1].replace("−", "-"))
        rungs.append(Rung(offset, match[2], match[3], f"{offset:+d} {match[2]} {match[3] or ''}"))
    return rungs


def read_loop(node: Any) -> Loop | None:
    """How the activity repeats, in the words of the standard, of zeebe or of its forerunners."""
    standard = node.find(bpmn("standardLoopCharacteristics"))
    if standard is not None:
        maximum = standard.get("loopMaximum")
        return Loop(
            "standard",
            condition=_expression(standard, "loopCondition"),
            is_tested_before=standard.get("testBefore") == "true",
            maximum=int(maximum) if maximum and maximum.strip().isdecimal() else None,
        )
    many = node.find(bpmn("multiInstanceLoopCharacteristics"))
    if many is None:
        return None
    items = extension(many, "loopCharacteristics")
    given = {} if items is None else dict(items.attrib)
    return Loop(
        "sequential" if many.get("isSequential") == "true" else "parallel",
        cardinality=_expression(many, "loopCardinality"),
        collection=given.get("inputCollection"),
        item=given.get("inputElement"),
        results=given.get("outputCollection"),
        result=given.get("outputElement"),
        completion=_expression(many, "completionCondition"),
    )


def _expression(node: Any, name: str) -> str | None:
    """The text of an expression element, translated; None where there is none."""
    text = "".join(node.findtext(bpmn(name)) or "").strip()
    return text or None


PART = "~"  # in the id of one trigger of several; no XML id has it


class _Reader:
    """Reads one process element."""

    def __init__(self, root: Any, node: Any, path: str, findings: Findings) -> None:
        self.root, self.node, self.path, self.findings = root, node, path, findings
        self.key = node.get("id")
        self.named: dict[str, Any] = {
            item.get("id"): item
            for tag in ("message", "signal", "error", "escalation")
            for item in root.iter(bpmn(tag))
        }
        # Event definitions that several events may share.
        self.shared = {item.get("id"): item for item in root if local(item) in EVENTS}
        self.handlers = {
            line.get("sourceRef"): line.get("targetRef") for line in root.iter(bpmn("association"))
        }
        self.lanes = {
            reference.text.strip(): lane.get("name")
            for lane in node.iter(bpmn("lane"))
            for reference in lane.findall(bpmn("flowNodeRef"))
            if reference.text
        }

    def process(self) -> Process:
        properties = self._properties(self.node)
        declared = properties.get("variables")
        names = None
        if declared is not None:
            names = frozenset(
                part.split(":")[0].strip() for part in declared.split(",") if part.strip()
            )
        name = self.node.get("name") or self.key
        return Process(
            key=self.key,
            name_zh=name,
            name_en=properties.get("name@en", name),
            path=self.path,
            line=self.node.sourceline,
            elements={e.id: e for e in map(self._element, self._flow_nodes())},
            flows=tuple(map(self._flow, self.node.iter(bpmn("sequenceFlow")))),
            variables=names,
            properties=properties,
            is_executable=_is_executable(self.node),
        )

    def _flow_nodes(self) -> list[Any]:
        return [
            node
            for node in self.node.iter(etree.Element)
            if etree.QName(node).namespace == etree.QName(self.node).namespace
            and local(node) in NODES
        ]

    def _flow(self, node: Any) -> Flow:
        condition = node.find(bpmn("conditionExpression"))
        text = None if condition is None else (condition.text or "").strip()
        return Flow(
            id=node.get("id"),
            source=node.get("sourceRef") or "",
            target=node.get("targetRef") or "",
            condition=text,
            name=node.get("name") or "",
            line=node.sourceline,
        )

    def _element(self, node: Any) -> Element:
        parent = node.getparent()
        properties = self._properties(node)
        name = " ".join((node.get("name") or "").split())
        values: dict[str, Any] = {
            "id": node.get("id"),
            "original_id": node.get(ORIGINAL_ID, node.get("id")),
            "kind": local(node),
            "process_key": self.key,
            "parent_id": parent.get("id") if local(parent) != "process" else None,
            "name_zh": name,
            "name_en": properties.get("name@en", name),
            "line": node.sourceline,
            "default_flow": node.get("default"),
            "lane": self.lanes.get(node.get("id")),
            "attached_to": node.get("attachedToRef"),
            "is_interrupting": node.get("cancelActivity", node.get("isInterrupting", "true"))
            == "true",
            "is_event_sub_process": node.get("triggeredByEvent") == "true",
            "is_for_compensation": node.get("isForCompensation") == "true",
            "loop": read_loop(node),
            "properties": properties,
            "inputs": self._mappings(node, "input"),
            "outputs": self._mappings(node, "output"),
        }
        values |= self._event(node) | self._work(node) | self._people(node)
        values["ladder"] = self._ladder(node, properties)
        triggers = values.pop("triggers", ())
        whole = Element(**values)
        parts = tuple(
            replace(whole, id=f"{whole.id}{PART}{number}", **trigger)
            for number, trigger in enumerate(triggers, 1)
        )
        return replace(whole, parts=parts) if parts else whole

    def _properties(self, node: Any) -> dict[str, str]:
        found: dict[str, str] = {}
        headers = extension(node, "taskHeaders")
        for item in [] if headers is None else headers.findall(zeebe("header")):
            found[item.get("key", "")] = item.get("value", "")
        properties = extension(node, "properties")
        for item in [] if properties is None else properties.findall(zeebe("property")):
            found[item.get("name", "")] = item.get("value", "")
        return found

    def _ladder(self, node: Any, properties: dict[str, str]) -> tuple[Rung, ...]:
        text = properties.get("ladder")
        if text is None:
            return ()
        rungs = read_ladder(text)
        if rungs is None:
            self.findings.error("WF-306", node, got=text)
            return ()
        return tuple(rungs)

    def _mappings(self, node: Any, name: str) -> tuple[Assignment, ...]:
        mapping = extension(node, "ioMapping")
        if mapping is None:
            return ()
        return tuple(
            Assignment(item.get("source", ""), item.get("target", ""))
            for item in mapping.findall(zeebe(name))
        )

    def _event(self, node: Any) -> dict[str, Any]:
        if local(node) in ("receiveTask", "sendTask") and node.get("messageRef"):
            return {"event": "message"} | self._message(node.get("messageRef"), node)
        definitions = [child for child in node if local(child) in EVENTS]
        for reference in node.findall(bpmn("eventDefinitionRef")):
            definition = self.shared.get((reference.text or "").strip().rpartition(":")[2])
            if definition is None:
                self.findings.error("WF-203", node, ref=(reference.text or "").strip())
            else:
                definitions.append(definition)
        if not definitions:
            return {}
        if len(definitions) == 1:
            return self._trigger(definitions[0], node)
        return {
            "event": "multiple",
            "triggers": [self._trigger(definition, node) for definition in definitions],
            "needs_all_parts": node.get("parallelMultiple") == "true",
        }

    def _trigger(self, definition: Any, node: Any) -> dict[str, Any]:
        kind = EVENTS[local(definition)]
        values: dict[str, Any] = {"event": kind}
        if kind == "timer":
            values["timer"] = self._timer(definition, node)
        elif kind in ("message", "signal"):
            values |= self._message(definition.get(f"{kind}Ref"), node)
        elif kind == "conditional":
            condition = definition.find(bpmn("condition"))
            text = "" if condition is None else (condition.text or "").strip()
            values["condition"] = text
        elif kind == "link":
            values["link"] = definition.get("name")
        elif kind == "compensate":
            values["compensates"] = definition.get("activityRef")
            values["handler"] = self.handlers.get(node.get("id"))
        elif kind in ("error", "escalation"):
            reference = definition.get(f"{kind}Ref")
            if reference is not None and reference not in self.named:
                self.findings.error("WF-203", node, ref=reference)
            elif reference is not None:
                values["code"] = self.named[reference].get(f"{kind}Code") or self.named[
                    reference
                ].get("name")
        return values

    def _message(self, reference: str | None, node: Any) -> dict[str, Any]:
        if reference is None or reference not in self.named:
            self.findings.error("WF-203", node, ref=reference or "")
            return {}
        item = self.named[reference]
        subscription = extension(item, "subscription")
        key = None if subscription is None else subscription.get("correlationKey")
        if not item.get("name"):
            # A name is optional in the standard; the id is as good for sender and receiver.
            self.findings.warning("WF-204", node, ref=reference)
        return {"message": item.get("name") or reference, "correlation": key}

    def _timer(self, definition: Any, node: Any) -> TimerRule | None:
        for tag, kind in (
            ("timeDate", "date"),
            ("timeDuration", "duration"),
            ("timeCycle", "cycle"),
        ):
            value = definition.find(bpmn(tag))
            if value is not None and (value.text or "").strip():
                return TimerRule(kind, value.text.strip())
        self.findings.error("WF-304", node)
        return None

    def _work(self, node: Any) -> dict[str, Any]:
        values: dict[str, Any] = {}
        definition = extension(node, "taskDefinition")
        if definition is not None:
            values["service"] = definition.get("type")
        called = extension(node, "calledElement")
        if called is not None:
            values["called_process"] = called.get("processId")
            values["passes_all_in"] = called.get("propagateAllParentVariables", "true") == "true"
            all_out = called.get("propagateAllChildVariables")
            mapped = bool(self._mappings(node, "output"))
            values["passes_all_out"] = (all_out or str(not mapped).lower()) == "true"
        elif local(node) == "callActivity":
            values["called_process"] = node.get("calledElement")
        script = extension(node, "script")
        if script is not None:
            values["script"] = script.get("expression")
            values["result_variable"] = script.get("resultVariable")
        decision = extension(node, "calledDecision")
        if decision is not None:
            values["decision"] = decision.get("decisionId")
            values["result_variable"] = decision.get("resultVariable")
        return values

    def _people(self, node: Any) -> dict[str, Any]:
        values: dict[str, Any] = {}
        form = extension(node, "formDefinition")
        if form is not None:
            values["form_key"] = form.get("formId") or form.get("formKey")
        assignment = extension(node, "assignmentDefinition")
        if assignment is not None:
            values["assignee"] = assignment.get("assignee")
            values["candidate_groups"] = assignment.get("candidateGroups")
            if assignment.get("candidateUsers"):
                self.findings.error("WF-111", node)
        schedule = extension(node, "taskSchedule")
        if schedule is not None:
            values["due"] = schedule.get("dueDate")
            values["follow_up"] = schedule.get("followUpDate")
        priority = extension(node, "priorityDefinition")
        if priority is not None:
            values["priority"] = priority.get("priority")
        return values
