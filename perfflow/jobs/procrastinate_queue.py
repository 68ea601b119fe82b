"""Several machines: Procrastinate on the same PostgreSQL wakes the workers.

Our own row of the job stays the truth: Procrastinate's job only says "look at number n now". It
is deferred on the connection of the transaction that wrote the row, so both commit or neither.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import procrastinate
from procrastinate import exceptions as procrastinate_errors
from procrastinate.job_context import JobContext
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

logger = logging.getLogger("perfflow.jobs")
RUN, TICK, RESCUE = "perfflow.run_job", "perfflow.tick", "perfflow.rescue"
TICK_CRON = "* * * * * */5"  # every five seconds
RESCUE_CRON = "* * * * *"
KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def connection_text(url: str) -> str:
    """The address of the database as libpq spells it, with TCP keepalives asked for."""
    plain = make_url(url).set(drivername="postgresql")
    rest = {name: str(value) for name, value in KEEPALIVES.items()}
    return plain.update_query_dict(rest).render_as_string(hide_password=False)


class ProcrastinateQueue:
    """Defers on the caller's own connection; pages and workers use it alike."""

    def __init__(self) -> None:
        app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())
        self._run = app.configure_task
        self._app = app

    def put(self, session: Session, job_ids: Sequence[int]) -> None:
        """Wake a worker for each job once the caller's transaction has committed."""
        raw: Any = session.connection().connection.driver_connection
        for job_id in job_ids:
            self._run(name=RUN, connection=raw).defer(job_id=job_id)


def has_tables(session: Session) -> bool:
    """Whether Procrastinate's tables are in the database."""
    found = session.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar_one()
    return found is not None


def add_tables(url: str) -> None:
    """Create Procrastinate's tables where they are missing."""
    app = procrastinate.App(
        connector=procrastinate.SyncPsycopgConnector(conninfo=connection_text(url))
    )
    with app.open():
        app.schema_manager.apply_schema()


def worker_app(
    url: str,
    run: Callable[[int], object],
    tick: Callable[[], object],
    rescue: Callable[[], object],
) -> procrastinate.App:
    """The application of ``perfflow worker``: jobs, the periodic tick and the rescue.

    ``tick`` fires due timers and drains the outbox; ``rescue`` wakes workers for waiting jobs
    that nobody was told of. Both take a queueing lock (one waits at most), never a lock: a
    machine that dies in the middle of one must not block it for the others.
    """
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=connection_text(url)))

    @app.task(name=RUN)
    def run_job(job_id: int) -> None:
        run(job_id)

    @app.periodic(cron=TICK_CRON)
    @app.task(name=TICK, queueing_lock=TICK)
    def run_tick(timestamp: int) -> None:
        tick()

    @app.periodic(cron=RESCUE_CRON)
    @app.task(name=RESCUE, queueing_lock=RESCUE, pass_context=True)
    async def run_rescue(context: JobContext, timestamp: int) -> None:
        for job in await app.job_manager.get_stalled_jobs():
            logger.warning("job %s of a worker that is gone is tried again", job.id)
            try:
                await app.job_manager.retry_job(job)
            except procrastinate_errors.ConnectorException:
                logger.warning("job %s could not be rescued", job.id, exc_info=True)
        rescue()

    return app
