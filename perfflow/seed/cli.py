"""``perfflow seed``: fill an empty database with a synthetic firm and its figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from perfflow.app import plug_rooms
from perfflow.calendar import end_of_day
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.migrate import upgrade
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import BadInput
from perfflow.people.models import Employee
from perfflow.seed.cases import load_cases
from perfflow.seed.figures import load_months
from perfflow.seed.load import load_firm
from perfflow.seed.measures import ValueRow
from perfflow.seed.people import Firm, Window
from perfflow.seed.truth import fingerprints, planted_truth
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.deployments import read_paths

SMALLEST, LARGEST = 12, 50_000
MOST_MONTHS = 120
LAST_YEAR = 2025


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="perfflow seed")
    parser.add_argument("--employees", type=int, default=60)
    parser.add_argument("--months", type=int, default=24, help="of figures, up to December 2025")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument(
        "--profile", help="jurisdiction profile of the firm, noted in the truth file"
    )
    parser.add_argument("--truth", type=Path, help="write what was planted to this file")
    parser.add_argument("--faults", action="store_true", help="let the feeds make mistakes")
    parser.add_argument("--database-url")
    options = parser.parse_args(argv)
    settings = Settings.from_environment()
    _check(options.employees, options.months)
    profile = _profile(settings, options.profile)
    plug_rooms()
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    database = Database(options.database_url or settings.database_url)
    upgrade(database)
    firm = Firm(options.seed, options.employees, Window(LAST_YEAR, options.months))
    fill(database, settings, firm, with_faults=options.faults)
    if options.truth:
        text = json.dumps(planted_truth(firm, profile), ensure_ascii=False, indent=2)
        options.truth.write_text(text + "\n", encoding="utf-8")
    for table, digest in fingerprints(firm).items():
        print(f"{table:<12}{digest}")
    return 0


def _check(employees: int, months: int) -> None:
    if not SMALLEST <= employees <= LARGEST:
        raise BadInput("seed.bad_size", got=employees, least=SMALLEST, most=LARGEST)
    if not 1 <= months <= MOST_MONTHS:
        raise BadInput("seed.bad_months", got=months, most=MOST_MONTHS)


def _profile(settings: Settings, code: str | None) -> str | None:
    known = sorted(path.stem for path in (settings.catalogue / "profiles").glob("*.yaml"))
    if code is not None and code not in known:
        raise BadInput("seed.unknown_profile", got=code, known=", ".join(known))
    return code


def fill(database: Database, settings: Settings, firm: Firm, *, with_faults: bool = False) -> None:
    """Deploy what is shipped, then people, figures month by month, cases; refused if not empty."""
    with database.reading() as session:
        if session.scalar(select(Employee.no).limit(1)) is not None:
            raise BadInput("seed.not_empty")
    now = end_of_day(firm.window.first_day)
    files = read_paths([settings.processes, settings.forms, settings.catalogue])
    with database.writing() as session:
        workflow_actions.deploy(session, SYSTEM, now, files)
        load_firm(session, now, firm)
    months = firm.window.month_starts()
    careless: list[ValueRow] | None = [] if with_faults else None
    for number, month in enumerate(months, start=1):
        with database.writing() as session:
            load_months(session, firm, month, month, careless)
        if sys.stderr.isatty():
            print(f"\r{number} / {len(months)} months", end="", file=sys.stderr, flush=True)
    with database.writing() as session:
        load_cases(session, firm)
    if sys.stderr.isatty():
        print(file=sys.stderr)
