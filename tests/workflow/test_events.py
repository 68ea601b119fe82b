"""Events: event gateways, repeating timers, messages of a step and messages heard again."""

from __future__ import annotations

from datetime import timedelta

from tests.workflow.building import (
    Bench,
    CALLS,
    document,
    extensions,
    flow,
    line,
    mapping,
    node,
    process,
    service,
    timer,
    user_task,
)

CHOICE = document(
    '<bpmn:message id="m" name="answered">'
    + extensions('<zeebe:subscription correlationKey="=receiver"/>')
    + '</bpmn:message><bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begun")
    + node("eventBasedGateway", "either")
    + node("intermediateCatchEvent", "soon", timer("P1D"))
    + node("intermediateCatchEvent", "late", timer("P9D"))
    + node("intermediateCatchEvent", "heard", '<bpmn:messageEventDefinition messageRef="m"/>')
    + "".join(user_task(f"after-{name}") for name in ("soon", "late", "heard"))
    + node("endEvent", "done")
    + "".join(line("either", name, f"after-{name}", "done") for name in ("soon", "late", "heard"))
    + flow("begun", "either")
    + "</bpmn:process>"
)


def test_the_first_event_behind_an_event_gateway_decides(bench: Bench) -> None:
    bench.deploy(CHOICE)
    bench.start(receiver="K1")
    bench.message("answered")
    assert bench.tasks() == ["after-heard"]
    assert bench.advance(bench.now + timedelta(days=20)) == 0


def test_two_timers_behind_one_gateway_have_their_own_due_dates(bench: Bench) -> None:
    bench.deploy(CHOICE)
    bench.start(receiver="K1")
    bench.advance(bench.now + timedelta(hours=25))
    assert bench.tasks() == ["after-soon"]


CYCLE = process(
    node("startEvent", "begun")
    + user_task("work")
    + node(
        "boundaryEvent",
        "nudge",
        timer("R3/P1D", "timeCycle"),
        attachedToRef="work",
        cancelActivity="false",
    )
    + service("tell", "testing.note", mapping({"what": "=1"}))
    + node("endEvent", "done")
    + node("endEvent", "told")
    + line("begun", "work", "done")
    + line("nudge", "tell", "told")
)


def test_a_cycle_fires_as_often_as_it_says(bench: Bench) -> None:
    bench.deploy(CYCLE)
    bench.start()
    assert bench.advance(bench.now + timedelta(days=10)) == 3
    assert len(CALLS) == 3
    bench.complete("work")
    assert bench.status() == "completed"


SHOUT = document(
    '<bpmn:message id="m" name="ready">'
    + extensions('<zeebe:subscription correlationKey="=receiver"/>')
    + '</bpmn:message><bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begun")
    + service("call", "testing.shout", mapping({"name": "=&quot;ready&quot;", "key": "=receiver"}))
    + node("intermediateCatchEvent", "heard", '<bpmn:messageEventDefinition messageRef="m"/>')
    + user_task("after")
    + node("endEvent", "done")
    + line("begun", "call", "heard", "after", "done")
    + "</bpmn:process>"
)


def test_a_message_of_a_step_is_delivered_after_the_step_even_to_itself(bench: Bench) -> None:
    bench.deploy(SHOUT)
    bench.start(receiver="K1")
    assert bench.tasks() == ["after"]
    assert bench.variables()["from"] == "call"


REPEATED = document(
    '<bpmn:message id="m" name="poke">'
    + extensions('<zeebe:subscription correlationKey="=receiver"/>')
    + '</bpmn:message><bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begun")
    + user_task("work")
    + node(
        "boundaryEvent",
        "poked",
        '<bpmn:messageEventDefinition messageRef="m"/>',
        attachedToRef="work",
        cancelActivity="false",
    )
    + user_task("react")
    + node("endEvent", "done")
    + node("endEvent", "reacted")
    + line("begun", "work", "done")
    + line("poked", "react", "reacted")
    + "</bpmn:process>"
)


def test_a_non_interrupting_message_is_heard_every_time(bench: Bench) -> None:
    bench.deploy(REPEATED)
    bench.start(receiver="K1")
    for _ in range(3):
        bench.message("poke")
    assert bench.tasks() == ["react", "react", "react", "work"]
    bench.complete("react")
    bench.complete("work")
    bench.message("poke")
    assert bench.tasks() == ["react", "react"]
    bench.complete("react")
    bench.complete("react")
    assert bench.status() == "completed"
