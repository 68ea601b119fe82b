"""Completing a task through the engine's API over its floor: the same SQL, the next step known."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from statistics import median
from typing import Any

from sqlalchemy import bindparam, Connection, exists, insert, select, Table, update

from bench.figures import Figure
from perfflow.audit.models import AuditEntry
from perfflow.kernel.actor import Actor
from perfflow.workflow import actions
from perfflow.workflow.engine.transitions import without_memory
from perfflow.workflow.models import (
    Bundle,
    EventLog,
    FormSubmission,
    ProcessInstance,
    table_of,
    TaskDraft,
    UserTask,
)
from tests.support.statements import count_statements
from tests.workflow.building import Bench, flow, line, node, process, service, user_task

COMPLETIONS = 400
WARM_UP = 20
B_GOAL, A_GOAL = 0.85, 0.35
STATEMENTS_GOAL = 12
ADVISOR = Actor("E1", "E1")
STEPS = ("write", "read", "sign")
TASK, INSTANCE = table_of(UserTask), table_of(ProcessInstance)


def three_tasks(key: str = "trial", who: str = "E1", group: str | None = None) -> bytes:
    """Three user tasks, one after the other."""
    steps = "".join(user_task(name, who, group=group) for name in STEPS)
    path = line("begun", *STEPS, "ended")
    return process(node("startEvent", "begun") + steps + node("endEvent", "ended") + path, key)


def _long() -> bytes:
    """Twenty-five nodes: choices and services between the tasks."""
    body, names = node("startEvent", "begun"), ["begun"]
    for number in range(4):
        which, first, second = f"which-{number}", f"one-{number}", f"other-{number}"
        body += node("exclusiveGateway", which, default=f"{which}-to-{second}")
        body += node("task", first) + node("task", second) + user_task(f"step-{number}")
        body += node("exclusiveGateway", f"met-{number}")
        body += flow(which, first, "=d") + flow(which, second)
        body += line(first, f"met-{number}") + line(second, f"met-{number}", f"step-{number}")
        body += line(names[-1], which)
        names.append(f"step-{number}")
    body += service("keep", "testing.count") + node("task", "next") + node("task", "last")
    body += node("endEvent", "ended")
    return process(body + line(names[-1], "keep", "next", "last", "ended"), "long")


THREE, LONG = three_tasks(), _long()


def completion_figures(bench: Bench) -> Iterator[Figure]:
    """Shares of the floor with and without remembered transitions, and what is asked in SQL."""
    floor = Floor(bench)
    keys = (f"C{number}" for number in count())

    def started() -> Any:
        key = next(keys)
        bench.start("trial", key)
        return bench.task("write", key)

    def complete(task: Any) -> None:
        with bench.database.writing() as session:
            actions.complete_task(session, ADVISOR, bench.now, task.id, task.revision, {})

    def without(task: Any) -> None:
        with without_memory():
            complete(task)

    jobs: Mapping[str, Callable[[Any], None]] = {
        "floor": floor.complete,
        "level_b": complete,
        "level_a": without,
    }
    spent: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(WARM_UP + COMPLETIONS):
        for name, job in jobs.items():
            task = started()
            begun = time.perf_counter_ns()
            job(task)
            if number >= WARM_UP:
                spent[name].append((time.perf_counter_ns() - begun) / 1_000)
    bare = median(spent["floor"])
    for name, goal in (("level_b", B_GOAL), ("level_a", A_GOAL)):
        ours = median(spent[name])
        yield Figure(
            f"engine.{name}_share_of_floor", bare / ours, "", goal, ours, bare, COMPLETIONS, True
        )
    yield from _statements(bench)


def _statements(bench: Bench) -> Iterator[Figure]:
    """What one completion asks of the database when its transition is known."""
    for key, element, name in (("trial", "write", "3"), ("long", "step-0", "25")):
        for business in (f"S{name}-{number}" for number in range(3)):
            bench.start(key, business, d=True)
            task = bench.task(element, business)
            with count_statements(bench.database.engine) as counted, bench.database.writing() as s:
                actions.complete_task(s, ADVISOR, bench.now, task.id, task.revision, {})
        yield Figure(f"engine.statements_{name}_nodes", len(counted), "statements", STATEMENTS_GOAL)
    yield Figure("engine.commits", counted.commits, "commits", 1)


class Floor:
    """The statements of one completion with the rows of a real one; only ids are looked up."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        bench.start("trial", "FLOOR")
        task = bench.task("write", "FLOOR")
        bench.complete("write", business="FLOOR")
        self.rows = {
            "submission": self._row(table_of(FormSubmission), task.instance_id),
            "log": self._row(table_of(EventLog), task.instance_id, operation="complete"),
            "opened": self._row(TASK, task.instance_id, status="open"),
            "closed": self._row(TASK, task.instance_id, status="completed"),
            "instance": self._row(INSTANCE, task.instance_id, "id"),
        }
        audit = table_of(AuditEntry)
        with bench.database.reading() as session:
            newest = select(audit).order_by(audit.c.id.desc()).limit(1)
            self.rows["audit"] = dict(session.execute(newest).one()._mapping)
        del self.rows["audit"]["id"], self.rows["audit"]["seal_id"]

    def _row(
        self, table: Table, instance_id: int, column: str = "instance_id", **more: str
    ) -> dict[str, Any]:
        wanted = select(table).where(table.c[column] == instance_id)
        for name, value in more.items():
            wanted = wanted.where(table.c[name] == value)
        with self.bench.database.reading() as session:
            row = session.execute(wanted).one()
        return {name: value for name, value in row._mapping.items() if name != "id"}

    def complete(self, task: Any) -> None:
        """SELECT, INSERT submission, UPDATE task and instance, INSERT log, task and audit."""
        with self.bench.database.writing() as session:
            self._write(session.connection(), task)

    def _write(self, connection: Connection, task: Any) -> None:
        rows, at = self.rows, {"instance_id": task.instance_id}
        connection.execute(LOCK, {"task_id": task.id}).one()
        submission_id = connection.execute(
            SUBMIT, {**rows["submission"], **at, "task_id": task.id}
        ).scalar_one()
        connection.execute(
            CLOSE,
            {name: rows["closed"][name] for name in CLOSED}
            | {"at_id": task.id, "at_revision": 0, "submission_id": submission_id},
        )
        connection.execute(
            MOVE,
            {name: rows["instance"][name] for name in MOVED}
            | {"at_id": task.instance_id, "at_revision": 1},
        )
        connection.execute(LOG, {**rows["log"], **at, "submission_id": submission_id})
        connection.execute(OPEN, {**rows["opened"], **at})
        connection.execute(RECORD, rows["audit"])


