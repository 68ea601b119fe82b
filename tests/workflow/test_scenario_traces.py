"""Traces: scripts that are tokens exist in the runner only, and their trace is compared."""

from __future__ import annotations

import pytest

from perfflow.workflow.registry import find_service
from perfflow.workflow.scenarios.tokens import in_feel, TOKEN
from tests.workflow.building import document, flow, line, node, process, timer
from tests.workflow.scenario_desk import Desk

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


def test_a_trace_may_say_that_the_file_is_refused(desk: Desk) -> None:
    lost = process(node("startEvent", "begin") + line("begin", "nowhere"))
    for error in ("ERROR_deployment", "ERROR"):
        assert desk.judge(lost, cases=[{"trace": [error]}]).passed
    assert not desk.judge(lost, cases=[{"trace": [error]}, {"trace": ["SCRIPT_one"]}]).passed
    assert not desk.judge(lost, cases=[], kind="trace").passed


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


FOREIGN = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="elsewhere">
 <process id="p" isExecutable="true">
  <startEvent id="begin"/><sequenceFlow sourceRef="begin" targetRef="work"/>
  <serviceTask id="work" camunda:class="org.example.Work"/>
  <sequenceFlow sourceRef="work" targetRef="ask"/>
  <userTask id="ask" camunda:formKey="embedded:app:forms/x.html"/>
  <sequenceFlow sourceRef="ask" targetRef="end"/><endEvent id="end"/>
 </process></definitions>"""


def test_classes_and_forms_of_other_engines_are_passed_by_where_a_file_must_run(
    desk: Desk,
) -> None:
    steps = [["ids", ["ask"]], ["complete", "ask", {"ok": True}], ["variables", {"ok": True}]]
    assert desk.play(FOREIGN, *steps, ["completed"]).passed
    assert desk.judge(FOREIGN, kind="negative").element in ("work", "ask")
