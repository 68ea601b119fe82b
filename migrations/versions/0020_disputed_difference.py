"""What an open appeal could add to an award, kept apart from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("award") as table:
        table.add_column(
            sa.Column("disputed_fen", sa.BigInteger(), nullable=False, server_default="0")
        )
        table.alter_column("disputed_fen", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("award") as table:
        table.drop_column("disputed_fen")
