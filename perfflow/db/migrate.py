"""Migrations: bringing a database to the version of the code, and refusing any other version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from perfflow.config import Settings
from perfflow.db.session import Database
from perfflow.kernel.errors import BadInput

_ONE_AT_A_TIME = 5_077_101  # any number: the key of the lock under which PostgreSQL is migrated
_VERSION_TABLE = "alembic_version"


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to ``revision``, all in one transaction: a failure changes nothing."""
    _migrate(database, revision, command.upgrade)


def downgrade(database: Database, revision: str) -> None:
    """Bring the database back to ``revision`` (``base``: no tables), all in one transaction."""
    _migrate(database, revision, command.downgrade)


def current_revision(database: Database) -> str | None:
    """The version of the database; None for a database without our tables."""
    with database.engine.connect() as connection:
        return _revision(connection)


def head_revision() -> str:
    """The version that this code works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise BadInput("db.no_migrations", folder=str(_migrations()))
    return head


def refuse_other_version(database: Database) -> None:
    """Refuse a database of another version with a sentence that names both versions."""
    found, expected = current_revision(database), head_revision()
    if found != expected:
        raise BadInput("db.other_version", expected=expected, got=found or "-")


def _migrate(database: Database, revision: str, run: object) -> None:
    config = _config()
    _make_folder(database)
    with database.engine.execution_options(perfflow_writes=True).connect() as connection:
        if not database.is_postgresql:
            # Rebuilding a table drops the old one: with foreign keys on, its children would go
            # with it. The pragma has no effect inside a transaction, so it goes in before one.
            _driver_execute(connection, "PRAGMA foreign_keys=OFF")
        try:
            if database.is_postgresql:
                lock = text("SELECT pg_advisory_xact_lock(:key)")
                connection.execute(lock, {"key": _ONE_AT_A_TIME})
            _refuse_foreign(connection, ScriptDirectory.from_config(config))
            config.attributes["connection"] = connection
            run(config, revision)  # type: ignore[operator]
            if not database.is_postgresql:
                _require_sound_keys(connection)
            connection.commit()
        finally:
            connection.rollback()
            if not database.is_postgresql:
                _driver_execute(connection, "PRAGMA foreign_keys=ON")


def _make_folder(database: Database) -> None:
    """A SQLite file may be the first thing in its folder."""
    file = database.engine.url.database
    if not database.is_postgresql and file and not file.startswith((":", "file:")):
        Path(file).parent.mkdir(parents=True, exist_ok=True)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_migrations()).replace("%", "%%"))
    return config


def _migrations() -> Path:
    return Settings.from_environment().migrations


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_foreign(connection: Connection, scripts: ScriptDirectory) -> None:
    """A database of a newer PerfFlow, or of something else, is left alone."""
    found = _revision(connection)
    if found is None:
        tables = set(inspect(connection).get_table_names()) - {_VERSION_TABLE}
        if tables:
            raise BadInput("db.not_ours", table=min(tables))
        return
    known = {script.revision for script in scripts.walk_revisions()}
    if found not in known:
        raise BadInput("db.other_version", expected=scripts.get_current_head() or "-", got=found)


def _require_sound_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise BadInput("db.broken_key", table=str(broken[0]), row=str(broken[1]))


def _driver_execute(connection: Connection, statement: str) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(statement)
