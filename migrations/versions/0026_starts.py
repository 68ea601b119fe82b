"""Start events wait for messages, signals and times: rows that belong to no instance yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = ("message_subscription", "timer")


def upgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.alter_column("instance_id", existing_type=sa.BigInteger(), nullable=True)


def downgrade() -> None:
    for name in TABLES:
        op.execute(f"DELETE FROM {name} WHERE instance_id IS NULL")
        with op.batch_alter_table(name) as table:
            table.alter_column("instance_id", existing_type=sa.BigInteger(), nullable=False)
