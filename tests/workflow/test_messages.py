"""Messages and signals: correlation, waiting, duplicates, expiry, one instance per definition."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import RuleViolation
from perfflow.workflow import actions
from tests.workflow.building import (
    Bench,
    document,
    extensions,
    line,
    mapping,
    node,
    service,
    user_task,
)

MESSAGE = (
    '<bpmn:message id="m" name="ready">'
    + extensions('<zeebe:subscription correlationKey="=receiver"/>')
    + "</bpmn:message>"
)


def listening(key: str = "trial", inner: str = "", rounds: int = 1) -> str:
    """A process that waits for the message, ``rounds`` times in a row."""
    names = [f"heard-{number}" for number in range(rounds)]
    return (
        f'<bpmn:process id="{key}" isExecutable="true">'
        + node("startEvent", "begun")
        + "".join(
            node(
                "intermediateCatchEvent",
                name,
                inner + '<bpmn:messageEventDefinition messageRef="m"/>',
            )
            for name in names
        )
        + user_task("after")
        + node("endEvent", "done")
        + line("begun", *names, "after", "done")
        + "</bpmn:process>"
    )


def test_a_message_is_taken_once_by_each_definition(bench: Bench) -> None:
    bench.deploy(document(MESSAGE + listening(rounds=2)))
    bench.start(receiver="R")
    bench.message("ready", "R")
    assert bench.tasks() == []
    bench.message("ready", "R")
    assert bench.tasks() == ["after"]


def test_a_message_without_a_name_goes_by_its_id(bench: Bench) -> None:
    nameless = MESSAGE.replace(' name="ready"', "")
    told = bench.deploy(document(nameless + listening()))
    assert "WF-204" in {one.code for one in told.findings if one.severity == "warning"}
    bench.start(receiver="K1")
    bench.message("m")
    assert bench.tasks() == ["after"]


def test_two_definitions_both_hear_one_message(bench: Bench) -> None:
    bench.deploy(document(MESSAGE + listening()), document(MESSAGE + listening("other")))
    bench.start(business="A", receiver="R")
    bench.start("other", "B", receiver="R")
    bench.message("ready", "R")
    assert (bench.tasks("A"), bench.tasks("B")) == (["after"], ["after"])


def test_two_instances_of_one_definition_share_no_message(bench: Bench) -> None:
    bench.deploy(document(MESSAGE + listening()))
    bench.start(business="A", receiver="R")
    bench.start(business="B", receiver="R")
    bench.message("ready", "R")
    assert (bench.tasks("A"), bench.tasks("B")) == (["after"], [])
    bench.message("ready", "R")
    assert bench.tasks("B") == ["after"]


def test_the_same_dedupe_id_is_published_once(bench: Bench) -> None:
    bench.deploy(document(MESSAGE + listening(rounds=2)))
    bench.start(receiver="R")
    for _ in range(3):
        with bench.database.writing() as session:
            actions.publish_message(session, SYSTEM, bench.now, "ready", "R", dedupe_id="freeze-1")
    assert bench.tasks() == []
    with bench.database.writing() as session:
        actions.publish_message(session, SYSTEM, bench.now, "ready", "R", dedupe_id="freeze-2")
    assert bench.tasks() == ["after"]


def test_an_expired_message_is_no_longer_taken(bench: Bench) -> None:
    bench.deploy(document(MESSAGE + listening()))
    with bench.database.writing() as session:
        actions.publish_message(
            session, SYSTEM, bench.now, "ready", "R", expires_at=bench.now + timedelta(days=1)
        )
    bench.now += timedelta(days=2)
    bench.start(receiver="R")
    assert bench.tasks() == []
    with bench.database.writing() as session:
        assert actions.expire_messages(session, bench.now) == 1


def test_the_payload_goes_through_the_output_mapping(bench: Bench) -> None:
    inner = extensions(mapping(outputs={"band": "=result.band"}))
    bench.deploy(document(MESSAGE + listening(inner=inner)))
    bench.start(receiver="R")
    bench.message("ready", "R", result={"band": "A", "secret": 1}, other=2)
    assert bench.variables() == {"receiver": "R", "band": "A"}


def test_many_messages_reach_many_instances(bench: Bench) -> None:
    bench.deploy(document(MESSAGE + listening()))
    for number in range(5):
        bench.start(business=f"K{number}", receiver=f"R{number}")
    with bench.database.writing() as session:
        actions.publish_messages(
            session, SYSTEM, bench.now, "ready", [f"R{n}" for n in range(4)], {"x": 1}
        )
    assert [bench.tasks(f"K{n}") for n in range(5)] == [["after"]] * 4 + [[]]


def test_a_missing_correlation_key_refuses_the_step(bench: Bench) -> None:
    bench.deploy(document(MESSAGE + listening()))
    with pytest.raises(RuleViolation) as raised:
        bench.start()
    assert raised.value.code == "workflow.no_correlation_key"


SENDER = document(
    MESSAGE
    + '<bpmn:process id="sender" isExecutable="true">'
    + node("startEvent", "begun")
    + node(
        "intermediateThrowEvent",
        "said",
        extensions(mapping({"size": "=3"})) + '<bpmn:messageEventDefinition messageRef="m"/>',
    )
    + node("endEvent", "done", '<bpmn:messageEventDefinition messageRef="m"/>')
    + line("begun", "said", "done")
    + "</bpmn:process>"
)


def test_throw_and_end_events_publish_to_other_processes(bench: Bench) -> None:
    bench.deploy(document(MESSAGE + listening(rounds=2)), SENDER)
    bench.start(receiver="R")
    bench.start("sender", "S", receiver="R")
    assert bench.tasks() == ["after"]
    assert bench.variables()["size"] == 3


def test_a_failure_in_a_receiver_undoes_the_sender(bench: Bench) -> None:
    failing = listening().replace(
        user_task("after"),
        service("after", "testing.fail", mapping({"code": "=&quot;X&quot;"})),
    )
    bench.deploy(document(MESSAGE + failing), SENDER)
    bench.start(receiver="R")
    with pytest.raises(RuleViolation):
        bench.start("sender", "S", receiver="R")
    assert bench.status("S") == "none"
    assert bench.status() == "active"


SIGNAL = document(
    '<bpmn:signal id="s" name="=&quot;frozen/&quot; + cycle"/>'
    '<bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begun")
    + node("intermediateCatchEvent", "frozen", '<bpmn:signalEventDefinition signalRef="s"/>')
    + user_task("after")
    + node("endEvent", "done")
    + line("begun", "frozen", "after", "done")
    + "</bpmn:process>"
)


def test_a_signal_reaches_all_who_wait_and_none_who_come_later(bench: Bench) -> None:
    bench.deploy(SIGNAL)
    bench.start(business="A", cycle="2025")
    bench.start(business="B", cycle="2025")
    bench.start(business="C", cycle="2026")
    with bench.database.writing() as session:
        actions.publish_signal(session, SYSTEM, bench.now, "frozen/2025")
    bench.start(business="D", cycle="2025")
    assert [bench.tasks(key) for key in "ABCD"] == [["after"], ["after"], [], []]