LOCKED_TASK = (
    "id", "definition_key", "business_key", "element_id", "element_key", "scope", "slot",
    "form_key", "subject_no", "assignee_no", "candidate_group", "more_groups", "not_for",
    "locals", "status", "revision", "completed_by",
)  # fmt: skip
LOCKED_INSTANCE = (
    "id", "bundle_number", "definition_key", "business_key", "status", "revision", "state_hash",
    "variables", "log_hash", "log_count",
)  # fmt: skip
CLOSED = ("revision", "status", "assignee_no", "completed_at", "completed_by", "outcome")
MOVED = ("state_hash", "revision", "variables", "status", "log_hash", "log_count", "ended_at")
LOCKED = (
    select(*(INSTANCE.c[name] for name in LOCKED_INSTANCE))
    .where(
        INSTANCE.c.id
        == select(TASK.c.instance_id).where(TASK.c.id == bindparam("task_id")).scalar_subquery()
    )
    .with_for_update()
    .cte("instance")
)
LOCK = (
    select(
        *(TASK.c[name].label(f"task_{name}") for name in LOCKED_TASK),
        exists().where(table_of(TaskDraft).c.task_id == TASK.c.id),
        LOCKED,
        table_of(Bundle).c.content_hash,
    )
    .select_from(LOCKED)
    .join(TASK, TASK.c.instance_id == LOCKED.c.id)
    .join(table_of(Bundle), table_of(Bundle).c.number == LOCKED.c.bundle_number)
    .where(TASK.c.id == bindparam("task_id"))
    .with_for_update(of=TASK)
)
CLOSE = (
    update(TASK)
    .where(
        TASK.c.id == bindparam("at_id"),
        TASK.c.revision == bindparam("at_revision"),
        TASK.c.status == "open",
    )
    .values({name: bindparam(name) for name in (*CLOSED, "submission_id")})
)
MOVE = (
    update(INSTANCE)
    .where(INSTANCE.c.id == bindparam("at_id"), INSTANCE.c.revision == bindparam("at_revision"))
    .values({name: bindparam(name) for name in MOVED})
)
SUBMIT = insert(table_of(FormSubmission)).returning(table_of(FormSubmission).c.id)
LOG = insert(table_of(EventLog)).inline()
OPEN = insert(TASK).inline()
RECORD = insert(table_of(AuditEntry)).inline()
