"""Fixtures for every test: databases, a clock, a count of statements, a browser."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from perfflow.calendar import FIRM_ZONE
from perfflow.db import Database
from perfflow.kernel.clock import VirtualClock
from tests.support.databases import PostgresDatabases, POSTGRESQL, SQLITE, SqliteDatabases
from tests.support.postgres import Server
from tests.support.runs import begin_run, run_folder
from tests.support.statements import count_statements as counting
from tests.support.statements import StatementCount

# Tests are never about time: a slow machine must not fail a property.
settings.register_profile("perfflow", deadline=None)
settings.load_profile("perfflow")

pytest_plugins = ["tests.support.browser"]

Counting = Callable[..., AbstractContextManager[StatementCount]]


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run owns the run's folder; workers inherit its name."""
    if not hasattr(config, "workerinput"):
        begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The owner stops what any worker started, whatever became of the worker."""
    if hasattr(config, "workerinput"):
        return
    folder = run_folder()
    server = Server(folder)
    if (folder / "postgres-template.done").exists() and os.environ.get("PERFFLOW_TEST_PG_URL"):
        PostgresDatabases(folder, server).drop_all()
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`both_databases` doubles a test; PERFFLOW_TEST_DATABASES=postgresql moves the whole suite."""
    if "database_kind" not in metafunc.fixturenames:
        return
    kinds = os.environ.get("PERFFLOW_TEST_DATABASES", SQLITE).split(",")
    if metafunc.definition.get_closest_marker("both_databases"):
        kinds = [SQLITE, POSTGRESQL]
    metafunc.parametrize("database_kind", kinds, scope="session")


@pytest.fixture(scope="session")
def run_dir() -> Path:
    """The folder that all workers of this run share."""
    return run_folder()


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[SqliteDatabases]:
    """Makes SQLite databases, one file each, in a folder of this worker."""
    with tempfile.TemporaryDirectory(prefix="sqlite-", dir=run_folder()) as folder:
        yield SqliteDatabases(Path(folder))


@pytest.fixture(scope="session")
def postgres_databases(run_dir: Path) -> PostgresDatabases:
    """Makes PostgreSQL databases on the run's one server; fails with the remedy without one."""
    return PostgresDatabases(run_dir, Server(run_dir))


@pytest.fixture(scope="session")
def database_kind() -> str:
    """``sqlite`` or ``postgresql``; parametrised by pytest_generate_tests above."""
    return SQLITE


@pytest.fixture(scope="session")
def databases(
    database_kind: str, request: pytest.FixtureRequest
) -> SqliteDatabases | PostgresDatabases:
    """The maker of databases of the wanted kind: ``with databases.fresh() as database``."""
    name = "postgres_databases" if database_kind == POSTGRESQL else "sqlite_databases"
    maker: SqliteDatabases | PostgresDatabases = request.getfixturevalue(name)
    return maker


@pytest.fixture
def database(databases: SqliteDatabases | PostgresDatabases) -> Iterator[Database]:
    """A database of the test's own with every table and the firm calendar, else empty."""
    with databases.fresh() as fresh:
        yield fresh


@pytest.fixture
def empty_database(databases: SqliteDatabases | PostgresDatabases) -> Iterator[Database]:
    """A database of the test's own without a single table."""
    with databases.fresh(empty=True) as fresh:
        yield fresh


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands at 9:00 of Monday, 13 January 2025, firm time."""
    return VirtualClock(datetime(2025, 1, 13, 9, tzinfo=FIRM_ZONE))


@pytest.fixture
def now(clock: VirtualClock) -> datetime:
    """What the clock shows when the test begins."""
    return clock.now()


@pytest.fixture
def count_statements() -> Counting:
    """``with count_statements(engine) as counted``: statements and commits of the block."""
    return counting
