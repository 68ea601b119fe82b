"""Files of Camunda 7, Activiti, Flowable and jBPM: translated with a report, or refused by name."""

from __future__ import annotations

import pytest

from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import NotFound
from perfflow.workflow import actions, queries
from perfflow.workflow.definitions.findings import Finding
from perfflow.workflow.definitions.gate import check_files
from tests.workflow.building import Bench, EMPLOYEE, flow, HR, line, MANAGER, node, OUTSIDER, timer

FLOWABLE = "http://flowable.org/bpmn"
JBPM = "http://www.jboss.org/drools"
START, END = node("startEvent", "begun"), node("endEvent", "done")


def foreign(body: str, space: str = FLOWABLE) -> bytes:
    """A file with the names of another tool and without ours."""
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        f'xmlns:f="{space}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'targetNamespace="test"><bpmn:process id="trial" isExecutable="true">{body}'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def with_task(attributes: str, inner: str = "", space: str = FLOWABLE) -> bytes:
    """A process with one task."""
    task = f'<bpmn:userTask id="work" name="work" {attributes}>{inner}</bpmn:userTask>'
    return foreign(START + task + END + line("begun", "work", "done"), space)


def owner(text: str, tag: str = "potentialOwner") -> str:
    """The people of a task in the words of the standard."""
    return (
        f"<bpmn:{tag}><bpmn:resourceAssignmentExpression><bpmn:formalExpression>{text}"
        f"</bpmn:formalExpression></bpmn:resourceAssignmentExpression></bpmn:{tag}>"
    )


def findings(content: bytes, code: str) -> list[Finding]:
    """The findings of a code."""
    return [one for one in check_files({"processes/x.bpmn": content}) if one.code == code]


def errors(content: bytes) -> set[str]:
    """The codes of all errors."""
    return {
        one.code for one in check_files({"processes/x.bpmn": content}) if one.severity == "error"
    }


def held(bench: Bench, content: bytes, **variables: object) -> tuple[str | None, list[str]]:
    """Assignee and groups of the task when the process has started."""
    assert errors(content) == set()
    bench.deploy(content)
    bench.start(**variables)
    task = bench.task("work")
    return task.assignee_no, [
        one for one in (task.candidate_group, *(task.more_groups or ())) if one
    ]


GROUPS = {"group": "hr-partner", "team": ["E1", "E3"]}
PEOPLE = [
    ('f:assignee="E1"', "", ("E1", [])),
    ('f:assignee="${who}"', "", ("E2", [])),
    ('f:assignee="E${nr}"', "", ("E7", [])),
    ('f:candidateGroups="hr-partner, line-manager"', "", (None, ["hr-partner", "line-manager"])),
    ('f:candidateGroups="${group}"', "", (None, ["hr-partner"])),
    ('f:candidateGroups="${group},line-manager"', "", (None, ["hr-partner", "line-manager"])),
    ('f:candidateUsers="E1, E2"', "", (None, ["person/E1", "person/E2"])),
    ('f:candidateUsers="${who}"', "", (None, ["person/E2"])),
    ('f:candidateUsers="${team}"', "", (None, ["person/E1", "person/E3"])),
    (
        'f:candidateUsers="${who}" f:candidateGroups="hr-partner"',
        "",
        (None, ["hr-partner", "person/E2"]),
    ),
    ("", owner("hr-partner"), (None, ["hr-partner"])),
    ("", owner("user(E1), group(hr-partner)"), (None, ["hr-partner", "person/E1"])),
    (
        "",
        owner("group(hr-partner)") + owner("line-manager"),
        (None, ["hr-partner", "line-manager"]),
    ),
    ("", owner("E3", "humanPerformer"), ("E3", [])),
    ("", owner("user(E3)", "humanPerformer"), ("E3", [])),
]


@pytest.mark.parametrize(("attributes", "inner", "expected"), PEOPLE, ids=range(len(PEOPLE)))
def test_people_are_who_the_author_named(
    bench: Bench, attributes: str, inner: str, expected: tuple[str | None, list[str]]
) -> None:
    content = with_task(attributes, inner)
    assert held(bench, content, who="E2", nr=7, **GROUPS) == expected


