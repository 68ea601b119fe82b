"""Activities that repeat: many instances side by side or in a row, and standard loops."""

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
    said,
    say,
    service,
    timer,
    user_task,
)

START, END = node("startEvent", "begun"), node("endEvent", "done")


def many(inner: str = "", *, sequential: bool = False, collection: str = "") -> str:
    """A multi-instance marker."""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"{extensions(f'<zeebe:loopCharacteristics {collection}/>') if collection else ''}{inner}"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def cardinality(text: str) -> str:
    """How many instances."""
    return f"<bpmn:loopCardinality>{text}</bpmn:loopCardinality>"


def completion(text: str) -> str:
    """When the rest is not needed."""
    return f"<bpmn:completionCondition>{text}</bpmn:completionCondition>"


def standard(condition: str = "", **attributes: str) -> str:
    """A standard loop marker."""
    rest = "".join(f' {name}="{value}"' for name, value in attributes.items())
    inner = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    return f"<bpmn:standardLoopCharacteristics{rest}>{inner}</bpmn:standardLoopCharacteristics>"


def repeated(task: str, marker: str, more: str = "") -> bytes:
    """A process of one activity with a marker, and a task behind it."""
    if task.startswith("<bpmn:subProcess"):
        head, _, rest = task.partition(">")
        task = f"{head}>{marker}{rest}"
    else:
        body, _, closing = task.rpartition("</")
        task = f"{body}{marker}</{closing}"
    return process(
        START + task + user_task("after") + END + line("begun", "work", "after", "done") + more
    )


def test_one_task_for_each_item_side_by_side(bench: Bench) -> None:
    task = user_task("work", "=who")
    items = 'inputCollection="=people" inputElement="who"'
    bench.deploy(repeated(task, many(collection=items)))
    bench.start(people=["E1", "E2", "E3"])
    assert [row.assignee_no for row in bench.rows()] == ["E1", "E2", "E3"]
    bench.complete_row(1)
    assert [row.assignee_no for row in bench.rows()] == ["E1", "E3"]
    bench.complete_row(1)
    bench.complete_row(0)
    assert bench.tasks() == ["after"]
    assert bench.variables() == {"people": ["E1", "E2", "E3"]}


def test_the_collection_is_read_once(bench: Bench) -> None:
    task = user_task("work", "=who")
    items = 'inputCollection="=people" inputElement="who"'
    bench.deploy(repeated(task, many(sequential=True, collection=items)))
    bench.start(people=["E1", "E2"])
    bench.complete("work", {"people": ["E9", "E9", "E9"]})
    assert [row.assignee_no for row in bench.rows()] == ["E2"]
    bench.complete("work")
    assert bench.tasks() == ["after"]


def test_instances_in_a_row_come_one_after_another(bench: Bench) -> None:
    bench.deploy(repeated(user_task("work"), many(cardinality("rounds + 1"), sequential=True)))
    bench.start(rounds=2)
    for _ in range(3):
        assert bench.tasks() == ["work"]
        bench.complete("work")
    assert bench.tasks() == ["after"]


def test_no_instance_at_all_goes_straight_on(bench: Bench) -> None:
    bench.deploy(repeated(user_task("work"), many(cardinality("0"))))
    bench.start()
    assert bench.tasks() == ["after"]


@pytest.mark.parametrize("count", ["-1", "1001", "1.5", '"three"', "null", "true"])
def test_a_count_that_is_none_undoes_the_step(bench: Bench, count: str) -> None:
    bench.deploy(repeated(user_task("work"), many(cardinality(count.replace('"', "&quot;")))))
    with pytest.raises(RuleViolation) as raised:
        bench.start()
    assert raised.value.code == "workflow.bad_loop_count"
    assert bench.status() == "none"


def test_a_collection_that_is_no_list_undoes_the_step(bench: Bench) -> None:
    bench.deploy(repeated(user_task("work"), many(collection='inputCollection="=people"')))
    with pytest.raises(RuleViolation) as raised:
        bench.start(people="E1")
    assert raised.value.code == "workflow.not_a_list"


def test_a_completion_condition_ends_the_others(bench: Bench) -> None:
    marker = many(cardinality("5") + completion("nrOfCompletedInstances / nrOfInstances &gt;= 0.5"))
    bench.deploy(repeated(user_task("work"), marker))
    bench.start()
    for left in (5, 4, 3):
        assert len(bench.rows()) == left
        bench.complete_row(0)
    assert bench.tasks() == ["after"]


def test_the_counts_can_be_read_inside(bench: Bench) -> None:
    reading = mapping(
        {"what": "=[loopCounter, nrOfInstances, nrOfActiveInstances, nrOfCompletedInstances]"}
    )
    bench.deploy(
        repeated(service("work", "testing.note", reading), many(cardinality("3"), sequential=True))
    )
    bench.start()
    assert [call[1]["what"] for call in CALLS] == [[1, 3, 1, 0], [2, 3, 1, 1], [3, 3, 1, 2]]
    assert "nrOfInstances" not in bench.variables()


