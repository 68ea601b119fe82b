"""The office of the inbox tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from perfflow.db import Database
from perfflow.kernel.clock import VirtualClock
from perfflow.people.directory import PeopleDirectory
from perfflow.workflow.ports import directory, plug_directory
from tests.rooms.inbox.office import Office, open_office
from tests.support import cast


@pytest.fixture
def office(
    database: Database, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """A small firm with one process, its application and accounts."""
    # The other rooms have no part in these tests.
    monkeypatch.setattr(cast, "plug_rooms", lambda: None)
    before = directory()
    plug_directory(PeopleDirectory())
    yield open_office(database, clock)
    plug_directory(before)
