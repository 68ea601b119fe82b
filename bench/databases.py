"""The database that a benchmark works on: a new SQLite file, or the empty one that is named."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from perfflow.db import Database
from perfflow.db.migrate import downgrade, upgrade


@contextmanager
def working_database(url: str | None) -> Iterator[Database]:
    """A migrated database; what was made in a named one is taken away again."""
    if url is None:
        with tempfile.TemporaryDirectory(prefix="perfflow-bench-") as folder:
            database = Database(f"sqlite:///{folder}/bench.db")
            upgrade(database)
            yield database
            database.dispose()
        return
    database = Database(url)
    upgrade(database)
    try:
        yield database
    finally:
        downgrade(database, "base")
        database.dispose()
