"""Mass work on many instances over the bare statements that it must do anyway."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import delete, insert, select, update

from bench.databases import working_database
from bench.figures import Figure, timed_us
from perfflow.calendar import FIRM_ZONE, load_calendars
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.workflow import actions, queries
from perfflow.workflow.models import (
    EventLog,
    Message,
    MessageSubscription,
    MigrationItem,
    MigrationRun,
    ProcessInstance,
    Timer,
    UserTask,
)
from perfflow.workflow.ports import plug_directory
from tests.support.databases import CALENDARS
from tests.workflow.building import (
    ADMIN,
    Bench,
    document,
    extensions,
    flow,
    line,
    node,
    SmallDirectory,
    timer,
    user_task,
)

NOW = datetime(2025, 1, 6, 9, tzinfo=FIRM_ZONE)
INSTANCES = int(os.environ.get("PERFFLOW_BENCH_INSTANCES", "10000"))
CHUNK = 250
GOAL = 3.0
MIGRATIONS = 3
DEADLINES = {f"step_{number}": f"2025-{number % 12 + 1:02d}-15" for number in range(20)}

PROCESS = document(
    '<bpmn:message id="m1" name="frozen"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=business_key"/></bpmn:extensionElements></bpmn:message>'
    '<bpmn:process id="trial" isExecutable="true">'
    + extensions(properties={"variables": "cycle, employee, deadlines, score"})
    + node("startEvent", "begun")
    + node("parallelGateway", "fork")
    + user_task(
        "draft",
        "=employee",
        due="=date(deadlines.step_4)",
        properties={"ladder": "-3 remind; 0 remind; +2 escalate manager"},
    )
    + node("boundaryEvent", "too-late", timer("P200D"), attachedToRef="draft")
    + node("intermediateCatchEvent", "await", '<bpmn:messageEventDefinition messageRef="m1"/>')
    + node("exclusiveGateway", "good", default="good-to-weak")
    + user_task("strong", "=employee", due="=date(deadlines.step_7)")
    + user_task("weak", "=employee", due="=date(deadlines.step_8)")
    + node("endEvent", "ended")
    + line("begun", "fork", "draft", "ended")
    + line("too-late", "ended")
    + line("fork", "await", "good")
    + flow("good", "strong", "=score &gt; 50")
    + flow("good", "weak")
    + line("strong", "ended")
    + line("weak", "ended")
    + "</bpmn:process>"
)


def figures(url: str | None) -> Iterator[Figure]:
    """Each figure: chunks of 250 as the workers do them, over the same rows written bare."""
    plug_directory(SmallDirectory())
    with working_database(url) as database:
        _load_calendars(database)
        bench = Bench(database, NOW)
        bench.deploy(PROCESS)
        keys = [f"C{number // CHUNK}/E{number:06d}" for number in range(INSTANCES)]
        yield _launch(database, keys)
        yield _message(database, keys)
        yield _migration(bench)


def _load_calendars(database: Database) -> None:
    files = {path.name: path.read_bytes() for path in CALENDARS.glob("*.yaml")}
    with database.writing() as session:
        load_calendars(session, SYSTEM, NOW, files)


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _variables(key: str) -> dict[str, Any]:
    employee = key.partition("/")[2]
    return {
        "cycle": "2025-ANNUAL",
        "employee": employee,
        "deadlines": DEADLINES,
        "score": int(employee[1:]) % 100,
    }


def _rows(database: Database, model: type, condition: Any) -> list[dict[str, Any]]:
    table = model.__table__  # type: ignore[attr-defined]
    with database.reading() as session:
        return [dict(row._mapping) for row in session.execute(select(table).where(condition))]


def _launch(database: Database, keys: list[str]) -> Figure:
    """The floor inserts the rows that a launch left, under other keys, a statement a table."""
    chunks = list(_chunks(keys))
    models = (ProcessInstance, EventLog, UserTask, Timer, MessageSubscription)

    def ours(number: int) -> None:
        with database.writing() as session:
            started = [(key, _variables(key)) for key in chunks[number]]
            actions.start_instances(session, SYSTEM, NOW, "trial", started)

    copies: dict[int, list[tuple[Any, list[dict[str, Any]]]]] = {}

    def floor(number: int) -> None:
        rows = copies.pop(number)
        with database.writing() as session:
            for table, values in rows:
                session.connection().execute(insert(table), values)

    def copy(number: int) -> None:
        """The rows of a chunk with ids and keys of their own; not measured."""
        wanted = ProcessInstance.business_key.in_(chunks[number])
        ids = [row["id"] for row in _rows(database, ProcessInstance, wanted)]
        found = []
        for model in models:
            column = model.id if model is ProcessInstance else model.instance_id  # type: ignore[attr-defined]
            rows = _rows(database, model, column.in_(ids))
            for row in rows:
                for name in ("id", "instance_id", "task_id"):
                    if row.get(name) is not None:
                        row[name] = -row[name]
                for name in ("business_key", "correlation_key"):
                    if row.get(name):
                        row[name] = f"floor/{row[name]}"
            found.append((model.__table__, rows))
        copies[number] = found

    pairs = []
    for number in range(len(chunks)):
        ours_us = timed_us(partial(ours, number))
        copy(number)
        pairs.append((ours_us, timed_us(partial(floor, number))))
    _remove_floor(database, models)
    return _figure("mass.launch_over_insert", pairs)


def _remove_floor(database: Database, models: tuple[type, ...]) -> None:
    with database.writing() as session:
        for model in reversed(models):
            column = model.id if model is ProcessInstance else model.instance_id  # type: ignore[attr-defined]
            session.execute(delete(model).where(column < 0))


def _figure(name: str, pairs: list[tuple[float, float]], goal: float = GOAL) -> Figure:
    kept = pairs[2:] or pairs
    ours_us, floor_us = (median(pair[side] for pair in kept) for side in (0, 1))
    return Figure(name, ours_us / floor_us, "×", goal, ours_us, floor_us, len(pairs) * CHUNK)


def _message(database: Database, keys: list[str]) -> Figure:
    """The floor: one UPDATE of the instances, INSERT of their logs, tasks and messages, DELETE
    of the subscriptions; half of the chunks go this way, half the other, in turns."""
    chunks = list(_chunks(keys))
    pairs = []
    for number in range(0, len(chunks) - 1, 2):

        def ours(part: list[str] = chunks[number]) -> None:
            with database.writing() as session:
                actions.publish_messages(session, SYSTEM, NOW, "frozen", part)

        ours_us = timed_us(ours)
        prepared = _prepare_message(database, chunks[number], chunks[number + 1])
        pairs.append((ours_us, timed_us(partial(_bare_message, database, *prepared))))
    return _figure("mass.message_over_update", pairs)


def _prepare_message(database: Database, done: list[str], bare: list[str]) -> tuple[Any, ...]:
    old = _rows(database, ProcessInstance, ProcessInstance.business_key.in_(done))
    new = _rows(database, ProcessInstance, ProcessInstance.business_key.in_(bare))
    ids = dict(zip((row["id"] for row in old), (row["id"] for row in new), strict=True))
    key_of = dict(zip(done, bare, strict=True))
    logs = _rows(database, EventLog, EventLog.instance_id.in_(ids) & (EventLog.position == 1))
    tasks = _rows(
        database, UserTask, UserTask.instance_id.in_(ids) & (UserTask.element_id != "draft")
    )
    messages = _rows(database, Message, Message.correlation_key.in_(done))
    for row in (*logs, *tasks, *messages):
        del row["id"]
        if "instance_id" in row:
            row["instance_id"] = ids[row["instance_id"]]
        for name in ("business_key", "correlation_key"):
            if name in row:
                row[name] = key_of[row[name]]
    return list(ids.values()), old[0]["state_hash"], logs, tasks, messages


def _bare_message(
    database: Database,
    ids: list[int],
    state: str,
    logs: list[dict[str, Any]],
    tasks: list[dict[str, Any]],
    messages: list[dict[str, Any]],
) -> None:
    instances = ProcessInstance.__table__
    with database.writing() as session:
        connection = session.connection()
        connection.execute(
            update(instances)
            .where(instances.c.id.in_(ids))
            .values(state_hash=state, revision=instances.c.revision + 1, log_count=2)
        )
        connection.execute(insert(EventLog.__table__), logs)
        connection.execute(insert(UserTask.__table__), tasks)
        connection.execute(insert(Message.__table__), messages)
        connection.execute(
            delete(MessageSubscription.__table__).where(MessageSubscription.instance_id.in_(ids))
        )


def _migration(bench: Bench) -> Figure:
    """The floor: UPDATE of the instances and of their open tasks, INSERT of logs and of what
    taking it back needs; on the same instances, right after."""
    database, pairs = bench.database, []
    for number in range(MIGRATIONS):
        bench.deploy(PROCESS.replace(b'name="draft"', f'name="draft {number}"'.encode()))
        with database.reading() as session:
            bundle = queries.current_bundle(session)

        def ours(bundle: int = bundle) -> None:
            with database.writing() as session:
                actions.migrate(session, ADMIN, NOW, "trial", bundle, {}, "a new version")

        ours_us = timed_us(ours)
        run = _rows(database, MigrationRun, MigrationRun.bundle_number == bundle)[0]
        logs = _rows(database, EventLog, EventLog.outcome == f"run {run['id']}")
        items = _rows(database, MigrationItem, MigrationItem.run_id == run["id"])
        for row in logs:
            del row["id"]
            row["position"] += 1_000_000 + number
        spare = {**run, "id": -1 - number}
        for row in items:
            row["run_id"] = spare["id"]
        pairs.append((ours_us, timed_us(partial(_bare_migration, database, logs, items, spare))))
        with database.writing() as session:
            session.execute(delete(EventLog).where(EventLog.position >= 1_000_000))
    ours_us, floor_us = (median(pair[side] for pair in pairs) for side in (0, 1))
    count = len(items)
    return Figure(
        "mass.migrate_over_update", ours_us / floor_us, "×", 4.0, ours_us, floor_us, count
    )


def _bare_migration(
    database: Database,
    logs: list[dict[str, Any]],
    items: list[dict[str, Any]],
    run: dict[str, Any],
) -> None:
    instances, tasks = ProcessInstance.__table__, UserTask.__table__
    ids = [row["instance_id"] for row in items]
    with database.writing() as session:
        connection = session.connection()
        connection.execute(insert(MigrationRun.__table__), [run])
        connection.execute(insert(MigrationItem.__table__), items)
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            connection.execute(
                update(instances)
                .where(instances.c.id.in_(part))
                .values(
                    version_id=items[0]["version_id"],
                    state_hash=items[0]["state_hash"],
                    log_hash="0" * 40,
                    log_count=instances.c.log_count,
                )
            )
            connection.execute(
                update(tasks)
                .where(tasks.c.instance_id.in_(part), tasks.c.status == "open")
                .values(name_zh="draft", form_key=None)
            )
        connection.execute(insert(EventLog.__table__), logs)
