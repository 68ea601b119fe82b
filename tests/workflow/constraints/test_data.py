"""Rules about data, pools and the file as a whole, twin by twin."""

from __future__ import annotations

import pytest

from perfflow.workflow.definitions.constraints import RULES
from perfflow.workflow.definitions.gate import check_files
from tests.workflow.building import document, flow, line, node, process
from tests.workflow.constraints import test_events, test_flows, test_steps
from tests.workflow.constraints.twins import (
    among,
    around,
    assert_twins,
    definition,
    simple,
    task,
    Twins,
)

PLAIN = around(task())
ROOTS = (
    node("itemDefinition", "text", structureRef="text")
    + node("itemDefinition", "number", structureRef="number")
    + node("message", "mail", name="mail", itemRef="text")
    + node("message", "figure", name="figure", itemRef="number")
    + node(
        "interface",
        "desk",
        node("operation", "ask", "<bpmn:inMessageRef>mail</bpmn:inMessageRef>", name="ask"),
        name="desk",
    )
    + node(
        "interface",
        "shop",
        node("operation", "tell", "<bpmn:inMessageRef>mail</bpmn:inMessageRef>", name="tell"),
        name="shop",
    )
)


def specification(
    inputs: tuple[str, ...] = ("given",),
    outputs: tuple[str, ...] = (),
    *,
    listed: tuple[str, ...] | None = None,
    listed_out: tuple[str, ...] | None = None,
    marks: str = "",
    type_of: str = "text",
    sets: int = 1,
    prefix: str = "",
) -> str:
    """An ioSpecification with one input set that lists the inputs."""
    data = "".join(
        node("dataInput", prefix + one, itemSubjectRef=type_of) for one in inputs
    ) + "".join(node("dataOutput", prefix + one, itemSubjectRef=type_of) for one in outputs)
    shown = inputs if listed is None else listed
    members = "".join(f"<bpmn:dataInputRefs>{prefix}{one}</bpmn:dataInputRefs>" for one in shown)
    shown = outputs if listed_out is None else listed_out
    results = "".join(f"<bpmn:dataOutputRefs>{prefix}{one}</bpmn:dataOutputRefs>" for one in shown)
    return (
        f"<bpmn:ioSpecification>{data}"
        + f'<bpmn:inputSet id="{prefix}in">{members}{marks}</bpmn:inputSet>'
        + "<bpmn:inputSet/>" * (sets - 1)
        + f'<bpmn:outputSet id="{prefix}out">{results}</bpmn:outputSet></bpmn:ioSpecification>'
    )


def with_data(inner: str, kind: str = "task", extra: str = "", **attributes: str) -> bytes:
    """A task with data."""
    return among(ROOTS, extra + simple(node(kind, "work", inner, **attributes)))


def associated(sources: tuple[str, ...], rule: str = "", type_of: str = "text") -> bytes:
    """A task whose input is filled from data objects."""
    objects = node("dataObject", "a", itemSubjectRef="text")
    objects += node("dataObject", "b", itemSubjectRef=type_of)
    named = "".join(f"<bpmn:sourceRef>{one}</bpmn:sourceRef>" for one in sources)
    association = (
        f'<bpmn:dataInputAssociation id="fill">{named}<bpmn:targetRef>given</bpmn:targetRef>'
        f"{rule}</bpmn:dataInputAssociation>"
    )
    return with_data(specification() + association, extra=objects)


def called(inner: str) -> bytes:
    """A process that calls one with a data input."""
    call = node("callActivity", "work", inner, calledElement="other")
    body = node("startEvent", "in-2") + node("endEvent", "out-2") + line("in-2", "out-2")
    wanted = specification(prefix="w-")
    return document(
        ROOTS
        + f'<bpmn:process id="trial" isExecutable="true">{simple(call)}</bpmn:process>'
        + f'<bpmn:process id="other" isExecutable="true">{wanted}{body}</bpmn:process>'
    )


def offering(operation: str) -> bytes:
    """A process that offers an interface and binds its data to an operation."""
    binding = node(
        "ioBinding", "bind", operationRef=operation, inputDataRef="given", outputDataRef="got"
    )
    return among(
        ROOTS,
        "<bpmn:supportedInterfaceRef>desk</bpmn:supportedInterfaceRef>"
        + specification(outputs=("got",))
        + (binding if operation else "")
        + simple(task()),
    )


