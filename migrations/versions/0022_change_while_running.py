"""Migrations of running instances can be taken back; an incident knows which work failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_migration_run()
    _create_migration_item()
    with op.batch_alter_table("incident") as table:
        table.add_column(sa.Column("failed_at", sa.String(240), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("incident") as table:
        table.drop_column("failed_at")
    op.drop_table("migration_item")
    op.drop_table("migration_run")


def _create_migration_run() -> None:
    op.create_table(
        "migration_run",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("definition_key", sa.String(length=64), nullable=False),
        sa.Column("bundle_number", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("migrated_by", sa.String(length=64), nullable=False),
        sa.Column("migrated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instances", sa.Integer(), nullable=False),
        sa.Column("left_behind", sa.Integer(), nullable=False),
        sa.Column("undone_by", sa.String(length=64), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bundle_number"], ["bundle.number"], name=op.f("fk_migration_run_bundle_number_bundle")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_run")),
    )
    op.create_index(op.f("ix_migration_run_definition_key"), "migration_run", ["definition_key"])


def _create_migration_item() -> None:
    op.create_table(
        "migration_item",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("bundle_number", sa.Integer(), nullable=False),
        sa.Column("state_hash", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_number"],
            ["bundle.number"],
            name=op.f("fk_migration_item_bundle_number_bundle"),
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_migration_item_instance_id_process_instance"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["migration_run.id"], name=op.f("fk_migration_item_run_id_migration_run")
        ),
        sa.ForeignKeyConstraint(
            ["state_hash"],
            ["engine_state.hash"],
            name=op.f("fk_migration_item_state_hash_engine_state"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["process_version.id"],
            name=op.f("fk_migration_item_version_id_process_version"),
        ),
        sa.PrimaryKeyConstraint("run_id", "instance_id", name=op.f("pk_migration_item")),
    )
