"""The first tables of interviews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_interview()
    _create_result_confirmation()


def downgrade() -> None:
    op.drop_table("result_confirmation")
    op.drop_table("interview")


def _create_interview() -> None:
    op.create_table(
        "interview",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("manager_no", sa.String(length=16), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("employee_part", sa.Text(), nullable=True),
        sa.Column("achievements", sa.Text(), nullable=True),
        sa.Column("gaps", sa.Text(), nullable=True),
        sa.Column("actions", sa.Text(), nullable=True),
        sa.Column("support", sa.Text(), nullable=True),
        sa.Column("career", sa.Text(), nullable=True),
        sa.Column("manager_summary", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("employee_note", sa.Text(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("excuse_reason", sa.Text(), nullable=True),
        sa.Column("excused_by", sa.String(length=64), nullable=True),
        sa.Column("flags", sa.Text(), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_interview_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_interview_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
        sa.UniqueConstraint(
            "cycle_code", "employee_no", name=op.f("uq_interview_cycle_code_employee_no")
        ),
    )
    op.create_index(op.f("ix_interview_employee_no"), "interview", ["employee_no"], unique=False)


def _create_result_confirmation() -> None:
    op.create_table(
        "result_confirmation",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("appeal_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_result_confirmation_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"],
            ["employee.no"],
            name=op.f("fk_result_confirmation_employee_no_employee"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_confirmation")),
        sa.UniqueConstraint(
            "cycle_code", "employee_no", name=op.f("uq_result_confirmation_cycle_code_employee_no")
        ),
    )
