"""Flows out of activities, joins of the standard, links, and what waits for ever."""

from __future__ import annotations

import pytest

from perfflow.kernel.errors import RuleViolation
from tests.workflow.building import Bench, flow, line, node, process, said, say, user_task

START, END = node("startEvent", "begun"), node("endEvent", "done")


@pytest.mark.parametrize(
    ("score", "expected"), [(95, "ab"), (70, "b"), (30, "c")], ids=["both", "one", "default"]
)
def test_conditional_flows_out_of_a_task_split_like_an_inclusive_gateway(
    bench: Bench, score: int, expected: str
) -> None:
    bench.deploy(
        process(
            START
            + node("task", "judge", default="judge-to-c")
            + say("a")
            + say("b")
            + say("c")
            + END
            + line("begun", "judge")
            + flow("judge", "a", "=score &gt; 90")
            + flow("judge", "b", "=score &gt; 50")
            + flow("judge", "c")
            + "".join(flow(name, "done") for name in "abc")
        )
    )
    bench.start(score=score)
    assert "".join(sorted(said())) == expected
    assert bench.status() == "completed"


def test_a_flow_without_a_condition_is_taken_beside_a_true_one(bench: Bench) -> None:
    bench.deploy(
        process(
            START
            + user_task("judge")
            + say("a")
            + say("b")
            + END
            + line("begun", "judge", "a", "done")
            + flow("judge", "b", "=good")
            + line("b", "done")
        )
    )
    bench.start(good=True)
    bench.complete("judge")
    assert sorted(said()) == ["a", "b"]


def test_no_true_condition_and_no_default_undoes_the_step(bench: Bench) -> None:
    bench.deploy(
        process(
            START
            + user_task("judge")
            + say("a")
            + say("b")
            + END
            + line("begun", "judge")
            + flow("judge", "a", "=good")
            + flow("judge", "b", "=good")
            + line("a", "done")
            + line("b", "done")
        )
    )
    bench.start(good=False)
    with pytest.raises(RuleViolation) as raised:
        bench.complete("judge")
    assert raised.value.code == "workflow.no_flow_taken"
    assert bench.tasks() == ["judge"]


def test_several_flows_out_of_a_task_are_a_split_and_each_token_ends_by_itself(
    bench: Bench,
) -> None:
    bench.deploy(
        process(
            START
            + user_task("first")
            + user_task("left")
            + user_task("right")
            + say("x")
            + line("begun", "first", "left", "x")
            + line("first", "right", "x")
        )
    )
    bench.start()
    bench.complete("first")
    assert bench.tasks() == ["left", "right"]
    bench.complete("right")
    assert said() == "x"
    assert bench.status() == "active"
    bench.complete("left")
    assert said() == "xx"
    assert bench.status() == "completed"


def test_a_parallel_join_behind_a_choice_waits_for_ever(bench: Bench) -> None:
    bench.deploy(
        process(
            START
            + node("exclusiveGateway", "either", default="either-to-b")
            + say("a")
            + say("b")
            + node("parallelGateway", "both")
            + END
            + line("begun", "either")
            + flow("either", "a", "=left")
            + flow("either", "b")
            + line("a", "both", "done")
            + line("b", "both")
        )
    )
    bench.start(left=True)
    assert said() == "a"
    assert (bench.status(), bench.tasks()) == ("active", [])


def inclusive(first: str, second: str) -> bytes:
    """Two ways that may be taken, with a task on each, and an inclusive join."""
    return process(
        START
        + node("inclusiveGateway", "some", default="some-to-join")
        + user_task("left")
        + user_task("right")
        + user_task("extra")
        + node("inclusiveGateway", "join")
        + user_task("after")
        + END
        + line("begun", "some")
        + flow("some", "left", first)
        + flow("some", "right", second)
        + flow("some", "join")
        + line("left", "extra", "join")
        + line("right", "join")
        + line("join", "after", "done")
    )


@pytest.mark.parametrize("order", [("left", "extra", "right"), ("right", "left", "extra")])
def test_an_inclusive_join_waits_for_all_that_still_come(
    bench: Bench, order: tuple[str, ...]
) -> None:
    bench.deploy(inclusive("=true", "=true"))
    bench.start()
    for name in order:
        assert "after" not in bench.tasks()
        bench.complete(name)
    assert bench.tasks() == ["after"]


def test_an_inclusive_join_does_not_wait_for_what_was_not_taken(bench: Bench) -> None:
    bench.deploy(inclusive("=false", "=true"))
    bench.start()
    bench.complete("right")
    assert bench.tasks() == ["after"]


