"""Counts the SQL that an engine is asked to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event


@dataclass
class StatementCount:
    """What went to the database while the count was on."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0
    rollbacks: int = 0

    def __len__(self) -> int:
        return len(self.statements)

    def __str__(self) -> str:
        lines = "\n".join(self.statements)
        return f"{len(self)} statements, {self.commits} commits:\n{lines}"


@contextmanager
def count_statements(engine: Engine) -> Iterator[StatementCount]:
    """Counts statements and transactions of ``engine`` and of its copies with other options.

    BEGIN, COMMIT and pragmas are not statements. A transaction that only reads ends in a
    rollback and so is no commit.
    """
    counted = StatementCount()

    def statement(_conn: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if not sql.startswith(("BEGIN", "PRAGMA")):
            counted.statements.append(" ".join(sql.split()))

    def commit(_conn: Any) -> None:
        counted.commits += 1

    def rollback(_conn: Any) -> None:
        counted.rollbacks += 1

    listeners = (
        ("before_cursor_execute", statement),
        ("commit", commit),
        ("rollback", rollback),
    )
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield counted
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)