@pytest.mark.parametrize(("text", "expected"), [("E1", "E1"), ("#{who}", "E2"), ("user(E3)", "E3")])
def test_a_potential_owner_of_jbpm_is_a_person(bench: Bench, text: str, expected: str) -> None:
    content = with_task("", owner(text), JBPM)
    assert held(bench, content, who="E2") == (expected, [])


def test_groups_and_priority_that_jbpm_gives_as_data_are_kept(bench: Bench) -> None:
    def given(name: str, text: str) -> str:
        return (
            f"<bpmn:dataInputAssociation><bpmn:targetRef>{name}</bpmn:targetRef><bpmn:assignment>"
            f"<bpmn:from>{text}</bpmn:from><bpmn:to>{name}</bpmn:to></bpmn:assignment>"
            "</bpmn:dataInputAssociation>"
        )

    specification = (
        '<bpmn:ioSpecification><bpmn:dataInput id="g" name="GroupId"/>'
        '<bpmn:dataInput id="p" name="Priority"/><bpmn:inputSet>'
        "<bpmn:dataInputRefs>g</bpmn:dataInputRefs><bpmn:dataInputRefs>p</bpmn:dataInputRefs>"
        "</bpmn:inputSet><bpmn:outputSet/></bpmn:ioSpecification>"
    )
    content = with_task("", specification + given("g", "hr-partner") + given("p", "7"), JBPM)
    assert held(bench, content) == (None, ["hr-partner"])
    assert bench.task("work").priority == 7


def test_candidate_users_find_the_task_and_others_do_not(bench: Bench) -> None:
    held(bench, with_task('f:candidateUsers="E1, E2"'))
    task = bench.task("work")
    with bench.database.reading() as session:
        seen = {
            actor.name: [row.id for row in queries.inbox(session, actor, bench.now, "groups").tasks]
            for actor in (EMPLOYEE, MANAGER, OUTSIDER)
        }
    assert seen == {"ming": [task.id], "li": [task.id], "outsider": []}
    with bench.database.writing() as session:
        actions.claim_task(session, EMPLOYEE, bench.now, task.id, task.revision)
    assert bench.task("work").assignee_no == "E1"


def test_due_dates_priorities_and_conditions_are_translated(bench: Bench) -> None:
    content = foreign(
        START
        + '<bpmn:userTask id="work" f:assignee="E1" f:priority="${level}" f:dueDate="P3D"/>'
        + node("exclusiveGateway", "choose", default="choose-to-done")
        + '<bpmn:userTask id="more" f:assignee="E1"/>'
        + END
        + line("begun", "work", "choose", "done")
        + flow("choose", "more", "${!approved &amp;&amp; total gt 10}")
        + flow("more", "done")
    )
    assert errors(content) == set()
    bench.deploy(content)
    bench.start(level=80, total=11)
    task = bench.task("work")
    assert task.priority == 80
    assert (task.due_at - bench.now).days == 3
    bench.complete("work")
    assert bench.tasks() == ["more"]


def test_each_translation_is_reported_with_what_it_came_from() -> None:
    (one,) = findings(with_task('f:assignee="${who}"'), "WF-905")
    assert (one.severity, one.element) == ("note", "work")
    assert one.params["translated_from"] == "${who}"
    assert "=who" in one.message("en")


UNTRANSLATABLE = {
    "a method": with_task('f:dueDate="${dateTime().plusWeeks(1).toDate()}"'),
    "a bean": with_task('f:assignee="${bean.find(x)}"'),
    "a broken group": with_task('f:candidateGroups="${a.b(c)}, hr-partner"'),
    "a broken expression": with_task('f:assignee="${who"'),
}


@pytest.mark.parametrize("name", UNTRANSLATABLE)
def test_what_cannot_be_translated_is_an_error_at_the_element(name: str) -> None:
    content = UNTRANSLATABLE[name]
    assert [one.element for one in findings(content, "WF-906")] == ["work"]
    assert "WF-906" in errors(content)


