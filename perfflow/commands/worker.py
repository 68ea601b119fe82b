"""``perfflow worker``: due timers, jobs, outbox and audit seals, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Sequence
from types import FrameType

from perfflow.app import firm_clock, plug_rooms
from perfflow.commands.background import hooks, seal, start_background
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.migrate import refuse_other_version
from perfflow.jobs import run_job
from perfflow.jobs.ports import queue
from perfflow.jobs.running import waiting_jobs
from perfflow.kernel.clock import Clock
from perfflow.workflow.worker import run_due

logger = logging.getLogger("perfflow.worker")
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
TIMERS_A_TICK = 500
RESCUED_AT_ONCE = 500


def main(argv: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="perfflow worker").parse_args(argv)
    settings = Settings.from_environment()
    plug_rooms()
    database = Database(settings.database_url)
    refuse_other_version(database)
    clock = firm_clock(settings)
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if settings.jobs == "procrastinate":
        work_on_queue(settings, database, clock, stopped)
        return 0
    beat = start_background(settings, database, clock)
    stopped.wait()
    beat.stop()
    return 0


def work_on_queue(
    settings: Settings, database: Database, clock: Clock, stopped: threading.Event
) -> None:
    """Take jobs from Procrastinate until told to stop, over restarts of the database."""
    from perfflow.jobs.procrastinate_queue import (
        add_tables,
        has_tables,
        ProcrastinateQueue,
        worker_app,
    )
    from perfflow.jobs.queueing import plug_engine

    plug_engine(settings.jobs, database)
    assert isinstance(queue(), ProcrastinateQueue)

    def tick() -> None:
        run_due(database, clock, TIMERS_A_TICK, hooks(settings))

    def rescue() -> None:
        with database.writing() as session:
            queue().put(session, waiting_jobs(session, clock.now(), RESCUED_AT_ONCE))

    def work_once() -> None:
        with database.reading() as session:
            is_ready = has_tables(session)
        if not is_ready:
            add_tables(settings.database_url)
        app = worker_app(
            settings.database_url, lambda job_id: run_job(database, clock.now(), job_id),
            tick, rescue,
        )  # fmt: skip
        asyncio.run(_work_until(app, stopped))

    keep_working(work_once, stopped)
    seal(database, clock.now())


async def _work_until(app: object, stopped: threading.Event) -> None:
    """Run the worker; a stop lets it finish what it has begun."""
    async with app.open_async():  # type: ignore[attr-defined]
        work = asyncio.create_task(
            app.run_worker_async(install_signal_handlers=False, concurrency=2)  # type: ignore[attr-defined]
        )
        while not work.done():
            if stopped.is_set():
                work.cancel()
            await asyncio.wait([work], timeout=0.2)
        if not work.cancelled():
            work.result()


def keep_working(
    work_once: Callable[[], None],
    stopped: threading.Event,
    first_pause: float = FIRST_PAUSE,
    longest_pause: float = LONGEST_PAUSE,
) -> None:
    """Call ``work_once`` again whenever it ends, until told to stop.

    Procrastinate's worker ends, and without an error, when its database restarts. Pauses double
    up to a minute; work that lasted longer than that begins with the first pause again.
    """
    pause = first_pause
    while not stopped.is_set():
        begun = _seconds()
        try:
            work_once()
            logger.warning("the worker ended; the database may have restarted")
        except Exception:
            logger.warning("the worker failed", exc_info=True)
        if _seconds() - begun > longest_pause:
            pause = first_pause
        if stopped.wait(pause):
            return
        pause = min(pause * 2, longest_pause)


def _seconds() -> float:
    """Time that only runs forward; how long a worker lived."""
    from time import monotonic

    return monotonic()
