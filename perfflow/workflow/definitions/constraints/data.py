"""Rules about data: inputs, outputs, their sets, associations and item definitions."""

from __future__ import annotations

from typing import Any

from perfflow.workflow.definitions.constraints.model import Model, SUB_PROCESSES, texts
from perfflow.workflow.definitions.constraints.rule import Broken, RuleBook
from perfflow.workflow.definitions.tags import bpmn, local

BOOK = RuleBook()
ITEMS = ("dataObject", "dataInput", "dataOutput")


@BOOK.rule("WF-731", "10.3.1")
def inputs_belong_to_a_set(model: Model) -> Broken:
    """Each data input of a specification is in one of its input sets."""
    return _in_a_set(model, "dataInput", "inputSet", "dataInputRefs")


@BOOK.rule("WF-732", "10.3.1")
def outputs_belong_to_a_set(model: Model) -> Broken:
    """Each data output of a specification is in one of its output sets."""
    return _in_a_set(model, "dataOutput", "outputSet", "dataOutputRefs")


def _in_a_set(model: Model, item: str, holder: str, references: str) -> Broken:
    for specification in model.each("ioSpecification"):
        listed = {
            text for one in specification.findall(bpmn(holder)) for text in texts(one, references)
        }
        for data in specification.findall(bpmn(item)):
            if data.get("id") not in listed:
                yield data, {"set": holder}


@BOOK.rule("WF-733", "10.3.1")
def marked_members_are_members(model: Model) -> Broken:
    """What a set marks as optional or used while executing is one of its members."""
    for holder, base, marks in (
        ("inputSet", "dataInputRefs", ("optionalInputRefs", "whileExecutingInputRefs")),
        ("outputSet", "dataOutputRefs", ("optionalOutputRefs", "whileExecutingOutputRefs")),
    ):
        for one in model.each(holder):
            members = set(texts(one, base))
            for mark in marks:
                for text in texts(one, mark):
                    if text not in members:
                        yield one, {"mark": mark, "ref": text}


@BOOK.rule("WF-734", "10.3.1")
def sets_refer_to_each_other(model: Model) -> Broken:
    """An input set that names an output set is named by it, and the other way."""
    for holder, mine, back in (
        ("inputSet", "outputSetRefs", "inputSetRefs"),
        ("outputSet", "inputSetRefs", "outputSetRefs"),
    ):
        for one in model.each(holder):
            for text in texts(one, mine):
                other = model.named(text)
                if other is not None and one.get("id") not in texts(other, back):
                    yield one, {"ref": text}


@BOOK.rule("WF-735", "10.3.1")
def sub_processes_have_no_specification(model: Model) -> Broken:
    """Embedded sub-processes see the data around them; they have no inputs of their own."""
    for specification in model.each("ioSpecification"):
        if local(specification.getparent()) in SUB_PROCESSES:
            yield specification.getparent(), {}


@BOOK.rule("WF-736", "8.3.10")
def collections_agree(model: Model) -> Broken:
    """``isCollection`` of a data item agrees with its item definition."""
    for data in model.each(*ITEMS):
        definition = model.named(data.get("itemSubjectRef"))
        said = data.get("isCollection")
        if definition is None or said is None or local(definition) != "itemDefinition":
            continue
        if _flag(said) != _flag(definition.get("isCollection", "false")):
            yield data, {"definition": definition.get("id", ""), "got": said}


@BOOK.rule("WF-737", "10.3.1")
def states_are_in_the_name(model: Model) -> Broken:
    """A reference to a data object in a state is named "object [state]"."""
    for reference in model.each("dataObjectReference"):
        data = model.named(reference.get("dataObjectRef"))
        state = reference.find(bpmn("dataState"))
        if data is None or state is None or not state.get("name") or not data.get("name"):
            continue
        wanted = f"{data.get('name')} [{state.get('name')}]"
        if (reference.get("name") or "") != wanted:
            yield reference, {"expected": wanted}


@BOOK.rule("WF-738", "10.3.1")
def without_transformation_one_source(model: Model) -> Broken:
    """Only a transformation can make one value of several."""
    for association in model.each("dataInputAssociation", "dataOutputAssociation"):
        sources = association.findall(bpmn("sourceRef"))
        has_rule = any(
            association.find(bpmn(name)) is not None for name in ("transformation", "assignment")
        )
        if len(sources) > 1 and not has_rule:
            yield association, {"got": str(len(sources))}


@BOOK.rule("WF-745", "10.3.1")
def associations_belong_to_their_owner(model: Model) -> Broken:
    """Data flows into an input of the activity or event that holds the association, or out of one
    of its outputs."""
    for tag, end, kinds in (
        ("dataInputAssociation", "targetRef", ("dataInput", "property")),
        ("dataOutputAssociation", "sourceRef", ("dataOutput", "property")),
    ):
        for association in model.each(tag):
            owner = association.getparent()
            own = {one.get("id") for kind in kinds for one in owner.iter(bpmn(kind))}
            own |= {
                one.get("id")
                for loop in ("inputDataItem", "outputDataItem")
                for one in owner.iter(bpmn(loop))
            }
            for text in texts(association, end):
                if model.named(text) is not None and text not in own:
                    yield association, {"end": end, "ref": text, "owner": owner.get("id", "")}


@BOOK.rule("WF-746", "10.3.1")
def references_to_data_objects_name_one(model: Model) -> Broken:
    """A reference to a data object says which."""
    for reference in model.each("dataObjectReference"):
        if not reference.get("dataObjectRef"):
            yield reference, {}


