"""``perfflow scenarios``: plays scenario files against their processes and says what failed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from perfflow.app import plug_rooms
from perfflow.calendar.actions import load_calendars
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.simulation.rooms import SeededFirm
from perfflow.tables import all_tables
from perfflow.workflow.deployments import read_paths
from perfflow.workflow.scenarios import Outcome, read_scenarios, run_entries, Setting
from perfflow.workflow.scenarios.notation import DEFAULT_START
from perfflow.workflow.scenarios.outcome import report


def setting_of(settings: Settings) -> Setting:
    """The firm's calendars and, for scenarios with rooms, its shipped files and a seeded firm."""
    firm = SeededFirm(settings)

    def build(database: Database) -> None:
        all_tables().create_all(database.engine)
        files = read_paths([settings.catalogue])
        calendars = {path: text for path, text in files.items() if "/calendars/" in path}
        with database.writing() as session:
            load_calendars(session, SYSTEM, DEFAULT_START, calendars)

    return Setting(build, firm.build, firm.holder, firm.answers)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="perfflow scenarios")
    parser.add_argument(
        "paths", nargs="*", type=Path, help="scenario files or folders; default: all shipped"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    settings = Settings.from_environment()
    plug_rooms()
    entries = [
        one for path in options.paths or [settings.processes] for one in read_scenarios(path)
    ]
    outcomes = run_entries(entries, setting_of(settings))
    if options.json:
        print(json.dumps(report(outcomes), ensure_ascii=False))
    else:
        print("\n".join(_line(one) for one in outcomes))
        print(f"{sum(one.passed for one in outcomes)} of {len(outcomes)} passed")
    return 0 if all(one.passed for one in outcomes) else 1


def _line(one: Outcome) -> str:
    text = f"{one.result} {one.how:<8} {one.file} ({one.milliseconds} ms)"
    if one.passed:
        return text
    place = f"case {one.case} {one.name}".strip() + f", step {one.step}" if one.case else ""
    details = [place, f"expected {one.expected}, got {one.got}" if one.expected else ""]
    details += [
        f"{one.element or ''} {sentence}".strip() for sentence in (one.message or {}).values()
    ]
    return "\n    ".join([text, *filter(None, details)])
