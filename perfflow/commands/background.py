"""What runs beside the pages: due timers, mail from the outbox, seals over the audit trail."""

from __future__ import annotations

from datetime import datetime

from perfflow.audit import seal_entries
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.kernel.clock import Clock
from perfflow.notifications import drain, mail_channel
from perfflow.workflow.worker import Beat, Hook, start_beat


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


class Background:
    """The beat with its hooks; stopping it seals the rest of the trail."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._beat: Beat = start_beat(database, clock, (send_mail(settings), seal))

    def stop(self) -> None:
        """End after the round that is running."""
        self._beat.stop()
        seal(self._database, self._clock.now())


def start_background(settings: Settings, database: Database, clock: Clock) -> Background:
    """Everything that one process of an installation does besides serving pages."""
    return Background(settings, database, clock)
