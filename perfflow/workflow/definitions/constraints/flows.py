"""Rules about sequence flows: what they may connect, and which may carry a condition."""

from __future__ import annotations

from typing import Any

from perfflow.workflow.definitions.constraints.model import (
    ACTIVITIES,
    CHOREOGRAPHY,
    EVENTS,
    FLOW_NODES,
    is_event_sub_process,
    Model,
    texts,
)
from perfflow.workflow.definitions.constraints.rule import Broken, RuleBook
from perfflow.workflow.definitions.tags import bpmn, local

BOOK = RuleBook()
ENDS = ("sourceRef", "targetRef")
UNCONDITIONAL = EVENTS | {"parallelGateway", "eventBasedGateway"}
WITH_DEFAULT = ACTIVITIES | {"exclusiveGateway", "inclusiveGateway", "complexGateway"}


@BOOK.rule("WF-611", "8.3.13")
def ends_are_flow_nodes(model: Model) -> Broken:
    """Only activities, gateways and events are connected; artifacts and data never are."""
    for flow in model.each("sequenceFlow"):
        for end in ENDS:
            node = model.named(flow.get(end))
            if node is not None and local(node) not in FLOW_NODES | CHOREOGRAPHY:
                yield flow, {"end": end, "got": local(node), "id": flow.get(end)}


@BOOK.rule("WF-612", "10.2.5")
def event_sub_processes_are_not_connected(model: Model) -> Broken:
    """The event starts it; no flow leads in or out."""
    for node in model.each("subProcess", "adHocSubProcess", "transaction"):
        if is_event_sub_process(node) and (model.leaving(node) or model.entering(node)):
            yield node, {}


@BOOK.rule("WF-613", "8.3.13", is_repetition=True)
def listed_flows_agree(model: Model) -> Broken:
    """``incoming`` and ``outgoing`` of a node, when given, repeat the flows that name it."""
    for node in model.any_of(FLOW_NODES):
        for tag, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            for text in texts(node, tag):
                flow = model.named(text)
                # That a name leads nowhere is a rule about references.
                if flow is not None and model.named(flow.get(end)) is not node:
                    yield node, {"list": tag, "flow": text, "end": end}


@BOOK.rule("WF-614", "8.3.13", is_repetition=True)
def flows_are_listed_at_both_ends(model: Model) -> Broken:
    """A flow that one of its ends lists is listed by the other end too."""
    listed = {
        tag: {text for node in model.any_of(FLOW_NODES) for text in texts(node, tag)}
        for tag in ("incoming", "outgoing")
    }
    for process in model.each("process"):
        nodes = [one for one in process.iter() if isinstance(one.tag, str)]
        if not any(local(one) in ("incoming", "outgoing") for one in nodes):
            continue  # nobody in this process lists flows
        for flow in process.iter(bpmn("sequenceFlow")):
            name = flow.get("id")
            for tag, other in (("incoming", "outgoing"), ("outgoing", "incoming")):
                if name and name in listed[other] and name not in listed[tag]:
                    yield flow, {"list": tag}


@BOOK.rule("WF-615", "8.3.13")
def only_deciding_nodes_have_conditions(model: Model) -> Broken:
    """Events, parallel and event-based gateways do not decide."""
    for flow in model.each("sequenceFlow"):
        source = model.named(flow.get("sourceRef"))
        if flow.find(bpmn("conditionExpression")) is None or source is None:
            continue
        if local(source) in UNCONDITIONAL:
            yield flow, {"source": source.get("id", ""), "kind": local(source)}


@BOOK.rule("WF-616", "8.3.13")
def a_conditional_flow_of_an_activity_has_an_alternative(model: Model) -> Broken:
    """When the only way out of an activity is conditional, the process may stop there."""
    for node in model.any_of(ACTIVITIES):
        leaving = model.leaving(node)
        if len(leaving) == 1 and leaving[0].find(bpmn("conditionExpression")) is not None:
            yield leaving[0], {"source": node.get("id", "")}


@BOOK.rule("WF-617", "8.3.13")
def the_default_flow_leaves_its_node(model: Model) -> Broken:
    """``default`` names one of the flows that leave the same activity or gateway."""
    for node in model.any_of(WITH_DEFAULT):
        name = node.get("default")
        if name is not None and model.named(name) not in model.leaving(node):
            yield node, {"flow": name}


@BOOK.rule("WF-618", "8.3.13")
def flows_stay_inside_their_pool(model: Model) -> Broken:
    """Between processes there are messages, not sequence flows."""
    for flow in model.each("sequenceFlow"):
        ends = [model.named(flow.get(end)) for end in ENDS]
        processes = [model.process(node) for node in ends if node is not None]
        if len(processes) == 2 and processes[0] is not processes[1]:
            yield flow, {}


@BOOK.rule("WF-619", "8.3.13")
def flows_stay_inside_their_sub_process(model: Model) -> Broken:
    """A flow does not cross the border of a sub-process."""
    for flow in model.each("sequenceFlow"):
        ends = [model.named(flow.get(end)) for end in ENDS]
        scopes = [model.scope(node) for node in ends if node is not None]
        processes = {id(model.process(node)) for node in ends if node is not None}
        if len(scopes) == 2 and scopes[0] is not scopes[1] and len(processes) == 1:
            yield flow, {}


@BOOK.rule("WF-620", "8.3.13")
def executable_flows_are_immediate(model: Model) -> Broken:
    """In an executable process nothing may happen between two ends of a flow."""
    for flow in model.each("sequenceFlow"):
        if flow.get("isImmediate") in ("false", "0") and model.is_executable(flow):
            yield flow, {}


@BOOK.rule("WF-621", "8.3.13")
def conditions_are_written(model: Model) -> Broken:
    """A condition that says nothing decides nothing."""
    for flow in model.each("sequenceFlow"):
        condition = flow.find(bpmn("conditionExpression"))
        if condition is not None and model.is_executable(flow) and not _body(condition):
            yield flow, {}


def _body(node: Any) -> str:
    return "".join(node.itertext()).strip()
