"""``perfflow simulate``: a whole cycle on a virtual clock, or the golden scenario."""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from perfflow.app import plug_rooms
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.simulation.golden import golden
from perfflow.simulation.year import simulate_cycle


@contextmanager
def fresh_database(url: str | None) -> Iterator[Database]:
    """The database named by ``url``, or a SQLite file that is gone afterwards."""
    if url is not None:
        database = Database(url)
        try:
            yield database
        finally:
            database.dispose()
        return
    with tempfile.TemporaryDirectory(prefix="perfflow-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'simulation.db'}")
        try:
            yield database
        finally:
            database.dispose()


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="perfflow simulate")
    parser.add_argument("template", nargs="?", help="cycle pack, for example ANNUAL-STD")
    parser.add_argument("--scenario", choices=("golden",))
    parser.add_argument("--employees", type=int, default=60)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--year", type=int, default=2025)
    parser.add_argument("--database-url", help="an empty database; default: a temporary one")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    if (options.template is None) == (options.scenario is None):
        parser.error("give a template, or --scenario golden")
    logging.basicConfig(level=logging.ERROR)
    settings = Settings.from_environment()
    plug_rooms()
    if options.scenario:
        answer = golden(settings, options.database_url)
        print(json.dumps(answer, ensure_ascii=False, indent=None if options.json else 2))
        return 0 if answer["check"]["ok"] else 1
    with fresh_database(options.database_url) as database:
        answer = simulate_cycle(
            database, settings, options.template, options.employees, options.seed, options.year
        )
    print(json.dumps(answer, ensure_ascii=False) if options.json else _table(answer))
    return 0


def _table(answer: dict[str, Any]) -> str:
    """The report for people."""
    lines = [
        f"{answer['template']} {answer['year']}, {answer['employees']} employees, "
        f"seed {answer['seed']}, {answer['database']}",
        f"{answer['events']} events, sha256 {answer['event_log_sha256']}",
        "",
        f"{'step':<24}{'role':<24}created   done   late   auto  skipped  dead",
    ]
    lines += [
        f"{row['step']:<24}{row['role']:<24}{row['created']:>7}{row['done']:>7}{row['late']:>7}"
        f"{row['auto']:>7}{row['skipped']:>9}{row['dead']:>6}"
        for row in answer["tasks"]
    ]
    lines += ["", "bands  " + "  ".join(f"{b} {n}" for b, n in answer["bands"].items())]
    lines += [f"{name:<14}{fen / 100:>18,.2f}" for name, fen in answer["pay"].items()]
    paid = answer["timeliness"]
    lines.append(f"paid on {paid['payout_on']}, day {paid['days']} of {paid['limit']}")
    lines.append(
        f"{answer['wall_s']} s, {answer['seconds_per_task']} s a task, "
        f"{answer['peak_rss_mib']} MiB, {answer['incidents']} incidents"
    )
    return "\n".join(lines)
