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
def outcomes() -> dict[str, list[Outcome]]:
    """What became of the scenarios of each shipped process."""
    plug_rooms()
    entries = read_scenarios(ROOT / "processes")
    found: dict[str, list[Outcome]] = {}
    # Other tests run at the same time: more patience than the command line has.
    played = run_entries(entries, setting_of(Settings.from_environment()), limit=90)
    for entry, outcome in zip(entries, played, strict=True):
        found.setdefault(entry.path.stem, []).append(outcome)
    return found


def test_every_shipped_process_has_scenarios() -> None:
    assert [key for key in KEYS if not (ROOT / "processes" / key / f"{key}{SUFFIX}").exists()] == []


@pytest.mark.parametrize("key", KEYS)
def test_a_process_goes_as_its_scenarios_tell(key: str, outcomes: dict[str, list[Outcome]]) -> None:
    assert [one.as_data() for one in outcomes[key] if not one.passed] == []


@pytest.mark.parametrize("key", KEYS)
def test_its_scenarios_come_to_every_element(key: str, outcomes: dict[str, list[Outcome]]) -> None:
    assert set.intersection(*(set(one.unvisited) for one in outcomes[key])) == set()
