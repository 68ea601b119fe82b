"""Engines, sessions and the unit of work: one business action, one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import local, Lock
from time import monotonic
from typing import Any

from sqlalchemy import create_engine, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

from perfflow.kernel.errors import BadInput

LONGEST_WAIT = 30  # seconds, for another writer of a SQLite file
KEPT_CONNECTIONS = 16  # a new one costs more than a transaction; rushes must not need any
UNASKED_FOR = 1.0  # seconds that a connection may rest without being asked whether it lives
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    f"PRAGMA busy_timeout={LONGEST_WAIT * 1000}",
    "PRAGMA foreign_keys=ON",
)


def make_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL (psycopg 3); other databases are refused."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=KEPT_CONNECTIONS,
            pool_use_lifo=True,
        )
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ping_after_rest)
        return engine
    if parsed.get_backend_name() != "sqlite":
        raise BadInput("db.unknown_backend", got=parsed.get_backend_name())
    engine = create_engine(parsed)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = monotonic()


def _ping_after_rest(connection: Any, record: Any, _proxy: Any) -> None:
    # A database that was restarted closed its connections; asking each time would cost every
    # transaction a round trip.
    if monotonic() - record.info.get("used_at", monotonic()) < UNASKED_FOR:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: reads would start deferred ones that
    # cannot be upgraded without losing updates.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("perfflow_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Session]:
    """A session that may write; commits at the end, rolls back on any exception."""
    if not engine.get_execution_options().get("perfflow_writes"):
        engine = engine.execution_options(perfflow_writes=True)
    session = Session(
        engine,
        expire_on_commit=False,
        autoflush=True,
    )
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


class _Turn:
    """One writer at a time: SQLite has one lock, and sleeps longer and longer when it is taken.

    Threads of this process stand in line here instead, and go on at once. A thread that opens
    a unit of work inside another does not wait here for ever: SQLite answers it as it always did.
    """

    def __init__(self) -> None:
        self._lock, self._mine = Lock(), local()

    def __enter__(self) -> None:
        held: list[bool] = self._mine.__dict__.setdefault("held", [])
        held.append(not any(held) and self._lock.acquire(timeout=LONGEST_WAIT))

    def __exit__(self, *_: object) -> None:
        if self._mine.held.pop():
            self._lock.release()


class Database:
    """An engine with its two ways in: :meth:`writing` and :meth:`reading`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self._writing = self.engine.execution_options(perfflow_writes=True)
        self._turn = nullcontext() if self.is_postgresql else _Turn()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A unit of work: commits when the block ends well."""
        with self._turn, unit_of_work(self._writing) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads; always rolled back."""
        session = Session(self.engine, expire_on_commit=False, autoflush=False)
        try:
            yield session
        finally:
            session.rollback()
            session.close()

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    def dispose(self) -> None:
        """Close the pool."""
        self.engine.dispose()
