"""The first tables of checkins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_activity()
    _create_check_in()
    _create_commitment()
    _create_note()
    _create_process_gap()
    _create_commitment_follow_up()


def downgrade() -> None:
    op.drop_table("commitment_follow_up")
    op.drop_table("process_gap")
    op.drop_table("note")
    op.drop_table("commitment")
    op.drop_table("check_in")
    op.drop_table("activity")


def _create_activity() -> None:
    op.create_table(
        "activity",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("client_ref", sa.String(length=40), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purpose", sa.String(length=400), nullable=True),
        sa.Column("outcome", sa.String(length=400), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_activity_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index(
        "ix_activity_employee_no_happened_at",
        "activity",
        ["employee_no", "happened_at"],
        unique=False,
    )


def _create_check_in() -> None:
    op.create_table(
        "check_in",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("period_ends_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("employee_part", sa.Text(), nullable=True),
        sa.Column("manager_part", sa.Text(), nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("manager_no", sa.String(length=16), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_check_in_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_check_in_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
        sa.UniqueConstraint(
            "cycle_code",
            "employee_no",
            "sequence",
            name=op.f("uq_check_in_cycle_code_employee_no_sequence"),
        ),
    )
    op.create_index(op.f("ix_check_in_employee_no"), "check_in", ["employee_no"], unique=False)


def _create_commitment() -> None:
    op.create_table(
        "commitment",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=True),
        sa.Column("about_no", sa.String(length=16), nullable=False),
        sa.Column("owner_no", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=48), nullable=False),
        sa.Column("action_type", sa.String(length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("support", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["about_no"], ["employee.no"], name=op.f("fk_commitment_about_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_commitment_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["owner_no"], ["employee.no"], name=op.f("fk_commitment_owner_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    op.create_index(op.f("ix_commitment_about_no"), "commitment", ["about_no"], unique=False)
    op.create_index(op.f("ix_commitment_owner_no"), "commitment", ["owner_no"], unique=False)


def _create_note() -> None:
    op.create_table(
        "note",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("author_no", sa.String(length=16), nullable=False),
        sa.Column("about_no", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["about_no"], ["employee.no"], name=op.f("fk_note_about_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["author_no"], ["employee.no"], name=op.f("fk_note_author_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_about_no"), "note", ["about_no"], unique=False)


def _create_process_gap() -> None:
    op.create_table(
        "process_gap",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_process_gap_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_process_gap_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_gap")),
        sa.UniqueConstraint(
            "cycle_code",
            "employee_no",
            "kind",
            name=op.f("uq_process_gap_cycle_code_employee_no_kind"),
        ),
    )
    op.create_index(
        op.f("ix_process_gap_employee_no"), "process_gap", ["employee_no"], unique=False
    )


def _create_commitment_follow_up() -> None:
    op.create_table(
        "commitment_follow_up",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "commitment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day_mark", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by_no", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["commitment_id"],
            ["commitment.id"],
            name=op.f("fk_commitment_follow_up_commitment_id_commitment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_follow_up")),
    )
    op.create_index(
        op.f("ix_commitment_follow_up_commitment_id"),
        "commitment_follow_up",
        ["commitment_id"],
        unique=False,
    )
