"""Fixtures of the engine's tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from perfflow.db import Database
from perfflow.workflow.ports import directory, plug_directory
from tests.workflow.building import Bench, CALLS, SmallDirectory


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