def process_input(target: str) -> bytes:
    """A process with an input, and a task that writes somewhere."""
    data = "<bpmn:dataObject id='paper' itemSubjectRef='text'/>"
    output = (
        '<bpmn:dataOutputAssociation id="fill"><bpmn:sourceRef>w-got</bpmn:sourceRef>'
        f"<bpmn:targetRef>{target}</bpmn:targetRef></bpmn:dataOutputAssociation>"
    )
    inner = specification((), ("got",), prefix="w-") + output
    return among(ROOTS, specification() + data + simple(task(inner=inner)))


def state(name: str) -> bytes:
    """A reference to a data object in a state."""
    reference = node(
        "dataObjectReference",
        "seen",
        '<bpmn:dataState name="signed"/>',
        name=name,
        dataObjectRef="paper",
    )
    return among("", node("dataObject", "paper", name="Paper") + reference + simple(task()))


def sets(back: str) -> bytes:
    """An input set that names the output set."""
    text = specification(marks="<bpmn:outputSetRefs>out</bpmn:outputSetRefs>")
    answer = f"<bpmn:inputSetRefs>{back}</bpmn:inputSetRefs>" if back else ""
    return with_data(text.replace("</bpmn:outputSet>", answer + "</bpmn:outputSet>"))


def talking(source: str, target: str, start: str = "", end: str = "", **pool: str) -> bytes:
    """Two pools and a message flow."""
    first = node("startEvent", "begun") + task() + node("endEvent", "done", end)
    first += node("intermediateThrowEvent", "say", definition("message", messageRef="mail"))
    second = node("startEvent", "begun-2", start) + task("work-2") + node("endEvent", "done-2")
    mid = node("intermediateCatchEvent", "hear", definition("message", messageRef="mail"))
    return document(
        ROOTS
        + node(
            "collaboration",
            "both",
            node("participant", "pool-1", processRef=pool.get("one", "first"))
            + node("participant", "pool-2", processRef=pool.get("two", "second"))
            + node("messageFlow", "talk", sourceRef=source, targetRef=target),
        )
        + node("process", "first", first + line("begun", "work", "say", "done"))
        + node("process", "second", second + mid + line("begun-2", "work-2", "hear", "done-2"))
    )


def multiplicity(**numbers: str) -> bytes:
    """A pool that stands for several partners."""
    inner = node("participantMultiplicity", "many", **numbers)
    pool = node("participant", "pool", inner)
    return document(node("collaboration", "c", pool) + PROCESS)


def closed(flag: str) -> bytes:
    """A collaboration with a choreography that is closed."""
    return document(
        node("collaboration", "c", "<bpmn:choreographyRef>dance</bpmn:choreographyRef>",
             isClosed=flag)
        + node("choreography", "dance", isClosed="true")
        + PROCESS
    )  # fmt: skip


def lanes(second: str) -> bytes:
    """Two lanes; the first one holds the task."""
    inner = "".join(
        node("lane", name, f"<bpmn:flowNodeRef>{one}</bpmn:flowNodeRef>")
        for name, one in (("left", "work"), ("right", second))
    )
    return process(node("laneSet", "lanes", inner) + simple(task()))


def split_lanes(node_in_lane: str) -> bytes:
    """Two processes, the first one with a lane."""
    lane = node("lane", "left", f"<bpmn:flowNodeRef>{node_in_lane}</bpmn:flowNodeRef>")
    second = BODY.replace('="', '="other-')
    return document(
        node("process", "first", node("laneSet", "lanes", lane) + BODY)
        + node("process", "second", second)
    )


def format_of_text(text: str) -> bytes:
    """A documented process."""
    return process(f'<bpmn:documentation textFormat="{text}">x</bpmn:documentation>' + BODY)


