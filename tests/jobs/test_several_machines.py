"""Procrastinate: jobs and business rows commit together, workers come back by themselves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text

from perfflow.commands.worker import keep_working, work_on_queue
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.jobs import enqueue, job_kind, JobContext, queries
from perfflow.jobs.ports import NoQueue, plug_queue
from perfflow.jobs.procrastinate_queue import connection_text
from perfflow.jobs.queueing import plug_engine
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.kernel.errors import BadInput
from tests.support.databases import PostgresDatabases

KIND = "testing.job_far_away"
done: list[Any] = []


@job_kind(KIND)
def note(context: JobContext, items: Sequence[Any]) -> None:
    """Remember what was done."""
    done.extend(items)


@pytest.fixture
def postgres(postgres_databases: PostgresDatabases) -> Iterator[Database]:
    done.clear()
    with postgres_databases.fresh() as database:
        yield database
    plug_queue(NoQueue())


def queued(database: Database) -> int:
    with database.reading() as session:
        found = session.execute(
            text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'perfflow.run_job'")
        )
        return int(found.scalar_one())


def settings_of(database: Database) -> Settings:
    url = database.engine.url.render_as_string(hide_password=False)
    return Settings.from_environment(
        {"PERFFLOW_DATABASE_URL": url, "PERFFLOW_JOBS": "procrastinate"}
    )


def until(holds: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def batch_status(database: Database, batch_id: int) -> str:
    with database.reading() as session:
        return queries.batch(session, batch_id).status


def test_a_job_is_queued_with_the_business_rows_or_not_at_all(
    postgres: Database, now: datetime
) -> None:
    plug_engine("procrastinate", postgres)

    def ask_and_fail() -> None:
        with postgres.writing() as session:
            enqueue(session, SYSTEM, now, KIND, "FIRM", [1, 2])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask_and_fail()
    assert queued(postgres) == 0
    with postgres.writing() as session:
        enqueue(session, SYSTEM, now, KIND, "FIRM", [1, 2, 3], chunk=2)
    assert queued(postgres) == 2


def test_a_worker_does_what_was_queued_and_what_nobody_told_it_of(
    postgres: Database, clock: VirtualClock
) -> None:
    with postgres.writing() as session:
        # Written while no engine was plugged: only the rescue can find it.
        forgotten = enqueue(session, SYSTEM, clock.now(), KIND, "FIRM", ["forgotten"])
    plug_engine("procrastinate", postgres)
    with postgres.writing() as session:
        told = enqueue(session, SYSTEM, clock.now(), KIND, "FIRM", [1, 2, 3], chunk=2)
    stopped = threading.Event()
    worker = threading.Thread(
        target=work_on_queue, args=(settings_of(postgres), postgres, clock, stopped)
    )
    worker.start()
    try:
        assert until(lambda: batch_status(postgres, told) == "done")
        assert until(lambda: batch_status(postgres, forgotten) == "done", seconds=75)
        # The database restarts: every connection of the worker is cut.
        with postgres.writing() as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        with postgres.writing() as session:
            after = enqueue(session, SYSTEM, clock.now(), KIND, "FIRM", ["after"])
        assert until(lambda: batch_status(postgres, after) == "done", seconds=75)
    finally:
        stopped.set()
        worker.join(30)
    assert not worker.is_alive()
    assert sorted(map(str, done)) == ["1", "2", "3", "after", "forgotten"]


def test_a_worker_that_ends_or_fails_begins_again_later_and_later() -> None:
    stopped, begun = threading.Event(), []

    def work() -> None:
        begun.append(time.monotonic())
        if len(begun) == 4:
            stopped.set()
        if len(begun) == 2:
            raise ConnectionError("the database restarts")

    keep_working(work, stopped, first_pause=0.02, longest_pause=0.5)
    pauses = [second - first for first, second in pairwise(begun)]
    assert len(begun) == 4
    assert pauses[0] >= 0.02
    assert pauses[2] >= 0.08


def test_the_queue_needs_postgresql(database: Database) -> None:
    with pytest.raises(BadInput):
        plug_engine("procrastinate", database)
    with pytest.raises(BadInput):
        Settings.from_environment({"PERFFLOW_JOBS": "celery"})


def test_connections_ask_for_keepalives() -> None:
    made = connection_text("postgresql+psycopg://me:secret@db.example/perfflow")
    assert made.startswith("postgresql://me:secret@db.example/perfflow?")
    assert "keepalives_idle=10" in made
