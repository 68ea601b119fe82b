"""The first tables of compliance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_gate_case()
    _create_gate_review()
    _create_gate_case_event()


def downgrade() -> None:
    op.drop_table("gate_case_event")
    op.drop_table("gate_review")
    op.drop_table("gate_case")


def _create_gate_case() -> None:
    op.create_table(
        "gate_case",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_no", sa.String(length=24), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("potential_severity", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=True),
        sa.Column("is_self_reported", sa.Boolean(), nullable=False),
        sa.Column(
            "joint_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("points_e2", sa.BigInteger(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("conduct_on", sa.Date(), nullable=False),
        sa.Column("proposed_outcome", sa.String(length=12), nullable=True),
        sa.Column("proposed_severity", sa.Integer(), nullable=True),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("second_decider", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "potential_severity BETWEEN 0 AND 4",
            name=op.f("ck_gate_case_potential_severity_in_range"),
        ),
        sa.CheckConstraint(
            "severity IS NULL OR severity BETWEEN 0 AND 4",
            name=op.f("ck_gate_case_severity_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_gate_case_employee_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["joint_of_id"], ["gate_case.id"], name=op.f("fk_gate_case_joint_of_id_gate_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_case")),
        sa.UniqueConstraint("case_no", name=op.f("uq_gate_case_case_no")),
    )
    op.create_index(op.f("ix_gate_case_employee_no"), "gate_case", ["employee_no"], unique=False)


def _create_gate_review() -> None:
    op.create_table(
        "gate_review",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("unit_code", sa.String(length=24), nullable=False),
        sa.Column("reviewed_by", sa.String(length=64), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_gate_review_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_gate_review_unit_code_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_review")),
        sa.UniqueConstraint(
            "cycle_code", "unit_code", name=op.f("uq_gate_review_cycle_code_unit_code")
        ),
    )


def _create_gate_case_event() -> None:
    op.create_table(
        "gate_case_event",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("from_status", sa.String(length=16), nullable=True),
        sa.Column("to_status", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["gate_case.id"], name=op.f("fk_gate_case_event_case_id_gate_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_case_event")),
    )
    op.create_index(
        op.f("ix_gate_case_event_case_id"), "gate_case_event", ["case_id"], unique=False
    )
