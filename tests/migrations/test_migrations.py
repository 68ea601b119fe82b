"""Migrations: the same schema as the models, both ways, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, inspect, text

from perfflow.db import Database
from perfflow.db.migrate import (
    current_revision,
    downgrade,
    head_revision,
    refuse_other_version,
    upgrade,
)
from perfflow.kernel.errors import BadInput
from perfflow.tables import all_tables
from tests.support.schemas import BOOKKEEPING, described

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
pytestmark = pytest.mark.both_databases


def tables_of(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {BOOKKEEPING}


def test_a_migrated_database_is_what_the_models_say(
    empty_database: Database, database: Database
) -> None:
    upgrade(empty_database)
    migrated, created = described(empty_database.engine), described(database.engine)
    assert migrated.keys() == created.keys()
    assert {name: migrated[name] for name in migrated if migrated[name] != created[name]} == {
        name: created[name] for name in created if migrated[name] != created[name]
    }


def test_checks_of_the_models_reach_the_migrated_database(empty_database: Database) -> None:
    upgrade(empty_database)
    migrated = described(empty_database.engine)
    expected = {
        (table.name, str(constraint.name))
        for table in all_tables().tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert expected
    assert expected == {(name, check) for name in migrated for check in migrated[name]["checks"]}


def test_migrations_go_all_the_way_back_and_forth(empty_database: Database) -> None:
    upgrade(empty_database)
    before = described(empty_database.engine)
    downgrade(empty_database, "base")
    assert tables_of(empty_database) == set()
    assert current_revision(empty_database) is None
    upgrade(empty_database)
    assert described(empty_database.engine) == before


def test_a_new_database_has_no_version_and_a_migrated_one_the_newest(
    empty_database: Database,
) -> None:
    assert current_revision(empty_database) is None
    upgrade(empty_database)
    assert current_revision(empty_database) == head_revision()
    refuse_other_version(empty_database)
    upgrade(empty_database)
    assert current_revision(empty_database) == head_revision()


def test_rows_survive_a_second_upgrade(empty_database: Database) -> None:
    upgrade(empty_database)
    insert = text(
        "INSERT INTO calendar_day (on_date, kind, name_zh, name_en, source)"
        " VALUES ('2025-10-01', 'holiday', '国庆节', 'National Day', '')"
    )
    with empty_database.writing() as session:
        session.execute(insert)
    upgrade(empty_database)
    with empty_database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM calendar_day")) == 1


def test_a_database_without_tables_is_not_served(empty_database: Database) -> None:
    with pytest.raises(BadInput) as caught:
        refuse_other_version(empty_database)
    assert caught.value.code == "db.other_version"
    assert caught.value.params == {"expected": head_revision(), "got": "-"}


def test_a_database_of_a_newer_version_is_left_alone(empty_database: Database) -> None:
    upgrade(empty_database)
    with empty_database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = described(empty_database.engine)
    for refuse in (upgrade, refuse_other_version):
        with pytest.raises(BadInput) as caught:
            refuse(empty_database)
        assert caught.value.code == "db.other_version"
        assert caught.value.params["got"] == "9999"
    assert described(empty_database.engine) == before


def test_somebody_elses_database_is_left_alone(empty_database: Database) -> None:
    with empty_database.writing() as session:
        session.execute(text("CREATE TABLE their_own (id INTEGER)"))
    with pytest.raises(BadInput) as caught:
        upgrade(empty_database)
    assert caught.value.code == "db.not_ours"
    assert tables_of(empty_database) == {"their_own"}


def test_a_migration_that_fails_changes_nothing(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    versions = folder / "versions"
    versions.mkdir(parents=True)
    (folder / "env.py").write_bytes((VERSIONS.parent / "env.py").read_bytes())
    head = "from alembic import op\nimport sqlalchemy as sa\n"
    first = 'revision = "0001"\ndown_revision = None\n'
    create = '    op.create_table("good", sa.Column("id", sa.Integer))\n'
    (versions / "0001_good.py").write_text(f"{head}{first}def upgrade():\n{create}")
    second = 'revision = "0002"\ndown_revision = "0001"\n'
    (versions / "0002_bad.py").write_text(f"{head}{second}def upgrade():\n    op.execute('NO')\n")
    monkeypatch.setenv("PERFFLOW_MIGRATIONS", str(folder))
    with pytest.raises(Exception, match="syntax error"):
        upgrade(empty_database)
    assert tables_of(empty_database) == set()


def test_the_folder_of_a_first_database_is_made(tmp_path: Path, empty_database: Database) -> None:
    database = Database(f"sqlite:///{tmp_path}/var/deep/perfflow.db")
    upgrade(database)
    upgrade(empty_database)
    assert current_revision(database) == current_revision(empty_database)
    database.dispose()


def test_migrations_are_numbered_without_a_gap(empty_database: Database) -> None:
    upgrade(empty_database)
    numbers = [path.name[:4] for path in sorted(VERSIONS.glob("[0-9]*.py"))]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    assert head_revision() == numbers[-1]
