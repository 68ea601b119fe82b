"""The deploy gate: what cannot be executed as drawn is refused, with the place and a remedy."""

from __future__ import annotations

import pytest

from perfflow.workflow.definitions.findings import Finding
from perfflow.workflow.definitions.gate import check_files
from tests.workflow.building import (
    Bench,
    document,
    extensions,
    flow,
    HEAD,
    line,
    mapping,
    node,
    process,
    service,
    timer,
    user_task,
)

SIMPLE = line("begun", "work", "done")
START = node("startEvent", "begun")
END = node("endEvent", "done")


def check(content: bytes, **more: bytes) -> list[Finding]:
    """Findings of one file (and of forms)."""
    files = {"processes/trial.bpmn": content}
    files |= {f"forms/{key}.form.json": text for key, text in more.items()}
    return check_files(files)


def codes(content: bytes, severity: str = "error") -> set[str]:
    """Codes of that severity."""
    return {finding.code for finding in check(content) if finding.severity == severity}


def test_a_plain_process_has_no_errors() -> None:
    assert codes(process(START + user_task("work") + END + SIMPLE)) == set()


HOSTILE = {
    "an entity": b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b"<d>&x;</d>",
    "a bomb": b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>',
    "an outside type": b'<!DOCTYPE d SYSTEM "http://example.org/d.dtd"><d/>',
    "a type in UTF-16": '<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'.encode("utf-16"),
    "broken XML": b"<a><b></a>",
    "nothing": b"",
    "not XML": b"\x00\x01\x02",
    "another language": b"<html><body/></html>",
    "too big": b"<a>" + b"x" * (2 * 1024 * 1024) + b"</a>",
    "too many elements": (HEAD + "<bpmn:x/>" * 20_001 + "</bpmn:definitions>").encode(),
    "too deep": (HEAD + "<bpmn:x>" * 250 + "</bpmn:x>" * 250 + "</bpmn:definitions>").encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_broken_files_are_refused(name: str) -> None:
    found = check(HOSTILE[name])
    assert [finding.severity for finding in found] == ["error"]
    assert "passwd" not in str(found[0].params)


def gateway(*flows: str, default: str = "") -> bytes:
    """A gateway between two tasks."""
    attributes = {"default": default} if default else {}
    return process(
        START
        + node("exclusiveGateway", "choose", **attributes)
        + user_task("left")
        + user_task("right")
        + END
        + flow("begun", "choose")
        + "".join(flows)
        + line("left", "done")
        + line("right", "done")
    )


DEFECTS = {
    "WF-101": process(START + user_task("work") + user_task("work") + END + SIMPLE),
    "WF-102": process(START + node("complexGateway", "work") + END + SIMPLE),
    "WF-103": process(
        START + '<bpmn:userTask id="work"><bpmn:multiInstanceLoopCharacteristics behavior="One">'
        "<bpmn:loopCardinality>3</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>" + END + SIMPLE
    ),
    "WF-105": document(""),
    "WF-106": process(user_task("work") + END + line("work", "done")),
    "WF-107": process(
        START
        + node("startEvent", "second")
        + user_task("work")
        + END
        + SIMPLE
        + line("second", "work")
    ),
    "WF-110": process(START + node("intermediateCatchEvent", "work") + END + SIMPLE),
    "WF-112": process(START + user_task("work") + user_task("lost") + END + SIMPLE),
    "WF-113": process(
        START
        + user_task("work")
        + END
        + SIMPLE
        + node("boundaryEvent", "late", timer("P1D"), attachedToRef="done")
    ),
    "WF-115": process(START + user_task("work") + END + SIMPLE + flow("work", "nowhere")),
    "WF-117": process(START + user_task("work") + END + SIMPLE + flow("work", "begun")),
    "WF-118": process(START + node("exclusiveGateway", "work") + line("begun", "work")),
    "WF-119": process(
        START + user_task("work") + END + flow("begun", "work", "=true") + flow("work", "done")
    ),
    "WF-120": gateway(flow("choose", "left", "=true"), flow("choose", "right")),
    "WF-122": gateway(
        flow("choose", "left", "=true"),
        flow("choose", "right", "=false"),
        default="begun-to-choose",
    ),
    "WF-123": process(
        START
        + node("eventBasedGateway", "either")
        + user_task("work")
        + END
        + line("begun", "either", "work", "done")
    ),
    "WF-126": process(
        START
        + user_task("work")
        + node("exclusiveGateway", "again")
        + END
        + line("begun", "work", "again", "work")
    ),
    "WF-127": process(
        START
        + node("exclusiveGateway", "go", default="go-to-done")
        + node("parallelGateway", "p")
        + service("a", "testing.note", mapping({"what": "=1"}))
        + END
        + flow("begun", "go")
        + flow("go", "p", "=true")
        + flow("go", "done")
        + line("p", "a", "p")
        + line("p", "done")
    ),
    "WF-203": process(
        START
        + node("intermediateCatchEvent", "work", '<bpmn:messageEventDefinition messageRef="no"/>')
        + END
        + SIMPLE
    ),
    "WF-301": gateway(
        flow("choose", "left", "=score &gt;"),
        flow("choose", "right"),
        default="choose-to-right",
    ),
    "WF-302": process(
        START + user_task("work", "=unheard_of") + END + SIMPLE,
        properties={"variables": "employee"},
    ),
    "WF-303": process(
        START + user_task("work", inner=mapping(outputs={"a b": "=1"})) + END + SIMPLE
    ),
    "WF-304": process(
        START
        + node("intermediateCatchEvent", "work", "<bpmn:timerEventDefinition/>")
        + END
        + SIMPLE
    ),
    "WF-305": process(
        START + node("intermediateCatchEvent", "work", timer("three days")) + END + SIMPLE
    ),
    "WF-306": process(
        START + user_task("work", due="=today()", properties={"ladder": "sometimes"}) + END + SIMPLE
    ),
    "WF-307": process(START + user_task("work", properties={"ladder": "0 remind"}) + END + SIMPLE),
    "WF-402": process(
        START + user_task("work", inner='<zeebe:formDefinition formId="missing"/>') + END + SIMPLE
    ),
    "WF-406": process(
        START
        + node(
            "businessRuleTask",
            "work",
            extensions('<zeebe:calledDecision decisionId="no" resultVariable="r"/>'),
        )
        + END
        + SIMPLE
    ),
    "WF-408": process(START + node("serviceTask", "work") + END + SIMPLE),
    "WF-409": process(START + service("work", "testing.unheard") + END + SIMPLE),
    "WF-410": process(
        START
        + service("work", "testing.note", mapping({"what": "=1", "which": "=2"}))
        + END
        + SIMPLE
    ),
    "WF-411": process(
        START + service("work", "testing.note") + END + SIMPLE,
        properties={"variables": "employee"},
    ),
    "WF-412": process(
        START
        + node("callActivity", "work", extensions('<zeebe:calledElement processId="no"/>'))
        + END
        + SIMPLE
    ),
    "WF-129": process(
        START
        + node("callActivity", "work", extensions('<zeebe:calledElement processId="trial"/>'))
        + END
        + SIMPLE
    ),
}


@pytest.mark.parametrize("code", DEFECTS)
def test_every_defect_is_found(code: str) -> None:
    assert code in codes(DEFECTS[code])


@pytest.mark.parametrize("code", DEFECTS)
def test_every_finding_is_worded_in_both_languages_with_a_remedy(code: str) -> None:
    for finding in check(DEFECTS[code]):
        for language in ("zh", "en"):
            for text in (finding.message(language), finding.remedy(language)):
                assert text
                assert "WF-" not in text
                assert "%(" not in text
        assert finding.message("zh") != finding.message("en")


def test_a_finding_names_element_and_line() -> None:
    (finding,) = [f for f in check(DEFECTS["WF-409"]) if f.code == "WF-409"]
    assert finding.element == "work"
    assert finding.line == 3
    assert Finding.from_data(finding.as_data()) == finding


WARNINGS = {
    "WF-121": gateway(flow("choose", "left", "=true"), flow("choose", "right", "=false")),
    "WF-401": process(START + user_task("work") + END + SIMPLE),
    "WF-403": process(START + node("userTask", "work") + END + SIMPLE),
    "WF-404": process(START + user_task("work", group="wizards") + END + SIMPLE),
}


@pytest.mark.parametrize("code", WARNINGS)
def test_what_is_unfit_but_executable_is_a_warning(code: str) -> None:
    assert code in codes(WARNINGS[code], "warning")
    assert codes(WARNINGS[code]) == set()


def test_parallel_blocks_of_tasks_in_a_row_are_accepted() -> None:
    body, last = START, "begun"
    for number in range(10):
        fork, join = f"fork-{number}", f"join-{number}"
        body += node("parallelGateway", fork) + node("parallelGateway", join)
        body += line(last, fork)
        for side in "ab":
            task = f"task-{number}-{side}"
            body += user_task(task) + line(fork, task, join)
        last = join
    assert codes(process(body + END + line(last, "done"))) == set()


def test_processes_that_call_each_other_in_a_circle_are_refused() -> None:
    def calling(key: str, other: str) -> bytes:
        call = node(
            "callActivity", "work", extensions(f'<zeebe:calledElement processId="{other}"/>')
        )
        return process(START + call + END + SIMPLE, key=key)

    found = check_files(
        {"processes/a.bpmn": calling("a", "b"), "processes/b.bpmn": calling("b", "a")}
    )
    assert {f.path for f in found if f.code == "WF-129"} == {
        "processes/a.bpmn",
        "processes/b.bpmn",
    }


def test_a_broken_form_is_refused_with_its_place() -> None:
    found = check(process(START + user_task("work") + END + SIMPLE), broken=b"{")
    (finding,) = [f for f in found if f.path == "forms/broken.form.json"]
    assert finding.severity == "error"
    assert finding.message("zh") != finding.message("en")
    assert finding.remedy("en")


def chain(count: int) -> bytes:
    """A long row of tasks."""
    names = [f"task-{number}" for number in range(count)]
    body = "".join(user_task(name) for name in names)
    return process(START + body + END + line("begun", *names, "done"))


def test_thirty_parallel_blocks_in_a_row_are_no_burden(bench: Bench) -> None:
    body, last = START, "begun"
    for number in range(30):
        fork, join = f"fork-{number}", f"join-{number}"
        body += node("parallelGateway", fork) + node("parallelGateway", join)
        body += line(last, fork) + line(fork, join) + flow(fork, join, name=f"second-{number}")
        last = join
    content = process(body + END + line(last, "done"))
    assert codes(content) == set()
    bench.deploy(content)
    bench.start()
    assert bench.status() == "completed"


def test_a_row_of_three_thousand_steps_is_answered_not_crashed_on() -> None:
    assert codes(chain(3_000)) == set()


def test_thousands_of_small_circles_are_answered() -> None:
    body = START + END + line("begun", "done")
    for number in range(1_500):
        body += node("parallelGateway", f"a-{number}") + node("parallelGateway", f"b-{number}")
        body += line(f"a-{number}", f"b-{number}", f"a-{number}")
    assert {"WF-112", "WF-127"} <= codes(process(body))


def test_natural_language_is_no_expression() -> None:
    said = gateway(flow("choose", "left", "if it pays"), flow("choose", "right"))
    told = gateway(
        flow("choose", "left", "the client is happy"),
        flow("choose", "right"),
        default="choose-to-right",
    )
    assert "WF-301" in codes(said)
    assert "WF-309" in codes(told)


HOSTILE_TEXTS = [
    "=" + "(" * 5_000,
    "=" + "1+" * 20_000 + "1",
    "=for x in 1..1000000000 return x",
    "=if",
    "=\u0000",
    "=a\u202eb",
    "${runtime.exec('sh')}",
    "#{x}",
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_hostile_expressions_are_answered(text: str) -> None:
    from html import escape

    shown = escape(text, quote=True).replace("\u0000", " ")
    for content in (
        process(START + user_task("work", shown) + END + SIMPLE),
        gateway(flow("choose", "left", shown), flow("choose", "right"), default="choose-to-right"),
        process(START + node("intermediateCatchEvent", "work", timer(shown)) + END + SIMPLE),
    ):
        for finding in check(content):
            assert finding.message("en")


@pytest.mark.parametrize(
    ("inner", "code", "severity"),
    [
        ("<zeebe:executionListeners/>", "WF-102", "error"),
        ('<zeebe:loopCharacteristics inputCollection="=x"/>', "WF-103", "error"),
        ('<c:taskListener xmlns:c="http://camunda.org/schema/1.0/bpmn"/>', "WF-903", "warning"),
        (
            '<c:inputOutput xmlns:c="http://camunda.org/schema/1.0/bpmn">'
            "<c:outputParameter/></c:inputOutput>",
            "WF-903",
            "error",
        ),
    ],
)
def test_extensions_that_would_not_be_executed_are_named(
    inner: str, code: str, severity: str
) -> None:
    assert code in codes(process(START + user_task("work", inner=inner) + END + SIMPLE), severity)


@pytest.mark.parametrize("name", ["count", "null", "self", "a-b", "if"])
def test_names_that_feel_does_not_read_as_variables_are_refused(name: str) -> None:
    content = process(
        START + user_task("work") + END + SIMPLE, properties={"variables": f"employee, {name}"}
    )
    assert "WF-303" in codes(content)
