"""Mass work: the rows of one by one, whatever the instances answer, in a few statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from perfflow.audit.models import AuditEntry
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, RuleViolation
from perfflow.workflow import actions, queries
from perfflow.workflow.models import (
    EngineState,
    EventLog,
    Message,
    MessageSubscription,
    ProcessInstance,
    TaskGroup,
    Timer,
    UserTask,
)
from tests.conftest import Counting
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.workflow.building import (
    ADMIN,
    Bench,
    CALLS,
    document,
    extensions,
    flow,
    line,
    mapping,
    node,
    service,
    timer,
    user_task,
)

PEOPLE = document(
    '<bpmn:message id="m1" name="frozen"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=business_key"/></bpmn:extensionElements></bpmn:message>'
    '<bpmn:message id="m2" name="early"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=business_key"/></bpmn:extensionElements></bpmn:message>'
    '<bpmn:process id="trial" isExecutable="true">'
    + node("startEvent", "begun")
    + node("parallelGateway", "fork")
    + user_task(
        "draft", "=employee", due="=due", properties={"ladder": "-2 remind; +3 escalate manager"}
    )
    + node("boundaryEvent", "too-late", timer("P20D"), attachedToRef="draft")
    + user_task("chase", group="hr-partner,finance")
    + node("intermediateCatchEvent", "await", '<bpmn:messageEventDefinition messageRef="m1"/>')
    + service("note", "testing.note", mapping({"what": "=score"}, {"noted": "=noted"}))
    + node("exclusiveGateway", "good", default="good-to-weak")
    + user_task("strong", group="hr-partner")
    + user_task("weak", "=employee")
    + node("intermediateCatchEvent", "hear", '<bpmn:messageEventDefinition messageRef="m2"/>')
    + node(
        "subProcess",
        "talk",
        extensions(mapping({"topic": "=employee"}, {"said": "=topic"}))
        + node("startEvent", "talk-begun")
        + user_task("speak", "=topic")
        + node("endEvent", "talk-ended")
        + line("talk-begun", "speak", "talk-ended"),
    )
    + node("endEvent", "ended")
    + line("begun", "fork", "draft", "ended")
    + line("too-late", "chase", "ended")
    + line("fork", "await", "note", "good")
    + flow("good", "strong", "=score &gt; 50")
    + flow("good", "weak")
    + line("strong", "ended")
    + line("weak", "ended")
    + line("fork", "hear", "talk", "ended")
    + "</bpmn:process>"
)
TABLES = (
    ProcessInstance, UserTask, TaskGroup, Timer, MessageSubscription, Message, EventLog,
    EngineState, AuditEntry,
)  # fmt: skip
COUNT = 12
KEYS = [f"C/E{number}" for number in range(COUNT)]
Databases = SqliteDatabases | PostgresDatabases


def started(now: datetime) -> list[tuple[str, dict[str, Any]]]:
    return [
        (key, {"employee": f"E{n % 4}", "score": n * 10, "due": (now + timedelta(days=9)).date()})
        for n, key in enumerate(KEYS)
    ]


def rows_of(database: Database) -> dict[str, list[Mapping[str, Any]]]:
    """Every row; numbers of tasks and messages by what they are of, for their order is free."""
    with database.reading() as session:
        tasks = {
            row.id: (row.business_key, row.element_key, row.slot)
            for row in session.execute(select(UserTask.__table__))
        }
        found = {}
        for model in TABLES:
            rows = []
            for row in session.execute(select(model.__table__)):
                values = dict(row._mapping)
                values.pop("id", None)
                if "task_id" in values:
                    values["task_id"] = tasks.get(values["task_id"])
                for name in ("transaction_id", "content_hash"):
                    values.pop(name, None)
                rows.append(values)
            found[model.__tablename__] = sorted(rows, key=repr)
        return found


def play(
    databases: Databases, now: datetime, in_mass: bool, then: Callable[[Bench, bool], None]
) -> dict[str, list[Mapping[str, Any]]]:
    CALLS.clear()
    with databases.fresh() as database:
        bench = Bench(database, now)
        bench.deploy(PEOPLE)
        bench.message("early", KEYS[3])
        with database.writing() as session:
            if in_mass:
                actions.start_instances(session, ADMIN, now, "trial", started(now))
            else:
                for key, variables in started(now):
                    actions.start_instance(session, ADMIN, now, "trial", key, variables)
        then(bench, in_mass)
        return rows_of(database)


def same(
    databases: Databases, now: datetime, then: Callable[[Bench, bool], None] = lambda *_: None
) -> dict[str, list[Mapping[str, Any]]]:
    mass = play(databases, now, True, then)
    single = play(databases, now, False, then)
    for table, rows in single.items():
        assert mass[table] == rows, table
    return mass


def send(bench: Bench, in_mass: bool, keys: list[str]) -> None:
    with bench.database.writing() as session:
        if in_mass:
            actions.publish_messages(session, ADMIN, bench.now, "frozen", keys, {"by": "hr"}, "d1")
        else:
            for key in keys:
                actions.publish_message(
                    session, ADMIN, bench.now, "frozen", key, {"by": "hr"}, "d1"
                )


@pytest.mark.both_databases
def test_a_launch_in_mass_leaves_the_rows_of_single_starts(
    databases: Databases, now: datetime
) -> None:
    rows = same(databases, now)
    assert len(rows["process_instance"]) == COUNT
    assert len(rows["user_task"]) == COUNT + 1  # one had an early message
    assert {row["kind"] for row in rows["timer"]} == {"event", "ladder"}


@pytest.mark.both_databases
def test_messages_in_mass_reach_each_instance_by_its_own_answers(
    databases: Databases, now: datetime
) -> None:
    def frozen(bench: Bench, in_mass: bool) -> None:
        send(bench, in_mass, [*KEYS[:10], "C/NOBODY"])
        send(bench, in_mass, KEYS[8:])  # two of them were told before

    rows = same(databases, now, frozen)
    opened = [row["element_id"] for row in rows["user_task"]]
    assert opened.count("strong") == 6
    assert opened.count("weak") == 6
    assert [row["taken_by"] for row in rows["message"]].count(None) == 1
    groups = {row["group_name"] for row in rows["task_group"]}
    assert groups == set()


@pytest.mark.both_databases
def test_cancelling_in_mass_closes_what_single_cancelling_closes(
    databases: Databases, now: datetime
) -> None:
    def cancel(bench: Bench, in_mass: bool) -> None:
        send(bench, in_mass, KEYS[:5])
        with bench.database.writing() as session:
            ids = [row.id for row in queries.instances_of(session, "trial")]
            if in_mass:
                assert actions.cancel_instances(session, ADMIN, bench.now, ids[2:], "stop") == 10
            else:
                for number in ids[2:]:
                    actions.cancel_instance(session, ADMIN, bench.now, number, "stop")

    rows = same(databases, now, cancel)
    open_keys = {row["business_key"] for row in rows["user_task"] if row["status"] == "open"}
    assert open_keys == set(KEYS[:2])


def test_what_is_over_is_not_cancelled_again(bench: Bench) -> None:
    bench.deploy(PEOPLE)
    with bench.database.writing() as session:
        ids = actions.start_instances(session, SYSTEM, bench.now, "trial", started(bench.now))
        assert actions.cancel_instances(session, SYSTEM, bench.now, ids, "x") == COUNT
        assert actions.cancel_instances(session, SYSTEM, bench.now, ids, "x") == 0
        with pytest.raises(RuleViolation):
            actions.cancel_instances(session, SYSTEM, bench.now, ids, " ")


@pytest.mark.both_databases
def test_who_runs_already_is_not_started_again_nor_anybody_with_her(
    databases: Databases, now: datetime
) -> None:
    with databases.fresh() as database:
        bench = Bench(database, now)
        bench.deploy(PEOPLE)
        with database.writing() as session:
            actions.start_instances(session, SYSTEM, now, "trial", started(now)[:3])
        for again in (started(now)[2:], started(now)[4:6] * 2):
            with pytest.raises(Conflict), database.writing() as session:
                actions.start_instances(session, SYSTEM, now, "trial", again)
        with database.reading() as session:
            assert len(queries.instances_of(session, "trial")) == 3


def test_the_number_of_statements_does_not_grow_with_the_instances(
    bench: Bench, count_statements: Counting
) -> None:
    bench.deploy(PEOPLE)
    counts = []
    for first, last in ((0, 2), (2, 12)):
        with (
            count_statements(bench.database.engine) as counted,
            bench.database.writing() as session,
        ):
            part = started(bench.now)[first:last]
            actions.start_instances(session, SYSTEM, bench.now, "trial", part)
        with count_statements(bench.database.engine) as told, bench.database.writing() as session:
            actions.publish_messages(session, SYSTEM, bench.now, "frozen", KEYS[first:last])
        counts.append((len(counted), len(told)))
    (few_started, few_told), (many_started, many_told) = counts
    assert many_started <= few_started + 2
    assert many_told <= few_told + 2


def test_logs_of_mass_work_are_whole(bench: Bench) -> None:
    bench.deploy(PEOPLE)
    with bench.database.writing() as session:
        actions.start_instances(session, SYSTEM, bench.now, "trial", started(bench.now))
    send(bench, True, KEYS)
    with bench.database.reading() as session:
        assert list(queries.verify_logs(session)) == []


def test_a_migration_takes_instances_in_mass_and_back(
    bench: Bench, count_statements: Counting
) -> None:
    bench.deploy(PEOPLE)
    with bench.database.writing() as session:
        actions.start_instances(session, SYSTEM, bench.now, "trial", started(bench.now))
    send(bench, True, KEYS[:6])
    counts = []
    for name, keys in (("one", KEYS[:0]), ("two", KEYS)):
        bench.deploy(PEOPLE.replace(b'name="draft"', f'name="draft {name}"'.encode()))
        with (
            count_statements(bench.database.engine) as counted,
            bench.database.writing() as session,
        ):
            bundle = queries.current_bundle(session)
            run = actions.migrate(session, ADMIN, bench.now, "trial", bundle, {}, "renamed")
        counts.append(len(counted))
        assert {bench.task("draft", key).name_zh for key in keys} <= {f"draft {name}"}
    assert max(counts) < 60  # twelve instances at few states
    with bench.database.writing() as session:
        assert actions.undo_migration(session, ADMIN, bench.now, run, "not yet") == (COUNT, 0)
    with bench.database.reading() as session:
        assert list(queries.verify_logs(session)) == []
        numbers = {row.bundle_number for row in queries.instances_of(session, "trial")}
    assert numbers == {2}
