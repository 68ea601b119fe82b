"""``perfflow worker``: due timers, outbox and audit seals, until it is told to stop."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Sequence
from types import FrameType

from perfflow.app import firm_clock, plug_rooms
from perfflow.commands.background import start_background
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.migrate import refuse_other_version


def main(argv: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="perfflow worker").parse_args(argv)
    settings = Settings.from_environment()
    plug_rooms()
    database = Database(settings.database_url)
    refuse_other_version(database)
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    beat = start_background(settings, database, firm_clock(settings))
    stopped.wait()
    beat.stop()
    return 0
