"""The first tables of studio."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_deployment_draft()


def downgrade() -> None:
    op.drop_table("deployment_draft")


def _create_deployment_draft() -> None:
    op.create_table(
        "deployment_draft",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "path", name=op.f("pk_deployment_draft")),
    )
