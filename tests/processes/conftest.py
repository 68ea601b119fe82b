"""A walk for each test, on a copy of the stage that its module names in ``STAGE``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from perfflow.app import plug_rooms
from perfflow.kernel.clock import VirtualClock
from tests.processes.playing import time_of
from tests.processes.walk import open_walk, Walk
from tests.support.databases import PostgresDatabases, SqliteDatabases


@pytest.fixture
def walk(
    databases: SqliteDatabases | PostgresDatabases, request: pytest.FixtureRequest
) -> Iterator[Walk]:
    """The firm of the module's stage, at the time it has come to."""
    plug_rooms()
    stage = getattr(request.function, "stage", None) or request.module.STAGE
    with databases.fresh(stage=stage) as database:
        yield open_walk(database, VirtualClock(time_of(database)))
