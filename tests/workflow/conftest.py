"""Fixtures of the engine's tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from perfflow.app import plug_rooms
from perfflow.commands.scenarios import setting_of
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.workflow.ports import directory, plug_directory
from perfflow.workflow.scenarios import Setting
from tests.workflow.building import Bench, CALLS, SmallDirectory
from tests.workflow.scenario_desk import Desk


@pytest.fixture(autouse=True)
def _small_directory() -> Iterator[None]:
    before = directory()
    plug_directory(SmallDirectory())
    CALLS.clear()
    yield
    plug_directory(before)


@pytest.fixture
def bench(database: Database, now: datetime) -> Bench:
    """A bench on a fresh database."""
    return Bench(database, now)


@pytest.fixture(scope="session")
def scenario_setting() -> Setting:
    """The setting of the command line."""
    plug_rooms()
    return setting_of(Settings.from_environment())


@pytest.fixture
def desk(tmp_path: Path, scenario_setting: Setting) -> Desk:
    """A folder for scenario files."""
    return Desk(tmp_path, scenario_setting)
