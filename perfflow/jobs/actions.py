"""Writes of background work: asking for it, taking it back, trying what failed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.jobs.models import Job, JobBatch
from perfflow.jobs.ports import queue
from perfflow.jobs.registry import JobContext, work_of
from perfflow.jobs.rules import BatchStatus, CHUNK, chunks, JobStatus, MOST_AT_ONCE
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotFound


def enqueue(
    session: Session,
    actor: Actor,
    now: datetime,
    kind: str,
    subject: str,
    items: Sequence[Any],
    arguments: Mapping[str, Any] | None = None,
    *,
    chunk: int = CHUNK,
) -> int:
    """Ask for work on ``items`` (plain values) in the caller's transaction; the batch's id.

    What is rolled back was never asked for. Several workers share the chunks.
    """
    batch_id = _insert(session, actor, now, kind, subject, items, arguments, chunk, None)
    assert batch_id is not None
    return batch_id


def enqueue_once(
    session: Session,
    actor: Actor,
    now: datetime,
    kind: str,
    subject: str,
    items: Sequence[Any],
    arguments: Mapping[str, Any] | None = None,
    *,
    dedupe_key: str,
    chunk: int = CHUNK,
) -> int | None:
    """Like :func:`enqueue`; None when work with that key was asked for before."""
    return _insert(session, actor, now, kind, subject, items, arguments, chunk, dedupe_key)


def _insert(
    session: Session,
    actor: Actor,
    now: datetime,
    kind: str,
    subject: str,
    items: Sequence[Any],
    arguments: Mapping[str, Any] | None,
    chunk: int,
    dedupe_key: str | None,
) -> int | None:
    work_of(kind)
    values = {
        "kind": kind,
        "subject": subject,
        "arguments": dict(arguments or {}),
        "dedupe_key": dedupe_key,
        "status": (BatchStatus.RUNNING if items else BatchStatus.DONE).value,
        "total": len(items),
        "done": 0,
        "failed": 0,
        "actor": _rights(actor),
        "requested_by": actor.employee_no or actor.name,
        "created_at": now,
        "finished_at": None if items else now,
    }
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    put = (postgresql if on_postgresql else sqlite).insert(JobBatch).values(**values)
    batch_id = session.execute(
        put.on_conflict_do_nothing(index_elements=[JobBatch.dedupe_key]).returning(JobBatch.id)
    ).scalar_one_or_none()
    if batch_id is None:
        return None
    rows = [
        {
            "batch_id": batch_id,
            "items": list(part),
            "status": JobStatus.WAITING.value,
            "attempts": 0,
            "next_try_at": now,
        }
        for part in chunks(items, chunk)
    ]
    if rows:
        ids = session.execute(insert(Job).returning(Job.id), rows).scalars().all()
        queue().put(session, ids)
    record(
        session, actor, now, AuditEvent.JOBS_BATCH_REQUESTED, subject,
        batch=batch_id, kind=kind, items=len(items),
    )  # fmt: skip
    return int(batch_id)


def _rights(actor: Actor) -> dict[str, Any]:
    return {
        "name": actor.name,
        "employee_no": actor.employee_no,
        "roles": sorted(role.value for role in actor.roles),
        "unit_scopes": sorted(actor.unit_scopes),
    }


def cancel_batch(session: Session, actor: Actor, now: datetime, batch_id: int) -> int:
    """Take back the chunks that nobody has begun; what is done stays done. How many items."""
    batch = _lock_batch(session, batch_id)
    if batch.status != BatchStatus.RUNNING:
        raise Conflict("jobs.not_running")
    waiting = session.scalars(
        select(Job)
        .where(Job.batch_id == batch_id, Job.status == JobStatus.WAITING.value)
        .with_for_update(skip_locked=True)
    ).all()
    for job in waiting:
        job.status, job.finished_at = JobStatus.CANCELLED.value, now
    batch.status, batch.finished_at = BatchStatus.CANCELLED.value, now
    left = sum(len(job.items) for job in waiting)
    record(
        session, actor, now, AuditEvent.JOBS_BATCH_CANCELLED, batch.subject,
        batch=batch_id, items=left,
    )  # fmt: skip
    return left


def try_again(session: Session, actor: Actor, now: datetime, batch_id: int) -> int:
    """Let the workers have another look at what failed; how many items."""
    batch = _lock_batch(session, batch_id)
    failed = session.scalars(
        select(Job)
        .where(Job.batch_id == batch_id, Job.status == JobStatus.FAILED.value)
        .with_for_update()
    ).all()
    if not failed:
        raise Conflict("jobs.nothing_failed")
    for job in failed:
        job.status, job.attempts, job.next_try_at = JobStatus.WAITING.value, 0, now
        job.finished_at = None
    count = sum(len(job.items) for job in failed)
    batch.failed -= count
    batch.status, batch.finished_at = BatchStatus.RUNNING.value, None
    session.flush()
    queue().put(session, [job.id for job in failed])
    record(
        session, actor, now, AuditEvent.JOBS_BATCH_RETRIED, batch.subject,
        batch=batch_id, items=count,
    )  # fmt: skip
    return count


def _lock_batch(session: Session, batch_id: int) -> JobBatch:
    batch = session.get(JobBatch, batch_id, with_for_update=True)
    if batch is None:
        raise NotFound("jobs.no_batch", batch=batch_id)
    return batch


def count_done(session: Session, now: datetime, batch_id: int, done: int, failed: int) -> None:
    """Add to the counts of a batch; the last chunk closes it. The row is held until the commit."""
    session.execute(
        update(JobBatch)
        .where(JobBatch.id == batch_id)
        .values(done=JobBatch.done + done, failed=JobBatch.failed + failed)
    )
    waiting = session.scalar(
        select(func.count())
        .select_from(Job)
        .where(Job.batch_id == batch_id, Job.status == JobStatus.WAITING.value)
    )
    if not waiting:
        session.execute(
            update(JobBatch)
            .where(JobBatch.id == batch_id, JobBatch.status == BatchStatus.RUNNING.value)
            .values(status=BatchStatus.DONE.value, finished_at=now)
        )


def now_or_later(
    session: Session,
    actor: Actor,
    now: datetime,
    kind: str,
    subject: str,
    items: Sequence[Any],
    arguments: Mapping[str, Any] | None = None,
    *,
    most: int = MOST_AT_ONCE,
) -> int | None:
    """Do a little work at once, in the caller's transaction; ask for much of it in the background.

    The id of the batch, or None when it is done.
    """
    if len(items) > most:
        return enqueue(session, actor, now, kind, subject, items, arguments)
    work_of(kind)(JobContext(session, actor, now, 0, subject, dict(arguments or {})), items)
    return None
