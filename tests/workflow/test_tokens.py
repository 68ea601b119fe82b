"""How tokens move: joins, loops, sub-processes, called processes, events and errors."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perfflow.kernel.errors import RuleViolation
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

PARALLEL = process(
    node("startEvent", "begun")
    + node("parallelGateway", "fork")
    + "".join(user_task(f"part-{n}") for n in range(1, 4))
    + node("parallelGateway", "join")
    + user_task("after")
    + node("endEvent", "done")
    + line("begun", "fork")
    + "".join(line("fork", f"part-{n}", "join") for n in range(1, 4))
    + line("join", "after", "done")
)


@pytest.mark.parametrize("order", ["123", "321", "213", "231"])
def test_a_join_waits_for_every_branch_in_any_order(bench: Bench, order: str) -> None:
    bench.deploy(PARALLEL)
    bench.start()
    for number in order:
        assert f"part-{number}" in bench.tasks()
        bench.complete(f"part-{number}")
    assert bench.tasks() == ["after"]
    bench.complete("after")
    assert bench.status() == "completed"


ROUNDS = process(
    node("startEvent", "begun")
    + node("exclusiveGateway", "again")
    + node("parallelGateway", "fork")
    + user_task("a")
    + user_task("b")
    + node("parallelGateway", "join")
    + user_task("judge")
    + node("exclusiveGateway", "good", default="good-to-again")
    + node("endEvent", "done")
    + line("begun", "again", "fork", "a", "join", "judge", "good")
    + line("fork", "b", "join")
    + flow("good", "again")
    + flow("good", "done", "=decision")
)


def test_a_join_in_a_loop_does_not_count_arrivals_of_earlier_rounds(bench: Bench) -> None:
    bench.deploy(ROUNDS)
    bench.start()
    for first, second in ("ab", "ba", "ab", "bb"[:1] + "a"):
        bench.complete(first)
        assert bench.tasks() == [second]
        bench.complete(second)
        bench.complete("judge", {"decision": False})
    bench.complete("a")
    bench.complete("b")
    bench.complete("judge", {"decision": True})
    assert bench.status() == "completed"


LOOP = process(
    node("startEvent", "begun")
    + user_task("revise")
    + service("count", "testing.count")
    + node("exclusiveGateway", "enough", default="enough-to-revise")
    + node("endEvent", "done")
    + line("begun", "revise", "count", "enough")
    + flow("enough", "revise")
    + flow("enough", "done", "=turns &gt;= 1000")
)


def test_a_thousand_rounds_end_and_cost_no_more_at_the_end(bench: Bench) -> None:
    from sqlalchemy import select

    from perfflow.kernel.actor import Actor
    from perfflow.workflow import actions, queries
    from perfflow.workflow.engine.store import state_table

    bench.deploy(LOOP)
    bench.start()
    with bench.database.writing() as session:
        for _ in range(1_000):
            (task,) = queries.open_tasks_of(session, "K1")
            actions.complete_task(session, Actor("e", "E1"), bench.now, task.id, task.revision, {})
    assert bench.status() == "completed"
    assert bench.variables()["turns"] == 1_000
    with bench.database.reading() as session:
        blobs = session.execute(select(state_table.c.blob)).scalars().all()
    assert len(blobs) <= 3
    assert max(len(blob) for blob in blobs) < 200


AUTOMATIC_LOOP = process(
    node("startEvent", "begun")
    + service("count", "testing.count")
    + node("exclusiveGateway", "enough", default="enough-to-count")
    + user_task("after")
    + node("endEvent", "done")
    + line("begun", "count", "enough")
    + flow("enough", "count")
    + flow("enough", "after", "=turns &gt;= limit")
    + line("after", "done")
)


def test_a_long_automatic_loop_runs_to_its_end(bench: Bench) -> None:
    bench.deploy(AUTOMATIC_LOOP)
    bench.start(limit=1_500)
    assert bench.variables()["turns"] == 1_500
    assert bench.tasks() == ["after"]


def test_an_endless_automatic_loop_is_an_error_and_starts_nothing(bench: Bench) -> None:
    bench.deploy(AUTOMATIC_LOOP)
    with pytest.raises(RuleViolation) as raised:
        bench.start(limit=10**9)
    assert raised.value.code == "workflow.endless"
    assert bench.status() == "none"


SUB = process(
    node("startEvent", "begun")
    + node(
        "subProcess",
        "talk",
        extensions(mapping({"topic": "=&quot;goals&quot;"}, {"result": "=noted"}))
        + node("startEvent", "talk-begun")
        + user_task("speak")
        + service("keep", "testing.note", mapping({"what": "=topic"}))
        + node("endEvent", "talk-ended")
        + line("talk-begun", "speak", "keep", "talk-ended"),
    )
    + node("boundaryEvent", "too-long", timer("P2D"), attachedToRef="talk")
    + user_task("sign")
    + user_task("help", "E2")
    + node("endEvent", "done")
    + line("begun", "talk", "sign", "done")
    + line("too-long", "help", "done")
)


def test_a_sub_process_reads_outside_and_hands_out_what_is_mapped(bench: Bench) -> None:
    bench.deploy(SUB)
    bench.start()
    bench.complete("speak")
    assert CALLS == [("keep", {"what": "goals"})]
    assert bench.tasks() == ["sign"]
    assert bench.variables()["result"] == "goals"
    assert "topic" not in bench.variables()


def test_a_timer_on_a_sub_process_ends_everything_in_it(bench: Bench) -> None:
    bench.deploy(SUB)
    bench.start()
    bench.advance(bench.now + timedelta(days=3))
    assert bench.tasks() == ["help"]
    bench.complete("help")
    assert bench.status() == "completed"
    assert CALLS == []


CALLED = process(
    node("startEvent", "begun")
    + user_task("draft", "=employee")
    + service("keep", "testing.note", mapping({"what": "=employee"}, {"verdict": "=noted"}))
    + node("endEvent", "done")
    + line("begun", "draft", "keep", "done"),
    key="negotiation",
)
CALLING = process(
    node("startEvent", "begun")
    + node(
        "callActivity",
        "negotiate",
        extensions(
            '<zeebe:calledElement processId="negotiation" propagateAllChildVariables="false"/>'
            + mapping(outputs={"agreed": "=verdict"})
        ),
    )
    + node("exclusiveGateway", "again", default="again-to-done")
    + node("endEvent", "done")
    + line("begun", "negotiate", "again")
    + flow("again", "negotiate", "=rounds &gt; 1")
    + flow("again", "done"),
    key="appraisal",
)


def test_a_called_process_has_its_own_scope_and_returns_what_is_mapped(bench: Bench) -> None:
    bench.deploy(CALLED, CALLING)
    bench.start("appraisal", employee="E1", rounds=1)
    task = bench.task("draft")
    assert (task.assignee_no, task.definition_key) == ("E1", "negotiation")
    bench.complete("draft")
    assert bench.status() == "completed"
    assert bench.variables() == {"employee": "E1", "rounds": 1, "agreed": "E1"}


def test_a_call_in_a_loop_starts_afresh_each_time(bench: Bench) -> None:
    bench.deploy(CALLED, CALLING)
    bench.start("appraisal", employee="E1", rounds=2)
    for _ in range(3):
        bench.complete("draft")
    assert bench.tasks() == ["draft"]


def test_instances_keep_the_bundle_that_they_started_with(bench: Bench) -> None:
    bench.deploy(CALLED, CALLING)
    bench.start("appraisal", business="old", employee="E1", rounds=1)
    changed = CALLED.replace(b'id="draft"', b'id="write"').replace(b'"draft"', b'"write"')
    assert bench.deploy(changed).bundle_number == 2
    bench.start("appraisal", business="new", employee="E1", rounds=1)
    assert (bench.tasks("old"), bench.tasks("new")) == (["draft"], ["write"])
    bench.complete("draft", business="old")
    assert bench.status("old") == "completed"


ERRORS = document(
    '<bpmn:error id="e1" name="Refused" errorCode="REFUSED"/>'
    '<bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begun")
    + service("ask", "testing.fail", mapping({"code": "=code"}))
    + node(
        "boundaryEvent",
        "refused",
        '<bpmn:errorEventDefinition errorRef="e1"/>',
        attachedToRef="ask",
    )
    + user_task("repair")
    + node("endEvent", "done")
    + line("begun", "ask", "done")
    + line("refused", "repair", "done")
    + "</bpmn:process>"
)


def test_an_error_boundary_catches_its_own_code(bench: Bench) -> None:
    bench.deploy(ERRORS)
    bench.start(code="REFUSED")
    assert bench.tasks() == ["repair"]
    bench.complete("repair")
    assert bench.status() == "completed"


def test_an_error_that_nobody_catches_undoes_the_step(bench: Bench) -> None:
    bench.deploy(ERRORS)
    with pytest.raises(RuleViolation) as raised:
        bench.start(code="OTHER")
    assert raised.value.code == "workflow.unhandled_error"
    assert bench.status() == "none"


ERROR_END = document(
    '<bpmn:error id="e1" errorCode="NO"/><bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begun")
    + node(
        "subProcess",
        "review",
        node("startEvent", "inner-begun")
        + node("parallelGateway", "inner-fork")
        + user_task("judge")
        + user_task("listen")
        + node("endEvent", "failed", '<bpmn:errorEventDefinition errorRef="e1"/>')
        + node("endEvent", "heard")
        + line("inner-begun", "inner-fork", "judge", "failed")
        + line("inner-fork", "listen", "heard"),
    )
    + node(
        "boundaryEvent",
        "caught",
        '<bpmn:errorEventDefinition errorRef="e1"/>',
        attachedToRef="review",
    )
    + user_task("repair")
    + node("endEvent", "done")
    + line("begun", "review", "done")
    + line("caught", "repair", "done")
    + "</bpmn:process>"
)


def test_an_error_end_leaves_the_sub_process_at_once(bench: Bench) -> None:
    bench.deploy(ERROR_END)
    bench.start()
    assert bench.tasks() == ["judge", "listen"]
    bench.complete("judge")
    assert bench.tasks() == ["repair"]
    bench.complete("repair")
    assert bench.status() == "completed"


TERMINATE = process(
    node("startEvent", "begun")
    + node("parallelGateway", "fork")
    + user_task("stop")
    + user_task("other")
    + node("endEvent", "ended", "<bpmn:terminateEventDefinition/>")
    + node("endEvent", "done")
    + line("begun", "fork", "stop", "ended")
    + line("fork", "other", "done")
)


def test_a_terminate_end_takes_all_other_tokens_away(bench: Bench) -> None:
    bench.deploy(TERMINATE)
    bench.start()
    bench.complete("stop")
    assert bench.tasks() == []
    assert bench.status() == "completed"


def test_the_order_of_the_file_decides_between_true_conditions(bench: Bench) -> None:
    body = (
        node("startEvent", "begun")
        + node("exclusiveGateway", "score", default="score-to-low")
        + user_task("high")
        + user_task("middle")
        + user_task("low")
        + node("endEvent", "done")
        + flow("begun", "score")
        + flow("score", "high", "=score &gt; 90")
        + flow("score", "middle", "=score &gt; 50")
        + flow("score", "low")
        + "".join(flow(name, "done") for name in ("high", "middle", "low"))
    )
    drawn = (
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
        'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><bpmndi:BPMNPlane>'
        + "".join(
            f'<bpmndi:BPMNShape bpmnElement="{name}"><dc:Bounds x="0" y="{y}" width="9" '
            'height="9"/></bpmndi:BPMNShape>'
            for name, y in (("low", 0), ("middle", 100), ("high", 200))
        )
        + "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
    )
    content = process(body).replace(b"</bpmn:definitions>", drawn.encode() + b"</bpmn:definitions>")
    bench.deploy(content)
    bench.start(score=95)
    assert bench.tasks() == ["high"]


def test_reserved_and_missing_ids_do_not_lose_steps(bench: Bench) -> None:
    content = document(
        '<bpmn:process id="trial" isExecutable="true"><bpmn:startEvent id="Start"/>'
        '<bpmn:userTask id="End" name="approve"/><bpmn:endEvent id="Root"/>'
        '<bpmn:sequenceFlow sourceRef="Start" targetRef="End"/>'
        '<bpmn:sequenceFlow sourceRef="End" targetRef="Root"/></bpmn:process>'
    )
    bench.deploy(content)
    bench.start()
    assert bench.tasks() == ["End-element"]


def test_two_tokens_at_one_task_are_told_apart(bench: Bench) -> None:
    body = (
        node("startEvent", "begun")
        + node("parallelGateway", "fork")
        + user_task("one")
        + user_task("two")
        + user_task("shared")
        + node("endEvent", "done")
        + line("begun", "fork", "one", "shared", "done")
        + line("fork", "two", "shared")
    )
    bench.deploy(process(body))
    bench.start()
    bench.complete("two")
    bench.complete("one")
    assert bench.tasks() == ["shared", "shared"]
    bench.complete("shared")
    assert bench.tasks() == ["shared"]
    bench.complete("shared")
    assert bench.status() == "completed"
