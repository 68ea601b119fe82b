"""The first tables of people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_employee()
    _create_post()
    _create_unit()
    _create_absence()
    _create_assignment()


def downgrade() -> None:
    op.drop_table("assignment")
    op.drop_table("absence")
    op.drop_table("unit")
    op.drop_table("post")
    op.drop_table("employee")


def _create_employee() -> None:
    op.create_table(
        "employee",
        sa.Column("no", sa.String(length=16), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("gender", sa.String(length=1), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("leaver_class", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_employee")),
    )
    op.create_index(op.f("ix_employee_name_zh"), "employee", ["name_zh"], unique=False)


def _create_post() -> None:
    op.create_table(
        "post",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("line", sa.String(length=8), nullable=False),
        sa.Column("pay_category", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_post")),
    )


def _create_unit() -> None:
    op.create_table(
        "unit",
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("parent_code", sa.String(length=24), nullable=True),
        sa.Column("head_no", sa.String(length=16), nullable=True),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_code"], ["unit.code"], name=op.f("fk_unit_parent_code_unit")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_unit")),
    )
    op.create_index(op.f("ix_unit_path"), "unit", ["path"], unique=False)


def _create_absence() -> None:
    op.create_table(
        "absence",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("deputy_no", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["deputy_no"], ["employee.no"], name=op.f("fk_absence_deputy_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_absence_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_employee_no"), "absence", ["employee_no"], unique=False)


def _create_assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("post_code", sa.String(length=8), nullable=False),
        sa.Column("unit_code", sa.String(length=24), nullable=False),
        sa.Column("manager_no", sa.String(length=16), nullable=True),
        sa.Column("fte_bp", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "fte_bp > 0 AND fte_bp <= 10000", name=op.f("ck_assignment_fte_in_range")
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_assignment_dates_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_assignment_employee_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["manager_no"], ["employee.no"], name=op.f("fk_assignment_manager_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["post_code"], ["post.code"], name=op.f("fk_assignment_post_code_post")
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_assignment_unit_code_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_employee_no"), "assignment", ["employee_no"], unique=False)
    op.create_index(
        "ix_assignment_manager_no_valid_from",
        "assignment",
        ["manager_no", "valid_from"],
        unique=False,
    )
    op.create_index(op.f("ix_assignment_unit_code"), "assignment", ["unit_code"], unique=False)