def test_an_inclusive_join_after_the_default_goes_on_at_once(bench: Bench) -> None:
    bench.deploy(inclusive("=false", "=false"))
    bench.start()
    assert bench.tasks() == ["after"]


def test_an_inclusive_join_waits_for_a_token_that_may_turn_away(bench: Bench) -> None:
    bench.deploy(
        process(
            START
            + node("parallelGateway", "fork")
            + user_task("left")
            + user_task("right")
            + node("exclusiveGateway", "turn", default="turn-to-away")
            + user_task("away")
            + node("inclusiveGateway", "join")
            + user_task("after")
            + END
            + line("begun", "fork", "left", "join", "after", "done")
            + line("fork", "right", "turn")
            + flow("turn", "join", "=stay")
            + flow("turn", "away")
            + line("away", "done")
        )
    )
    bench.start(stay=False)
    bench.complete("left")
    assert bench.tasks() == ["right"]
    bench.complete("right")
    assert bench.tasks() == ["after", "away"]


def test_an_inclusive_join_in_a_loop_takes_one_round_at_a_time(bench: Bench) -> None:
    bench.deploy(
        process(
            START
            + node("exclusiveGateway", "again")
            + node("inclusiveGateway", "some")
            + user_task("left")
            + user_task("right")
            + node("inclusiveGateway", "join")
            + user_task("judge")
            + node("exclusiveGateway", "good", default="good-to-again")
            + END
            + line("begun", "again", "some")
            + flow("some", "left", "=true")
            + flow("some", "right", "=both")
            + line("left", "join", "judge", "good")
            + line("right", "join")
            + flow("good", "again")
            + flow("good", "done", "=enough")
        )
    )
    bench.start(both=True, enough=False)
    bench.complete("left")
    bench.complete("right")
    bench.complete("judge", {"both": False})
    assert bench.tasks() == ["left"]
    bench.complete("left")
    bench.complete("judge", {"enough": True})
    assert bench.status() == "completed"


LINKED = process(
    START
    + node("exclusiveGateway", "enough", default="enough-to-away")
    + user_task("work")
    + node("intermediateThrowEvent", "away", '<bpmn:linkEventDefinition name="back"/>')
    + node("intermediateThrowEvent", "out", '<bpmn:linkEventDefinition name="end"/>')
    + node("intermediateCatchEvent", "back", '<bpmn:linkEventDefinition name="back"/>')
    + node("intermediateCatchEvent", "end", '<bpmn:linkEventDefinition name="end"/>')
    + END
    + line("begun", "enough", "away")
    + flow("enough", "out", "=good")
    + line("back", "work", "enough")
    + line("end", "done")
)


def test_a_link_is_a_flow_that_is_not_drawn(bench: Bench) -> None:
    bench.deploy(LINKED)
    bench.start(good=False)
    bench.complete("work", {"good": False})
    assert bench.tasks() == ["work"]
    bench.complete("work", {"good": True})
    assert bench.status() == "completed"


def test_an_inclusive_join_sees_tokens_behind_a_link(bench: Bench) -> None:
    bench.deploy(
        process(
            START
            + node("parallelGateway", "fork")
            + user_task("left")
            + user_task("right")
            + node("intermediateThrowEvent", "away", '<bpmn:linkEventDefinition name="l"/>')
            + node("intermediateCatchEvent", "here", '<bpmn:linkEventDefinition name="l"/>')
            + node("inclusiveGateway", "join")
            + user_task("after")
            + END
            + line("begun", "fork", "left", "join", "after", "done")
            + line("fork", "right", "away")
            + line("here", "join")
        )
    )
    bench.start()
    bench.complete("left")
    assert bench.tasks() == ["right"]
    bench.complete("right")
    assert bench.tasks() == ["after"]


def test_a_sub_process_without_start_and_end_begins_and_ends_everywhere(bench: Bench) -> None:
    bench.deploy(
        process(
            START
            + node("subProcess", "aside", user_task("one") + user_task("two"))
            + user_task("after")
            + END
            + line("begun", "aside", "after", "done")
        )
    )
    bench.start()
    assert bench.tasks() == ["one", "two"]
    bench.complete("one")
    bench.complete("two")
    assert bench.tasks() == ["after"]


def test_tokens_that_multiply_without_end_are_stopped(bench: Bench) -> None:
    bench.deploy(
        process(
            START
            + node("exclusiveGateway", "again")
            + say("x")
            + node("exclusiveGateway", "enough", default="enough-to-again")
            + END
            + line("begun", "again", "x", "enough")
            + flow("x", "again")
            + flow("enough", "again")
            + flow("enough", "done", "=false")
        )
    )
    with pytest.raises(RuleViolation) as raised:
        bench.start()
    assert raised.value.code == "workflow.endless"
