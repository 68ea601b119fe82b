"""Which engine wakes the workers, by the installation's setting."""

from __future__ import annotations

from perfflow.db import Database
from perfflow.jobs.ports import NoQueue, plug_queue
from perfflow.kernel.errors import BadInput


def plug_engine(engine: str, database: Database) -> None:
    """``embedded``: the beat looks by itself; ``procrastinate``: a queue on PostgreSQL.

    While Procrastinate's tables are not there yet (no worker has started), its jobs cannot be
    deferred: the rescue of the first worker finds what waits.
    """
    if engine == "embedded":
        plug_queue(NoQueue())
        return
    if not database.is_postgresql:
        raise BadInput("jobs.needs_postgresql")
    from perfflow.jobs.procrastinate_queue import add_tables, has_tables, ProcrastinateQueue

    with database.reading() as session:
        is_ready = has_tables(session)
    if not is_ready:
        add_tables(database.url)
    plug_queue(ProcrastinateQueue())
