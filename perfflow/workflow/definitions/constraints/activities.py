"""Rules about activities: quantities, loops, sub-processes, calls, compensation."""

from __future__ import annotations

from typing import Any

from perfflow.workflow.definitions.constraints.model import (
    ACTIVITIES,
    ARTIFACTS,
    CHOREOGRAPHY,
    is_event_sub_process,
    is_for_compensation,
    Model,
    SUB_PROCESSES,
    texts,
)
from perfflow.workflow.definitions.constraints.rule import Broken, RuleBook
from perfflow.workflow.definitions.tags import bpmn, in_bpmn, local

BOOK = RuleBook()
QUANTITIES = ("startQuantity", "completionQuantity")
NOT_AD_HOC = frozenset({"startEvent", "endEvent"}) | CHOREOGRAPHY
# Tools that are not Camunda name the collection of a loop in attributes and elements of their own.
JBPM = "http://www.jboss.org/drools"
COLLECTION = frozenset({"collection", "inputCollection", "loopCharacteristics"})


@BOOK.rule("WF-701", "10.2")
def quantities_are_positive(model: Model) -> Broken:
    """An activity starts with, and gives, at least one token."""
    for node in model.any_of(ACTIVITIES):
        for name in QUANTITIES:
            text = node.get(name)
            if text is not None and _number(text) is not None and (_number(text) or 0) < 1:
                yield node, {"name": name, "got": text}


@BOOK.rule("WF-702", "10.2.8")
def multi_instances_know_their_number(model: Model) -> Broken:
    """A multi-instance activity that is executed has a cardinality or a collection."""
    for loop in model.each("multiInstanceLoopCharacteristics"):
        said = texts(loop, "loopCardinality") + texts(loop, "loopDataInputRef")
        if model.is_executable(loop) and not any(said) and not _has_foreign_collection(loop):
            yield loop.getparent(), {}


def _has_foreign_collection(loop: Any) -> bool:
    names = {name.rpartition("}")[2] for name in loop.attrib}
    holder = loop.find(bpmn("extensionElements"))
    for one in holder if holder is not None else ():
        names |= {local(one), *(name.rpartition("}")[2] for name in one.attrib)}
    return bool(names & COLLECTION)


@BOOK.rule("WF-703", "10.2.8")
def loop_data_belongs_to_the_activity(model: Model) -> Broken:
    """The collection of a multi-instance task is one of its own data inputs or outputs."""
    for loop in model.each("multiInstanceLoopCharacteristics"):
        activity = loop.getparent()
        if not model.is_executable(loop) or local(activity) in SUB_PROCESSES:
            continue
        for tag, kind in (("loopDataInputRef", "dataInput"), ("loopDataOutputRef", "dataOutput")):
            for text in texts(loop, tag):
                own = {one.get("id") for one in activity.iter(bpmn(kind))}
                if text.split(":")[-1] not in own:
                    yield activity, {"what": tag, "ref": text}


@BOOK.rule("WF-704", "10.2.8")
def loop_items_have_the_type_of_their_collection(model: Model) -> Broken:
    """The item of a loop is one of the elements of its collection."""
    for loop in model.each("multiInstanceLoopCharacteristics"):
        for tag, item_tag in (
            ("loopDataInputRef", "inputDataItem"),
            ("loopDataOutputRef", "outputDataItem"),
        ):
            item = loop.find(bpmn(item_tag))
            for text in texts(loop, tag):
                if item is None or model.named(text) is None:
                    continue
                many = _structure(model, model.named(text))
                one = _structure(model, item)
                if many is not None and one is not None and many != one:
                    yield loop.getparent(), {"expected": many, "got": one}


def _structure(model: Model, data: Any) -> str | None:
    definition = model.named(data.get("itemSubjectRef"))
    return None if definition is None else definition.get("structureRef")


@BOOK.rule("WF-705", "10.2.8")
def loop_behaviour_names_its_event(model: Model) -> Broken:
    """A loop that throws events says which."""
    for loop in model.each("multiInstanceLoopCharacteristics"):
        behavior = loop.get("behavior", "All")
        missing = {
            "One": not loop.get("oneBehaviorEventRef"),
            "None": not loop.get("noneBehaviorEventRef"),
            "Complex": loop.find(bpmn("complexBehaviorDefinition")) is None,
        }.get(behavior, False)
        if missing:
            yield loop.getparent(), {"behavior": behavior}


