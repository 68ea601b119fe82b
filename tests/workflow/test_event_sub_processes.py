"""Event sub-processes and boundary events: what interrupts, what goes on beside, what climbs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perfflow.kernel.errors import RuleViolation
from tests.workflow.building import (
    Bench,
    document,
    extensions,
    flow,
    line,
    mapping,
    node,
    said,
    say,
    service,
    timer,
    user_task,
)

IN = node("startEvent", "in")
START, END = node("startEvent", "begun"), node("endEvent", "done")
DEFINED = (
    '<bpmn:message id="m" name="news"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=business_key"/></bpmn:extensionElements></bpmn:message>'
    '<bpmn:signal id="s" name="alarm"/><bpmn:error id="e" errorCode="NO"/>'
    '<bpmn:error id="other" errorCode="OTHER"/><bpmn:escalation id="up" escalationCode="UP"/>'
)
MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="s"/>'
ERROR = '<bpmn:errorEventDefinition errorRef="e"/>'
ESCALATION = '<bpmn:escalationEventDefinition escalationRef="up"/>'


def handler(trigger: str, inner: str = "", *, interrupting: bool = True) -> str:
    """An event sub-process with one task ``handle`` unless ``inner`` says otherwise."""
    body = inner or user_task("handle") + line("heard", "handle", "handled")
    return node(
        "subProcess",
        "aside",
        node("startEvent", "heard", trigger, isInterrupting=str(interrupting).lower())
        + body
        + node("endEvent", "handled"),
        triggeredByEvent="true",
    )


def whole(body: str) -> bytes:
    """A file with the messages of this module and one process."""
    return document(f'{DEFINED}<bpmn:process id="trial" isExecutable="true">{body}</bpmn:process>')


def plain(aside: str) -> bytes:
    """A process of one task, with an event sub-process."""
    return whole(START + user_task("work") + END + line("begun", "work", "done") + aside)


def within(aside: str, inner: str = "") -> bytes:
    """A sub-process of one task with an event sub-process, and a task behind it."""
    body = inner or user_task("work") + line("in", "work", "out")
    return whole(
        START
        + node(
            "subProcess", "talk", node("startEvent", "in") + body + node("endEvent", "out") + aside
        )
        + user_task("after")
        + END
        + line("begun", "talk", "after", "done")
    )


TRIGGERS = {
    "message": (MESSAGE, lambda bench: bench.message("news")),
    "signal": (SIGNAL, lambda bench: bench.signal("alarm")),
    "timer": (timer("PT1H"), lambda bench: bench.advance(bench.now + timedelta(hours=1))),
}


@pytest.mark.parametrize("name", TRIGGERS)
@pytest.mark.parametrize("shape", [plain, within])
def test_an_interrupting_event_sub_process_ends_all_else(bench: Bench, name: str, shape) -> None:
    trigger, happen = TRIGGERS[name]
    bench.deploy(shape(handler(trigger)))
    bench.start()
    happen(bench)
    assert bench.tasks() == ["handle"]
    happen(bench)
    assert bench.tasks() == ["handle"]
    bench.complete("handle")
    assert bench.tasks() == (["after"] if shape is within else [])
    assert bench.status() == ("active" if shape is within else "completed")


@pytest.mark.parametrize("name", ["message", "signal"])
@pytest.mark.parametrize("shape", [plain, within])
def test_one_that_does_not_interrupt_begins_each_time(bench: Bench, name: str, shape) -> None:
    trigger, happen = TRIGGERS[name]
    bench.deploy(shape(handler(trigger, interrupting=False)))
    bench.start()
    happen(bench)
    happen(bench)
    assert bench.tasks() == ["handle", "handle", "work"]
    bench.complete("work")
    assert bench.tasks() == ["handle", "handle"]
    bench.complete_row(0)
    bench.complete_row(0)
    assert bench.tasks() == (["after"] if shape is within else [])


def test_a_time_that_does_not_interrupt_comes_once(bench: Bench) -> None:
    bench.deploy(plain(handler(timer("PT1H"), interrupting=False)))
    bench.start()
    assert bench.advance(bench.now + timedelta(hours=5)) == 1
    assert bench.tasks() == ["handle", "work"]
    bench.complete("work")
    bench.complete("handle")
    assert bench.status() == "completed"


def test_a_repeated_time_comes_as_often_as_it_says(bench: Bench) -> None:
    bench.deploy(plain(handler(timer("R3/PT1H", "timeCycle"), interrupting=False)))
    bench.start()
    for count in (1, 2, 3, 3):
        bench.advance(bench.now + timedelta(hours=1))
        assert bench.tasks().count("handle") == count


def test_nothing_waits_any_more_when_the_process_is_over(bench: Bench) -> None:
    bench.deploy(plain(handler(timer("PT1H"))))
    bench.start()
    bench.complete("work")
    assert bench.status() == "completed"
    assert bench.advance(bench.now + timedelta(hours=2)) == 0


def test_an_error_is_handled_inside_before_the_border_sees_it(bench: Bench) -> None:
    raising = user_task("work") + node("exclusiveGateway", "good", default="good-to-out")
    raising += node("endEvent", "failed", ERROR) + line("in", "work", "good", "out")
    raising += flow("good", "failed", "=bad")
    content = within(handler(ERROR, say("x") + line("heard", "x", "handled")), raising)
    bench.deploy(content)
    bench.start()
    bench.complete("work", {"bad": True})
    assert said() == "x"
    assert bench.tasks() == ["after"]


def failing(code: str) -> str:
    """A sub-process body whose service raises an error."""
    return service("work", "testing.fail", mapping({"code": f"=&quot;{code}&quot;"})) + line(
        "in", "work", "out"
    )


def test_an_error_of_another_code_goes_past_the_handler(bench: Bench) -> None:
    bench.deploy(within(handler(ERROR), failing("OTHER")))
    with pytest.raises(RuleViolation) as raised:
        bench.start()
    assert raised.value.code == "workflow.unhandled_error"


def test_an_escalation_that_does_not_interrupt_lets_work_go_on(bench: Bench) -> None:
    inner = (
        node("intermediateThrowEvent", "tell", ESCALATION)
        + user_task("work")
        + line("in", "tell", "work", "out")
    )
    bench.deploy(within(handler(ESCALATION, interrupting=False), inner))
    bench.start()
    assert bench.tasks() == ["handle", "work"]
    bench.complete("work")
    bench.complete("handle")
    assert bench.tasks() == ["after"]


def test_an_escalation_that_interrupts_ends_the_work(bench: Bench) -> None:
    inner = (
        node("intermediateThrowEvent", "tell", ESCALATION)
        + user_task("work")
        + line("in", "tell", "work", "out")
    )
    bench.deploy(within(handler(ESCALATION), inner))
    bench.start()
    assert bench.tasks() == ["handle"]


def test_an_escalation_that_nobody_catches_is_passed_by(bench: Bench) -> None:
    bench.deploy(
        whole(
            START
            + node("intermediateThrowEvent", "tell", ESCALATION)
            + user_task("work")
            + node("endEvent", "done", ESCALATION)
            + line("begun", "tell", "work", "done")
        )
    )
    bench.start()
    bench.complete("work")
    assert bench.status() == "completed"


@pytest.mark.parametrize("event", [ERROR, ESCALATION], ids=["error", "escalation"])
def test_errors_and_escalations_climb_out_of_a_called_process(bench: Bench, event: str) -> None:
    called = (
        document(
            DEFINED
            + '<bpmn:process id="called" isExecutable="true">'
            + START
            + node("endEvent", "done", event)
            + line("begun", "done")
            + "</bpmn:process>"
        )
        .replace(b'id="m"', b'id="m2"')
        .replace(b'messageRef="m"', b'messageRef="m2"')
    )
    calling = whole(
        START
        + node("callActivity", "call", extensions('<zeebe:calledElement processId="called"/>'))
        + node("boundaryEvent", "caught", event, attachedToRef="call")
        + user_task("repair")
        + user_task("after")
        + END
        + line("begun", "call", "after", "done")
        + line("caught", "repair", "done")
    )
    bench.deploy(called, calling)
    bench.start()
    assert bench.tasks() == ["repair"]


def test_a_terminate_end_in_a_handler_ends_only_the_handler(bench: Bench) -> None:
    inner = user_task("handle") + line("heard", "handle", "handled")
    aside = handler(MESSAGE, inner, interrupting=False).replace(
        '<bpmn:endEvent id="handled">',
        '<bpmn:endEvent id="handled"><bpmn:terminateEventDefinition/>',
    )
    bench.deploy(plain(aside))
    bench.start()
    bench.message("news")
    bench.complete("handle")
    assert bench.tasks() == ["work"]
