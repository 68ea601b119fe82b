"""A simulated year: the same on every run and every database, with the promised report."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from perfflow.config import Settings
from perfflow.db import Database
from perfflow.kernel.errors import BadInput
from perfflow.simulation.year import plan_of, simulate_cycle
from tests.support.databases import PostgresDatabases, SqliteDatabases

KEYS = [
    "template", "employees", "seed", "year", "database", "events", "event_log_sha256", "tasks",
    "bands", "pay", "timeliness", "incidents", "wall_s", "seconds_per_task", "peak_rss_mib",
]  # fmt: skip
MEASURED = {"wall_s", "seconds_per_task", "peak_rss_mib", "database"}


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """What must not differ between two runs."""
    return {key: value for key, value in answer.items() if key not in MEASURED}


def test_a_year_is_the_same_on_both_databases_and_has_the_promised_keys(
    sqlite_databases: SqliteDatabases, postgres_databases: PostgresDatabases, settings: Settings
) -> None:
    """Two runs of one seed, one on each database."""
    answers = {}
    for databases in (sqlite_databases, postgres_databases):
        with databases.fresh(empty=True) as database:
            answer = simulate_cycle(database, settings, "ANNUAL-STD", 14, 42, 2025)
            answers[answer["database"]] = answer
    assert set(answers) == {"sqlite", "postgresql"}
    assert told(answers["sqlite"]) == told(answers["postgresql"])
    answer = answers["sqlite"]
    assert list(answer) == KEYS
    assert len(answer["event_log_sha256"]) == hashlib.sha256().digest_size * 2
    assert answer["events"] > 300
    assert answer["incidents"] == 0
    assert {"step", "role", "created", "done", "late", "auto", "skipped", "dead"} == set(
        answer["tasks"][0]
    )
    steps = {row["step"] for row in answer["tasks"]}
    assert {"A01", "A04", "A05", "A08", "A11", "A15", "A17", "A19", "A22", "A24", "A26"} <= steps
    for row in answer["tasks"]:
        ends = row["done"] + row["auto"] + row["skipped"] + row["dead"]
        assert ends == row["created"], row
    assert list(answer["bands"]) == ["S", "A", "B", "C", "D", "NR"]
    assert set(answer["pay"]) == {
        "pool_fen", "award_fen", "returned_fen", "surplus_fen", "held_fen", "min_fen",
        "median_fen", "max_fen",
    }  # fmt: skip
    pay = answer["pay"]
    assert pay["award_fen"] + pay["returned_fen"] + pay["surplus_fen"] == pay["pool_fen"]
    assert set(answer["timeliness"]) == {"payout_on", "days", "limit", "ok"}
    assert (answer["timeliness"]["limit"], answer["timeliness"]["ok"]) == (75, True)


def test_another_seed_is_another_quarter(
    databases: SqliteDatabases | PostgresDatabases, settings: Settings
) -> None:
    digests = set()
    for seed in (42, 7):
        with databases.fresh(empty=True) as database:
            answer = simulate_cycle(database, settings, "QUARTER-STD", 12, seed, 2025)
            digests.add(answer["event_log_sha256"])
    assert len(digests) == 2


def test_an_unknown_template_and_a_firm_of_three_are_clear_errors(
    empty_database: Database, settings: Settings
) -> None:
    with pytest.raises(BadInput) as unknown:
        plan_of("MONTHLY", 2025)
    assert unknown.value.code == "simulation.unknown_template"
    with pytest.raises(BadInput) as small:
        simulate_cycle(empty_database, settings, "ANNUAL-STD", 3, 42, 2025)
    assert small.value.code == "simulation.bad_size"
