"""Eight people complete the eight open tasks of one instance at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from random import Random
from statistics import median
from typing import Any

from bench.completion import ADVISOR
from bench.figures import Figure
from perfflow.workflow import actions, queries
from tests.workflow.building import Bench, flow, node, process, user_task

AT_ONCE = 8
RACES = 15
MEDIAN_GOAL, SLOWEST_GOAL = 6, 10


def race_figures(bench: Bench) -> Iterator[Figure]:
    """All must succeed; each waits for the others at most as long as their work takes."""
    alone: list[float] = []
    raced: list[list[float]] = []
    failed = 0
    for number in range(RACES):
        # Alone, but in any order (each is a way of its own through the states) and by a thread
        # that has just been woken, too: its caches are as cold.
        tasks = _tasks(bench, f"ALONE{number}")
        Random(number).shuffle(tasks)
        alone += [_race(bench, [task])[0][0] for task in tasks]
        times, errors = _race(bench, _tasks(bench, f"RACE{number}"))
        failed += len(errors)
        raced.append(sorted(times))
    single = median(alone)
    yield Figure(
        "race.succeeded", AT_ONCE - failed, f"of {AT_ONCE}", AT_ONCE, n=RACES, at_least=True
    )
    for name, value, goal in (
        ("median", median(median(times) for times in raced), MEDIAN_GOAL),
        ("slowest", median(times[-1] for times in raced), SLOWEST_GOAL),
    ):
        yield Figure(
            f"race.{name}_response_over_single", value / single, "×", goal, value, single, RACES
        )


def _eight_at_once() -> bytes:
    names = [f"part-{number}" for number in range(AT_ONCE)]
    body = node("startEvent", "begun") + node("parallelGateway", "split")
    body += "".join(user_task(name) for name in names)
    body += node("parallelGateway", "join") + node("endEvent", "ended")
    body += flow("begun", "split") + flow("join", "ended")
    body += "".join(flow("split", name) + flow(name, "join") for name in names)
    return process(body, "parts")


EIGHT = _eight_at_once()


def _tasks(bench: Bench, business: str) -> list[Any]:
    bench.start("parts", business)
    with bench.database.reading() as session:
        return queries.open_tasks_of(session, business)


def _complete(bench: Bench, task: Any) -> float:
    begun = time.perf_counter_ns()
    with bench.database.writing() as session:
        actions.complete_task(session, ADVISOR, bench.now, task.id, task.revision, {})
    return (time.perf_counter_ns() - begun) / 1_000


def _race(bench: Bench, tasks: list[Any]) -> tuple[list[float], list[Exception]]:
    gate = threading.Barrier(len(tasks))
    times: list[float] = []
    errors: list[Exception] = []

    def run(task: Any) -> None:
        gate.wait()
        try:
            times.append(_complete(bench, task))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, errors
