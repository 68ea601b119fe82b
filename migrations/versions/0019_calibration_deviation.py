"""A session keeps why its bands differ from the guide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("calibration_session") as table:
        table.add_column(sa.Column("deviation_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("calibration_session") as table:
        table.drop_column("deviation_reason")
