"""Stages of simulated firms: the golden year in both modes, played once a run and kind."""

from __future__ import annotations

from functools import partial

import pytest

from perfflow.app import plug_rooms
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.plans.rules.bonus import VetoShare
from perfflow.simulation.golden import play
from tests.support.databases import Stage


def _golden(database: Database, mode: VetoShare) -> None:
    plug_rooms()
    play(database, Settings.from_environment({}), mode)


GOLDEN = {mode: Stage(f"golden_{mode.value}", partial(_golden, mode=mode)) for mode in VetoShare}


@pytest.fixture
def settings() -> Settings:
    """What an installation is without any variable set."""
    plug_rooms()
    return Settings.from_environment({})


@pytest.fixture
def golden_stages() -> dict[VetoShare, Stage]:
    """The played golden year, by mode."""
    return GOLDEN
