"""Rewrites a BPMN tree into the form that the engine runs without surprises.

Ids for all elements, plain tasks pass through, data associations dropped, foreign expressions and
bare timers translated.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from lxml import etree

from perfflow.workflow.definitions.findings import Findings, ORIGINAL_ID
from perfflow.workflow.definitions.foreign import translate_foreign
from perfflow.workflow.definitions.tags import bpmn, in_bpmn, local

RESERVED = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin"})
RESERVED_ENDING = re.compile(r"(\.EndJoin|\.BoundaryEventSplit|\.BoundaryEventJoin| \[child\])$")
NODES = frozenset(
    {
        "startEvent", "endEvent", "userTask", "task", "manualTask", "serviceTask", "scriptTask",
        "businessRuleTask", "sendTask", "receiveTask", "callActivity", "subProcess",
        "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
        "complexGateway", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
        "transaction", "adHocSubProcess", "callChoreography",
    }
)  # fmt: skip
REFERENCES = (
    "sourceRef",
    "targetRef",
    "attachedToRef",
    "default",
    "processRef",
    "bpmnElement",
    "activityRef",
)
DROPPED = (
    "dataInputAssociation", "dataOutputAssociation", "ioSpecification", "dataObject",
    "dataObjectReference", "dataStoreReference", "property", "monitoring", "auditing",
)  # fmt: skip


def normalise(root: Any, findings: Findings) -> None:
    """Rewrite ``root`` in place; what cannot be kept is noted in ``findings``."""
    _refuse_duplicate_ids(root, findings)
    translate_foreign(root, findings)
    _drop_data_flow(root, findings)
    _give_ids(root)
    _rename_reserved(root)
    for node in list(root.iter(bpmn("task"), bpmn("manualTask"))):
        # Undefined tasks pass through in every other engine; here they would wait for ever.
        node.tag = bpmn("task")


def _refuse_duplicate_ids(root: Any, findings: Findings) -> None:
    seen: Counter[str] = Counter()
    for node in root.iter(etree.Element):
        identifier = node.get("id")
        if identifier is None or not in_bpmn(node):
            continue
        seen[identifier] += 1
        if seen[identifier] == 2:
            findings.error("WF-101", node, id=identifier)


def _drop_data_flow(root: Any, findings: Findings) -> None:
    for name in DROPPED:
        for node in list(root.iter(bpmn(name))):
            findings.note("WF-901", node.getparent(), what=name)
            node.getparent().remove(node)


def _give_ids(root: Any) -> None:
    taken = {node.get("id") for node in root.iter(etree.Element) if node.get("id")}
    number = 0
    for node in root.iter(etree.Element):
        if not in_bpmn(node) or node.get("id"):
            continue
        name = local(node)
        if name in NODES or name in ("sequenceFlow", "process", "lane", "message", "signal"):
            number += 1
            while f"{name}-{number}" in taken:
                number += 1
            taken.add(f"{name}-{number}")
            node.set("id", f"{name}-{number}")


def _rename_reserved(root: Any) -> None:
    taken = {node.get("id") for node in root.iter(etree.Element) if node.get("id")}
    renamed: dict[str, str] = {}
    for node in root.iter(etree.Element):
        identifier = node.get("id")
        if not identifier or not in_bpmn(node):
            continue
        if identifier in RESERVED or RESERVED_ENDING.search(identifier):
            new = re.sub(r"[^\w-]", "-", identifier) + "-element"
            while new in taken:
                new += "-"
            taken.add(new)
            renamed[identifier] = new
            node.set(ORIGINAL_ID, identifier)
            node.set("id", new)
    if not renamed:
        return
    for node in root.iter(etree.Element):
        for attribute in REFERENCES:
            if node.get(attribute) in renamed:
                node.set(attribute, renamed[node.get(attribute)])
        if local(node) in ("flowNodeRef", "incoming", "outgoing") and node.text in renamed:
            node.text = renamed[node.text]
