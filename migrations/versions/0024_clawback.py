"""Clawback cases with their people, plans, receipts and history, and stops on deferred pay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_pay_stop()
    _create_clawback_case()
    _create_clawback_event()
    _create_clawback_share()
    _create_clawback_instalment()
    _create_clawback_receipt()


def downgrade() -> None:
    op.drop_table("clawback_receipt")
    op.drop_table("clawback_instalment")
    op.drop_table("clawback_share")
    op.drop_table("clawback_event")
    op.drop_table("clawback_case")
    op.drop_table("pay_stop")


def _create_pay_stop() -> None:
    op.create_table(
        "pay_stop",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=48), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_pay_stop_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_stop")),
        sa.UniqueConstraint("employee_no", "reason", name=op.f("uq_pay_stop_employee_no_reason")),
    )
    op.create_index(op.f("ix_pay_stop_employee_no"), "pay_stop", ["employee_no"], unique=False)


def _create_clawback_case() -> None:
    op.create_table(
        "clawback_case",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_no", sa.String(length=24), nullable=False),
        sa.Column("situation", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column(
            "gate_case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=True),
        sa.Column("confirmed_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_clawback_case_period_in_order")),
        sa.ForeignKeyConstraint(
            ["gate_case_id"], ["gate_case.id"], name=op.f("fk_clawback_case_gate_case_id_gate_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clawback_case")),
        sa.UniqueConstraint("case_no", name=op.f("uq_clawback_case_case_no")),
    )
    op.create_index(op.f("ix_clawback_case_status"), "clawback_case", ["status"], unique=False)


def _create_clawback_event() -> None:
    op.create_table(
        "clawback_event",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["clawback_case.id"], name=op.f("fk_clawback_event_case_id_clawback_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clawback_event")),
    )
    op.create_index(op.f("ix_clawback_event_case_id"), "clawback_event", ["case_id"], unique=False)


def _create_clawback_share() -> None:
    op.create_table(
        "clawback_share",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("liability", sa.String(length=12), nullable=False),
        sa.Column("ratio_bp", sa.Integer(), nullable=False),
        sa.Column("correct_fen", sa.BigInteger(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("target_fen", sa.BigInteger(), nullable=False),
        sa.Column("malus_fen", sa.BigInteger(), nullable=False),
        sa.Column("clawback_fen", sa.BigInteger(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.Column("heard_note", sa.Text(), nullable=True),
        sa.Column("dispute", sa.Text(), nullable=True),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispute_outcome", sa.String(length=12), nullable=True),
        sa.Column("dispute_note", sa.Text(), nullable=True),
        sa.Column("dispute_decided_by", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "ratio_bp > 0 AND ratio_bp <= 10000", name=op.f("ck_clawback_share_ratio_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["clawback_case.id"], name=op.f("fk_clawback_share_case_id_clawback_case")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_clawback_share_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clawback_share")),
        sa.UniqueConstraint(
            "case_id", "employee_no", name=op.f("uq_clawback_share_case_id_employee_no")
        ),
    )
    op.create_index(
        op.f("ix_clawback_share_employee_no"), "clawback_share", ["employee_no"], unique=False
    )


def _create_clawback_instalment() -> None:
    op.create_table(
        "clawback_instalment",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("share_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["share_id"],
            ["clawback_share.id"],
            name=op.f("fk_clawback_instalment_share_id_clawback_share"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clawback_instalment")),
        sa.UniqueConstraint(
            "share_id", "number", name=op.f("uq_clawback_instalment_share_id_number")
        ),
    )


def _create_clawback_receipt() -> None:
    op.create_table(
        "clawback_receipt",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("share_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("month_wage_fen", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["share_id"],
            ["clawback_share.id"],
            name=op.f("fk_clawback_receipt_share_id_clawback_share"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clawback_receipt")),
    )
    op.create_index(
        op.f("ix_clawback_receipt_share_id"), "clawback_receipt", ["share_id"], unique=False
    )
