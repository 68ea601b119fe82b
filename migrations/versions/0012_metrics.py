"""The first tables of metrics."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_metric_batch()
    _create_metric_data_freeze()
    _create_metric_monthly_load()
    _create_metric_progress_snapshot()
    _create_metric_value()


def downgrade() -> None:
    op.drop_table("metric_value")
    op.drop_table("metric_progress_snapshot")
    op.drop_table("metric_monthly_load")
    op.drop_table("metric_data_freeze")
    op.drop_table("metric_batch")


def _create_metric_batch() -> None:
    op.create_table(
        "metric_batch",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("loaded_by", sa.String(length=64), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("error_count", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_batch")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_metric_batch_content_hash")),
    )


def _create_metric_data_freeze() -> None:
    op.create_table(
        "metric_data_freeze",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("statement", sa.String(length=2000), nullable=False),
        sa.Column("frozen_by", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_data_freeze")),
        sa.UniqueConstraint("cycle_code", name=op.f("uq_metric_data_freeze_cycle_code")),
    )


def _create_metric_monthly_load() -> None:
    op.create_table(
        "metric_monthly_load",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("value_count", sa.Integer(), nullable=False),
        sa.Column("gap_count", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("confirmed_by", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_monthly_load")),
        sa.UniqueConstraint(
            "cycle_code", "period", name=op.f("uq_metric_monthly_load_cycle_code_period")
        ),
    )


def _create_metric_progress_snapshot() -> None:
    op.create_table(
        "metric_progress_snapshot",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("people_count", sa.Integer(), nullable=False),
        sa.Column("value_count", sa.Integer(), nullable=False),
        sa.Column("gap_count", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_progress_snapshot")),
        sa.UniqueConstraint(
            "cycle_code", "period", name=op.f("uq_metric_progress_snapshot_cycle_code_period")
        ),
    )


def _create_metric_value() -> None:
    op.create_table(
        "metric_value",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("metric_code", sa.String(length=8), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value_e6", sa.BigInteger(), nullable=True),
        sa.Column("numerator_e6", sa.BigInteger(), nullable=True),
        sa.Column("denominator_e6", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("row_no", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["metric_batch.id"], name=op.f("fk_metric_value_batch_id_metric_batch")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_metric_value_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_value")),
        sa.UniqueConstraint(
            "employee_no",
            "metric_code",
            "period",
            "version",
            name=op.f("uq_metric_value_employee_no_metric_code_period_version"),
        ),
    )
    op.create_index(
        "ix_metric_value_metric_code_period",
        "metric_value",
        ["metric_code", "period"],
        unique=False,
    )
