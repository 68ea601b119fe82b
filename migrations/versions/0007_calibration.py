"""The first tables of calibration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_calibration_session()
    _create_calibration_adjustment()


def downgrade() -> None:
    op.drop_table("calibration_adjustment")
    op.drop_table("calibration_session")


def _create_calibration_session() -> None:
    op.create_table(
        "calibration_session",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("unit_code", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("distribution_mode", sa.String(length=8), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_calibration_session_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_calibration_session_unit_code_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_session")),
        sa.UniqueConstraint(
            "cycle_code",
            "unit_code",
            "kind",
            name=op.f("uq_calibration_session_cycle_code_unit_code_kind"),
        ),
    )


def _create_calibration_adjustment() -> None:
    op.create_table(
        "calibration_adjustment",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("from_total_e2", sa.BigInteger(), nullable=False),
        sa.Column("to_total_e2", sa.BigInteger(), nullable=False),
        sa.Column("from_band", sa.String(length=4), nullable=False),
        sa.Column("to_band", sa.String(length=4), nullable=False),
        sa.Column("reason_code", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposer_no", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approver_no", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["employee_no"],
            ["employee.no"],
            name=op.f("fk_calibration_adjustment_employee_no_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["proposer_no"],
            ["employee.no"],
            name=op.f("fk_calibration_adjustment_proposer_no_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["calibration_session.id"],
            name=op.f("fk_calibration_adjustment_session_id_calibration_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_adjustment")),
    )
    op.create_index(
        op.f("ix_calibration_adjustment_session_id"),
        "calibration_adjustment",
        ["session_id"],
        unique=False,
    )
