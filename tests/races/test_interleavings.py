"""Two who compete, statement by statement: the outcome is always that of one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from perfflow.audit.models import AuditEntry
from perfflow.db import Database
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import PerfFlowError
from perfflow.workflow import actions, queries
from perfflow.workflow.models import EventLog, ProcessInstance, table_of, Timer, UserTask
from perfflow.workflow.ports import directory, plug_directory
from tests.support.stepping import interleaved, Job
from tests.workflow.building import (
    Bench,
    HR,
    HR_TWO,
    line,
    node,
    process,
    SmallDirectory,
    timer,
    user_task,
)

HOLDER = Actor("ming", "E1", frozenset({Role.EMPLOYEE}))
ADMIN = Actor("admin", "E7", frozenset({Role.EMPLOYEE, Role.PROCESS_ADMIN}))
CONTENT = process(
    node("startEvent", "begun")
    + node("parallelGateway", "fork")
    + user_task("answer", due="=&quot;P1D&quot;")
    + node("boundaryEvent", "overdue", timer("P1D"), attachedToRef="answer")
    + user_task("missed")
    + user_task("review", group="hr-partner")
    + node("parallelGateway", "join")
    + node("endEvent", "done")
    + line("begun", "fork", "answer", "join", "done")
    + line("fork", "review", "join")
    + line("overdue", "missed", "join")
)
MOST_STATEMENTS = 14


@dataclass
class Case:
    """One instance and what may be done to it."""

    bench: Bench
    business: str

    def _task(self, element: str) -> Any:
        return self.bench.task(element, self.business)

    def complete(self, element: str, actor: Actor) -> Job:
        task, now = self._task(element), self.bench.now

        def job(database: Database) -> str:
            with database.writing() as session:
                actions.complete_task(session, actor, now, task.id, task.revision, {})
            return "completed"

        return job

    def claim(self, actor: Actor) -> Job:
        task, now = self._task("review"), self.bench.now

        def job(database: Database) -> str:
            with database.writing() as session:
                actions.claim_task(session, actor, now, task.id, task.revision)
            return f"claimed by {actor.name}"

        return job

    def reassign(self) -> Job:
        task, now = self._task("answer"), self.bench.now

        def job(database: Database) -> str:
            with database.writing() as session:
                actions.reassign_task(session, ADMIN, now, task.id, "E2", "ill", task.revision)
            return "reassigned"

        return job

    def fire(self) -> Job:
        later = self.bench.now + timedelta(days=2)
        with self.bench.database.reading() as session:
            instance = queries.instance_by_key(session, self.business)
            assert instance is not None
            rows = table_of(Timer)
            timer_id = session.execute(
                select(rows.c.id).where(rows.c.instance_id == instance.id)
            ).scalar_one()

        def job(database: Database) -> str:
            with database.writing() as session:
                fired = actions.fire_timer(session, later, timer_id)
            return "fired" if fired else "was late"

        return job

    def move_deadline(self) -> Job:
        task, now = self._task("answer"), self.bench.now

        def job(database: Database) -> str:
            with database.writing() as session:
                actions.move_deadline(session, ADMIN, now, task.id, now + timedelta(days=9))
            return "moved"

        return job

    def outcome(self, *results: Any) -> Any:
        """What can be seen afterwards, without numbers that only count."""
        with self.bench.database.reading() as session:
            assert list(queries.verify_logs(session)) == []
            instances, tasks = table_of(ProcessInstance), table_of(UserTask)
            logs, audit, timers = table_of(EventLog), table_of(AuditEntry), table_of(Timer)
            row = session.execute(
                select(instances).where(instances.c.business_key == self.business)
            ).one()
            mine = tasks.c.instance_id == row.id
            return (
                tuple(r.code if isinstance(r, PerfFlowError) else r for r in results),
                (row.status, row.state_hash, row.revision, str(row.variables)),
                sorted(
                    (t.element_id, t.status, str(t.assignee_no), str(t.outcome))
                    for t in session.execute(select(tasks).where(mine))
                ),
                [
                    (e.position, e.operation, e.element_key)
                    for e in session.execute(
                        select(logs).where(logs.c.instance_id == row.id).order_by(logs.c.position)
                    )
                ],
                len(session.execute(select(timers).where(timers.c.instance_id == row.id)).all()),
                sorted(
                    a.event
                    for a in session.execute(select(audit).where(audit.c.subject == self.business))
                ),
            )


@pytest.fixture(autouse=True)
def _small_directory() -> Iterator[None]:
    before = directory()
    plug_directory(SmallDirectory())
    yield
    plug_directory(before)


PAIRS = {
    "complete/complete": (
        lambda case: case.complete("answer", HOLDER),
        lambda case: case.complete("answer", HOLDER),
    ),
    "complete/complete of another task": (
        lambda case: case.complete("answer", HOLDER),
        lambda case: case.complete("review", HR),
    ),
    "complete/reassign": (
        lambda case: case.complete("answer", HOLDER),
        lambda case: case.reassign(),
    ),
    "complete/timer": (lambda case: case.complete("answer", HOLDER), lambda case: case.fire()),
    "timer/deadline": (lambda case: case.fire(), lambda case: case.move_deadline()),
    "complete/deadline": (
        lambda case: case.complete("answer", HOLDER),
        lambda case: case.move_deadline(),
    ),
    "claim/claim": (lambda case: case.claim(HR), lambda case: case.claim(HR_TWO)),
    "two schedulers": (lambda case: case.fire(), lambda case: case.fire()),
}


@pytest.mark.both_databases
@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize("pair", PAIRS)
def test_two_who_compete_leave_what_one_after_the_other_would_leave(
    database: Database, now: Any, pair: str, turned: bool
) -> None:
    bench = Bench(database, now)
    bench.deploy(CONTENT)
    makers = PAIRS[pair][::-1] if turned else PAIRS[pair]

    def case(name: str) -> Case:
        bench.start(business=name)
        return Case(bench, name)

    def alone(job: Job) -> Any:
        try:
            return job(database)
        except PerfFlowError as error:
            return error

    one, two = case("AB"), case("BA")
    first, second = (make(one) for make in makers)
    orders = [one.outcome(alone(first), alone(second))]
    first, second = (make(two) for make in makers)
    late, early = alone(second), alone(first)
    orders.append(two.outcome(early, late))
    seen = set()
    for after in range(MOST_STATEMENTS):
        here = case(f"I{after}")
        results = interleaved(database.url, *(make(here) for make in makers), after=after)
        outcome = here.outcome(*results)
        assert outcome in orders, f"{pair}, the second began after {after} statements"
        seen.add(orders.index(outcome))
    assert 0 in seen  # at the latest when the first was through
