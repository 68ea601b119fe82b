"""Scenario files: what their steps check, how entries are judged, and what a child may do."""

from __future__ import annotations

import json
import os
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from perfflow.commands import scenarios as command
from perfflow.commands.scenarios import setting_of
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import BadInput
from perfflow.workflow.scenarios import read_scenarios, Setting
from tests.workflow.building import (
    document,
    flow,
    line,
    mapping,
    node,
    process,
    service,
    timer,
    user_task,
)
from tests.workflow.scenario_desk import Desk

LADDER = {"ladder": "-1 remind; +2 escalate manager", "name@en": "Write"}
REVIEW = process(
    node("startEvent", "begin")
    + user_task(
        "write",
        "=employee",
        due="=working days after(today(), 5)",
        inner='<zeebe:priorityDefinition priority="70"/>' + mapping(outputs={"mark": "=mark"}),
        properties=LADDER,
    )
    + node("boundaryEvent", "late", timer("P10D"), attachedToRef="write")
    + service("keep", "testing.note", mapping({"what": "=mark"}, {"kept": "=noted"}))
    + node(
        "boundaryEvent",
        "refused",
        '<bpmn:errorEventDefinition errorRef="no"/>',
        attachedToRef="keep",
    )
    + node("exclusiveGateway", "good", default="other")
    + user_task("praise", group="hr-partner")
    + node("endEvent", "end")
    + node("endEvent", "over")
    + line("begin", "write", "keep", "good")
    + flow("good", "praise", "mark >= 4", "yes")
    + flow("good", "end", None, "other")
    + line("praise", "end")
    + line("late", "over")
    + line("refused", "over")
)
REVIEW = REVIEW.replace(b"<bpmn:process", b'<bpmn:error id="no" errorCode="NO"/><bpmn:process', 1)
LETTERS = document(
    '<bpmn:message id="m" name="answer"/><bpmn:signal id="s" name="storm"/>'
    '<bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begin")
    + node("eventBasedGateway", "which")
    + node("intermediateCatchEvent", "heard", '<bpmn:messageEventDefinition messageRef="m"/>')
    + node("intermediateCatchEvent", "storm", '<bpmn:signalEventDefinition signalRef="s"/>')
    + node("endEvent", "end")
    + line("begin", "which", "heard", "end")
    + line("which", "storm", "end")
    + "</bpmn:process>"
)
BROKEN = process(node("startEvent", "begin") + node("userTask", "lost") + line("begin", "nowhere"))


EMPLOYEE = {"employee": "E1"}
WRITTEN = ["complete", "write", {"mark": 4}]


def test_a_story_that_goes_as_told_passes(desk: Desk) -> None:
    outcome = desk.play(
        REVIEW,
        ["tasks", ["Write"]],
        ["ids", ["write"]],
        ["ntasks", 1],
        ["waiting", "late"],
        ["assignee", "write", "E1"],
        ["priority", "write", 70],
        ["due_in", "write", "P7DT14H59M59S"],
        ["due_at", "write", "2026-03-09"],
        ["advance_to", "2026-03-06T10:00"],
        ["reminded", "write", ["-1 remind"]],
        WRITTEN,
        ["service", "testing.note", {"what": 4}],
        ["variables", {"mark": 4, "kept": "well"}],
        ["candidate_groups", "praise", ["hr-partner"]],
        ["complete_any", 1],
        ["completed"],
        vars=EMPLOYEE,
        services={"testing.note": {"noted": "well"}},
    )
    assert outcome.passed, outcome.as_data()


