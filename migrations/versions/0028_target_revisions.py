"""Revisions of locked targets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "target_revision",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("metric_code", sa.String(length=8), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("old_target_e6", sa.BigInteger(), nullable=False),
        sa.Column("new_target_e6", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("reason_class", sa.String(length=12), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("waiting_for", sa.Text(), nullable=False),
        sa.Column("decisions", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_target_revision_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"],
            ["employee.no"],
            name=op.f("fk_target_revision_employee_no_employee"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_revision")),
    )
    op.create_index(
        "ix_target_revision_cycle_code_employee_no",
        "target_revision",
        ["cycle_code", "employee_no"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_target_revision_cycle_code_employee_no", table_name="target_revision")
    op.drop_table("target_revision")
