"""``perfflow serve``: the pages, with the embedded worker where there is one machine only."""

from __future__ import annotations

import argparse
import errno
import os
import socket
from collections.abc import Sequence
from typing import Any

from flask import Flask

from perfflow.app import create_app, firm_clock
from perfflow.commands.background import start_background
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.migrate import refuse_other_version
from perfflow.kernel.clock import Clock
from perfflow.kernel.errors import BadInput

THREADS = 8


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket; a port in use is :class:`BadInput`, said before anything is done."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise BadInput("commands.port_in_use", host=host, port=port) from error
        raise
    return listener


def serve(settings: Settings, database: Database, clock: Clock, listener: socket.socket) -> None:
    """Serve until interrupted; due timers fire in the same process."""
    import waitress

    app = create_app(settings, database, clock)
    beat = start_background(settings, database, clock)
    try:
        waitress.serve(app, sockets=[listener], threads=THREADS, ident="PerfFlow")
    finally:
        beat.stop()


def serve_production(settings: Settings) -> None:
    """gunicorn with threads, two workers a core; ``perfflow worker`` runs beside it."""
    from gunicorn.app.base import BaseApplication

    class Application(BaseApplication):
        def load_config(self) -> None:
            self.cfg.set("bind", f"{settings.host}:{settings.port}")
            self.cfg.set("workers", 2 * (os.cpu_count() or 1))
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("threads", THREADS)

        def load(self) -> Flask:
            return create_app(settings)

    application: Any = Application()
    application.run()


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="perfflow serve")
    parser.add_argument("--port", type=int)
    parser.add_argument(
        "--embedded", action="store_true", help="waitress and worker in one process"
    )
    options = parser.parse_args(argv)
    settings = Settings.from_environment()
    if options.port is not None:
        settings = settings.with_port(options.port)
    database = Database(settings.database_url)
    refuse_other_version(database)
    if database.is_postgresql and not options.embedded:
        database.dispose()
        serve_production(settings)
        return 0
    listener = listening_socket(settings.host, settings.port)
    print(f"PerfFlow: http://{settings.host}:{settings.port}", flush=True)
    serve(settings, database, firm_clock(settings), listener)
    return 0
