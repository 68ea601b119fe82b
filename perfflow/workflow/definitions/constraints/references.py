"""Rules about references: what a name in the file may stand for."""

from __future__ import annotations

from typing import Any

from perfflow.workflow.definitions.constraints.model import (
    ACTIVITIES,
    EVENT_DEFINITIONS,
    FLOW_NODES,
    Model,
)
from perfflow.workflow.definitions.constraints.rule import Broken, RuleBook
from perfflow.workflow.definitions.tags import in_bpmn, local

BOOK = RuleBook()
DATA = frozenset(
    {
        "property", "dataObject", "dataInput", "dataOutput", "dataStore", "dataStoreReference",
        "dataObjectReference", "inputDataItem", "outputDataItem",
    }
)  # fmt: skip
ONE = frozenset
ITEM = ONE({"itemDefinition"})
MESSAGE = ONE({"message"})
OPERATION = ONE({"operation"})
PARTNER = ONE({"participant"})
NODE_OR_CHOREOGRAPHY = FLOW_NODES | {"choreographyTask", "subChoreography", "callChoreography"}
# Attribute → kinds that it may name, for all elements that have it, or for one of them.
ATTRIBUTES: dict[str, frozenset[str] | dict[str, frozenset[str]]] = {
    "sourceRef": {"sequenceFlow": NODE_OR_CHOREOGRAPHY},
    "targetRef": {"sequenceFlow": NODE_OR_CHOREOGRAPHY},
    "attachedToRef": ACTIVITIES,
    "default": ONE({"sequenceFlow"}),
    "processRef": ONE({"process"}),
    "messageRef": MESSAGE,
    "signalRef": ONE({"signal"}),
    "errorRef": ONE({"error"}),
    "escalationRef": ONE({"escalation"}),
    "activityRef": ACTIVITIES,
    "operationRef": OPERATION,
    "itemRef": ITEM,
    "dataObjectRef": ONE({"dataObject"}),
    "dataStoreRef": ONE({"dataStore"}),
    "itemSubjectRef": ITEM,
    "categoryValueRef": ONE({"categoryValue"}),
    "correlationPropertyRef": ONE({"correlationProperty"}),
    "correlationKeyRef": ONE({"correlationKey"}),
    "inputDataRef": ONE({"dataInput"}),
    "outputDataRef": ONE({"dataOutput"}),
    "parameterRef": ONE({"resourceParameter"}),
    "definitionalCollaborationRef": ONE({"collaboration"}),
    "initiatingParticipantRef": PARTNER,
    "oneBehaviorEventRef": EVENT_DEFINITIONS,
    "noneBehaviorEventRef": EVENT_DEFINITIONS,
}
CHILDREN: dict[str, frozenset[str] | dict[str, frozenset[str]]] = {
    "incoming": {name: ONE({"sequenceFlow"}) for name in NODE_OR_CHOREOGRAPHY},
    "outgoing": {name: ONE({"sequenceFlow"}) for name in NODE_OR_CHOREOGRAPHY},
    "flowNodeRef": NODE_OR_CHOREOGRAPHY,
    "eventDefinitionRef": EVENT_DEFINITIONS,
    "dataInputRefs": ONE({"dataInput"}),
    "optionalInputRefs": ONE({"dataInput"}),
    "whileExecutingInputRefs": ONE({"dataInput"}),
    "outputSetRefs": ONE({"outputSet"}),
    "dataOutputRefs": ONE({"dataOutput"}),
    "optionalOutputRefs": ONE({"dataOutput"}),
    "whileExecutingOutputRefs": ONE({"dataOutput"}),
    "inputSetRefs": ONE({"inputSet"}),
    "sourceRef": {"dataInputAssociation": DATA, "dataOutputAssociation": DATA},
    "targetRef": {"dataInputAssociation": DATA, "dataOutputAssociation": DATA},
    "loopDataInputRef": DATA,
    "loopDataOutputRef": DATA,
    "inMessageRef": MESSAGE,
    "outMessageRef": MESSAGE,
    "errorRef": {"operation": ONE({"error"})},
    "participantRef": PARTNER,
    "innerParticipantRef": PARTNER,
    "outerParticipantRef": PARTNER,
    "messageFlowRef": ONE({"messageFlow"}),
    "correlationPropertyRef": ONE({"correlationProperty"}),
    "choreographyRef": ONE({"choreography"}),
    "resourceRef": ONE({"resource"}),
    "supportedInterfaceRef": ONE({"interface"}),
    "interfaceRef": ONE({"interface"}),
    "endPointRef": ONE({"endPoint"}),
    "categoryValueRef": ONE({"categoryValue"}),
    "source": {"linkEventDefinition": ONE({"linkEventDefinition"})},
    "target": {"linkEventDefinition": ONE({"linkEventDefinition"})},
}
# The engine's own reading reports these more precisely.
REPORTED_ELSEWHERE = frozenset({"messageRef", "signalRef", "errorRef", "escalationRef"})


@BOOK.rule("WF-601", "15.3.2")
def references_lead_to_something(model: Model) -> Broken:
    """What an attribute or a child element names is in the file."""
    for node, place, text, _ in _references(model):
        is_elsewhere = model.is_foreign(node, text) or place in REPORTED_ELSEWHERE
        if model.named(text) is None and not is_elsewhere:
            yield node, {"place": place, "ref": text}


@BOOK.rule("WF-602", "15.3.2")
def references_lead_to_the_right_kind(model: Model) -> Broken:
    """What an attribute or a child element names is of the kind that it asks for."""
    for node, place, text, allowed in _references(model):
        target = model.named(text)
        if target is None or not allowed or local(target) in allowed:
            continue
        yield (
            node,
            {"place": place, "ref": text, "got": local(target), "allowed": _few(allowed)},
        )


def _references(model: Model) -> list[tuple[Any, str, str, frozenset[str]]]:
    found = []
    for node in model.root.iter():
        if not isinstance(node.tag, str) or not in_bpmn(node):
            continue
        name = local(node)
        for place, text in node.attrib.items():
            allowed = _kinds(ATTRIBUTES.get(place), name)
            if allowed is not None and text.strip():
                found.append((node, place, text.strip(), allowed))
        parent = node.getparent()
        if parent is not None and len(node) == 0 and in_bpmn(parent):
            allowed = _kinds(CHILDREN.get(name), local(parent))
            if allowed is not None and (node.text or "").strip():
                found.append((parent, name, node.text.strip(), allowed))
    return found


def _kinds(
    allowed: frozenset[str] | dict[str, frozenset[str]] | None, owner: str
) -> frozenset[str] | None:
    return allowed.get(owner) if isinstance(allowed, dict) else allowed


def _few(names: frozenset[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed if len(listed) <= 4 else [*listed[:4], "…"])
