"""A firm on the stage that a test names, served to browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from perfflow.app import create_app, plug_rooms
from perfflow.config import Settings
from perfflow.kernel.clock import VirtualClock
from tests.browser.year import let_people_in, NewPage, Year
from tests.processes.playing import time_of
from tests.support.databases import SqliteDatabases, Stage
from tests.support.serving import served

Stand = Callable[..., AbstractContextManager[Year]]


@pytest.fixture
def stand(sqlite_databases: SqliteDatabases, new_page: NewPage) -> Stand:
    """``with stand(LAUNCHED, language="en", width=390, dark=True) as year``."""
    plug_rooms()

    @contextmanager
    def serve(
        stage: Stage, language: str = "zh", width: int = 1280, *, dark: bool = False
    ) -> Iterator[Year]:
        with sqlite_databases.fresh(stage=stage) as database:
            let_people_in(database)
            clock = VirtualClock(time_of(database))
            app = create_app(Settings.from_environment({}), database, clock)
            with served(app) as address:
                yield Year(database, clock, address, new_page, language, width, dark)

    return serve
