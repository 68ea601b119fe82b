"""Quarterly conduct grades."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conduct_grade",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("quarter", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("graded_by", sa.String(length=64), nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_no"],
            ["employee.no"],
            name=op.f("fk_conduct_grade_employee_no_employee"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conduct_grade")),
        sa.UniqueConstraint(
            "employee_no",
            "quarter",
            "version",
            name=op.f("uq_conduct_grade_employee_no_quarter_version"),
        ),
    )


def downgrade() -> None:
    op.drop_table("conduct_grade")
