"""Policies: a step only after another one, on every way through the process."""

from __future__ import annotations

import pytest

from perfflow.workflow.definitions.gate import check_files
from tests.support.cast import shipped_files
from tests.workflow.building import flow, line, node, process, service, timer, user_task

START, END = node("startEvent", "begun"), node("endEvent", "done")
APPROVED = START + user_task("approve") + service("pay", "testing.note") + END
STRAIGHT = APPROVED + line("begun", "approve", "pay", "done")


def found(body: str, policy: str) -> list[tuple[str, str | None, str]]:
    """Code, element and way of the policy findings."""
    content = process(body, properties={"policy": policy})
    return [
        (one.code, one.element, str(one.params.get("way", "")))
        for one in check_files({"processes/x.bpmn": content})
        if one.code in ("WF-140", "WF-141", "WF-142")
    ]


@pytest.mark.parametrize("policy", ["pay after approve", "testing.note after approve", ""])
def test_a_process_that_keeps_its_policy_passes(policy: str) -> None:
    assert found(STRAIGHT, policy) == []


def test_a_way_around_is_named() -> None:
    body = APPROVED + node("exclusiveGateway", "small", default="small-to-pay")
    body += line("begun", "small", "pay", "done") + flow("small", "approve", "=true")
    body += flow("approve", "pay")
    assert found(body, "pay after approve") == [("WF-140", "pay", "begun → small → pay")]


def test_a_way_over_a_boundary_event_does_not_complete_the_step() -> None:
    late = node("boundaryEvent", "late", timer("PT1H"), attachedToRef="approve")
    body = STRAIGHT + late + flow("late", "pay")
    assert found(body, "pay after approve") == [("WF-140", "pay", "begun → approve → late → pay")]


def test_a_way_back_to_before_the_step_is_fine() -> None:
    late = node("boundaryEvent", "late", timer("PT1H"), attachedToRef="approve")
    assert found(STRAIGHT + late + flow("late", "approve"), "pay after approve") == []


def scoped(inside: str) -> str:
    """A sub-process before the payment."""
    return (
        START + node("subProcess", "check", inside) + service("pay", "testing.note") + END
        + line("begun", "check", "pay", "done")
    )  # fmt: skip


def test_a_step_inside_a_sub_process_counts_when_every_way_inside_passes_it() -> None:
    inside = node("startEvent", "in") + user_task("approve") + node("endEvent", "out")
    assert found(scoped(inside + line("in", "approve", "out")), "pay after approve") == []
    choice = node("exclusiveGateway", "small", default="small-to-out")
    ways = line("in", "small", "out") + flow("small", "approve", "=true") + flow("approve", "out")
    ((code, element, way),) = found(scoped(inside + choice + ways), "pay after approve")
    assert (code, element) == ("WF-140", "pay")
    assert way == "begun → check → in → small → out → pay"


@pytest.mark.parametrize(
    ("policy", "code"),
    [("pay before approve", "WF-141"), ("pay", "WF-141"), ("pay after nothing", "WF-142")],
)
def test_a_policy_that_says_nothing_is_an_error(policy: str, code: str) -> None:
    assert [one[0] for one in found(STRAIGHT, policy)] == [code]


def test_nobody_is_paid_around_the_approval_in_the_shipped_process() -> None:
    path = "processes/payout/payout.bpmn"
    files = shipped_files()
    assert "WF-140" not in {one.code for one in check_files(files) if one.path == path}
    around = files[path].replace(
        b'sourceRef="run-bonus" targetRef="approve-payout"',
        b'sourceRef="run-bonus" targetRef="book-awards"',
    )
    assert around != files[path]
    broken = [one for one in check_files({**files, path: around}) if one.code == "WF-140"]
    assert {one.element for one in broken} == {"book-awards", "release-payout"}
