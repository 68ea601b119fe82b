"""Rules about sequence flows and references, twin by twin."""

from __future__ import annotations

import pytest

from perfflow.workflow.definitions.gate import check_files
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
NOTE = node("textAnnotation", "note")
LATE = node("startEvent", "heard", timer("PT1H"))


def listed(first: str = "begun-to-work", end: str = "work-to-done") -> bytes:
    """A process whose nodes list their flows."""
    return process(
        node("startEvent", "begun", "<bpmn:outgoing>begun-to-work</bpmn:outgoing>")
        + task(
            inner=f"<bpmn:incoming>{first}</bpmn:incoming>"
            "<bpmn:outgoing>work-to-done</bpmn:outgoing>"
        )
        + node("endEvent", "done", f"<bpmn:incoming>{end}</bpmn:incoming>" if end else "")
        + line("begun", "work", "done")
    )


def two_ways(default: str) -> bytes:
    """A task with two ways out, one of them conditional."""
    return process(
        START
        + task(default=default)
        + task("other")
        + END
        + line("begun", "work")
        + flow("work", "other", "=a")
        + flow("work", "done")
        + flow("other", "done")
    )


def nested(target: str) -> bytes:
    """A sub-process with a step beside a task."""
    inside = node("startEvent", "in") + task("deep") + node("endEvent", "out")
    inside += line("in", "deep", "out") + (flow("deep", target, name="last") if target else "")
    return process(
        START
        + node("subProcess", "work", inside)
        + task("after")
        + END
        + line("begun", "work", "after", "done")
    )


def last_flow(inner: str = "", **attributes: str) -> bytes:
    """A process whose last flow has these attributes."""
    last = node("sequenceFlow", "last", inner, sourceRef="work", targetRef="done", **attributes)
    return process(START + task() + END + line("begun", "work") + last)


def pools(target: str) -> bytes:
    """Two processes in one file; the first one's last flow leads to ``target``."""
    second = node("startEvent", "begun-2") + task("work-2") + node("endEvent", "done-2")
    first = START + task() + END + line("begun", "work") + flow("work", "done")
    first += flow("work", target, name="more") if target else ""
    return document(
        node("process", "one", first)
        + node("process", "two", second + line("begun-2", "work-2", "done-2"))
    )


def paper(reference: str) -> bytes:
    """A data object with a reference to its type."""
    data = node("dataObject", "paper", itemSubjectRef=reference)
    return among(
        node("itemDefinition", "item") + node("signal", "bell", name="bell"), data + simple(task())
    )


def waiting(condition: str) -> bytes:
    """A process that waits for a condition."""
    return around(node("intermediateCatchEvent", "work", definition("conditional", condition)))


CONDITION = "<bpmn:conditionExpression>{}</bpmn:conditionExpression>"
TWINS: Twins = {
    "WF-601": (paper("item"), paper("nothing")),
    "WF-602": (paper("item"), paper("bell")),
    "WF-603": (PLAIN, around(task(inner="<bpmn:invented/>"))),
    "WF-604": (waiting("<bpmn:condition>=a</bpmn:condition>"), waiting("")),
    "WF-605": (PLAIN, around(task(invented="1"))),
    "WF-606": (PLAIN, process(simple(task()) + "<bpmn:association id='a'/>")),
    "WF-607": (around(task(startQuantity="1")), around(task(startQuantity="many"))),
    "WF-608": (PLAIN, process(simple(task()) + "loose words")),
    "WF-611": (
        process(simple(task()) + NOTE),
        process(simple(task()) + NOTE + flow("work", "note")),
    ),
    "WF-612": (
        process(simple(task()) + aside(LATE)),
        process(simple(task()) + aside(LATE) + flow("work", "aside")),
    ),
    "WF-613": (listed(), listed(first="work-to-done")),
    "WF-614": (listed(), listed(end="")),
    "WF-615": (
        PLAIN,
        process(START + task() + END + flow("begun", "work", "=a") + flow("work", "done")),
    ),
    "WF-616": (
        two_ways("work-to-done"),
        process(START + task() + END + flow("begun", "work") + flow("work", "done", "=a")),
    ),
    "WF-617": (two_ways("work-to-done"), two_ways("begun-to-work")),
    "WF-618": (pools(""), pools("work-2")),
    "WF-619": (nested(""), nested("after")),
    "WF-620": (last_flow(isImmediate="true"), last_flow(isImmediate="false")),
    "WF-621": (two_ways("work-to-done"), last_flow(CONDITION.format(""))),
}


@pytest.mark.parametrize("code", TWINS)
def test_a_rule_about_flows_finds_what_breaks_it_and_nothing_else(code: str) -> None:
    assert_twins(code, *TWINS[code])


def test_nodes_that_list_no_flows_are_as_good_as_nodes_that_do() -> None:
    assert_twins("WF-614", PLAIN, listed(end=""))


def test_lists_that_hand_work_left_behind_are_a_warning_in_our_dialect() -> None:
    content = listed(end="")
    found = {one.code: one.severity for one in check_files({"processes/x.bpmn": content})}
    assert found["WF-614"] == "warning"
    elsewhere = content.replace(b"camunda.org/schema/zeebe/1.0", b"example.org")
    found = {one.code: one.severity for one in check_files({"processes/x.bpmn": elsewhere})}
    assert found["WF-614"] == "error"


def test_a_name_of_another_file_is_not_looked_for_here() -> None:
    assert_twins("WF-601", paper("bpmn:elsewhere"), paper("elsewhere"))
