"""Compensation and transactions: what was done is undone, the latest first."""

from __future__ import annotations

import re

import pytest

from perfflow.workflow.definitions.gate import check_files
from tests.workflow.building import Bench, document, line, node, said, say, user_task

START, END = node("startEvent", "begun"), node("endEvent", "done")
THROW = node("intermediateThrowEvent", "undo", "<bpmn:compensateEventDefinition/>")


def undone_by(activity: str, handler: str, drawn: str = "") -> str:
    """The compensation event of an activity; its handler says its name unless ``drawn``."""
    task = (drawn or say(handler)).replace("Task ", 'Task isForCompensation="true" ', 1)
    event = node(
        "boundaryEvent",
        f"{activity}-undone",
        "<bpmn:compensateEventDefinition/>",
        attachedToRef=activity,
    )
    return (
        event
        + task
        + (
            f'<bpmn:association id="{activity}-{handler}" associationDirection="One" '
            f'sourceRef="{activity}-undone" targetRef="{handler}"/>'
        )
    )


def in_order(body: str) -> str:
    """Associations behind everything else, as the schema wants them."""
    found = re.findall(r"<bpmn:association [^>]*/>", body)
    for one in found:
        body = body.replace(one, "")
    return body + "".join(found)


def whole(body: str) -> bytes:
    """One process."""
    return document(
        '<bpmn:error id="e" errorCode="NO"/>'
        f'<bpmn:process id="trial" isExecutable="true">{in_order(body)}</bpmn:process>'
    )


def sub(name: str, inner: str, kind: str = "subProcess") -> str:
    """A sub-process around nodes between ``in-name`` and ``out-name``."""
    ends = node("startEvent", f"in-{name}") + node("endEvent", f"out-{name}")
    return node(kind, name, in_order(ends + inner))


def test_completed_work_is_undone_in_reverse_order(bench: Bench) -> None:
    bench.deploy(
        whole(
            START + say("a") + say("b") + user_task("work") + THROW + say("z") + END
            + undone_by("a", "A") + undone_by("b", "B")
            + line("begun", "a", "b", "work", "undo", "z", "done")
        )
    )  # fmt: skip
    bench.start()
    assert said() == "ab"
    bench.complete("work")
    assert said() == "abBAz"


def test_only_the_named_activity_is_undone_and_only_once(bench: Bench) -> None:
    only = '<bpmn:compensateEventDefinition activityRef="a"/>'
    named = node("intermediateThrowEvent", "one", only)
    bench.deploy(
        whole(
            START + say("a") + say("b") + named + THROW + END
            + undone_by("a", "A") + undone_by("b", "B")
            + line("begun", "a", "b", "one", "undo", "done")
        )
    )  # fmt: skip
    bench.start()
    assert said() == "abAB"
    assert bench.status() == "completed"


def test_work_that_was_not_done_is_not_undone(bench: Bench) -> None:
    bench.deploy(
        whole(
            START + node("parallelGateway", "fork") + user_task("work") + user_task("other") + THROW
            + END + undone_by("work", "A") + line("begun", "fork", "work", "done")
            + line("fork", "other", "undo", "done")
        )
    )  # fmt: skip
    bench.start()
    bench.complete("other")
    assert said() == ""
    bench.complete("work")
    assert bench.status() == "completed"


def test_work_that_was_done_twice_is_undone_twice(bench: Bench) -> None:
    bench.deploy(
        whole(
            START + node("exclusiveGateway", "again") + say("a") + user_task("judge")
            + node("exclusiveGateway", "enough", default="enough-to-again") + THROW + END
            + undone_by("a", "A") + line("begun", "again", "a", "judge", "enough", "again")
            + line("undo", "done")
            + line("enough", "undo").replace(
                "></bpmn:sequenceFlow>",
                "><bpmn:conditionExpression>=good</bpmn:conditionExpression></bpmn:sequenceFlow>",
            )
        )
    )  # fmt: skip
    bench.start()
    bench.complete("judge", {"good": False})
    bench.complete("judge", {"good": True})
    assert said() == "aaAA"


def test_a_completed_sub_process_is_undone_by_the_handlers_inside(bench: Bench) -> None:
    bench.deploy(
        whole(
            START
            + sub("trip", say("a") + say("b") + undone_by("a", "A") + undone_by("b", "B")
                  + line("in-trip", "a", "b", "out-trip"))
            + say("c") + undone_by("c", "C") + THROW + END
            + line("begun", "trip", "c", "undo", "done")
        )
    )  # fmt: skip
    bench.start()
    assert said() == "abcCBA"


def test_an_own_handler_of_a_sub_process_stands_for_those_inside(bench: Bench) -> None:
    bench.deploy(
        whole(
            START
            + sub("trip", say("a") + undone_by("a", "A") + line("in-trip", "a", "out-trip"))
            + undone_by("trip", "T") + THROW + END + line("begun", "trip", "undo", "done")
        )
    )  # fmt: skip
    bench.start()
    assert said() == "aT"


