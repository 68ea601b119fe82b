"""The first tables of goals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_goal_sheet()
    _create_mid_year_review()
    _create_strategy_objective()
    _create_goal_sheet_version()
    _create_unit_goal()
    _create_goal_acceptance()
    _create_goal_line()


def downgrade() -> None:
    op.drop_table("goal_line")
    op.drop_table("goal_acceptance")
    op.drop_table("unit_goal")
    op.drop_table("goal_sheet_version")
    op.drop_table("strategy_objective")
    op.drop_table("mid_year_review")
    op.drop_table("goal_sheet")


def _create_goal_sheet() -> None:
    op.create_table(
        "goal_sheet",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("current_version", sa.Integer(), nullable=False),
        sa.Column("locked_version", sa.Integer(), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_goal_sheet_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_goal_sheet_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_sheet")),
        sa.UniqueConstraint(
            "cycle_code", "employee_no", name=op.f("uq_goal_sheet_cycle_code_employee_no")
        ),
    )
    op.create_index(op.f("ix_goal_sheet_employee_no"), "goal_sheet", ["employee_no"], unique=False)


def _create_mid_year_review() -> None:
    op.create_table(
        "mid_year_review",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("reason_class", sa.String(length=12), nullable=True),
        sa.Column("proposal", sa.Text(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=64), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_mid_year_review_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_mid_year_review_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mid_year_review")),
        sa.UniqueConstraint(
            "cycle_code", "employee_no", name=op.f("uq_mid_year_review_cycle_code_employee_no")
        ),
    )
    op.create_index(
        op.f("ix_mid_year_review_employee_no"), "mid_year_review", ["employee_no"], unique=False
    )


def _create_strategy_objective() -> None:
    op.create_table(
        "strategy_objective",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("title_zh", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("metric_code", sa.String(length=8), nullable=True),
        sa.Column("target_e6", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("owner_no", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_strategy_objective_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["owner_no"], ["employee.no"], name=op.f("fk_strategy_objective_owner_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategy_objective")),
        sa.UniqueConstraint(
            "cycle_code", "code", name=op.f("uq_strategy_objective_cycle_code_code")
        ),
    )


def _create_goal_sheet_version() -> None:
    op.create_table(
        "goal_sheet_version",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("author_no", sa.String(length=16), nullable=True),
        sa.Column("author_side", sa.String(length=12), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["goal_sheet.id"], name=op.f("fk_goal_sheet_version_sheet_id_goal_sheet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_sheet_version")),
        sa.UniqueConstraint(
            "sheet_id", "version", name=op.f("uq_goal_sheet_version_sheet_id_version")
        ),
    )


def _create_unit_goal() -> None:
    op.create_table(
        "unit_goal",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("unit_code", sa.String(length=24), nullable=False),
        sa.Column(
            "objective_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("metric_code", sa.String(length=8), nullable=False),
        sa.Column("target_e6", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_unit_goal_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["objective_id"],
            ["strategy_objective.id"],
            name=op.f("fk_unit_goal_objective_id_strategy_objective"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["unit_goal.id"], name=op.f("fk_unit_goal_parent_id_unit_goal")
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_unit_goal_unit_code_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_goal")),
    )
    op.create_index(op.f("ix_unit_goal_cycle_code"), "unit_goal", ["cycle_code"], unique=False)
    op.create_index(op.f("ix_unit_goal_unit_code"), "unit_goal", ["unit_code"], unique=False)


def _create_goal_acceptance() -> None:
    op.create_table(
        "goal_acceptance",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("understands_why", sa.Boolean(), nullable=False),
        sa.Column("restatement", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_goal_acceptance_employee_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["goal_sheet_version.id"],
            name=op.f("fk_goal_acceptance_version_id_goal_sheet_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_acceptance")),
        sa.UniqueConstraint("version_id", "side", name=op.f("uq_goal_acceptance_version_id_side")),
    )


def _create_goal_line() -> None:
    op.create_table(
        "goal_line",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("metric_code", sa.String(length=8), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("dimension", sa.String(length=1), nullable=False),
        sa.Column("weight_bp", sa.Integer(), nullable=False),
        sa.Column("target_e6", sa.BigInteger(), nullable=True),
        sa.Column("baseline_e6", sa.BigInteger(), nullable=True),
        sa.Column("curve", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column(
            "unit_goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("action_due_on", sa.Date(), nullable=True),
        sa.Column("smart", sa.Text(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "weight_bp >= 0 AND weight_bp <= 10000", name=op.f("ck_goal_line_weight_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["unit_goal_id"], ["unit_goal.id"], name=op.f("fk_goal_line_unit_goal_id_unit_goal")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["goal_sheet_version.id"],
            name=op.f("fk_goal_line_version_id_goal_sheet_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_line")),
        sa.UniqueConstraint(
            "version_id", "position", name=op.f("uq_goal_line_version_id_position")
        ),
    )
