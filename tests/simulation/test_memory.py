"""A simulated year of everything that is shipped: the same rows with and without memory."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from perfflow.config import Settings
from perfflow.simulation.year import simulate_cycle
from perfflow.workflow.definitions.bundle import compile_bundle
from perfflow.workflow.engine.transitions import (
    forget_transitions,
    Transitions,
    transitions_of,
    without_memory,
)
from tests.simulation.test_year import told
from tests.support.cast import shipped_files
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.workflow.test_transitions import rows_of


def shipped_memory() -> list[Transitions]:
    """What is remembered of each shipped process."""
    files = {path: text for path, text in shipped_files().items() if path.endswith(".bpmn")}
    bundle = compile_bundle(files)
    return [transitions_of(bundle.index(key).version) for key in bundle.processes]


def test_shipped_processes_leave_the_same_rows_with_and_without_memory(
    databases: SqliteDatabases | PostgresDatabases, settings: Settings
) -> None:
    played: dict[str, tuple[Any, Any]] = {}
    forget_transitions()
    for name, memory in (("remembered", nullcontext()), ("worked out", without_memory())):
        with databases.fresh(empty=True) as database, memory:
            answer = simulate_cycle(database, settings, "ANNUAL-STD", 14, 42, 2025)
            played[name] = (told(answer), rows_of(database))
    remembered, worked_out = played["remembered"], played["worked out"]
    assert remembered[0] == worked_out[0]
    for table, rows in remembered[1].items():
        assert rows == worked_out[1][table], table
    hits = sum(known.hits for known in shipped_memory())
    misses = sum(known.misses for known in shipped_memory())
    assert hits > 4 * misses > 0
