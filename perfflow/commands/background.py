"""What runs beside the pages: due timers, waiting jobs, mail, seals, and the nightly round."""

from __future__ import annotations

import fcntl
import logging
from datetime import datetime, time
from pathlib import Path
from typing import TextIO

from perfflow.audit import seal_entries
from perfflow.calendar import FIRM_ZONE
from perfflow.config import Settings
from perfflow.cycles.jobs import plan_nightly_round
from perfflow.db import Database
from perfflow.jobs import run_waiting
from perfflow.kernel.clock import Clock
from perfflow.notifications import drain, mail_channel
from perfflow.workflow.worker import Beat, Hook, start_beat

logger = logging.getLogger("perfflow.background")
NIGHT = time(2, 0)
JOBS_AT_ONCE = 4


def seal(database: Database, now: datetime) -> None:
    """Seal what was recorded since the last seal; a busy trail takes several seals."""
    while True:
        with database.writing() as session:
            if not seal_entries(session, now):
                return


def send_mail(settings: Settings) -> Hook:
    """A hook that sends what is due in the outbox; without a mail server it waits there."""
    channel = mail_channel(settings.mail)

    def send(database: Database, now: datetime) -> None:
        drain(database, now, channel, base_url=settings.base_url)

    return send


def do_jobs(database: Database, now: datetime) -> None:
    """A few waiting jobs a round, so that due timers and mail are not kept waiting by them."""
    run_waiting(database, now, JOBS_AT_ONCE)


def nightly(database: Database, now: datetime) -> None:
    """Once a day after two o'clock, firm time: ask for the nightly round."""
    local = now.astimezone(FIRM_ZONE)
    if local.time() < NIGHT:
        return
    plan_nightly_round(database, now, local.date())


def hooks(settings: Settings) -> tuple[Hook, ...]:
    """What follows the due timers in every round, on either engine but for the jobs."""
    return (nightly, send_mail(settings), seal)


class Background:
    """The beat with its hooks; stopping it seals the rest of the trail.

    One process of a machine beats: a second one that finds the lock taken leaves the work to it.
    """

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = _take_lock(settings.var_dir / "beat.lock")
        self._beat: Beat | None = None
        if self._lock is None:
            logger.info("another process of this machine does the background work")
            return
        self._beat = start_beat(database, clock, (do_jobs, *hooks(settings)))

    def stop(self) -> None:
        """End after the round that is running."""
        if self._beat is not None:
            self._beat.stop()
        if self._lock is not None:
            self._lock.close()
        seal(self._database, self._clock.now())


def _take_lock(path: Path) -> TextIO | None:
    """The open file whose lock this process holds until it ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def start_background(settings: Settings, database: Database, clock: Clock) -> Background:
    """Everything that one process of an installation does besides serving pages."""
    return Background(settings, database, clock)
