"""The first tables of calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_calendar_day()


def downgrade() -> None:
    op.drop_table("calendar_day")


def _create_calendar_day() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('holiday', 'working-weekend')", name=op.f("ck_calendar_day_kind_is_known")
        ),
        sa.PrimaryKeyConstraint("on_date", name=op.f("pk_calendar_day")),
    )