@pytest.mark.parametrize(
    ("step", "expected", "got"),
    [
        (["tasks", ["Read"]], '["Read"]', '["write"]'),
        (["ids", []], "[]", '["write"]'),
        (["ntasks", 2], "2", "1"),
        (["waiting", "praise"], "praise", '["late", "write"]'),
        (["assignee", "write", "E2"], "E2", "E1"),
        (["priority", "write", 50], "50", "70"),
        (["due_in", "write", "P1D"], '"2026-03-03T01:00:00+00:00"', None),
        (["reminded", "write", ["-1 remind"]], '["-1 remind"]', "[]"),
        (["service", "testing.note"], '["testing.note", {}]', "[]"),
        (["variables", {"employee": "E2"}], '{"employee": "E2"}', '{"employee": "E1"}'),
        (["completed"], "completed", '["active", "late", "write"]'),
        (["sent", "answer"], '["answer"]', "[]"),
        (["complete", "praise"], "praise", '["write"]'),
        (["candidate_groups", "write", ["x"]], '["x"]', "[]"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_step_that_does_not_hold_fails_with_both_sides(
    desk: Desk, step: list[Any], expected: str, got: str | None
) -> None:
    outcome = desk.play(REVIEW, ["ntasks", 1], step, vars=EMPLOYEE)
    assert (outcome.result, outcome.how, outcome.case, outcome.step) == ("fail", "ran", 1, 2)
    assert outcome.expected == expected
    assert got is None or outcome.got == got
    assert outcome.message
    assert set(outcome.message) == {"zh", "en"}


@pytest.mark.parametrize("step", [["dance"], ["ntasks"], ["_start"], ["play"]])
def test_a_step_that_the_notation_does_not_know_fails(desk: Desk, step: list[Any]) -> None:
    outcome = desk.play(REVIEW, step, vars=EMPLOYEE)
    assert (outcome.result, outcome.step) == ("fail", 1)
    assert outcome.message
    assert step[0] in outcome.message["en"]


def test_time_stands_still_until_it_is_moved_on(desk: Desk) -> None:
    assert desk.play(
        REVIEW, ["advance", "P9D"], ["ids", ["write"]], ["advance", "P2D"], ["completed"],
        vars=EMPLOYEE,
    ).passed  # fmt: skip


def test_a_service_may_fail_with_an_error_of_the_process(desk: Desk) -> None:
    services = {"testing.note": {"error": "NO"}}
    assert desk.play(REVIEW, WRITTEN, ["completed"], vars=EMPLOYEE, services=services).passed


def test_answers_of_a_service_follow_each_other(desk: Desk) -> None:
    twice = process(
        node("startEvent", "begin")
        + service("one", "testing.note", mapping({"what": "1"}, {"first": "=noted"}))
        + service("two", "testing.note", mapping({"what": "2"}, {"second": "=noted"}))
        + user_task("wait")
        + node("endEvent", "end")
        + line("begin", "one", "two", "wait", "end")
    )
    answers = {"testing.note": [{"noted": "a"}, {"noted": "b"}]}
    assert desk.play(twice, ["variables", {"first": "a", "second": "b"}], services=answers).passed


def test_a_service_that_no_room_has_stays_an_error(desk: Desk) -> None:
    unknown = REVIEW.replace(b"testing.note", b"testing.nothing")
    outcome = desk.play(unknown, services={"testing.nothing": {}}, vars=EMPLOYEE)
    assert (outcome.result, outcome.how, outcome.element) == ("fail", "draft", "keep")


def test_an_error_must_be_waited_for(desk: Desk) -> None:
    unheard = {"testing.note": {"error": "OTHER"}}
    story = {"vars": EMPLOYEE, "services": unheard}
    outcome = desk.play(REVIEW, WRITTEN, ["ids", ["write"]], **story)
    assert (outcome.step, outcome.got) == (1, "workflow.unhandled_error")
    assert desk.play(REVIEW, WRITTEN, ["error"], ["ids", ["write"]], **story).passed
    outcome = desk.play(REVIEW, ["ntasks", 1], ["error"], **story)
    assert (outcome.result, outcome.step, outcome.expected) == ("fail", 2, "error")


def test_messages_and_signals_reach_who_waits(desk: Desk) -> None:
    assert desk.play(LETTERS, ["waiting", "which"], ["message", "answer"], ["completed"]).passed
    assert desk.play(LETTERS, ["waiting", "heard"], ["signal", "storm"], ["completed"]).passed
    assert not desk.play(LETTERS, ["message", "question"], ["completed"]).passed


@pytest.mark.parametrize(
    ("expect", "content", "result", "how"),
    [
        ("RUN", BROKEN, "fail", "draft"),
        ("RUN_OR_REJECT", BROKEN, "pass", "draft"),
        ("REJECT", BROKEN, "pass", "draft"),
        ("IMPORT", BROKEN, "pass", "draft"),
        ("REJECT", LETTERS, "fail", "ran"),
        ("IMPORT", LETTERS, "pass", "ran"),
        ("REJECT", b"<html/>", "fail", "refused"),
        ("RUN_OR_REJECT", b"no XML at all", "fail", "refused"),
    ],
    ids=str,
)
def test_what_is_expected_decides(
    desk: Desk, expect: str, content: bytes, result: str, how: str
) -> None:
    outcome = desk.judge(content, expect=expect)
    assert (outcome.result, outcome.how) == (result, how)


def _holder_that(act: Any) -> Setting:
    def build(database: Database) -> None:
        setting_of(Settings.from_environment()).build(database)

    def people(database: Database, now: datetime) -> None:
        """Nobody."""

    def holder(session: Session, task: Any, on: date) -> Actor:
        act()
        raise AssertionError

    def answers(session: Session, actor: Actor, task: Any, now: datetime) -> dict[str, Any]:
        raise AssertionError

    return Setting(build, people, holder, answers)


def test_what_never_ends_is_stopped(desk: Desk) -> None:
    desk.setting = _holder_that(lambda: time.sleep(60))
    rooms = [{"steps": [WRITTEN], "vars": EMPLOYEE, "rooms": True}]
    outcome = desk.judge(REVIEW, scenarios=rooms, limit=1.5)
    assert (outcome.result, outcome.how) == ("fail", "hung")
    assert outcome.milliseconds < 10_000


@pytest.mark.parametrize("act", [lambda: 1 // 0, lambda: os._exit(3)], ids=["raise", "exit"])
def test_what_breaks_off_is_a_crash(desk: Desk, act: Any) -> None:
    desk.setting = _holder_that(act)
    rooms = [{"steps": [WRITTEN], "vars": EMPLOYEE, "rooms": True}]
    outcome = desk.judge(REVIEW, scenarios=rooms)
    assert (outcome.result, outcome.how) == ("fail", "crashed")


def test_a_failing_story_does_not_hide_the_others(desk: Desk) -> None:
    stories = [{"name": str(n), "steps": [["ntasks", n]], "vars": EMPLOYEE} for n in (2, 1, 0)]
    outcome = desk.judge(REVIEW, scenarios=stories)
    assert (outcome.result, outcome.case, outcome.name, outcome.expected) == ("fail", 1, "2", "2")
    assert [case.failure is None for case in outcome.cases] == [False, True, False]
    assert outcome.as_data()["cases"][2]["expected"] == "0"


def test_what_no_story_has_come_to_is_named(desk: Desk) -> None:
    steps = [["message", "answer"], ["completed"]]
    assert desk.play(LETTERS, *steps).unvisited == ("storm",)
    both = [{"steps": steps}, {"steps": [["signal", "storm"]]}]
    assert desk.judge(LETTERS, scenarios=both).unvisited == ()


def test_a_file_that_is_not_there_fails_by_its_name(desk: Desk) -> None:
    outcome = desk.judge(LETTERS, more=["other.bpmn"])
    assert (outcome.result, outcome.expected) == ("fail", "other.bpmn")


def test_further_files_are_judged_together(desk: Desk) -> None:
    caller = process(
        node("startEvent", "begin")
        + node("callActivity", "call", calledElement="other")
        + node("endEvent", "end")
        + line("begin", "call", "end")
    )
    (desk.folder / "other.bpmn").write_bytes(LETTERS.replace(b'"trial"', b'"other"'))
    steps = [["waiting", "which"], ["message", "answer"], ["completed"]]
    assert desk.judge(caller, more=["other.bpmn"], scenarios=[{"steps": steps}]).passed
    assert desk.judge(caller, scenarios=[{"steps": steps}]).element == "call"


def test_unknown_keys_are_left_alone(desk: Desk) -> None:
    assert desk.judge(LETTERS, origin="elsewhere", scenarios=[{"steps": [], "note": 1}]).passed


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"entries": [1]}', '{"entries": [{}]}', "[" * 100_000]
    + [
        json.dumps({"entries": [{"file": "x.bpmn", **wrong}]})
        for wrong in (
            {"kind": "dance"},
            {"expect": "MAYBE"},
            {"scenarios": [{}]},
            {"scenarios": [{"steps": ["tasks"]}]},
            {"scenarios": [{"steps": [], "at": "yesterday"}]},
            {"cases": [{"trace": "SCRIPT_one"}]},
        )
    ],
    ids=lambda text: text[:40],
)
def test_a_file_of_another_shape_is_not_read(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.scenarios.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput):
        read_scenarios(file)


def test_the_command_prints_what_was_found(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    file = desk.write(REVIEW, scenarios=[{"vars": EMPLOYEE, "steps": [["ntasks", 1]]}])
    assert command.main([str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["format"], found["total"], found["passed"], found["failed"]) == (1, 1, 1, 0)
    assert set(found["entries"][0]) == {
        "file", "kind", "expect", "result", "how", "case", "name", "step", "expected", "got",
        "element", "message", "cases", "unvisited", "seconds",
    }  # fmt: skip
    desk.write(REVIEW, scenarios=[{"vars": EMPLOYEE, "steps": [["ntasks", 2]]}])
    assert command.main([str(file)]) == 1
    assert "expected 2, got 1" in capsys.readouterr().out
