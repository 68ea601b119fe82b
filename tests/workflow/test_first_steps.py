"""A process from start to end: user task, service, gateway, timer and message."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perfflow.kernel.errors import Conflict, NotFound
from tests.workflow.building import (
    Bench,
    CALLS,
    document,
    extensions,
    flow,
    line,
    mapping,
    node,
    OUTSIDER,
    process,
    service,
    timer,
    user_task,
)

APPROVAL = process(
    node("startEvent", "begun")
    + user_task("write", "=employee")
    + service("remember", "testing.note", mapping({"what": "=decision"}))
    + node("exclusiveGateway", "decide", default="decide-to-rejected")
    + user_task("approve", "=manager of(employee)")
    + node("endEvent", "approved")
    + node("endEvent", "rejected")
    + line("begun", "write", "remember", "decide")
    + flow("decide", "approve", '=decision = "yes"')
    + flow("decide", "rejected")
    + flow("approve", "approved")
)


def test_a_process_goes_from_task_to_service_to_gateway_to_end(bench: Bench) -> None:
    bench.deploy(APPROVAL)
    bench.start(employee="E1")
    assert bench.tasks() == ["write"]
    bench.complete("write", {"decision": "yes"})
    assert CALLS == [("remember", {"what": "yes"})]
    assert bench.tasks() == ["approve"]
    assert bench.task("approve").assignee_no == "E2"
    bench.complete("approve")
    assert bench.status() == "completed"
    assert bench.variables()["noted"] == "yes"


def test_the_default_flow_is_taken_when_no_condition_is_true(bench: Bench) -> None:
    bench.deploy(APPROVAL)
    bench.start(employee="E1")
    bench.complete("write", {"decision": None})
    assert bench.status() == "completed"
    assert bench.tasks() == []


def test_a_stranger_is_told_that_there_is_no_such_task(bench: Bench) -> None:
    bench.deploy(APPROVAL)
    bench.start(employee="E1")
    with pytest.raises(NotFound):
        bench.complete("write", {"decision": "yes"}, actor=OUTSIDER)
    assert bench.tasks() == ["write"]


def test_a_second_instance_with_the_same_key_is_refused_while_the_first_runs(
    bench: Bench,
) -> None:
    bench.deploy(APPROVAL)
    bench.start(employee="E1")
    with pytest.raises(Conflict):
        bench.start(employee="E1")
    bench.complete("write", {"decision": "no"})
    bench.start(employee="E1")
    assert bench.tasks() == ["write"]


TIMED = process(
    node("startEvent", "begun")
    + user_task("answer")
    + node("boundaryEvent", "overdue", timer("P3D"), attachedToRef="answer")
    + node("boundaryEvent", "nudged", timer("P1D"), attachedToRef="answer", cancelActivity="false")
    + user_task("mediate", "E2")
    + service("nudge", "testing.note", mapping({"what": "=&quot;nudge&quot;"}))
    + node("endEvent", "done")
    + node("endEvent", "nudge-done")
    + line("begun", "answer", "done")
    + line("overdue", "mediate", "done")
    + line("nudged", "nudge", "nudge-done")
)


def test_an_interrupting_timer_takes_the_token_away_from_the_task(bench: Bench) -> None:
    bench.deploy(TIMED)
    bench.start()
    bench.advance(bench.now + timedelta(days=4))
    assert bench.tasks() == ["mediate"]
    assert CALLS == [("nudge", {"what": "nudge"})]
    bench.complete("mediate")
    assert bench.status() == "completed"


def test_a_completed_task_leaves_no_timer_behind(bench: Bench) -> None:
    bench.deploy(TIMED)
    bench.start()
    bench.complete("answer")
    assert bench.advance(bench.now + timedelta(days=9)) == 0
    assert bench.status() == "completed"


WAITING = document(
    '<bpmn:message id="frozen" name="data-frozen">'
    + extensions('<zeebe:subscription correlationKey="=receiver"/>')
    + "</bpmn:message>"
    '<bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begun")
    + node(
        "intermediateCatchEvent",
        "data-frozen",
        '<bpmn:messageEventDefinition messageRef="frozen"/>',
    )
    + user_task("check")
    + node("endEvent", "done")
    + line("begun", "data-frozen", "check", "done")
    + "</bpmn:process>"
)


def test_a_message_reaches_the_instance_with_its_key_only(bench: Bench) -> None:
    bench.deploy(WAITING)
    bench.start(business="A", receiver="A")
    bench.start(business="B", receiver="B")
    bench.message("data-frozen", "A", size=3)
    assert bench.tasks("A") == ["check"]
    assert bench.variables("A")["size"] == 3
    assert bench.tasks("B") == []


def test_a_message_that_comes_early_waits_for_its_subscription(bench: Bench) -> None:
    bench.deploy(WAITING)
    bench.message("data-frozen", "A")
    bench.start(business="A", receiver="A")
    assert bench.tasks("A") == ["check"]


def test_expressions_may_read_the_business_key_without_storing_it(bench: Bench) -> None:
    bench.deploy(
        process(
            node("startEvent", "begun")
            + service("keep", "testing.note", mapping({"what": "=business_key"}))
            + user_task("work", inner=mapping({"key": "=business_key"}))
            + node("endEvent", "done")
            + line("begun", "keep", "work", "done")
        )
    )
    bench.start(business="2025/E1")
    assert bench.variables("2025/E1") == {"noted": "2025/E1"}
    assert bench.task("work", "2025/E1").locals == {"key": "2025/E1"}
