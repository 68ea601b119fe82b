"""The scenarios beside the shipped processes: they pass, and they leave no element out."""

from __future__ import annotations

import pytest

from perfflow.app import plug_rooms
from perfflow.commands.scenarios import setting_of
from perfflow.config import Settings
from perfflow.workflow.scenarios import Outcome, read_scenarios, run_entries, SUFFIX
from tests.support.cast import ROOT

KEYS = sorted(path.parent.name for path in (ROOT / "processes").rglob("*.bpmn"))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """What became of the scenarios of each shipped process."""
    plug_rooms()
    entries = read_scenarios(ROOT / "processes")
    found = run_entries(entries, setting_of(Settings.from_environment()))
    return {entry.path.stem: outcome for entry, outcome in zip(entries, found, strict=True)}


def test_every_shipped_process_has_scenarios() -> None:
    assert [key for key in KEYS if not (ROOT / "processes" / key / f"{key}{SUFFIX}").exists()] == []


@pytest.mark.parametrize("key", KEYS)
def test_a_process_goes_as_its_scenarios_tell(key: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[key].passed, outcomes[key].as_data()


@pytest.mark.parametrize("key", KEYS)
def test_its_scenarios_come_to_every_element(key: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[key].unvisited == ()
