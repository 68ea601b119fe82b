"""Several people, several workers, one instance: everybody gets an answer, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict
from perfflow.workflow import actions, queries
from tests.workflow.building import Bench, line, node, process, timer, user_task

PARTS = 8
EIGHT = process(
    node("startEvent", "begun")
    + node("parallelGateway", "fork")
    + "".join(user_task(f"part-{n}", f"P{n}") for n in range(PARTS))
    + node("parallelGateway", "join")
    + user_task("after")
    + node("endEvent", "done")
    + line("begun", "fork")
    + "".join(line("fork", f"part-{n}", "join") for n in range(PARTS))
    + line("join", "after", "done")
)


def together(work: list[Callable[[], object]]) -> list[object]:
    """Run all at the same moment; results or the exceptions that came instead."""
    barrier = Barrier(len(work))

    def one(job: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return job()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, work))


def completing(bench: Bench, element: str) -> Callable[[], object]:
    """A job that completes the task at an element."""
    task = bench.task(element)
    actor = Actor(task.assignee_no, task.assignee_no)

    def job() -> object:
        with bench.database.writing() as session:
            actions.complete_task(session, actor, bench.now, task.id, task.revision, {})
        return "done"

    return job


@pytest.mark.both_databases
def test_eight_people_complete_eight_tasks_of_one_instance_at_once(bench: Bench) -> None:
    bench.deploy(EIGHT)
    bench.start()
    results = together([completing(bench, f"part-{n}") for n in range(PARTS)])
    assert results == ["done"] * PARTS
    assert bench.tasks() == ["after"]
    with bench.database.reading() as session:
        assert list(queries.verify_logs(session)) == []


@pytest.mark.both_databases
def test_one_of_several_submits_of_the_same_task_wins(bench: Bench) -> None:
    bench.deploy(EIGHT)
    bench.start()
    results = together([completing(bench, "part-0")] * 4)
    assert results.count("done") == 1
    assert all(isinstance(result, (str, Conflict)) for result in results)
    assert len(bench.tasks()) == PARTS - 1


@pytest.mark.both_databases
def test_two_workers_fire_a_timer_once(bench: Bench) -> None:
    bench.deploy(
        process(
            node("startEvent", "begun")
            + node("intermediateCatchEvent", "slept", timer("P1D"))
            + user_task("after")
            + node("endEvent", "done")
            + line("begun", "slept", "after", "done")
        )
    )
    bench.start()
    later = bench.now + timedelta(days=2)
    with bench.database.reading() as session:
        (timer_id,) = actions.due_timers(session, later)

    def fire() -> object:
        with bench.database.writing() as session:
            return actions.fire_timer(session, later, timer_id)

    results = together([fire] * 4)
    assert sorted(map(str, results)) == ["False", "False", "False", "True"]
    assert bench.tasks() == ["after"]


@pytest.mark.both_databases
def test_a_completion_and_a_timer_that_compete_leave_one_way_taken(bench: Bench) -> None:
    content = process(
        node("startEvent", "begun")
        + user_task("answer")
        + node("boundaryEvent", "overdue", timer("P1D"), attachedToRef="answer")
        + user_task("answered")
        + user_task("missed")
        + node("endEvent", "done")
        + line("begun", "answer", "answered", "done")
        + line("overdue", "missed", "done")
    )
    bench.deploy(content)
    for number in range(4):
        key = f"R{number}"
        bench.start(business=key)
        later = bench.now + timedelta(days=2)
        with bench.database.reading() as session:
            (timer_id,) = actions.due_timers(session, later)
        task = bench.task("answer", key)

        def complete(task: object = task) -> object:
            with bench.database.writing() as session:
                actions.complete_task(
                    session,
                    Actor("e", "E1"),
                    bench.now,
                    task.id,
                    task.revision,
                    {},  # type: ignore[attr-defined]
                )
            return True

        def fire(timer_id: int = timer_id, later: object = later) -> object:
            with bench.database.writing() as session:
                return actions.fire_timer(session, later, timer_id)  # type: ignore[arg-type]

        together([complete, fire])
        assert bench.tasks(key) in (["answered"], ["missed"])
        with bench.database.reading() as session:
            assert actions.due_timers(session, later) == []
