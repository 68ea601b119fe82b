"""Rules about events and their triggers, twin by twin."""

from __future__ import annotations

import pytest

from tests.workflow.building import document, flow, line, node, process, timer
from tests.workflow.constraints.twins import (
    among,
    around,
    aside,
    assert_twins,
    definition,
    END,
    simple,
    START,
    task,
    Twins,
)

PLAIN = around(task())
ROOTS = (
    node("itemDefinition", "item")
    + node("message", "mail", name="mail", itemRef="item")
    + node("signal", "bell", name="bell")
    + node("error", "bad", name="bad", errorCode="E1")
    + node("error", "nameless", name="nameless")
    + node("escalation", "up", name="up", escalationCode="U1")
    + node("escalation", "silent", name="silent")
)
MAIL = definition("message", messageRef="mail")
BELL = definition("signal", signalRef="bell")
BAD = definition("error", errorRef="bad")
UP = definition("escalation", escalationRef="up")
LINK = '<bpmn:linkEventDefinition name="over"/>'
UNDO = definition("compensate")
WHEN = definition("conditional", "<bpmn:condition>=a</bpmn:condition>")
NEVER = definition("conditional", "<bpmn:condition/>")
LATE = timer("PT1H")


def started(inner: str) -> bytes:
    """A process whose start event has this trigger."""
    return among(ROOTS, node("startEvent", "begun", inner) + task() + END + LINE)


def ended(inner: str) -> bytes:
    """A process whose end event has this result."""
    return among(ROOTS, START + task() + node("endEvent", "done", inner) + LINE)


def between(kind: str, inner: str) -> bytes:
    """A process with an intermediate event."""
    return among(ROOTS, simple(node(kind, "work", inner)))


def caught(inner: str) -> bytes:
    """A process that waits for an event."""
    return between("intermediateCatchEvent", inner)


def thrown(inner: str) -> bytes:
    """A process that throws an event."""
    return between("intermediateThrowEvent", inner)


def at_border(inner: str, host: str = "work", after: str = "", **attributes: str) -> bytes:
    """A task with a boundary event that leads to another one."""
    event = node("boundaryEvent", "edge", inner, attachedToRef=host, **attributes)
    more = after or task("rescue") + line("edge", "rescue", "done")
    return among(ROOTS, simple(task()) + event + more)


def sub_process(kind: str, start: str, end: str = "", extra: str = "", **more: str) -> bytes:
    """A sub-process whose start and end have these definitions."""
    inside = node("startEvent", "in", start) + node("endEvent", "out", end) + line("in", "out")
    return among(ROOTS, simple(node(kind, "work", inside + extra, **more)))


def beside(start: str, **attributes: str) -> bytes:
    """A process with an event sub-process."""
    heard = node("startEvent", "heard", start, **attributes)
    return among(ROOTS, simple(task()) + aside(heard))


def compensated(association: bool, flow_to: str = "") -> bytes:
    """A task that another one undoes."""
    link = node(
        "association", "link", sourceRef="edge", targetRef="undo", associationDirection="One"
    )
    return at_border(
        UNDO,
        after=task("undo", isForCompensation="true")
        + (link if association else "")
        + (flow("edge", flow_to) if flow_to else ""),
    )


def linked(thrown_name: str, caught_name: str, extra: str = "", pair: str = "") -> bytes:
    """A way that goes on at another place."""
    target = f"<bpmn:target>{pair}</bpmn:target>" if pair else ""
    source = "<bpmn:source>jump-to</bpmn:source>" if pair else ""
    return process(
        START
        + node(
            "intermediateThrowEvent",
            "jump",
            f'<bpmn:linkEventDefinition id="jump-to" name="{thrown_name}">{target}'
            "</bpmn:linkEventDefinition>",
        )
        + node(
            "intermediateCatchEvent",
            "land",
            f'<bpmn:linkEventDefinition id="land-from" name="{caught_name}">{source}'
            "</bpmn:linkEventDefinition>",
        )
        + END
        + line("begun", "jump")
        + line("land", "done")
        + extra
    )


def shared(place: str) -> bytes:
    """An event that refers to a definition at the top of the file, or inside another event."""
    definition_of_bell = '<bpmn:signalEventDefinition id="rings" signalRef="bell"/>'
    reference = "<bpmn:eventDefinitionRef>rings</bpmn:eventDefinitionRef>"
    inside, top = (definition_of_bell, "") if place == "inside" else (reference, definition_of_bell)
    return among(
        ROOTS + top,
        START
        + node("intermediateThrowEvent", "work", inside)
        + node("endEvent", "done", reference)
        + LINE,
    )


def with_data(count: int, item: str = "item") -> bytes:
    """A message event with so many data outputs."""
    data = "".join(node("dataOutput", f"data-{n}", itemSubjectRef=item) for n in range(count))
    return among(
        ROOTS + node("itemDefinition", "other"),
        simple(node("intermediateCatchEvent", "work", data + MAIL)),
    )


