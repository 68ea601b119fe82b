"""``perfflow demo``: migrate, deploy, seed, play up to the firm's today, then serve."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from perfflow.app import firm_clock, plug_rooms
from perfflow.commands.serve import listening_socket, serve
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.migrate import upgrade
from perfflow.people.models import Employee
from perfflow.seed.accounts import demo_logins, DEMO_PASSWORD
from perfflow.simulation.demo import build_demo

DEMO_NOW = datetime.fromisoformat("2026-01-30T09:00+08:00")


def prepare(settings: Settings, database: Database, employees: int, seed: int) -> None:
    """Migrate; build the firm where the database is still empty (a second start keeps it)."""
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    upgrade(database)
    with database.reading() as session:
        is_empty = session.scalar(select(Employee.no).limit(1)) is None
    if is_empty:
        told = (
            f"Building a firm of {employees} people and playing its last year / 正在生成示例公司 …"
        )
        print(told, file=sys.stderr, flush=True)
        build_demo(database, settings, settings.now or DEMO_NOW, employees, seed)


def print_logins(database: Database, address: str) -> None:
    """The address and one login per role code."""
    with database.reading() as session:
        logins = demo_logins(session)
    width = max(len(role) for role, _, _ in logins)
    print(f"\nPerfFlow  {address}   password / 密码: {DEMO_PASSWORD}\n")
    for role, login, name in logins:
        print(f"  {role:<{width}}  {login:<14}{name}")
    print(flush=True)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="perfflow demo")
    parser.add_argument("--employees", type=int, default=60)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--database-url")
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-serve", action="store_true", help="build the firm and stop")
    options = parser.parse_args(argv)
    settings = Settings.from_environment()
    if settings.now is None:
        settings = settings.at(DEMO_NOW)
    if options.port is not None:
        settings = settings.with_port(options.port)
    if options.database_url:
        settings = settings.with_database(options.database_url)
    # Taken before the long work: a port in use should not be found out after it.
    listener = None if options.no_serve else listening_socket(settings.host, settings.port)
    plug_rooms()
    database = Database(settings.database_url)
    prepare(settings, database, options.employees, options.seed)
    print_logins(database, f"http://{settings.host}:{settings.port}")
    if listener is not None:
        try:
            serve(settings, database, firm_clock(settings), listener)
        except KeyboardInterrupt:
            print("", file=sys.stderr)
    return 0
