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

from perfflow.app import plug_rooms
from perfflow.commands import scenarios as command
from perfflow.commands.scenarios import setting_of
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import BadInput
from perfflow.workflow.registry import find_service
from perfflow.workflow.scenarios import Outcome, read_scenarios, run_entries, Setting
from perfflow.workflow.scenarios.tokens import in_feel, TOKEN
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
TOKENS = process(
    node("startEvent", "begin")
    + node("scriptTask", "one", "<bpmn:script>SCRIPT_one</bpmn:script>")
    + node("scriptTask", "add", "<bpmn:script>INCREMENT_INTEGER_VARIABLE_AND_LOG</bpmn:script>")
    + node("scriptTask", "mark", "<bpmn:script>CREATE_MARKER_FILE</bpmn:script>")
    + node("intermediateCatchEvent", "pause", timer("PT2S"))
    + node("exclusiveGateway", "which", default="other")
    + node("scriptTask", "two", "<bpmn:script>SCRIPT_two</bpmn:script>")
    + node("endEvent", "end")
    + line("begin", "one", "add", "mark", "pause", "which")
    + flow("which", "two", 'test.contains("a") &amp;&amp; integerVariable == 2', "there")
    + flow("which", "end", None, "other")
    + line("two", "end")
)
THROWS = document(
    '<bpmn:error id="no" errorCode="NO"/><bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begin")
    + node("scriptTask", "one", "<bpmn:script>SCRIPT_one</bpmn:script>")
    + node("endEvent", "end", '<bpmn:errorEventDefinition errorRef="no"/>')
    + line("begin", "one", "end")
    + "</bpmn:process>"
)
BROKEN = process(node("startEvent", "begin") + node("userTask", "lost") + line("begin", "nowhere"))


@pytest.fixture(scope="module")
def setting() -> Setting:
    """The setting of the command line."""
    plug_rooms()
    return setting_of(Settings.from_environment())


class Desk:
    """Writes files and plays them."""

    def __init__(self, folder: Path, setting: Setting) -> None:
        self.folder, self.setting = folder, setting

    def write(self, content: bytes, **entry: Any) -> Path:
        (self.folder / "trial.bpmn").write_bytes(content)
        file = self.folder / "trial.scenarios.json"
        whole = {"format": 1, "entries": [{"file": "trial.bpmn", **entry}]}
        file.write_text(json.dumps(whole), encoding="utf-8")
        return file

    def play(self, content: bytes, *steps: list[Any], **story: Any) -> Outcome:
        """The outcome of one story."""
        return self.judge(content, scenarios=[{"steps": list(steps), **story}])

    def judge(self, content: bytes, *, limit: float = 10, **entry: Any) -> Outcome:
        """The outcome of one entry."""
        entries = read_scenarios(self.write(content, **entry))
        return run_entries(entries, self.setting, limit=limit)[0]


@pytest.fixture
def desk(tmp_path: Path, setting: Setting) -> Desk:
    """A folder of its own."""
    return Desk(tmp_path, setting)


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
        ["advance_to", "2026-03-06T10:00:00@Asia/Shanghai"],
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


def test_a_trace_is_compared_in_any_order(desk: Desk) -> None:
    case = {"input": "ab", "intvar": 1, "delay": 2000}
    written = ["SCRIPT_two", "SCRIPT_one", "MARKER_exists", "INCREMENT_correct"]
    assert desk.judge(TOKENS, cases=[{**case, "trace": written}]).passed
    assert desk.judge(TOKENS, cases=[{**case, "input": "b", "trace": written[1:]}]).passed
    outcome = desk.judge(TOKENS, cases=[{**case, "delay": 1000, "trace": written}])
    assert (outcome.result, outcome.how, outcome.case) == ("fail", "ran", 1)
    assert "SCRIPT_two" not in str(outcome.got)


def test_errors_are_a_part_of_a_trace(desk: Desk) -> None:
    for error in ("ERROR_thrownErrorEvent", "ERROR"):
        assert desk.judge(THROWS, cases=[{"trace": ["SCRIPT_one", error]}]).passed
    for wrong in (["SCRIPT_one"], ["SCRIPT_one", "ERROR_runtime"]):
        assert not desk.judge(THROWS, cases=[{"trace": wrong}]).passed


def test_tokens_exist_only_in_the_runner(desk: Desk) -> None:
    assert find_service(TOKEN) is None
    assert desk.judge(TOKENS, kind="negative").passed
    assert desk.judge(THROWS, kind="negative").passed


def test_foreign_scripts_are_passed_by_where_a_file_must_run(desk: Desk) -> None:
    assert desk.play(THROWS, ["error"]).passed
    outcome = desk.judge(THROWS, expect="RUN_OR_REJECT", scenarios=[{"steps": [["error"]]}])
    assert (outcome.how, outcome.element) == ("draft", "one")


def test_a_script_that_is_no_token_is_refused(desk: Desk) -> None:
    strange = TOKENS.replace(b"SCRIPT_one", b"System.exit(1)")
    outcome = desk.judge(strange, cases=[{"trace": []}], expect="RUN_OR_REJECT")
    assert (outcome.result, outcome.how, outcome.element) == ("pass", "draft", "one")
    assert not desk.judge(strange, cases=[{"trace": []}], expect="RUN").passed


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

    return Setting(build, people, holder)


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


@pytest.mark.parametrize(
    ("condition", "feel"),
    [
        ('test.contains("a")', 'contains(test,"a")'),
        ("!test.contains('a') || n == 1", 'not(contains(test,"a")) or n = 1'),
        ("${a != b && !done}", "a != b and not(done)"),
        ("integerVariable<2", "integerVariable<2"),
        ("= a or b", "= a or b"),
    ],
)
def test_conditions_of_traces_are_read_as_feel(condition: str, feel: str) -> None:
    assert " ".join(in_feel(condition).split()) == feel


def test_the_command_prints_what_was_found(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    file = desk.write(REVIEW, scenarios=[{"vars": EMPLOYEE, "steps": [["ntasks", 1]]}])
    assert command.main([str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["format"], found["total"], found["passed"], found["failed"]) == (1, 1, 1, 0)
    assert set(found["entries"][0]) == {
        "file", "kind", "expect", "result", "how", "case", "name", "step", "expected", "got",
        "element", "message", "seconds",
    }  # fmt: skip
    desk.write(REVIEW, scenarios=[{"vars": EMPLOYEE, "steps": [["ntasks", 2]]}])
    assert command.main([str(file)]) == 1
    assert "expected 2, got 1" in capsys.readouterr().out
