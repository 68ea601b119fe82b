"""Rules about pools, lanes, message flows, choreographies and what a file as a whole holds."""

from __future__ import annotations

import re
from typing import Any

from perfflow.workflow.definitions.constraints.model import (
    ACTIVITIES,
    ARTIFACTS,
    EVENTS,
    Model,
    texts,
)
from perfflow.workflow.definitions.constraints.rule import Broken, RuleBook
from perfflow.workflow.definitions.tags import bpmn, local
from perfflow.workflow.definitions.xml_gate import BPMN

BOOK = RuleBook()
ENDS = ("sourceRef", "targetRef")
TALKERS = ACTIVITIES | EVENTS | {"participant"}
MIME_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;.*)?")
NOT_GLOBAL = (
    "conversation", "subConversation", "callConversation", "participantAssociation",
    "messageFlowAssociation", "conversationAssociation", *sorted(ARTIFACTS),
)  # fmt: skip


@BOOK.rule("WF-751", "9.3")
def message_flows_connect_partners(model: Model) -> Broken:
    """A message flow connects pools, activities and events."""
    for flow in model.each("messageFlow"):
        for end in ENDS:
            node = model.named(flow.get(end))
            if node is not None and local(node) not in TALKERS:
                yield flow, {"end": end, "got": local(node)}


@BOOK.rule("WF-752", "9.3")
def message_flows_connect_two_pools(model: Model) -> Broken:
    """A message flow never stays inside one pool."""
    for flow in model.each("messageFlow"):
        first, second = (_pool(model, flow.get(end)) for end in ENDS)
        if first is not None and first is second:
            yield flow, {}


def _pool(model: Model, reference: str | None) -> Any | None:
    """The process (or the pool without process) that an end belongs to."""
    node = model.named(reference)
    if node is None:
        return None
    if local(node) == "participant":
        process = model.named(node.get("processRef"))
        return node if process is None else process
    return model.process(node)


@BOOK.rule("WF-753", "10.4.2")
def starts_receive_only(model: Model) -> Broken:
    """A start event sends nothing; it receives when it has a message trigger."""
    for flow in model.each("messageFlow"):
        source, target = (model.named(flow.get(end)) for end in ENDS)
        if source is not None and local(source) == "startEvent":
            yield flow, {"event": source.get("id", "")}
        if _is_silent(model, target, "startEvent"):
            yield flow, {"event": flow.get("targetRef", "")}


@BOOK.rule("WF-754", "10.4.3")
def ends_send_only(model: Model) -> Broken:
    """An end event receives nothing; it sends when it has a message result."""
    for flow in model.each("messageFlow"):
        source, target = (model.named(flow.get(end)) for end in ENDS)
        if target is not None and local(target) == "endEvent":
            yield flow, {"event": target.get("id", "")}
        if _is_silent(model, source, "endEvent"):
            yield flow, {"event": flow.get("sourceRef", "")}


def _is_silent(model: Model, event: Any | None, name: str) -> bool:
    """An event of this name that has nothing to do with messages."""
    return event is not None and local(event) == name and "message" not in model.triggers(event)


@BOOK.rule("WF-755", "10.4.4")
def events_in_the_flow_send_or_receive(model: Model) -> Broken:
    """A throwing event receives nothing, a catching event sends nothing."""
    for flow in model.each("messageFlow"):
        source, target = (model.named(flow.get(end)) for end in ENDS)
        if target is not None and local(target) == "intermediateThrowEvent":
            yield flow, {"event": target.get("id", "")}
        for event, name in (
            (target, "intermediateCatchEvent"),
            (target, "boundaryEvent"),
            (source, "intermediateThrowEvent"),
        ):
            if _is_silent(model, event, name):
                yield flow, {"event": event.get("id", "") if event is not None else ""}
        if source is not None and local(source) in ("intermediateCatchEvent", "boundaryEvent"):
            yield flow, {"event": source.get("id", "")}


@BOOK.rule("WF-756", "9.2.1")
def multiplicities_make_sense(model: Model) -> Broken:
    """Not less than none, at least one at most, and not more at least than at most."""
    for node in model.each("participantMultiplicity"):
        try:
            least, most = int(node.get("minimum", "0")), int(node.get("maximum", "1"))
        except ValueError:
            continue
        if least < 0 or most < 1 or most < least:
            yield node, {"minimum": str(least), "maximum": str(most)}


@BOOK.rule("WF-757", "11.1")
def choreographies_stand_alone(model: Model) -> Broken:
    """A choreography or a global conversation does not refer to a choreography."""
    for node in model.each("choreography", "globalConversation", "globalChoreographyTask"):
        if node.find(bpmn("choreographyRef")) is not None:
            yield node, {}


@BOOK.rule("WF-758", "9.4")
def global_conversations_are_plain(model: Model) -> Broken:
    """A global conversation holds partners, message flows and correlation keys only."""
    for node in model.each("globalConversation"):
        for name in NOT_GLOBAL:
            if node.find(bpmn(name)) is not None:
                yield node, {"got": name}


@BOOK.rule("WF-759", "9.1")
def choreographies_are_as_closed(model: Model) -> Broken:
    """A collaboration and its choreography agree whether unmodelled messages may be sent."""
    for node in model.each("collaboration"):
        for text in texts(node, "choreographyRef"):
            other = model.named(text)
            if other is not None and _flag(other) != _flag(node):
                yield node, {"ref": text}


def _flag(node: Any) -> bool:
    return node.get("isClosed", "false") in ("true", "1")


@BOOK.rule("WF-760", "10.7")
def a_node_is_in_one_lane(model: Model) -> Broken:
    """Within one set of lanes a node is in one lane only."""
    for lanes in model.each("laneSet", "childLaneSet"):
        seen: dict[str, Any] = {}
        for lane in lanes.findall(bpmn("lane")):
            for text in texts(lane, "flowNodeRef"):
                if seen.setdefault(text, lane) is not lane:
                    yield lane, {"ref": text}


@BOOK.rule("WF-766", "10.7")
def lanes_hold_nodes_of_their_process(model: Model) -> Broken:
    """A lane divides the process that it belongs to, and no other."""
    for lane in model.each("lane"):
        for text in texts(lane, "flowNodeRef"):
            node = model.named(text)
            if node is not None and model.process(node) is not model.process(lane):
                yield lane, {"ref": text}


@BOOK.rule("WF-761", "8.2.2")
def text_formats_are_mime_types(model: Model) -> Broken:
    """The format of documentation and of annotations is a MIME type."""
    for node in model.each("documentation", "textAnnotation"):
        text = node.get("textFormat")
        if text is not None and not MIME_TYPE.fullmatch(text):
            yield node, {"got": text}


@BOOK.rule("WF-762", "8.2.3")
def needed_extensions_are_understood(model: Model) -> Broken:
    """An extension that must be understood is refused by who does not understand it."""
    for node in model.each("extension"):
        if node.get("mustUnderstand") in ("true", "1"):
            yield node, {"got": node.get("definition", "")}


@BOOK.rule("WF-765", "8.1.2")
def imported_processes_are_there(model: Model) -> Broken:
    """A BPMN file that is imported comes with the file that imports it."""
    for node in model.each("import"):
        name = node.get("location", "").replace("\\", "/").rsplit("/", 1)[-1]
        if node.get("importType") == BPMN and name not in model.neighbours:
            yield node, {"location": node.get("location", "")}
