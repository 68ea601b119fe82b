"""The first tables of cycles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_cycle()
    _create_cycle_deadline()
    _create_participant()
    _create_unit_cascade()


def downgrade() -> None:
    op.drop_table("unit_cascade")
    op.drop_table("participant")
    op.drop_table("cycle_deadline")
    op.drop_table("cycle")


def _create_cycle() -> None:
    op.create_table(
        "cycle",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("pack_code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("bundle_number", sa.Integer(), nullable=False),
        sa.Column("release_number", sa.Integer(), nullable=False),
        sa.Column("is_shadow", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_cycle")),
    )


def _create_cycle_deadline() -> None:
    op.create_table(
        "cycle_deadline",
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("step_code", sa.String(length=8), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_cycle_deadline_cycle_code_cycle")
        ),
        sa.PrimaryKeyConstraint("cycle_code", "name", name=op.f("pk_cycle_deadline")),
    )


def _create_participant() -> None:
    op.create_table(
        "participant",
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("post_code", sa.String(length=8), nullable=False),
        sa.Column("unit_code", sa.String(length=24), nullable=False),
        sa.Column("calibration_unit_code", sa.String(length=24), nullable=False),
        sa.Column("pool_code", sa.String(length=24), nullable=False),
        sa.Column("card_code", sa.String(length=40), nullable=False),
        sa.Column("manager_no", sa.String(length=16), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_participant_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_participant_employee_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_participant_unit_code_unit")
        ),
        sa.PrimaryKeyConstraint("cycle_code", "employee_no", name=op.f("pk_participant")),
    )
    op.create_index(
        op.f("ix_participant_calibration_unit_code"),
        "participant",
        ["calibration_unit_code"],
        unique=False,
    )
    op.create_index("ix_participant_employee_no", "participant", ["employee_no"], unique=False)
    op.create_index(op.f("ix_participant_pool_code"), "participant", ["pool_code"], unique=False)
    op.create_index(op.f("ix_participant_unit_code"), "participant", ["unit_code"], unique=False)


def _create_unit_cascade() -> None:
    op.create_table(
        "unit_cascade",
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("unit_code", sa.String(length=24), nullable=False),
        sa.Column("head_no", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_unit_cascade_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["head_no"], ["employee.no"], name=op.f("fk_unit_cascade_head_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_unit_cascade_unit_code_unit")
        ),
        sa.PrimaryKeyConstraint("cycle_code", "unit_code", name=op.f("pk_unit_cascade")),
    )
