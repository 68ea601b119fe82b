"""Reads of background work: what runs, how far it is, what failed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.jobs.models import Job, JobBatch
from perfflow.jobs.rules import BatchStatus, JobStatus
from perfflow.kernel.errors import NotFound

SHOWN_FAILURES = 50


@dataclass(frozen=True, slots=True)
class FailedItem:
    """What could not be done, and why, in the reader's language where we know it."""

    item: str
    error: str


def batches(session: Session, limit: int = 50, subject: str | None = None) -> list[JobBatch]:
    """The newest pieces of work first."""
    query = select(JobBatch).order_by(JobBatch.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(JobBatch.subject == subject)
    return list(session.scalars(query))


def running_batches(session: Session, subject: str) -> list[JobBatch]:
    """What runs on a subject now."""
    return list(
        session.scalars(
            select(JobBatch)
            .where(JobBatch.subject == subject, JobBatch.status == BatchStatus.RUNNING.value)
            .order_by(JobBatch.id)
        )
    )


def batch(session: Session, batch_id: int) -> JobBatch:
    """One piece of work; an unknown one is ``NotFound``."""
    found = session.get(JobBatch, batch_id)
    if found is None:
        raise NotFound("jobs.no_batch", batch=batch_id)
    return found


def failures(session: Session, batch_id: int, language: str) -> list[FailedItem]:
    """The items of a batch that failed or are tried again, with the sentence why."""
    rows = session.execute(
        select(Job.items, Job.error)
        .where(
            Job.batch_id == batch_id,
            Job.error.is_not(None),
            Job.status.in_((JobStatus.FAILED.value, JobStatus.WAITING.value)),
        )
        .order_by(Job.id)
        .limit(SHOWN_FAILURES)
    )
    return [
        FailedItem(str(item), _in(language, row.error or "")) for row in rows for item in row.items
    ][:SHOWN_FAILURES]


def _in(language: str, error: str) -> str:
    chinese, _, english = error.partition("\n")
    return (english or chinese) if language == "en" else chinese


def results(session: Session, batch_id: int) -> dict[str, int]:
    """Whole numbers that the chunks reported, added up by name."""
    found: dict[str, int] = {}
    for result in session.scalars(
        select(Job.result).where(Job.batch_id == batch_id, Job.result.is_not(None))
    ):
        for name, value in (result or {}).items():
            if isinstance(value, int):
                found[name] = found.get(name, 0) + value
    return found