LINE = line("begun", "work", "done")
TWINS: Twins = {
    "WF-631": (PLAIN, process(simple(task()) + flow("work", "begun"))),
    "WF-632": (PLAIN, process(node("startEvent", "more") + simple(task()))),
    "WF-633": (PLAIN, process(simple(task()) + flow("done", "work"))),
    "WF-634": (PLAIN, process(node("endEvent", "more") + simple(task()))),
    "WF-635": (started(MAIL), started(BAD)),
    "WF-636": (sub_process("subProcess", ""), sub_process("subProcess", LATE)),
    "WF-637": (
        beside(LATE),
        process(simple(task()) + node("subProcess", "aside", triggeredByEvent="true")),
    ),
    "WF-638": (beside(BAD), beside("")),
    "WF-639": (beside(BAD), beside(BAD, isInterrupting="false")),
    "WF-640": (ended(BAD), ended(LATE)),
    "WF-641": (caught(LATE), caught(BAD)),
    "WF-642": (thrown(BELL), thrown(LATE)),
    "WF-643": (at_border(BAD), at_border(BAD, cancelActivity="false")),
    "WF-644": (
        sub_process("transaction", "", definition("cancel")),
        sub_process("subProcess", "", definition("cancel")),
    ),
    "WF-645": (at_border(LATE), at_border(LATE, after=line("work", "edge", "done"))),
    "WF-646": (at_border(LATE), at_border(LATE, after=" ")),
    "WF-647": (compensated(True), compensated(True, flow_to="done")),
    "WF-648": (compensated(True), compensated(False)),
    "WF-649": (
        caught(LATE),
        process(simple(task()) + node("intermediateCatchEvent", "alone", LATE)),
    ),
    "WF-650": (linked("over", "over"), linked("over", "over", flow("jump", "done"))),
    "WF-651": (PLAIN, process(simple(task()) + task("lost") + flow("lost", "done"))),
    "WF-652": (PLAIN, process(task() + END + line("work", "done"))),
    "WF-653": (at_border(LATE), at_border(LATE, host="done")),
    "WF-654": (shared("top"), shared("inside")),
    "WF-661": (caught(WHEN), caught(NEVER)),
    "WF-662": (ended(BAD), ended(definition("error", errorRef="nameless"))),
    "WF-663": (thrown(UP), thrown(definition("escalation", escalationRef="silent"))),
    "WF-664": (caught(MAIL), caught(definition("message"))),
    "WF-665": (linked("over", "over"), linked("over", "there")),
    "WF-666": (
        linked("over", "over", pair="land-from"),
        linked("over", "over", pair="jump-to"),
    ),
    "WF-667": (thrown(UNDO), thrown(definition("compensate", activityRef="bell"))),
    "WF-668": (caught(LATE), caught(definition("timer"))),
    "WF-669": (with_data(1), with_data(2)),
    "WF-670": (with_data(1), with_data(1, item="other")),
}


@pytest.mark.parametrize("code", TWINS)
def test_a_rule_about_events_finds_what_breaks_it_and_nothing_else(code: str) -> None:
    assert_twins(code, *TWINS[code])


@pytest.mark.parametrize("trigger", [MAIL, LATE, WHEN, BELL, ""], ids=range(5))
def test_a_process_may_start_with_any_trigger_that_the_standard_allows(trigger: str) -> None:
    assert_twins("WF-635", started(trigger), started(UP))


@pytest.mark.parametrize("kind", ["error", "escalation", "compensate"])
def test_what_an_inner_process_throws_does_not_start_a_process(kind: str) -> None:
    assert_twins("WF-635", PLAIN, started(definition(kind)))


@pytest.mark.parametrize("trigger", ["link", "terminate"])
def test_links_and_terminations_are_not_attached(trigger: str) -> None:
    inner = LINK if trigger == "link" else definition(trigger)
    assert_twins("WF-643", at_border(LATE), at_border(inner))


def test_a_process_may_be_compensated_by_an_event_sub_process() -> None:
    assert_twins("WF-638", beside(UNDO), beside(""))


def test_a_boundary_event_needs_a_trigger() -> None:
    assert_twins("WF-643", at_border(LATE), at_border(""))


def test_two_starts_in_an_event_sub_process_are_one_too_many() -> None:
    second = node("startEvent", "heard-2", LATE) + flow("heard-2", "said")
    assert_twins(
        "WF-637",
        beside(LATE),
        process(simple(task()) + aside(node("startEvent", "heard", LATE), second)),
    )


def test_a_receiver_that_starts_the_process_needs_no_start_event() -> None:
    receiver = node("receiveTask", "work", messageRef="mail", instantiate="true")
    body = receiver + END + flow("work", "done")
    assert_twins("WF-652", among(ROOTS, body), process(task() + END + flow("work", "done")))


def test_a_file_without_ids_is_judged_all_the_same() -> None:
    body = "<bpmn:process><bpmn:startEvent/></bpmn:process>"
    assert_twins("WF-632", PLAIN, document(body))