def test_results_are_collected_in_the_order_of_the_items(bench: Bench) -> None:
    sub = node(
        "subProcess",
        "work",
        node("startEvent", "in")
        + user_task("rate", "=who")
        + node("endEvent", "out")
        + line("in", "rate", "out"),
    )
    items = (
        'inputCollection="=people" inputElement="who" '
        'outputCollection="scores" outputElement="=who + &quot;!&quot;"'
    )
    bench.deploy(repeated(sub, many(collection=items)))
    bench.start(people=["E1", "E2"])
    bench.complete_row(1)
    bench.complete_row(0)
    assert bench.variables()["scores"] == ["E1!", "E2!"]


CALLED = process(
    START + user_task("draft", "=employee") + END + line("begun", "draft", "done"), key="called"
)


def test_called_processes_side_by_side_have_their_own_variables(bench: Bench) -> None:
    call = node(
        "callActivity",
        "work",
        extensions(
            '<zeebe:calledElement processId="called" propagateAllChildVariables="false"/>'
            + mapping({"employee": "=who"})
        )
        + many(collection='inputCollection="=people" inputElement="who"'),
    )
    bench.deploy(repeated(call, ""), CALLED)
    bench.start(people=["E1", "E2"])
    assert [row.assignee_no for row in bench.rows()] == ["E1", "E2"]
    bench.complete_row(0)
    assert [row.assignee_no for row in bench.rows()] == ["E2"]
    bench.complete_row(0)
    assert bench.tasks() == ["after"]


def test_a_timer_at_the_border_ends_all_instances(bench: Bench) -> None:
    bench.deploy(
        repeated(
            user_task("work"),
            many(cardinality("3")),
            node("boundaryEvent", "late", timer("P1D"), attachedToRef="work")
            + user_task("help")
            + line("late", "help", "done"),
        )
    )
    bench.start()
    bench.complete_row(0)
    assert bench.advance(bench.now + timedelta(days=2)) == 1
    assert bench.tasks() == ["help"]


def test_an_error_of_one_instance_leaves_the_whole_loop(bench: Bench) -> None:
    content = repeated(
        service("work", "testing.fail", mapping({"code": '="NO"'.replace('"', "&quot;")})),
        many(cardinality("3")),
        node(
            "boundaryEvent", "no", '<bpmn:errorEventDefinition errorRef="e"/>', attachedToRef="work"
        )
        + user_task("repair")
        + line("no", "repair", "done"),
    )
    error = b'<bpmn:error id="e" errorCode="NO"/>'
    bench.deploy(content.replace(b"<bpmn:process", error + b"<bpmn:process"))
    bench.start()
    assert bench.tasks() == ["repair"]


@pytest.mark.parametrize(
    ("marker", "turns"),
    [
        (standard("turns &lt; 3"), 3),
        (standard("turns &lt; 3", testBefore="true"), 3),
        (standard("false"), 1),
        (standard("false", testBefore="true"), 0),
        (standard("true", loopMaximum="4"), 4),
        (standard("loopCounter &lt; 2"), 2),
        (standard(loopMaximum="2"), 2),
        (standard("true", loopMaximum="2", testBefore="true"), 2),
    ],
)
def test_a_standard_loop_goes_on_while_its_condition_is_true(
    bench: Bench, marker: str, turns: int
) -> None:
    bench.deploy(repeated(service("work", "testing.count"), marker))
    bench.start(turns=0)
    assert bench.variables()["turns"] == turns
    assert bench.tasks() == ["after"]


def test_a_loop_inside_a_loop(bench: Bench) -> None:
    sub = node(
        "subProcess",
        "work",
        node("startEvent", "in")
        + say("x").replace("</bpmn:serviceTask>", many(cardinality("2")) + "</bpmn:serviceTask>")
        + user_task("look")
        + node("endEvent", "out")
        + line("in", "x", "look", "out"),
    )
    bench.deploy(repeated(sub, many(cardinality("2"), sequential=True)))
    bench.start()
    assert said() == "xx"
    bench.complete("look")
    assert said() == "xxxx"
    bench.complete("look")
    assert bench.tasks() == ["after"]


def test_two_tokens_may_be_in_the_same_loop(bench: Bench) -> None:
    task = user_task("work").replace(
        "</bpmn:userTask>", many(cardinality("2")) + "</bpmn:userTask>"
    )
    bench.deploy(
        process(
            START
            + node("parallelGateway", "fork")
            + task
            + END
            + flow("begun", "fork")
            + flow("fork", "work", name="one")
            + flow("fork", "work", name="two")
            + line("work", "done")
        )
    )
    bench.start()
    assert len(bench.rows()) == 4
    assert len({row.element_key for row in bench.rows()}) == 4
    for _ in range(4):
        bench.complete_row(0)
    assert bench.status() == "completed"


def test_a_thousand_items_in_a_row_cost_no_more_at_the_end(bench: Bench) -> None:
    bench.deploy(
        document(
            '<bpmn:process id="trial" isExecutable="true">'
            + START
            + service("work", "testing.count").replace(
                "</bpmn:serviceTask>",
                many(cardinality("1000"), sequential=True) + "</bpmn:serviceTask>",
            )
            + END
            + line("begun", "work", "done")
            + "</bpmn:process>"
        )
    )
    bench.start()
    assert bench.status() == "completed"
    assert bench.variables()["turns"] == 1_000
