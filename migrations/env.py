"""What Alembic runs: on the connection it is given, or on the database of the settings."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.rendering import plain_type
from perfflow.tables import all_tables


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=all_tables(),
        render_as_batch=True,
        render_item=plain_type,
        compare_type=True,
        # SQLite keeps schema changes in transactions, too, when the driver does not interfere.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    database = Database(Settings.from_environment().database_url)
    try:
        with database.engine.execution_options(perfflow_writes=True).connect() as connection:
            _migrate(connection)
            connection.commit()
    finally:
        database.dispose()


_run()
