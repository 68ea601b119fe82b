"""Writes the first migrations from the models, one a package: `python -m migrations.initial`.

Only for the time before the first release: it refuses to run when there is a migration that it
did not write. From then on `.venv/bin/alembic revision --autogenerate` proposes changes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

from alembic.autogenerate import render_python_code
from alembic.operations import ops
from sqlalchemy import Table

from perfflow.db import Base
from perfflow.db.rendering import plain_type
from perfflow.tables import all_tables

VERSIONS = Path(__file__).parent / "versions"
MARK = '"""The first tables of '
LONGEST_FILE = 340  # lines, without the head
LONGEST_FUNCTION = 55
HEAD = '''{mark}{title}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down_revision}
branch_labels = None
depends_on = None


def upgrade() -> None:
{creates}


def downgrade() -> None:
{drops}
'''


def main() -> int:
    """Replace the first migrations; 2 when there are others."""
    VERSIONS.mkdir(exist_ok=True)
    written = sorted(VERSIONS.glob("*.py"))
    others = [path.name for path in written if not path.read_text().startswith(MARK)]
    if others:
        print(f"Expected no migration after the first ones but found {others}", file=sys.stderr)
        return 2
    for path in written:
        path.unlink()
    down_revision: str | None = None
    for number, (title, tables) in enumerate(_files(), start=1):
        revision = f"{number:04d}"
        path = VERSIONS / f"{revision}_{title.replace(' ', '_')}.py"
        path.write_text(_file(title, revision, down_revision, tables), encoding="utf-8")
        print(path.name, len(tables), "tables")
        down_revision = revision
    for step in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, str(VERSIONS)], check=True)
    return 0


def _files() -> Iterator[tuple[str, list[Table]]]:
    """(title, tables) of each migration: a package, in parts when it is long."""
    for package, tables in _by_package().items():
        parts: list[list[Table]] = [[]]
        lines = 0
        for table in tables:
            length = len(_creation(table).splitlines())
            if parts[-1] and lines + length > LONGEST_FILE:
                parts.append([])
                lines = 0
            parts[-1].append(table)
            lines += length
        for number, part in enumerate(parts, start=1):
            yield (package if number == 1 else f"{package} part {number}"), part


def _by_package() -> dict[str, list[Table]]:
    """Package → its tables, every table after those that it refers to."""
    tables = all_tables().sorted_tables
    owner = _owners()
    waits = {
        package: {
            owner[key.column.table.name]
            for table in tables
            if owner[table.name] == package
            for key in table.foreign_keys
        }
        - {package}
        for package in sorted(set(owner.values()))
    }
    ordered: dict[str, list[Table]] = {}
    while len(ordered) < len(waits):
        ready = [name for name in waits if name not in ordered and waits[name] <= set(ordered)]
        if not ready:
            raise SystemExit(f"Packages refer to each other in a circle: {waits}")
        ordered[ready[0]] = [table for table in tables if owner[table.name] == ready[0]]
    return ordered


def _owners() -> dict[str, str]:
    """Table name → the package whose module defines it."""
    owners = {
        mapper.local_table.name: mapper.class_.__module__.split(".")[1]
        for mapper in Base.registry.mappers
        if isinstance(mapper.local_table, Table)
    }
    for name, module in sys.modules.items():
        if name.startswith("perfflow.") and isinstance(module, ModuleType) and ".models" in name:
            for value in vars(module).values():
                if isinstance(value, Table):
                    owners.setdefault(value.name, name.split(".")[1])
    return owners


def _file(title: str, revision: str, down_revision: str | None, tables: list[Table]) -> str:
    head = HEAD.format(
        mark=MARK,
        title=title,
        revision=revision,
        down_revision=repr(down_revision).replace("'", '"'),
        creates="\n".join(f"    _create_{table.name}()" for table in tables),
        drops="\n".join(f'    op.drop_table("{table.name}")' for table in reversed(tables)),
    )
    return "\n\n".join([head, *(_creation(table) for table in tables)]) + "\n"


@cache
def _creation(table: Table) -> str:
    """The function that makes a table, and one more for its indexes when it would be long."""
    name = f"_create_{table.name}"
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    made = _code([ops.CreateTableOp.from_table(table)])
    if not indexes:
        return _formatted(f"def {name}() -> None:\n{made}")
    indexed = _code([ops.CreateIndexOp.from_index(index) for index in indexes])
    whole = _formatted(f"def {name}() -> None:\n{made}\n{indexed}")
    if len(whole.splitlines()) <= LONGEST_FUNCTION:
        return whole
    table_only = f"def {name}() -> None:\n{made}\n    _index_{table.name}()\n"
    return _formatted(f"{table_only}\n\ndef _index_{table.name}() -> None:\n{indexed}")


def _code(operations: Sequence[ops.MigrateOperation]) -> str:
    body = render_python_code(ops.UpgradeOps(operations), render_item=plain_type)
    return "\n".join(line for line in body.splitlines() if not line.strip().startswith("#"))


def _formatted(code: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--quiet", "--stdin-filename", "x.py", "-"]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=True)
    return done.stdout.rstrip("\n")


if __name__ == "__main__":
    raise SystemExit(main())
