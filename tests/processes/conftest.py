"""A walk for each test, on a copy of the stage that its module names in ``STAGE``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from perfflow.app import plug_rooms
from perfflow.kernel.clock import VirtualClock
from tests.processes.walk import open_walk, time_of, Walk
from tests.support.databases import PostgresDatabases, SqliteDatabases


@pytest.fixture
def walk(
    databases: SqliteDatabases | PostgresDatabases, request: pytest.FixtureRequest
) -> Iterator[Walk]:
    """The firm of the module's stage, at the time it has come to."""
    plug_rooms()
    with databases.fresh(stage=request.module.STAGE) as database:
        yield open_walk(database, VirtualClock(time_of(database)))
