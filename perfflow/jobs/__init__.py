"""Background work: large work in chunks, exactly once, with progress that a page shows."""

from perfflow.jobs.actions import cancel_batch, enqueue, enqueue_once, now_or_later, try_again
from perfflow.jobs.registry import job_kind, JobContext
from perfflow.jobs.rules import CHUNK, chunks
from perfflow.jobs.running import run_job, run_waiting

__all__ = [
    "CHUNK",
    "JobContext",
    "cancel_batch",
    "chunks",
    "enqueue",
    "enqueue_once",
    "job_kind",
    "now_or_later",
    "run_job",
    "run_waiting",
    "try_again",
]
