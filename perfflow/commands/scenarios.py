"""``perfflow scenarios``: plays scenario files against their processes and says what failed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from perfflow.app import plug_rooms
from perfflow.calendar.actions import load_calendars
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.kernel.actor import Actor, SYSTEM
from perfflow.kernel.errors import NotAllowed
from perfflow.seed.people import Firm, Window
from perfflow.simulation.cast import Cast
from perfflow.simulation.stage import people_the_firm, prepare
from perfflow.tables import all_tables
from perfflow.workflow.deployments import read_paths
from perfflow.workflow.scenarios import Outcome, read_scenarios, run_entries, Setting
from perfflow.workflow.scenarios.outcome import report

PEOPLE, SEED, MONTHS = 60, 42, 3


def setting_of(settings: Settings) -> Setting:
    """The firm's calendars and, for scenarios with rooms, its shipped files and a seeded firm."""
    cast = Cast()

    def build(database: Database) -> None:
        all_tables().create_all(database.engine)
        calendars = read_paths([settings.catalogue])
        with database.writing() as session:
            load_calendars(
                session,
                SYSTEM,
                datetime.now().astimezone(),
                {path: text for path, text in calendars.items() if "/calendars/" in path},
            )

    def people(database: Database, now: datetime) -> None:
        prepare(database, settings, now)
        firm = Firm(SEED, PEOPLE, Window(now.year, MONTHS))
        people_the_firm(database, firm, now, date(now.year - 1, 12, 1))

    def holder(session: Session, task: Any, on: date) -> Actor:
        groups = [name for name in (task.candidate_group, *(task.more_groups or ())) if name]
        numbers = [task.assignee_no] if task.assignee_no else []
        numbers += [no for name in groups for no in cast.members(session, name, on)]
        for number in numbers:
            actor = cast.actor(session, number, on)
            if actor is not None and number not in (task.not_for or ()):
                return actor
        raise NotAllowed("workflow.not_your_task")

    return Setting(build, people, holder)


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
