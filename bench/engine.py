"""The engine: completing a task through its own API over the bare writes; eight people at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, insert, select, update

from bench.databases import working_database
from bench.figures import Figure, over
from perfflow.calendar import FIRM_ZONE
from perfflow.db import Database
from perfflow.kernel.actor import Actor
from perfflow.workflow import actions, queries
from perfflow.workflow.models import EngineState, EventLog, ProcessInstance, UserTask
from perfflow.workflow.ports import plug_directory
from tests.workflow.building import Bench, flow, line, node, process, SmallDirectory, user_task

NOW = datetime(2025, 1, 6, 9, tzinfo=FIRM_ZONE)
COMPLETIONS = 200
WARM_UP = 10
AT_ONCE = 8
STATE_GOAL = 500
ADVISOR = Actor("E1", "E1")


def figures(url: str | None) -> Iterator[Figure]:
    """Small processes of the benchmark's own, full history kept."""
    plug_directory(SmallDirectory())
    with working_database(url) as database:
        bench = Bench(database, NOW)
        bench.deploy(_three_tasks(), _eight_at_once())
        yield _complete_over_floor(bench)
        yield from _race(bench)
        with database.reading() as session:
            longest = session.scalar(select(func.max(func.length(EngineState.blob)))) or 0
        yield Figure("engine.state_bytes_max", longest, "bytes", STATE_GOAL)


def _three_tasks() -> bytes:
    steps = "".join(user_task(name) for name in ("write", "read", "sign"))
    path = line("begun", "write", "read", "sign", "ended")
    return process(node("startEvent", "begun") + steps + node("endEvent", "ended") + path)


def _eight_at_once() -> bytes:
    names = [f"part-{number}" for number in range(AT_ONCE)]
    body = node("startEvent", "begun") + node("parallelGateway", "split")
    body += "".join(user_task(name) for name in names)
    body += node("parallelGateway", "join") + node("endEvent", "ended")
    body += flow("begun", "split") + flow("join", "ended")
    body += "".join(flow("split", name) + flow(name, "join") for name in names)
    return process(body, "parts")


def _complete_over_floor(bench: Bench) -> Figure:
    """The floor: UPDATE instance, UPDATE task, INSERT task, INSERT history, COMMIT."""
    database = bench.database
    count = COMPLETIONS + WARM_UP
    keys = [f"A{number}" for number in range(count)]
    for key in keys:
        bench.start("trial", key)
    waiting = iter([bench.task("write", key) for key in keys])
    spare = bench.start("trial", "SPARE")
    task = _row(database, UserTask, UserTask.instance_id == spare)
    entry = _row(database, EventLog, EventLog.instance_id == spare)
    positions = iter(range(1_000, 1_000 + count))

    def ours() -> None:
        row = next(waiting)
        with database.writing() as session:
            actions.complete_task(session, ADVISOR, NOW, row.id, row.revision, {})

    def floor() -> None:
        position = next(positions)
        with database.writing() as session:
            session.execute(
                update(ProcessInstance.__table__)
                .where(ProcessInstance.id == spare)
                .values(revision=position)
            )
            session.execute(
                update(UserTask.__table__)
                .where(UserTask.instance_id == spare, UserTask.status == "open")
                .values(status="completed")
            )
            session.execute(
                insert(UserTask.__table__), {**task, "slot": position, "status": "open"}
            )
            session.execute(insert(EventLog.__table__), {**entry, "position": position})

    return over("engine.complete_over_floor", ours, floor, n=COMPLETIONS, warm_up=WARM_UP)


def _row(database: Database, model: type, condition: object) -> dict[str, object]:
    table = model.__table__  # type: ignore[attr-defined]
    with database.reading() as session:
        found = session.execute(select(table).where(condition).limit(1)).one()  # type: ignore[arg-type]
    return {name: value for name, value in found._mapping.items() if name != "id"}


def _race(bench: Bench) -> Iterator[Figure]:
    """Eight people complete the eight open tasks of one instance at the same moment."""
    database = bench.database
    bench.start("parts", "RACE")
    with database.reading() as session:
        rows = [(row.id, row.revision) for row in queries.open_tasks_of(session, "RACE")]
    gate = threading.Barrier(len(rows))
    errors: list[Exception] = []

    def complete(task_id: int, revision: int) -> None:
        gate.wait()
        try:
            with database.writing() as session:
                actions.complete_task(session, ADVISOR, NOW, task_id, revision, {})
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=complete, args=row) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A goal is the most that a figure should be, so the figure counts those that failed.
    yield Figure("race.failed", len(errors), f"of {AT_ONCE}", 0)
    yield Figure("race.succeeded", len(rows) - len(errors), f"of {AT_ONCE}")
