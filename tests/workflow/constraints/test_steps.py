"""Rules about gateways and activities, twin by twin."""

from __future__ import annotations

import pytest

from tests.workflow.building import document, flow, line, node, process, timer
from tests.workflow.constraints.twins import (
    among,
    around,
    assert_twins,
    choosing,
    definition,
    END,
    simple,
    START,
    task,
    Twins,
)

PLAIN = around(task())
ROOTS = (
    node("message", "mail", name="mail")
    + node("signal", "bell", name="bell")
    + node("itemDefinition", "many", structureRef="text", isCollection="true")
    + node("itemDefinition", "number", structureRef="number")
)
MAIL = definition("message", messageRef="mail")
LATE = timer("PT1H")
RECEIVE = node("receiveTask", "a", messageRef="mail")
WAIT = node("intermediateCatchEvent", "a", MAIL) + node("intermediateCatchEvent", "b", LATE)


def awaiting(targets: str, *names: str, extra: str = "", **attributes: str) -> bytes:
    """An event-based gateway that leads to the targets."""
    body = choosing("eventBasedGateway", *(names or ("a", "b")), **attributes)
    return among(ROOTS, body + targets + extra)


def starting(*targets: str, before: str = "", **attributes: str) -> bytes:
    """A process that an event-based gateway starts."""
    attributes = {"instantiate": "true"} | attributes
    names = [one.split('"')[1] for one in targets]
    ways = "".join(flow("work", name) + flow(name, "done") for name in names)
    gateway = node("eventBasedGateway", "work", "", **attributes)
    return among(ROOTS, gateway + "".join(targets) + END + ways + before)


def split(direction: str) -> bytes:
    """A gateway with one way in and two ways out."""
    body = choosing("parallelGateway", "a", "b", gatewayDirection=direction)
    return process(body + task("a") + task("b"))


def looping(inner: str, kind: str = "multiInstance", before: str = "", **attributes: str) -> bytes:
    """A task with a loop marker."""
    rest = "".join(f' {name}="{value}"' for name, value in attributes.items())
    loop = f"<bpmn:{kind}LoopCharacteristics{rest}>{inner}</bpmn:{kind}LoopCharacteristics>"
    return among(ROOTS, simple(task(inner=before + loop)))


def collection(reference: str, item: str) -> bytes:
    """A task that is done once for each element of its data input."""
    specification = (
        '<bpmn:ioSpecification><bpmn:dataInput id="all" itemSubjectRef="many"/>'
        "<bpmn:inputSet><bpmn:dataInputRefs>all</bpmn:dataInputRefs></bpmn:inputSet>"
        "<bpmn:outputSet/></bpmn:ioSpecification>"
    )
    inner = (
        f"<bpmn:loopDataInputRef>{reference}</bpmn:loopDataInputRef>"
        f'<bpmn:inputDataItem id="each" itemSubjectRef="{item}"/>'
    )
    return looping(inner, before=specification)


def receiving(before: str) -> bytes:
    """A process that a receive task starts."""
    receiver = node("receiveTask", "work", messageRef="mail", instantiate="true")
    return among(ROOTS, receiver + END + flow("work", "done") + before)


def calling(called: str, *starts: str) -> bytes:
    """A process that calls another one of the same file."""
    begins = "".join(node("startEvent", f"in-{n}", inner) for n, inner in enumerate(starts))
    flows = "".join(flow(f"in-{n}", "out") for n in range(len(starts)))
    other = begins + node("endEvent", "out") + flows
    call = node("callActivity", "work", calledElement=called)
    return document(
        ROOTS
        + f'<bpmn:process id="trial" isExecutable="true">{simple(call)}</bpmn:process>'
        + f'<bpmn:process id="other" isExecutable="true">{other}</bpmn:process>'
    )


def ad_hoc(inner: str) -> bytes:
    """A process with an ad-hoc sub-process."""
    return process(simple(node("adHocSubProcess", "work", inner)))


def undoing(extra: str) -> bytes:
    """A task for compensation, perhaps with flows."""
    edge = node("boundaryEvent", "edge", definition("compensate"), attachedToRef="work")
    link = node("association", "link", sourceRef="edge", targetRef="undo")
    return process(simple(task()) + edge + task("undo", isForCompensation="true") + link + extra)


def typed(kind: str) -> bytes:
    """An executable process of that type."""
    return document(
        f'<bpmn:process id="trial" processType="{kind}" isExecutable="true">'
        f"{simple(task())}</bpmn:process>"
    )


def triggered(kind: str) -> bytes:
    """A sub-process of that kind that says it is started by an event."""
    inside = node("startEvent", "in", LATE) + node("endEvent", "out") + line("in", "out")
    return process(simple(task()) + node(kind, "aside", inside, triggeredByEvent="true"))


