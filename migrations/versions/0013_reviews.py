"""The first tables of reviews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_data_check()
    _create_manager_review()
    _create_result()
    _create_result_publication()
    _create_self_assessment()


def downgrade() -> None:
    op.drop_table("self_assessment")
    op.drop_table("result_publication")
    op.drop_table("result")
    op.drop_table("manager_review")
    op.drop_table("data_check")


def _create_data_check() -> None:
    op.create_table(
        "data_check",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_data_check_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_data_check_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_check")),
        sa.UniqueConstraint(
            "cycle_code", "employee_no", name=op.f("uq_data_check_cycle_code_employee_no")
        ),
    )


def _create_manager_review() -> None:
    op.create_table(
        "manager_review",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("manager_no", sa.String(length=16), nullable=False),
        sa.Column("ratings", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_manager_review_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_manager_review_employee_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["manager_no"], ["employee.no"], name=op.f("fk_manager_review_manager_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manager_review")),
        sa.UniqueConstraint(
            "cycle_code", "employee_no", name=op.f("uq_manager_review_cycle_code_employee_no")
        ),
    )


def _create_result() -> None:
    op.create_table(
        "result",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("total_e2", sa.BigInteger(), nullable=True),
        sa.Column("band", sa.String(length=4), nullable=False),
        sa.Column("clean_total_e2", sa.BigInteger(), nullable=True),
        sa.Column("clean_band", sa.String(length=4), nullable=False),
        sa.Column("objective_total_e2", sa.BigInteger(), nullable=True),
        sa.Column("deduction_e2", sa.BigInteger(), nullable=False),
        sa.Column("gate", sa.String(length=8), nullable=False),
        sa.Column("band_cap", sa.String(length=4), nullable=True),
        sa.Column("dimensions", sa.Text(), nullable=True),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("release_number", sa.Integer(), nullable=False),
        sa.Column("release_hash", sa.String(length=64), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("reason_code", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_result_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_result_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint(
            "cycle_code",
            "employee_no",
            "version",
            name=op.f("uq_result_cycle_code_employee_no_version"),
        ),
    )
    op.create_index("ix_result_employee_no", "result", ["employee_no"], unique=False)


def _create_result_publication() -> None:
    op.create_table(
        "result_publication",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_result_publication_cycle_code_cycle")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_publication")),
        sa.UniqueConstraint("cycle_code", name=op.f("uq_result_publication_cycle_code")),
    )


def _create_self_assessment() -> None:
    op.create_table(
        "self_assessment",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("lines", sa.Text(), nullable=True),
        sa.Column("is_auto", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_self_assessment_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_self_assessment_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_assessment")),
        sa.UniqueConstraint(
            "cycle_code", "employee_no", name=op.f("uq_self_assessment_cycle_code_employee_no")
        ),
    )
