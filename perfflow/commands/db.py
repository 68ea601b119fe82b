"""``perfflow db``: bring the schema up or down, or say which version the database has."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.migrate import current_revision, downgrade, upgrade


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="perfflow db")
    parser.add_argument("what", choices=("upgrade", "downgrade", "current"))
    parser.add_argument("--to", help="revision; downgrade goes to base without it")
    parser.add_argument("--database-url")
    options = parser.parse_args(argv)
    settings = Settings.from_environment()
    database = Database(options.database_url or settings.database_url)
    match options.what:
        case "upgrade":
            upgrade(database)
        case "downgrade":
            downgrade(database, options.to or "base")
    print(current_revision(database) or "empty")
    return 0
