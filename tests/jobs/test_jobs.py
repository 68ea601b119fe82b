"""Background work: whole chunks or nothing, exactly once, failures alone, progress that adds up."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from perfflow.audit import AuditEvent, record
from perfflow.audit.models import AuditEntry
from perfflow.db import Database
from perfflow.jobs import (
    cancel_batch,
    chunks,
    enqueue,
    enqueue_once,
    job_kind,
    JobContext,
    queries,
    run_waiting,
    try_again,
)
from perfflow.jobs.models import Job, JobBatch
from perfflow.jobs.rules import MOST_ATTEMPTS, pause_before
from perfflow.kernel.actor import Actor, Role, SYSTEM
from perfflow.kernel.errors import Conflict, NotFound, RuleViolation

KIND = "testing.job_note"
HR = Actor("hr", "E00006", frozenset({Role.HR_PARTNER}), frozenset({"FIRM"}))
broken: set[Any] = set()
bad_rule: set[Any] = set()
seen_actors: list[Actor] = []


@job_kind(KIND)
def note(context: JobContext, items: Sequence[Any]) -> Mapping[str, Any]:
    """One audit row an item; breaks where the test says so."""
    seen_actors.append(context.actor)
    for item in items:
        record(context.session, SYSTEM, context.now, AuditEvent.SEED_FIRM_SEEDED, f"item/{item}")
        if item in broken:
            raise OSError(f"the disk of {item} is full")
        if item in bad_rule:
            raise RuleViolation("jobs.not_running")
    return {"noted": len(items)}


@pytest.fixture(autouse=True)
def _whole() -> Iterator[None]:
    yield
    broken.clear()
    bad_rule.clear()
    seen_actors.clear()


def ask(database: Database, now: datetime, count: int = 10, chunk: int = 4) -> int:
    with database.writing() as session:
        return enqueue(session, HR, now, KIND, "2025-ANNUAL", list(range(count)), chunk=chunk)


def noted(database: Database) -> int:
    with database.reading() as session:
        rows = select(func.count()).where(AuditEntry.event == AuditEvent.SEED_FIRM_SEEDED.value)
        return session.scalar(rows) or 0


def batch_of(database: Database, batch_id: int) -> JobBatch:
    with database.reading() as session:
        found = queries.batch(session, batch_id)
        session.expunge(found)
        return found


@pytest.mark.both_databases
def test_work_is_done_in_chunks_and_the_last_one_closes_it(
    database: Database, now: datetime
) -> None:
    batch_id = ask(database, now)
    assert run_waiting(database, now, limit=2) == 2
    half = batch_of(database, batch_id)
    assert (half.done, half.total, half.status) == (8, 10, "running")
    assert run_waiting(database, now) == 1
    whole = batch_of(database, batch_id)
    assert (whole.done, whole.failed, whole.status) == (10, 0, "done")
    assert whole.finished_at == now
    assert noted(database) == 10
    with database.reading() as session:
        assert queries.results(session, batch_id) == {"noted": 10}


@pytest.mark.both_databases
def test_work_that_is_rolled_back_was_never_asked_for(database: Database, now: datetime) -> None:
    def ask_and_fail() -> None:
        with database.writing() as session:
            enqueue(session, HR, now, KIND, "2025-ANNUAL", [1, 2])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask_and_fail()
    assert run_waiting(database, now) == 0
    assert noted(database) == 0


@pytest.mark.both_databases
def test_a_broken_item_ends_up_alone_and_the_others_are_done(
    database: Database, now: datetime
) -> None:
    broken.add(5)
    batch_id = ask(database, now, count=8, chunk=8)
    for _ in range(6):
        run_waiting(database, now)
    half = batch_of(database, batch_id)
    assert (half.done, half.failed, half.status) == (7, 0, "running")
    assert noted(database) == 7
    at = now
    for attempt in range(1, MOST_ATTEMPTS + 1):
        at += pause_before(attempt)
        run_waiting(database, at)
    whole = batch_of(database, batch_id)
    assert (whole.done, whole.failed, whole.status) == (7, 1, "done")
    with database.reading() as session:
        (failed,) = queries.failures(session, batch_id, "en")
    assert (failed.item, failed.error) == ("5", "OSError: the disk of 5 is full")


def test_a_broken_rule_is_not_tried_again_by_itself(database: Database, now: datetime) -> None:
    bad_rule.add(0)
    batch_id = ask(database, now, count=1)
    run_waiting(database, now)
    assert batch_of(database, batch_id).failed == 1
    with database.reading() as session:
        (english,) = queries.failures(session, batch_id, "en")
        (chinese,) = queries.failures(session, batch_id, "zh")
    assert english.error.startswith("Expected work that still runs")
    assert chinese.error.startswith("应为仍在进行")


def test_what_failed_can_be_tried_again(database: Database, now: datetime) -> None:
    bad_rule.add(0)
    batch_id = ask(database, now, count=1)
    run_waiting(database, now)
    bad_rule.clear()
    with database.writing() as session:
        assert try_again(session, HR, now, batch_id) == 1
    assert batch_of(database, batch_id).status == "running"
    run_waiting(database, now)
    whole = batch_of(database, batch_id)
    assert (whole.done, whole.failed, whole.status) == (1, 0, "done")
    with pytest.raises(Conflict), database.writing() as session:
        try_again(session, HR, now, batch_id)


@pytest.mark.both_databases
def test_cancelled_work_keeps_what_is_done(database: Database, now: datetime) -> None:
    batch_id = ask(database, now)
    run_waiting(database, now, limit=1)
    with database.writing() as session:
        assert cancel_batch(session, HR, now, batch_id) == 6
    assert run_waiting(database, now) == 0
    whole = batch_of(database, batch_id)
    assert (whole.done, whole.status) == (4, "cancelled")
    assert noted(database) == 4
    with pytest.raises(Conflict), database.writing() as session:
        cancel_batch(session, HR, now, batch_id)


def test_work_is_done_with_the_rights_of_whoever_asked(database: Database, now: datetime) -> None:
    ask(database, now, count=1)
    run_waiting(database, now)
    assert seen_actors == [HR]


@pytest.mark.both_databases
def test_work_with_a_key_is_asked_for_once(database: Database, now: datetime) -> None:
    keys = []
    for _ in range(2):
        with database.writing() as session:
            keys.append(enqueue_once(session, SYSTEM, now, KIND, "FIRM", [1], dedupe_key="night"))
    assert keys[0] is not None
    assert keys[1] is None


def test_work_on_nothing_is_done_at_once(database: Database, now: datetime) -> None:
    batch_id = ask(database, now, count=0)
    assert batch_of(database, batch_id).status == "done"


def test_an_unknown_kind_is_refused(database: Database, now: datetime) -> None:
    with pytest.raises(NotFound), database.writing() as session:
        enqueue(session, HR, now, "testing.nothing", "FIRM", [1])


@pytest.mark.both_databases
def test_several_workers_share_the_chunks_and_do_none_twice(
    database: Database, now: datetime
) -> None:
    batch_id = ask(database, now, count=60, chunk=3)
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        for _ in range(30):
            run_waiting(database, now)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = batch_of(database, batch_id)
    assert (whole.done, whole.failed, whole.status) == (60, 0, "done")
    assert noted(database) == 60


def test_a_worker_that_dies_in_the_middle_leaves_the_chunk_to_others(
    database: Database, now: datetime
) -> None:
    class Killed(BaseException):
        pass

    @job_kind("testing.job_dies")
    def dies(context: JobContext, items: Sequence[Any]) -> None:
        record(context.session, SYSTEM, now, AuditEvent.SEED_FIRM_SEEDED, "item/killed")
        raise Killed

    with database.writing() as session:
        enqueue(session, HR, now, "testing.job_dies", "FIRM", [1])
    with pytest.raises(Killed):
        run_waiting(database, now)
    assert noted(database) == 0
    with database.reading() as session:
        (job,) = session.execute(select(Job.status, Job.attempts)).all()
    assert tuple(job) == ("waiting", 0)


def test_chunks_keep_the_order_and_lose_nothing() -> None:
    assert [list(part) for part in chunks(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert [pause_before(n).total_seconds() for n in (1, 2, 3)] == [15, 30, 60]
    assert pause_before(40) == timedelta(hours=1)
