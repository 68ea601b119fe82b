"""kill -9 before every statement and before the commit: nothing is lost, nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from perfflow.db import Database
from perfflow.kernel.actor import Actor, SYSTEM
from perfflow.workflow import actions, queries
from perfflow.workflow.ports import directory, plug_directory
from tests.support.stepping import killed
from tests.workflow.building import (
    Bench,
    line,
    mapping,
    node,
    process,
    service,
    SmallDirectory,
    timer,
    user_task,
)
from tests.workflow.test_transitions import rows_of

MOST_STATEMENTS = 40
CONTENT = process(
    node("startEvent", "begun")
    + user_task("answer", due="=&quot;P2D&quot;", properties={"ladder": "-1 remind assignee"})
    + node("boundaryEvent", "overdue", timer("P3D"), attachedToRef="answer")
    + service(
        "tell", "testing.shout", mapping({"name": "=&quot;told&quot;", "key": "=&quot;K&quot;"})
    )
    + user_task("answered")
    + user_task("missed")
    + node("endEvent", "done")
    + line("begun", "answer", "tell", "answered", "done")
    + line("overdue", "missed", "done")
)
pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def _small_directory() -> Iterator[None]:
    before = directory()
    plug_directory(SmallDirectory())
    yield
    plug_directory(before)


@pytest.fixture
def bench(database: Database, now: Any) -> Bench:
    bench = Bench(database, now)
    bench.deploy(CONTENT)
    bench.start(business="WARM")
    bench.complete("answer", business="WARM")
    return bench


def kill_everywhere(bench: Bench, job: Callable[[Database], Any]) -> int:
    """Kill the job before each statement until it gets through; how many times it was killed."""
    before = rows_of(bench.database)
    for statement in range(MOST_STATEMENTS):
        bench.database.dispose()
        if not killed(bench.database.url, job, statement):
            return statement
        assert rows_of(bench.database) == before, f"killed before statement {statement}"
    raise AssertionError(f"expected at most {MOST_STATEMENTS} statements")


def logs_are_sound(bench: Bench) -> bool:
    with bench.database.reading() as session:
        return list(queries.verify_logs(session)) == []


def operations(bench: Bench, business: str) -> list[str]:
    """What the log of an instance says was done."""
    rows = rows_of(bench.database)
    (instance,) = (r["id"] for r in rows["process_instance"] if r["business_key"] == business)
    return [r["operation"] for r in rows["event_log"] if r["instance_id"] == instance]


def test_a_completion_that_is_killed_leaves_nothing_and_can_be_done_again(bench: Bench) -> None:
    bench.start()
    task = bench.task("answer")

    def complete(database: Database) -> None:
        with database.writing() as session:
            actions.complete_task(session, Actor("E1", "E1"), bench.now, task.id, task.revision, {})

    assert kill_everywhere(bench, complete) > 7
    assert bench.tasks() == ["answered"]
    assert operations(bench, "K1") == ["start", "complete"]
    rows = rows_of(bench.database)
    assert [r["task_id"] for r in rows["form_submission"]].count(task.id) == 1
    assert [r["name"] for r in rows["message"]] == ["told", "told"]  # once by each instance
    assert logs_are_sound(bench)


def test_a_launch_that_is_killed_leaves_nothing_and_can_be_done_again(bench: Bench) -> None:
    def launch(database: Database) -> None:
        with database.writing() as session:
            for business in ("L1", "L2"):
                actions.start_instance(session, SYSTEM, bench.now, "trial", business, {})

    assert kill_everywhere(bench, launch) > 8
    for business in ("L1", "L2"):
        assert bench.tasks(business) == ["answer"]
        assert operations(bench, business) == ["start"]
    assert logs_are_sound(bench)


def test_a_timer_that_is_killed_while_firing_is_still_due_and_fires_once(bench: Bench) -> None:
    bench.start()
    later = bench.now + timedelta(days=4)
    key = "overdue"
    (timer_id,) = (r["id"] for r in rows_of(bench.database)["timer"] if r["element_key"] == key)

    def fire(database: Database) -> None:
        with database.writing() as session:
            actions.fire_timer(session, later, timer_id)

    assert kill_everywhere(bench, fire) > 6
    assert bench.tasks() == ["missed"]
    assert operations(bench, "K1") == ["start", "timer"]
    with bench.database.writing() as session:
        assert actions.fire_timer(session, later, timer_id) is False
    assert logs_are_sound(bench)
