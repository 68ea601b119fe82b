"""Fixtures over the named cast: a firm with everything deployed, and a driver of its processes."""

from __future__ import annotations

from datetime import datetime

import pytest

from perfflow.db import Database
from tests.support.cast import build_firm, deploy_all, START
from tests.support.playing import Play


@pytest.fixture
def firm(database: Database) -> Database:
    """The cast at work, with the shipped processes, forms and catalogue deployed."""
    with database.writing() as session:
        build_firm(session)
        deploy_all(session)
    return database


@pytest.fixture
def play(firm: Database) -> Play:
    """Drives the processes of the firm as its people would."""
    return Play(firm)


@pytest.fixture
def start() -> datetime:
    """The morning on which the year's cycle is created."""
    return START
