"""Statements about the firm's risk indicators."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "risk_statement",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("last_average_fen", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stated_by", sa.String(length=64), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_risk_statement_cycle_code_cycle")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_statement")),
        sa.UniqueConstraint(
            "cycle_code", "version", name=op.f("uq_risk_statement_cycle_code_version")
        ),
    )


def downgrade() -> None:
    op.drop_table("risk_statement")