@BOOK.rule("WF-739", "10.3.1")
def associated_data_is_of_one_type(model: Model) -> Broken:
    """Without transformation or assignment the source has the type of the target."""
    for association in model.each("dataInputAssociation", "dataOutputAssociation"):
        if association.find(bpmn("transformation")) is not None:
            continue
        if association.find(bpmn("assignment")) is not None:
            continue
        target = _item(model, next(iter(texts(association, "targetRef")), None))
        for text in texts(association, "sourceRef"):
            source = _item(model, text)
            if source is None or target is None:
                continue
            if source.get("structureRef") != target.get("structureRef"):
                yield association, {"ref": text}


def _item(model: Model, reference: str | None) -> Any | None:
    data = model.named(reference)
    if data is None:
        return None
    if local(data) == "dataObjectReference" and data.get("itemSubjectRef") is None:
        data = model.named(data.get("dataObjectRef"))
    return None if data is None else model.named(data.get("itemSubjectRef"))


@BOOK.rule("WF-740", "10.2.3")
def service_data_fits_the_operation(model: Model) -> Broken:
    """A service task with an operation has one input set, one output set, and its items."""
    for task in model.each("serviceTask"):
        operation = model.named(task.get("operationRef"))
        specification = task.find(bpmn("ioSpecification"))
        if operation is None or specification is None:
            continue
        if len(specification.findall(bpmn("inputSet"))) != 1:
            yield task, {"what": "inputSet", "limit": "1"}
        if len(specification.findall(bpmn("outputSet"))) > 1:
            yield task, {"what": "outputSet", "limit": "1"}
        for tag, item in (("inMessageRef", "dataInput"), ("outMessageRef", "dataOutput")):
            for text in texts(operation, tag):
                yield from _same_item(model, task, specification, item, text)


@BOOK.rule("WF-741", "10.2.3")
def message_data_fits_the_message(model: Model) -> Broken:
    """A task with a message has at most one data item, and it is the item of the message."""
    for name, item, holder in (
        ("sendTask", "dataInput", "inputSet"),
        ("receiveTask", "dataOutput", "outputSet"),
    ):
        for task in model.each(name):
            specification = task.find(bpmn("ioSpecification"))
            if specification is None or model.named(task.get("messageRef")) is None:
                continue
            for what in (item, holder):
                if len(specification.findall(bpmn(what))) > 1:
                    yield task, {"what": what, "limit": "1"}
            yield from _same_item(model, task, specification, item, task.get("messageRef"))


def _same_item(model: Model, task: Any, specification: Any, name: str, message: str) -> Broken:
    target = model.named(message)
    wanted = None if target is None else target.get("itemRef")
    if wanted is None:
        return
    for data in specification.findall(bpmn(name)):
        if model.named(data.get("itemSubjectRef")) is not model.named(wanted):
            yield task, {"what": name, "limit": wanted}


@BOOK.rule("WF-742", "10.2.6")
def calls_give_what_is_asked(model: Model) -> Broken:
    """A call activity has the inputs and outputs of the process that it calls."""
    for call in model.each("callActivity"):
        called = model.named(call.get("calledElement"))
        wanted = None if called is None else called.find(bpmn("ioSpecification"))
        if wanted is None:
            continue
        given = call.find(bpmn("ioSpecification"))
        for name in ("dataInput", "dataOutput"):
            asked = _items(wanted, name)
            got = [] if given is None else _items(given, name)
            if asked != got:
                yield call, {"what": name}


def _items(specification: Any, name: str) -> list[str]:
    return sorted(one.get("itemSubjectRef", "") for one in specification.findall(bpmn(name)))


@BOOK.rule("WF-743", "10.2.6")
def bindings_bind_one_operation(model: Model) -> Broken:
    """A process that offers an interface binds its data to the operations of that interface."""
    for process in model.each("process"):
        offered = [
            operation
            for text in texts(process, "supportedInterfaceRef")
            for operation in _operations(model.named(text))
        ]
        bindings = process.findall(bpmn("ioBinding"))
        if texts(process, "supportedInterfaceRef") and not bindings:
            yield process, {"what": "ioBinding"}
        for binding in bindings:
            operation = model.named(binding.get("operationRef"))
            if operation is not None and offered and operation not in offered:
                yield binding, {"what": binding.get("operationRef")}


def _operations(interface: Any | None) -> list[Any]:
    return [] if interface is None else list(interface.findall(bpmn("operation")))


@BOOK.rule("WF-744", "10.3.1")
def process_inputs_come_from_outside(model: Model) -> Broken:
    """Nothing inside a process writes its inputs, nothing reads its outputs."""
    for process in model.each("process"):
        specification = process.find(bpmn("ioSpecification"))
        if specification is None:
            continue
        inputs = {one.get("id") for one in specification.findall(bpmn("dataInput"))}
        outputs = {one.get("id") for one in specification.findall(bpmn("dataOutput"))}
        for association in process.iter(
            bpmn("dataInputAssociation"), bpmn("dataOutputAssociation")
        ):
            if inputs.intersection(texts(association, "targetRef")):
                yield association, {"what": "dataInput"}
            if outputs.intersection(texts(association, "sourceRef")):
                yield association, {"what": "dataOutput"}


def _flag(text: str) -> bool:
    return text in ("true", "1")