CARDINALITY = "<bpmn:loopCardinality>3</bpmn:loopCardinality>"
CHOREOGRAPHY = (
    '<bpmn:choreographyTask id="dance" initiatingParticipantRef="p">'
    "<bpmn:participantRef>p</bpmn:participantRef><bpmn:participantRef>q</bpmn:participantRef>"
    "<bpmn:messageFlowRef>m</bpmn:messageFlowRef></bpmn:choreographyTask>"
)
TWINS: Twins = {
    "WF-672": (
        looping(CARDINALITY),
        looping(CARDINALITY + "<bpmn:completionCondition/>"),
    ),
    "WF-681": (split("Diverging"), split("Converging")),
    "WF-682": (split("Unspecified"), process(simple(node("parallelGateway", "work")))),
    "WF-683": (awaiting(WAIT), awaiting(WAIT, "a", extra=flow("a", "b") + flow("b", "done"))),
    "WF-684": (awaiting(WAIT), awaiting(task("a") + node("intermediateCatchEvent", "b", LATE))),
    "WF-685": (
        awaiting(WAIT),
        awaiting(RECEIVE + node("intermediateCatchEvent", "b", MAIL)),
    ),
    "WF-686": (
        awaiting(RECEIVE + node("intermediateCatchEvent", "b", LATE)),
        awaiting(
            RECEIVE
            + node("intermediateCatchEvent", "b", LATE)
            + node("boundaryEvent", "edge", LATE, attachedToRef="a")
            + flow("edge", "done")
        ),
    ),
    "WF-687": (awaiting(WAIT), awaiting(WAIT, extra=flow("b", "a"))),
    "WF-688": (
        starting(RECEIVE, RECEIVE.replace('"a"', '"b"')),
        starting(RECEIVE, RECEIVE.replace('"a"', '"b"'), before=flow("a", "work")),
    ),
    "WF-689": (
        starting(RECEIVE, RECEIVE.replace('"a"', '"b"'), eventGatewayType="Parallel"),
        starting(RECEIVE, node("intermediateCatchEvent", "b", LATE), eventGatewayType="Parallel"),
    ),
    "WF-690": (
        starting(RECEIVE, RECEIVE.replace('"a"', '"b"'), eventGatewayType="Parallel"),
        awaiting(WAIT, eventGatewayType="Parallel"),
    ),
    "WF-691": (awaiting(WAIT), awaiting(WAIT, extra=flow("work", "a", "=x", name="more"))),
    "WF-701": (around(task(startQuantity="1")), around(task(startQuantity="0"))),
    "WF-702": (looping(CARDINALITY), looping("")),
    "WF-703": (collection("all", "many"), collection("each", "many")),
    "WF-704": (collection("all", "many"), collection("all", "number")),
    "WF-705": (looping(CARDINALITY), looping(CARDINALITY, behavior="One")),
    "WF-706": (
        looping("<bpmn:loopCondition>=a</bpmn:loopCondition>", "standard"),
        looping("", "standard", loopMaximum="0"),
    ),
    "WF-707": (receiving(""), receiving(flow("work", "work"))),
    "WF-708": (PLAIN, process(simple(task()) + CHOREOGRAPHY)),
    "WF-709": (ad_hoc(task("inner")), ad_hoc(task("inner") + node("startEvent", "in"))),
    "WF-710": (calling("other", "", MAIL), calling("other", MAIL)),
    "WF-711": (calling("other", ""), calling("mail", "")),
    "WF-712": (undoing(""), undoing(flow("work", "undo"))),
    "WF-713": (typed("Private"), typed("Public")),
    "WF-714": (triggered("subProcess"), triggered("transaction")),
    "WF-715": (
        process(
            simple(
                node(
                    "subProcess",
                    "work",
                    node("startEvent", "in") + node("endEvent", "out") + line("in", "out"),
                )
            )
        ),
        process(simple(node("subProcess", "work"))),
    ),
}


@pytest.mark.parametrize("code", TWINS)
def test_a_rule_about_steps_finds_what_breaks_it_and_nothing_else(code: str) -> None:
    assert_twins(code, *TWINS[code])


@pytest.mark.parametrize("marker", ["loopMaximum", "loopCondition"])
def test_a_loop_that_cannot_end_is_found(marker: str) -> None:
    valid = looping("", "standard", loopMaximum="3")
    broken = looping("", "standard", **({"loopMaximum": "-1"} if "M" in marker else {}))
    assert_twins("WF-706", valid, broken)


def test_a_collection_of_camunda_counts_as_a_number_of_instances() -> None:
    camunda = looping(
        '<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=all"/>'
        "</bpmn:extensionElements>"
    )
    assert_twins("WF-702", camunda, looping(""))


def test_an_ad_hoc_sub_process_without_activity_is_found() -> None:
    assert_twins("WF-709", ad_hoc(task("inner")), ad_hoc(node("textAnnotation", "note")))


def test_gateways_that_only_join_are_gateways() -> None:
    joined = process(
        choosing("parallelGateway", "a", "b")
        .replace(flow("a", "done"), flow("a", "join"))
        .replace(flow("b", "done"), flow("b", "join"))
        + task("a")
        + task("b")
        + node("parallelGateway", "join", gatewayDirection="Converging")
        + flow("join", "done")
    )
    assert_twins("WF-681", joined, split("Mixed"))


def test_a_process_that_is_only_drawn_may_leave_numbers_open() -> None:
    drawn = looping("").replace(b'isExecutable="true"', b'isExecutable="false"')
    assert_twins("WF-702", drawn, looping(""))


def test_a_step_that_nothing_leads_to_is_found_though_it_leads_on() -> None:
    assert_twins("WF-651", PLAIN, process(START + task() + END + flow("work", "done")))