IMPORT = (
    '<bpmn:import namespace="n" location="other.bpmn" '
    'importType="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
)
BODY = simple(task())
PROCESS = f'<bpmn:process id="trial" isExecutable="true">{BODY}</bpmn:process>'
MAIL = definition("message", messageRef="mail")
TWINS: Twins = {
    "WF-731": (with_data(specification()), with_data(specification(listed=()))),
    "WF-732": (
        with_data(specification(outputs=("got",))),
        with_data(specification(outputs=("got",), listed_out=())),
    ),
    "WF-733": (
        with_data(specification(marks="<bpmn:optionalInputRefs>given</bpmn:optionalInputRefs>")),
        with_data(
            specification(
                ("given", "more"),
                listed=("given",),
                marks="<bpmn:optionalInputRefs>more</bpmn:optionalInputRefs>",
            )
        ),
    ),
    "WF-734": (sets("in"), sets("")),
    "WF-735": (
        PLAIN,
        with_data(
            specification() + node("startEvent", "a") + node("endEvent", "b") + line("a", "b"),
            "subProcess",
        ),
    ),
    "WF-736": (
        among(ROOTS, node("dataObject", "d", itemSubjectRef="text", isCollection="false") + BODY),
        among(ROOTS, node("dataObject", "d", itemSubjectRef="text", isCollection="true") + BODY),
    ),
    "WF-737": (state("Paper [signed]"), state("Paper")),
    "WF-738": (associated(("a",)), associated(("a", "b"))),
    "WF-739": (associated(("b",)), associated(("b",), type_of="number")),
    "WF-740": (
        with_data(specification(), "serviceTask", operationRef="ask"),
        with_data(specification(sets=2), "serviceTask", operationRef="ask"),
    ),
    "WF-741": (
        with_data(specification(), "sendTask", messageRef="mail"),
        with_data(specification(), "sendTask", messageRef="figure"),
    ),
    "WF-742": (called(specification(prefix="c-")), called("")),
    "WF-743": (offering("ask"), offering("tell")),
    "WF-744": (process_input("paper"), process_input("given")),
    "WF-751": (talking("work", "work-2"), talking("work", "mail")),
    "WF-752": (talking("work", "work-2"), talking("work", "done")),
    "WF-753": (talking("work", "begun-2", start=MAIL), talking("work", "begun-2")),
    "WF-754": (talking("done", "work-2", end=MAIL), talking("done", "work-2")),
    "WF-755": (talking("say", "hear"), talking("work-2", "say")),
    "WF-756": (multiplicity(minimum="2", maximum="3"), multiplicity(minimum="3", maximum="2")),
    "WF-757": (
        document(node("choreography", "dance") + PROCESS),
        document(
            node("choreography", "dance", "<bpmn:choreographyRef>dance</bpmn:choreographyRef>")
            + PROCESS
        ),
    ),
    "WF-758": (
        document(node("globalConversation", "g") + PROCESS),
        document(node("globalConversation", "g", node("textAnnotation", "note")) + PROCESS),
    ),
    "WF-759": (closed("true"), closed("false")),
    "WF-760": (lanes("done"), lanes("work")),
    "WF-761": (format_of_text("text/html"), format_of_text("html")),
    "WF-762": (
        document('<bpmn:extension definition="bpmn:x"/>' + PROCESS),
        document('<bpmn:extension definition="bpmn:x" mustUnderstand="true"/>' + PROCESS),
    ),
    "WF-745": (
        associated(("a",)),
        associated(("a",)).replace(b"targetRef>given<", b"targetRef>a<"),
    ),
    "WF-746": (
        state("Paper [signed]"),
        state("Paper [signed]").replace(b'dataObjectRef="paper"', b""),
    ),
    "WF-766": (split_lanes("work"), split_lanes("other-work")),
    "WF-765": (
        document('<bpmn:import namespace="n" location="x.xsd" importType="y"/>' + PROCESS),
        document(IMPORT + PROCESS),
    ),
}


@pytest.mark.parametrize("code", TWINS)
def test_a_rule_about_data_or_pools_finds_what_breaks_it_and_nothing_else(code: str) -> None:
    assert_twins(code, *TWINS[code])


def test_several_sources_are_fine_for_a_transformation() -> None:
    rule = "<bpmn:transformation>=a</bpmn:transformation>"
    assert_twins("WF-738", associated(("a", "b"), rule), associated(("a", "b")))


def test_a_message_flow_into_an_event_that_hears_no_message_is_found() -> None:
    deaf = talking("work", "hear").replace(MAIL.encode(), b"", 2)
    assert_twins("WF-755", talking("work", "hear"), deaf)


def test_an_imported_file_is_looked_for_beside_the_file() -> None:
    content = document(IMPORT + PROCESS)
    beside = document(PROCESS.replace("trial", "second"))
    files = {"processes/x.bpmn": content, "processes/y/other.bpmn": beside}
    assert "WF-765" not in {one.code for one in check_files(files)}


def test_every_rule_has_its_twins() -> None:
    tested = TWINS | test_flows.TWINS | test_events.TWINS | test_steps.TWINS
    assert sorted(tested) == sorted(rule.code for rule in RULES)


def test_a_flow_is_still_found_in_a_pool_without_lanes() -> None:
    assert_twins("WF-618", PLAIN, talking("work", "work-2").replace(
        b"</bpmn:process></bpmn:definitions>",
        flow("work", "work-2", name="across").encode() + b"</bpmn:process></bpmn:definitions>",
    ))  # fmt: skip
