"""Processes drawn by others: run as their authors expect, or refused with the element's name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perfflow.app import plug_rooms
from perfflow.commands.scenarios import setting_of
from perfflow.config import Settings
from perfflow.workflow.definitions.gate import check_files
from perfflow.workflow.scenarios import Entry, Outcome, read_scenarios, run_entries

FILE = Path(os.environ.get("PERFFLOW_CORPUS", "")) / "bpmn" / "EXPECTED.json"
ENTRIES = read_scenarios(FILE) if FILE.is_file() else []


def named(entry: Entry) -> str:
    """A short name for the report."""
    return entry.path.name[:3]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """What became of every entry, by its short name."""
    plug_rooms()
    found = run_entries(ENTRIES, setting_of(Settings.from_environment()))
    return {named(entry): outcome for entry, outcome in zip(ENTRIES, found, strict=True)}


def test_the_corpus_is_there() -> None:
    assert ENTRIES, "Set PERFFLOW_CORPUS to the folder that holds bpmn/EXPECTED.json"


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_the_gate_answers_about_every_file_in_both_languages(entry: Entry) -> None:
    for finding in check_files({"processes/x.bpmn": entry.path.read_bytes()}):
        assert finding.message("zh") != finding.message("en")


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_an_entry_goes_as_its_authors_expect(entry: Entry, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[named(entry)].passed, outcomes[named(entry)].as_data()


def test_nothing_crashes_or_hangs(outcomes: dict[str, Outcome]) -> None:
    assert {one.how for one in outcomes.values()} <= {"ran", "draft", "refused"}
