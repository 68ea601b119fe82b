"""Open tasks that went to somebody else because the organisation changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "task_rerouting",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("task_id", big, nullable=False),
        sa.Column("business_key", sa.String(length=120), nullable=False),
        sa.Column("cause", sa.String(length=8), nullable=False),
        sa.Column("old_assignee_no", sa.String(length=16), nullable=True),
        sa.Column("old_groups", sa.Text(), nullable=False),
        sa.Column("new_assignee_no", sa.String(length=16), nullable=True),
        sa.Column("new_groups", sa.Text(), nullable=False),
        sa.Column("moved_by", sa.String(length=64), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(length=64), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_task.id"], name=op.f("fk_task_rerouting_task_id_user_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_rerouting")),
    )
    op.create_index(op.f("ix_task_rerouting_task_id"), "task_rerouting", ["task_id"])
    op.create_index(op.f("ix_task_rerouting_business_key"), "task_rerouting", ["business_key"])


def downgrade() -> None:
    op.drop_table("task_rerouting")