def test_a_compensation_event_sub_process_decides_what_is_undone_inside(bench: Bench) -> None:
    aside = node(
        "subProcess",
        "aside",
        node("startEvent", "asked", "<bpmn:compensateEventDefinition/>")
        + say("x")
        + node("intermediateThrowEvent", "inner-undo", "<bpmn:compensateEventDefinition/>")
        + say("y")
        + node("endEvent", "aside-done")
        + line("asked", "x", "inner-undo", "y", "aside-done"),
        triggeredByEvent="true",
    )
    bench.deploy(
        whole(
            START
            + sub("trip", say("a") + undone_by("a", "A") + aside + line("in-trip", "a", "out-trip"))
            + THROW + END + line("begun", "trip", "undo", "done")
        )
    )  # fmt: skip
    bench.start()
    assert said() == "axAy"


def test_undoing_waits_for_people_and_survives_being_stored(bench: Bench) -> None:
    bench.deploy(
        whole(
            START + say("a") + say("b") + THROW + say("z") + END + undone_by("a", "A")
            + undone_by("b", "return", user_task("return"))
            + line("begun", "a", "b", "undo", "z", "done")
        )
    )  # fmt: skip
    bench.start()
    assert (said(), bench.tasks()) == ("ab", ["return"])
    bench.complete("return")
    assert said() == "abAz"
    assert bench.status() == "completed"


def test_a_compensation_end_event_undoes_and_ends(bench: Bench) -> None:
    bench.deploy(
        whole(
            START + say("a") + undone_by("a", "A")
            + node("endEvent", "done", "<bpmn:compensateEventDefinition/>")
            + line("begun", "a", "done")
        )
    )  # fmt: skip
    bench.start()
    assert said() == "aA"
    assert bench.status() == "completed"


def transaction(end: str) -> bytes:
    """A trip that is booked, and then may be cancelled."""
    inner = (
        say("a") + say("b") + undone_by("a", "A") + undone_by("b", "B")
        + node("parallelGateway", "fork") + user_task("pay") + user_task("wait")
        + node("exclusiveGateway", "good", default="good-to-out-trip")
        + node("endEvent", "stopped", end)
        + line("in-trip", "a", "b", "fork", "pay", "good", "out-trip")
        + line("fork", "wait", "out-trip")
        + line("good", "stopped").replace(
            "></bpmn:sequenceFlow>",
            "><bpmn:conditionExpression>=bad</bpmn:conditionExpression></bpmn:sequenceFlow>",
        )
    )  # fmt: skip
    return whole(
        START
        + sub("trip", inner, "transaction")
        + node("boundaryEvent", "off", "<bpmn:cancelEventDefinition/>", attachedToRef="trip")
        + node("boundaryEvent", "failed", '<bpmn:errorEventDefinition errorRef="e"/>',
               attachedToRef="trip")
        + user_task("stay")
        + user_task("go")
        + user_task("repair")
        + END
        + line("begun", "trip", "go", "done")
        + line("off", "stay", "done")
        + line("failed", "repair", "done")
    )  # fmt: skip


def test_a_cancelled_transaction_is_undone_and_goes_on_at_its_cancel_event(bench: Bench) -> None:
    bench.deploy(transaction("<bpmn:cancelEventDefinition/>"))
    bench.start()
    bench.complete("pay", {"bad": True})
    assert said() == "abBA"
    assert bench.tasks() == ["stay"]


def test_a_transaction_that_succeeds_goes_on(bench: Bench) -> None:
    bench.deploy(transaction("<bpmn:cancelEventDefinition/>"))
    bench.start()
    bench.complete("pay", {"bad": False})
    bench.complete("wait")
    assert bench.tasks() == ["go"]


def test_an_error_leaves_a_transaction_without_undoing(bench: Bench) -> None:
    bench.deploy(transaction('<bpmn:errorEventDefinition errorRef="e"/>'))
    bench.start()
    bench.complete("pay", {"bad": True})
    assert said() == "ab"
    assert bench.tasks() == ["repair"]


@pytest.mark.parametrize("place", ["activity", "around"])
def test_undoing_what_repeats_is_refused(place: str) -> None:
    marker = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    body = sub("trip", say("a") + undone_by("a", "A") + line("in-trip", "a", "out-trip"))
    if place == "around":
        body = body.replace('id="trip">', f'id="trip">{marker}')
    else:
        head, _, rest = body.partition("</bpmn:serviceTask>")
        body = f"{head}{marker}</bpmn:serviceTask>{rest}"
    content = whole(START + body + THROW + END + line("begun", "trip", "undo", "done"))
    found = check_files({"processes/x.bpmn": content})
    assert "WF-102" in {finding.code for finding in found if finding.severity == "error"}
