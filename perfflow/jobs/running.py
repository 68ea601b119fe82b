"""Doing waiting jobs: one transaction a chunk, whatever engine wakes the worker."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from perfflow.db import Database
from perfflow.i18n import word
from perfflow.jobs.actions import count_done
from perfflow.jobs.models import Job, JobBatch
from perfflow.jobs.ports import queue
from perfflow.jobs.registry import JobContext, work_of
from perfflow.jobs.rules import JobStatus, MOST_ATTEMPTS, pause_before
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import PerfFlowError

logger = logging.getLogger("perfflow.jobs")
LONGEST_ERROR = 2_000


def waiting_jobs(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of jobs that may be done now, the oldest first."""
    return list(
        session.scalars(
            select(Job.id)
            .where(Job.status == JobStatus.WAITING.value, Job.next_try_at <= now)
            .order_by(Job.next_try_at, Job.id)
            .limit(limit)
        )
    )


def run_waiting(database: Database, now: datetime, limit: int = 20) -> int:
    """Do up to ``limit`` waiting jobs; how many were done. What fails waits for its next try."""
    with database.reading() as session:
        found = waiting_jobs(session, now, limit)
    return sum(run_job(database, now, job_id) for job_id in found)


def run_job(database: Database, now: datetime, job_id: int) -> bool:
    """Do one job; False when it is done already, somebody else has it, or it failed.

    The locked row of the job is the claim, and its new status is written in the transaction of
    the work itself: a worker that dies leaves a waiting job, one that comes twice finds it done.
    """
    try:
        with database.writing() as session:
            return _work(session, now, job_id)
    except OperationalError:
        # The database is busy or gone: nothing was done, the job still waits.
        logger.warning("job %s still waits", job_id, exc_info=True)
        return False
    except Exception as error:
        logger.warning("job %s failed", job_id, exc_info=True)
        with database.writing() as session:
            _note_failure(session, now, job_id, error)
        return False


def _work(session: Session, now: datetime, job_id: int) -> bool:
    row = session.execute(
        select(Job.items, Job.batch_id)
        .where(Job.id == job_id, Job.status == JobStatus.WAITING.value, Job.next_try_at <= now)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return False
    batch = session.execute(
        select(JobBatch.kind, JobBatch.subject, JobBatch.arguments, JobBatch.actor).where(
            JobBatch.id == row.batch_id
        )
    ).one()
    context = JobContext(
        session, _actor(batch.actor), now, row.batch_id, batch.subject, batch.arguments
    )
    result = work_of(batch.kind)(context, row.items)
    session.flush()
    session.execute(
        update(Job)
        .where(Job.id == job_id)
        .values(
            status=JobStatus.DONE.value,
            finished_at=now,
            result=None if result is None else dict(result),
            error=None,
        )
    )
    count_done(session, now, row.batch_id, len(row.items), 0)
    return True


def _actor(rights: dict[str, Any]) -> Actor:
    return Actor(
        rights["name"],
        rights["employee_no"],
        frozenset(Role(role) for role in rights["roles"]),
        frozenset(rights["unit_scopes"]),
    )


def _note_failure(session: Session, now: datetime, job_id: int, error: Exception) -> None:
    """Halve a chunk, so that what is broken ends up alone; a single item waits, then fails."""
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.status != JobStatus.WAITING.value:
        return
    job.attempts += 1
    job.error = _worded(error)
    if len(job.items) > 1:
        half = len(job.items) // 2
        rest, job.items = job.items[half:], job.items[:half]
        job.next_try_at = now
        session.flush()
        new = session.execute(
            insert(Job).returning(Job.id),
            [
                {
                    "batch_id": job.batch_id,
                    "items": rest,
                    "status": JobStatus.WAITING.value,
                    "attempts": 0,
                    "next_try_at": now,
                }
            ],
        ).scalar_one()
        queue().put(session, [job.id, new])
    elif job.attempts >= MOST_ATTEMPTS or isinstance(error, PerfFlowError):
        # A broken rule stays broken by itself: somebody must look.
        job.status, job.finished_at = JobStatus.FAILED.value, now
        session.flush()
        count_done(session, now, job.batch_id, 0, len(job.items))
    else:
        job.next_try_at = now + pause_before(job.attempts)
        session.flush()


def _worded(error: Exception) -> str:
    """What went wrong: our own errors in both languages, others as Python names them."""
    if isinstance(error, PerfFlowError):
        return f"{word(error, 'zh')}\n{word(error, 'en')}"[:LONGEST_ERROR]
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