@BOOK.rule("WF-706", "10.2.8")
def loops_can_end(model: Model) -> Broken:
    """A loop that is executed has a condition or a maximum; the maximum is positive."""
    for loop in model.each("standardLoopCharacteristics"):
        if not model.is_executable(loop):
            continue
        maximum = loop.get("loopMaximum")
        if maximum is not None and (_number(maximum) or 0) < 1:
            yield loop.getparent(), {"what": f"loopMaximum {maximum}"}
        elif maximum is None and not any(texts(loop, "loopCondition")):
            yield loop.getparent(), {"what": "loopCondition"}


@BOOK.rule("WF-707", "10.2.3")
def starting_receivers_have_nothing_before_them(model: Model) -> Broken:
    """A receive task that starts a process has no way in."""
    for task in model.each("receiveTask"):
        if task.get("instantiate") in ("true", "1") and model.entering(task):
            yield task, {}


@BOOK.rule("WF-708", "10.2.5")
def no_choreography_inside(model: Model) -> Broken:
    """Processes and sub-processes contain no choreography activities."""
    for node in model.any_of(CHOREOGRAPHY):
        if model.process(node) is not None:
            yield node, {}


@BOOK.rule("WF-709", "10.2.5")
def ad_hoc_sub_processes_have_activities_only(model: Model) -> Broken:
    """An ad-hoc sub-process has at least one activity, no start and no end."""
    for scope in model.each("adHocSubProcess"):
        for node in model.members(scope, NOT_AD_HOC):
            yield node, {"scope": scope.get("id", "")}
        if not list(model.members(scope, ACTIVITIES)):
            yield scope, {"scope": scope.get("id", "")}


@BOOK.rule("WF-710", "10.2.6")
def called_processes_can_be_started(model: Model) -> Broken:
    """A called process has a start event without trigger, or begins without start event."""
    for call in model.each("callActivity"):
        called = model.named(call.get("calledElement"))
        if called is None or local(called) != "process":
            continue
        starts = list(model.members(called, frozenset({"startEvent"})))
        if starts and all(model.definitions(one) for one in starts):
            yield call, {"process": called.get("id", "")}


@BOOK.rule("WF-711", "10.2.6")
def calls_name_something_callable(model: Model) -> Broken:
    """A call activity calls a process or a global task."""
    for call in model.each("callActivity"):
        called = model.named(call.get("calledElement"))
        if called is not None and not (
            local(called) == "process" or local(called).startswith("global")
        ):
            yield call, {"called": call.get("calledElement"), "got": local(called)}


@BOOK.rule("WF-712", "10.6.1")
def compensation_activities_are_not_in_the_flow(model: Model) -> Broken:
    """What undoes an activity is reached by an association, never by a sequence flow."""
    for node in model.any_of(ACTIVITIES):
        if is_for_compensation(node) and (model.entering(node) or model.leaving(node)):
            yield node, {}


@BOOK.rule("WF-713", "10.1")
def public_processes_are_not_executed(model: Model) -> Broken:
    """A public process shows what partners see; only private processes are executed."""
    for process in model.each("process"):
        is_public = process.get("processType") == "Public"
        # jBPM's editor calls every process public.
        is_default = JBPM in model.root.nsmap.values()
        if is_public and not is_default and model.is_executable(process):
            yield process, {}


@BOOK.rule("WF-714", "10.2.5")
def event_sub_processes_are_not_attached_to(model: Model) -> Broken:
    """Transactions and ad-hoc sub-processes are not started by events."""
    for node in model.each("transaction", "adHocSubProcess"):
        if is_event_sub_process(node):
            yield node, {}


@BOOK.rule("WF-715", "10.2.5")
def a_sub_process_is_not_empty(model: Model) -> Broken:
    """A sub-process that is executed has something to execute."""
    for scope in model.each("subProcess", "transaction"):
        is_empty = not any(
            in_bpmn(one) and local(one) not in ARTIFACTS | {"incoming", "outgoing"}
            and not local(one).startswith(("data", "property", "laneSet", "documentation"))
            and not local(one).endswith(("LoopCharacteristics", "extensionElements"))
            for one in scope
            if isinstance(one.tag, str)
        )  # fmt: skip
        if is_empty and model.is_executable(scope) and not is_event_sub_process(scope):
            yield scope, {}


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
