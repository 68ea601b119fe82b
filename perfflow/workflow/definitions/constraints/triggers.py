"""Rules about event definitions: what a message, link, error or condition must say."""

from __future__ import annotations

from collections import Counter
from typing import Any

from perfflow.workflow.definitions.constraints.model import (
    ACTIVITIES,
    Model,
    texts,
)
from perfflow.workflow.definitions.constraints.rule import Broken, RuleBook
from perfflow.workflow.definitions.tags import bpmn, local

BOOK = RuleBook()


@BOOK.rule("WF-661", "10.4.5")
def a_condition_says_something(model: Model) -> Broken:
    """The condition of a conditional event is written down."""
    for definition in model.each("conditionalEventDefinition"):
        condition = definition.find(bpmn("condition"))
        if condition is None or not "".join(condition.itertext()).strip():
            yield _event(definition), {}


@BOOK.rule("WF-662", "10.4.5")
def a_thrown_error_has_a_code(model: Model) -> Broken:
    """An error end event of an executable process names an error with a code."""
    for event in model.each("endEvent"):
        for definition in event.findall(bpmn("errorEventDefinition")):
            error = model.named(definition.get("errorRef"))
            if not model.is_executable(event) or (
                error is None and definition.get("errorRef") is not None
            ):
                continue  # not ours, or reported as an unresolved reference
            if error is None or not error.get("errorCode"):
                yield event, {"what": "errorCode"}


@BOOK.rule("WF-663", "10.4.5")
def a_thrown_escalation_has_a_code(model: Model) -> Broken:
    """A thrown escalation of an executable process names an escalation with a code."""
    for event in model.each("endEvent", "intermediateThrowEvent"):
        for definition in event.findall(bpmn("escalationEventDefinition")):
            escalation = model.named(definition.get("escalationRef"))
            if not model.is_executable(event) or (
                escalation is None and definition.get("escalationRef") is not None
            ):
                continue
            if escalation is None or not escalation.get("escalationCode"):
                yield event, {"what": "escalationCode"}


@BOOK.rule("WF-664", "10.4.5")
def a_message_event_names_its_message(model: Model) -> Broken:
    """A message event of an executable process has a message."""
    for definition in model.each("messageEventDefinition"):
        event = _event(definition)
        if not definition.get("messageRef") and model.is_executable(event):
            yield event, {}


@BOOK.rule("WF-665", "10.4.5")
def links_have_their_other_side(model: Model) -> Broken:
    """For each thrown link there is exactly one caught link of that name, and the other way."""
    for scope in model.each("process", "subProcess", "transaction", "adHocSubProcess"):
        thrown = _links(model, scope, "intermediateThrowEvent")
        caught = _links(model, scope, "intermediateCatchEvent")
        counts = Counter(name for _, name in caught)
        names = {name for _, name in thrown}
        for event, name in thrown:
            if counts[name] != 1:
                yield event, {"link": name, "got": str(counts[name])}
        for event, name in caught:
            if name not in names:
                yield event, {"link": name, "got": "0"}


@BOOK.rule("WF-666", "10.4.5")
def links_agree_on_their_pair(model: Model) -> Broken:
    """When a link names its other side, that side is a link that names it back."""
    uses_pairs = any(
        texts(one, "source") or texts(one, "target") for one in model.each("linkEventDefinition")
    )
    for definition in model.each("linkEventDefinition"):
        event = _event(definition)
        catches = local(event) == "intermediateCatchEvent"
        mine, back = ("source", "target") if catches else ("target", "source")
        named = texts(definition, mine)
        # Definitions that are only referred to have no side.
        if uses_pairs and not named and local(event) != "definitions":
            yield event, {"side": mine}
        for text in named:
            if not _is_answered(model, definition, model.named(text), back):
                yield event, {"side": mine}


def _is_answered(model: Model, definition: Any, other: Any | None, back: str) -> bool:
    return (
        other is not None
        and local(other) == "linkEventDefinition"
        and _same_level(model, definition, other)
        and definition.get("id") in texts(other, back)
    )


def _same_level(model: Model, one: Any, other: Any) -> bool:
    return model.scope(_event(one)) is model.scope(_event(other))


def _links(model: Model, scope: Any, name: str) -> list[tuple[Any, str]]:
    return [
        (event, definition.get("name") or "")
        for event in model.members(scope, frozenset({name}))
        for definition in model.definitions(event)
        if local(definition) == "linkEventDefinition"
    ]


@BOOK.rule("WF-667", "10.4.5")
def compensation_names_an_activity(model: Model) -> Broken:
    """What a compensation event undoes is an activity of its scope or of the one around it."""
    for definition in model.each("compensateEventDefinition"):
        target = model.named(definition.get("activityRef"))
        if target is not None and local(target) not in ACTIVITIES:
            yield _event(definition), {"ref": definition.get("activityRef")}


@BOOK.rule("WF-668", "10.4.5")
def timers_say_when(model: Model) -> Broken:
    """A timer of an executable process has a date, a duration or a cycle."""
    for definition in model.each("timerEventDefinition"):
        event = _event(definition)
        said = [
            one
            for name in ("timeDate", "timeDuration", "timeCycle")
            for one in texts(definition, name)
        ]
        if model.is_executable(event) and not any(said):
            yield event, {}


@BOOK.rule("WF-669", "10.4.5")
def events_carry_data_for_each_trigger(model: Model) -> Broken:
    """When an event has data, there is one data item for each of its triggers."""
    for name, tag in (
        ("intermediateThrowEvent", "dataInput"),
        ("endEvent", "dataInput"),
        ("startEvent", "dataOutput"),
        ("intermediateCatchEvent", "dataOutput"),
        ("boundaryEvent", "dataOutput"),
    ):
        for event in model.each(name):
            items = event.findall(bpmn(tag))
            count = len(model.definitions(event))
            if items and len(items) != count:
                yield event, {"got": str(len(items)), "expected": str(count), "what": tag}


@BOOK.rule("WF-670", "10.4.5")
def event_data_has_the_type_of_its_trigger(model: Model) -> Broken:
    """The data of an event is of the same item as the message, signal, error or escalation."""
    pairs = {"message": "itemRef", "signal": "structureRef", "error": "structureRef",
             "escalation": "structureRef"}  # fmt: skip
    for event in model.each(
        "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent",
        "boundaryEvent",
    ):  # fmt: skip
        items = event.findall(bpmn("dataInput")) + event.findall(bpmn("dataOutput"))
        for item, definition in zip(items, model.definitions(event), strict=False):
            kind = local(definition).removesuffix("EventDefinition")
            target = model.named(definition.get(f"{kind}Ref"))
            if kind not in pairs or target is None:
                continue
            wanted = target.get(pairs[kind])
            if wanted is not None and model.named(wanted) is not model.named(
                item.get("itemSubjectRef")
            ):
                yield event, {"item": item.get("id", ""), "expected": wanted}


EXPRESSIONS = (
    "completionCondition", "activationCondition", "transformation", "from", "to", "dataPath",
    "messagePath", "formalExpression", "expression",
)  # fmt: skip


@BOOK.rule("WF-672", "8.3.6")
def expressions_are_written(model: Model) -> Broken:
    """A formal expression of an executable process has a body."""
    for one in model.each(*EXPRESSIONS):
        if model.is_executable(one) and not "".join(one.itertext()).strip():
            yield one.getparent(), {"what": local(one)}


def _event(definition: Any) -> Any:
    return definition.getparent()