def test_programs_are_not_run() -> None:
    condition = (
        '<bpmn:sequenceFlow id="ways" sourceRef="work" targetRef="other">'
        '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression" language="javascript">'
        "next(null, true)</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    body = START + node("exclusiveGateway", "work", default="work-to-done") + node("task", "other")
    content = foreign(
        body + END + line("begun", "work", "done") + condition + flow("other", "done")
    )
    assert [one.element for one in findings(content, "WF-906")] == ["ways"]


def test_what_a_java_condition_returns_is_translated() -> None:
    body = START + node("exclusiveGateway", "work", default="work-to-done") + node("task", "other")
    flows = line("begun", "work", "done") + flow("other", "done")
    content = foreign(body + END + flows + flow("work", "other", "return total == 3;"))
    (one,) = findings(content, "WF-905")
    assert one.params["to"] == "=total = 3"


def test_bare_times_are_taken_as_they_are(bench: Bench) -> None:
    late = node("boundaryEvent", "late", timer("PT2H"), attachedToRef="work")
    content = foreign(
        START + '<bpmn:userTask id="work" f:assignee="E1"/>' + late + END
        + line("begun", "work", "done") + flow("late", "done")
    )  # fmt: skip
    assert errors(content) == set()


def called(ways: str, **attributes: str) -> bytes:
    """A process that calls another one and then shows what it has."""
    call = (
        f'<bpmn:callActivity id="call" calledElement="inner"><bpmn:extensionElements>{ways}'
        "</bpmn:extensionElements></bpmn:callActivity>"
    )
    outer = START + call + '<bpmn:userTask id="after" f:assignee="E1"/>' + END
    inner = node("startEvent", "in") + '<bpmn:userTask id="work" f:assignee="E${nr}"/>'
    inner += node("endEvent", "out") + line("in", "work", "out")
    body = foreign(outer + line("begun", "call", "after", "done")).decode()
    return body.replace(
        "</bpmn:definitions>",
        f'<bpmn:process id="inner" isExecutable="true">{inner}</bpmn:process></bpmn:definitions>',
    ).encode()


def test_a_called_process_gets_what_is_named_and_nothing_else(bench: Bench) -> None:
    ways = '<f:in source="number_of" target="nr"/><f:in sourceExpression="${a + 1}" target="b"/>'
    ways += '<f:out source="b" target="result"/>'
    content = called(ways)
    assert errors(content) == set()
    bench.deploy(content)
    bench.start(number_of=7, a=1, secret=3)
    task = bench.task("work")
    assert task.assignee_no == "E7"
    bench.complete("work", {"other": 5})
    assert bench.tasks() == ["after"]
    variables = bench.variables()
    assert variables["result"] == 2
    assert "other" not in variables


def test_a_called_process_gets_everything_when_the_author_says_all(bench: Bench) -> None:
    bench.deploy(called('<f:in variables="all"/><f:out variables="all"/>'))
    bench.start(nr=7)
    assert bench.task("work").assignee_no == "E7"


def test_an_input_parameter_is_an_input(bench: Bench) -> None:
    inner = (
        '<bpmn:extensionElements><f:inputOutput><f:inputParameter name="who">${boss}'
        "</f:inputParameter></f:inputOutput></bpmn:extensionElements>"
    )
    assert held(bench, with_task('f:assignee="${who}"', inner), boss="E2") == ("E2", [])


def test_what_moves_values_in_another_way_is_an_error() -> None:
    inner = (
        '<bpmn:extensionElements><f:inputOutput><f:outputParameter name="x">${y}'
        "</f:outputParameter></f:inputOutput></bpmn:extensionElements>"
    )
    assert "WF-903" in errors(with_task('f:assignee="E1"', inner))


def test_an_undeclared_error_is_its_own_code(bench: Bench) -> None:
    thrown = '<bpmn:endEvent id="bad"><bpmn:errorEventDefinition errorRef="E42"/></bpmn:endEvent>'
    inside = node("startEvent", "in") + thrown + line("in", "bad")
    caught = (
        '<bpmn:boundaryEvent id="edge" attachedToRef="sub">'
        '<bpmn:errorEventDefinition errorRef="E42"/></bpmn:boundaryEvent>'
    )
    content = foreign(
        START + node("subProcess", "sub", inside) + caught
        + '<bpmn:userTask id="work" f:assignee="E1"/>' + END
        + line("begun", "sub", "done") + line("edge", "work", "done")
    )  # fmt: skip
    assert held(bench, content) == ("E1", [])


def test_who_is_no_candidate_cannot_claim(bench: Bench) -> None:
    held(bench, with_task('f:candidateUsers="E1"'))
    task = bench.task("work")
    outsider = Actor("other", "E6", HR.roles)
    with pytest.raises(NotFound), bench.database.writing() as session:
        actions.claim_task(session, outsider, bench.now, task.id, task.revision)
