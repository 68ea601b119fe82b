"""The first tables of workflow part 2."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_user_task()
    _create_form_submission()
    _create_ladder_notice()
    _create_task_draft()
    _create_task_group()
    _create_timer()


def downgrade() -> None:
    op.drop_table("timer")
    op.drop_table("task_group")
    op.drop_table("task_draft")
    op.drop_table("ladder_notice")
    op.drop_table("form_submission")
    op.drop_table("user_task")


def _create_user_task() -> None:
    op.create_table(
        "user_task",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("bundle_number", sa.Integer(), nullable=False),
        sa.Column("definition_key", sa.String(length=64), nullable=False),
        sa.Column("business_key", sa.String(length=120), nullable=False),
        sa.Column("element_id", sa.String(length=120), nullable=False),
        sa.Column("element_key", sa.String(length=240), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=True),
        sa.Column("form_key", sa.String(length=80), nullable=True),
        sa.Column("subject_no", sa.String(length=16), nullable=True),
        sa.Column("assignee_no", sa.String(length=16), nullable=True),
        sa.Column("candidate_group", sa.String(length=80), nullable=True),
        sa.Column("more_groups", sa.Text(), nullable=True),
        sa.Column("not_for", sa.Text(), nullable=True),
        sa.Column("locals", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_key", sa.String(length=20), nullable=False),
        sa.Column("follow_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_user_task_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
    )
    _index_user_task()


def _index_user_task() -> None:
    op.create_index(
        "ix_user_task_assignee_due",
        "user_task",
        ["assignee_no", "status", "due_key", "id"],
        unique=False,
    )
    op.create_index("ix_user_task_business_key", "user_task", ["business_key"], unique=False)
    op.create_index(
        "ix_user_task_completed_by",
        "user_task",
        ["completed_by", "completed_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_user_task_group_due",
        "user_task",
        ["candidate_group", "status", "due_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_user_task_status_due", "user_task", ["status", "due_key", "id"], unique=False
    )
    op.create_index(op.f("ix_user_task_subject_no"), "user_task", ["subject_no"], unique=False)
    op.create_index(
        "uq_user_task_open",
        "user_task",
        ["instance_id", "element_key", "slot"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )


def _create_form_submission() -> None:
    op.create_table(
        "form_submission",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=True),
        sa.Column("bundle_number", sa.Integer(), nullable=False),
        sa.Column("business_key", sa.String(length=120), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_form_submission_instance_id_process_instance"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_task.id"], name=op.f("fk_form_submission_task_id_user_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_submission")),
    )
    op.create_index(
        op.f("ix_form_submission_instance_id"), "form_submission", ["instance_id"], unique=False
    )
    op.create_index(
        op.f("ix_form_submission_task_id"), "form_submission", ["task_id"], unique=False
    )


def _create_ladder_notice() -> None:
    op.create_table(
        "ladder_notice",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rung", sa.String(length=80), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_task.id"], name=op.f("fk_ladder_notice_task_id_user_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_notice")),
        sa.UniqueConstraint("task_id", "rung", name=op.f("uq_ladder_notice_task_id_rung")),
    )


def _create_task_draft() -> None:
    op.create_table(
        "task_draft",
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_task.id"], name=op.f("fk_task_draft_task_id_user_task")
        ),
        sa.PrimaryKeyConstraint("task_id", "employee_no", name=op.f("pk_task_draft")),
    )


def _create_task_group() -> None:
    op.create_table(
        "task_group",
        sa.Column("group_name", sa.String(length=80), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_task.id"], name=op.f("fk_task_group_task_id_user_task")
        ),
        sa.PrimaryKeyConstraint("group_name", "task_id", name=op.f("pk_task_group")),
    )


def _create_timer() -> None:
    op.create_table(
        "timer",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column(
            "instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("element_key", sa.String(length=240), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repeat", sa.String(length=80), nullable=True),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rung", sa.String(length=80), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_timer_instance_id_process_instance"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_task.id"], name=op.f("fk_timer_task_id_user_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("task_id", "rung", name=op.f("uq_timer_task_id_rung")),
    )
    op.create_index("ix_timer_due_at_id", "timer", ["due_at", "id"], unique=False)
    op.create_index(
        "ix_timer_instance_id_element_key", "timer", ["instance_id", "element_key"], unique=False
    )
