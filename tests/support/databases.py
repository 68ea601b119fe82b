"""Databases for tests: a template made once a run, a copy for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, UTC
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url, URL

from perfflow.calendar import load_calendars
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.tables import all_tables
from tests.support.postgres import locked, Server

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
CALENDARS = Path(__file__).resolve().parents[2] / "catalogue" / "calendars"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Stage:
    """What many tests start from: built once, on a copy of an earlier stage."""

    name: str
    build: Callable[[Database], None]
    base: Stage | None = None


def prepare(database: Database) -> None:
    """All tables, and the firm calendar in them."""
    all_tables().create_all(database.engine)
    files = {path.name: path.read_bytes() for path in CALENDARS.glob("*.yaml")}
    with database.writing() as session:
        load_calendars(session, SYSTEM, datetime(2025, 1, 1, tzinfo=UTC), files)


def _prepare_at(url: str) -> None:
    database = Database(url)
    try:
        prepare(database)
    finally:
        database.dispose()


def _build_at(url: str, stage: Stage) -> None:
    database = Database(url)
    try:
        stage.build(database)
    finally:
        database.dispose()


class SqliteDatabases:
    """Copies of one prepared SQLite file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"

    @contextmanager
    def fresh(self, *, empty: bool = False, stage: Stage | None = None) -> Iterator[Database]:
        """A database of its own, gone when the block ends; ``empty``: without any table."""
        path = self._folder / f"test-{os.getpid()}-{next(_numbers)}.db"
        if not empty:
            shutil.copyfile(self._prepared() if stage is None else self._staged(stage), path)
        database = Database(f"sqlite:///{path}")
        try:
            yield database
        finally:
            database.dispose()
            for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                name.unlink(missing_ok=True)

    def _prepared(self) -> Path:
        with locked(self._folder / "sqlite.lock"):
            if not self._template.exists():
                draft = self._folder / "template-draft.db"
                draft.unlink(missing_ok=True)
                _prepare_at(f"sqlite:///{draft}")  # closing the last connection empties the WAL
                draft.rename(self._template)
        return self._template

    def _staged(self, stage: Stage) -> Path:
        base = self._prepared() if stage.base is None else self._staged(stage.base)
        built = self._folder / f"stage-{stage.name}.db"
        with locked(self._folder / f"stage-{stage.name}.lock"):
            if not built.exists():
                draft = self._folder / f"draft-{stage.name}.db"
                shutil.copyfile(base, draft)
                _build_at(f"sqlite:///{draft}", stage)
                draft.rename(built)
        return built


class PostgresDatabases:
    """Clones of one prepared PostgreSQL database."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._folder = folder
        self._server = server
        self._run = f"perfflow_test_{folder.name.replace('-', '_').lower()}"

    @contextmanager
    def fresh(self, *, empty: bool = False, stage: Stage | None = None) -> Iterator[Database]:
        """A database of its own, dropped when the block ends; ``empty``: without any table."""
        name = f"{self._run}_{os.getpid()}_{next(_numbers)}"
        template = "template0" if empty else self._prepared()
        if stage is not None:
            template = self._staged(stage)
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        database = Database(self._url(name))
        try:
            yield database
        finally:
            database.dispose()
            self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def drop_all(self) -> None:
        """Drop what this run made on a server that outlives it."""
        for name in self._names():
            self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _prepared(self) -> str:
        name = f"{self._run}_template"
        with locked(self._folder / "postgres-template.lock"):
            done = self._folder / "postgres-template.done"
            if not done.exists():
                self._administer(f'DROP DATABASE IF EXISTS "{name}"')
                self._administer(f'CREATE DATABASE "{name}" TEMPLATE template0')
                _prepare_at(self._url(name))
                done.touch()
        return name

    def _staged(self, stage: Stage) -> str:
        base = self._prepared() if stage.base is None else self._staged(stage.base)
        name = f"{self._run}_stage_{stage.name}"
        with locked(self._folder / f"postgres-stage-{stage.name}.lock"):
            done = self._folder / f"postgres-stage-{stage.name}.done"
            if not done.exists():
                self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{base}"')
                _build_at(self._url(name), stage)
                done.touch()
        return name

    def _url(self, name: str) -> str:
        url = self._maintenance().set(database=name)
        return url.render_as_string(hide_password=False)

    def _maintenance(self) -> URL:
        return make_url(self._server.url()).set(drivername="postgresql+psycopg")

    def _administer(self, statement: str) -> None:
        with self._maintenance_connection() as connection:
            connection.execute(text(statement))

    def _names(self) -> list[str]:
        with self._maintenance_connection() as connection:
            wanted = text("SELECT datname FROM pg_database WHERE datname LIKE :prefix")
            names = connection.scalars(wanted, {"prefix": f"{self._run}%"}).all()
        return [str(name) for name in names]

    @contextmanager
    def _maintenance_connection(self) -> Iterator[Connection]:
        engine = create_engine(self._maintenance(), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()
