"""Processes drawn by others: run as their authors expect, or refused with the element's name."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from perfflow.calendar import FIRM_ZONE
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import RuleViolation
from perfflow.workflow import actions, queries
from perfflow.workflow.definitions.gate import check_files
from perfflow.workflow.engine.expressions import add_duration
from tests.workflow.building import Bench

CORPUS = Path(os.environ.get("PERFFLOW_CORPUS", "")) / "bpmn"
ENTRIES: list[dict[str, Any]] = (
    json.loads((CORPUS / "EXPECTED.json").read_text(encoding="utf-8"))["entries"]
    if (CORPUS / "EXPECTED.json").is_file()
    else []
)
# Named constructs that the gate refuses by decision: loops, event sub-processes, scripts in
# foreign languages.
REFUSED_BY_DECISION = {"WF-103", "WF-104", "WF-408"}


def entries(*expected: str) -> list[dict[str, Any]]:
    """Entries with one of these expectations."""
    return [entry for entry in ENTRIES if entry["expect"] in expected]


def named(entry: dict[str, Any]) -> str:
    """A short name for the report."""
    return str(entry["file"].split("/")[-1][:3])


def test_the_corpus_is_there() -> None:
    assert ENTRIES, "Set PERFFLOW_CORPUS to the folder that holds bpmn/EXPECTED.json"


def findings_of(entry: dict[str, Any]) -> list[Any]:
    """The gate's findings about the file."""
    return check_files({"processes/x.bpmn": (CORPUS / entry["file"]).read_bytes()})


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_the_gate_answers_about_every_file_in_both_languages(entry: dict[str, Any]) -> None:
    for finding in findings_of(entry):
        assert finding.message("zh") != finding.message("en")


@pytest.mark.parametrize("entry", entries("REJECT"), ids=named)
def test_models_that_break_the_standard_are_refused_by_element(entry: dict[str, Any]) -> None:
    errors = [finding for finding in findings_of(entry) if finding.severity == "error"]
    assert any(error.element for error in errors)


@pytest.mark.parametrize("entry", entries("RUN", "RUN_OR_REJECT"), ids=named)
def test_scenarios_run_as_expected_or_are_refused(
    entry: dict[str, Any], database: Database
) -> None:
    errors = [finding for finding in findings_of(entry) if finding.severity == "error"]
    if errors:
        assert any(error.element for error in errors)
        if entry["expect"] == "RUN":
            assert {error.code for error in errors} & REFUSED_BY_DECISION
        return
    for number, scenario in enumerate(entry.get("scenarios", [])):
        bench = Bench(database, datetime(2026, 3, 2, 9, tzinfo=FIRM_ZONE))
        bench.deploy((CORPUS / entry["file"]).read_bytes())
        _Scenario(bench, f"S{number}").play(scenario)


class _Scenario:
    """Plays the steps of one scenario."""

    def __init__(self, bench: Bench, key: str) -> None:
        self.bench, self.key = bench, key

    def play(self, scenario: dict[str, Any]) -> None:
        steps = scenario["steps"]
        with self.bench.database.reading() as session:
            definition = queries.process_versions(session, queries.current_bundle(session))[0]
        start = (definition.definition_key, self.key)
        if steps[0] == ["error"]:
            with pytest.raises(RuleViolation):
                self.bench.start(*start, **scenario["vars"])
            return
        self.bench.start(*start, **scenario["vars"])
        for name, *rest in steps:
            getattr(self, f"do_{name}")(*rest)

    def open(self) -> list[Any]:
        with self.bench.database.reading() as session:
            return queries.open_tasks_of(session, self.key)

    def do_tasks(self, names: list[str]) -> None:
        assert sorted(task.name_zh for task in self.open()) == sorted(names)

    def do_ids(self, ids: list[str]) -> None:
        assert sorted(task.element_id for task in self.open()) == sorted(ids)

    def do_ntasks(self, count: int) -> None:
        assert len(self.open()) == count

    def do_complete(self, name: str, values: dict[str, Any]) -> None:
        task = next(t for t in self.open() if name in (t.name_zh, t.element_id))
        with self.bench.database.writing() as session:
            actions.complete_task(session, SYSTEM, self.bench.now, task.id, task.revision, values)

    def do_advance(self, duration: str) -> None:
        self.bench.advance(add_duration(self.bench.now, duration))

    def do_message(self, name: str) -> None:
        self.bench.message(name, "")

    def do_signal(self, name: str) -> None:
        with self.bench.database.writing() as session:
            actions.publish_signal(session, SYSTEM, self.bench.now, name)

    def do_completed(self) -> None:
        assert self.bench.status(self.key) == "completed"

    def do_candidate_groups(self, name: str, groups: list[str]) -> None:
        task = next(t for t in self.open() if t.name_zh == name)
        assert sorted([task.candidate_group, *(task.more_groups or ())]) == sorted(groups)
