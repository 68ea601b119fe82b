"""The first tables of workflow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_bundle()
    _create_bundle_file()
    _create_catalogue_release()
    _create_engine_state()
    _create_message()
    _create_deployment()
    _create_process_version()
    _create_process_instance()
    _create_decision_evaluation()
    _create_event_log()
    _create_incident()
    _create_message_subscription()


def downgrade() -> None:
    op.drop_table("message_subscription")
    op.drop_table("incident")
    op.drop_table("event_log")
    op.drop_table("decision_evaluation")
    op.drop_table("process_instance")
    op.drop_table("process_version")
    op.drop_table("deployment")
    op.drop_table("message")
    op.drop_table("engine_state")
    op.drop_table("catalogue_release")
    op.drop_table("bundle_file")
    op.drop_table("bundle")


def _create_bundle() -> None:
    op.create_table(
        "bundle",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("deployed_by", sa.String(length=64), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_bundle")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_bundle_content_hash")),
    )


def _create_bundle_file() -> None:
    op.create_table(
        "bundle_file",
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_bundle_file")),
    )


def _create_catalogue_release() -> None:
    op.create_table(
        "catalogue_release",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("deployed_by", sa.String(length=64), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_catalogue_release")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_catalogue_release_content_hash")),
    )


def _create_engine_state() -> None:
    op.create_table(
        "engine_state",
        sa.Column("hash", sa.String(length=40), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_engine_state")),
    )


def _create_message() -> None:
    op.create_table(
        "message",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("correlation_key", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("dedupe_id", sa.String(length=200), nullable=True),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "name",
            "correlation_key",
            "dedupe_id",
            name=op.f("uq_message_name_correlation_key_dedupe_id"),
        ),
    )
    op.create_index(
        "ix_message_name_correlation_key_id",
        "message",
        ["name", "correlation_key", "id"],
        unique=False,
    )


def _create_deployment() -> None:
    op.create_table(
        "deployment",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("bundle_number", sa.Integer(), nullable=False),
        sa.Column("release_number", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("deployed_by", sa.String(length=64), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_number"], ["bundle.number"], name=op.f("fk_deployment_bundle_number_bundle")
        ),
        sa.ForeignKeyConstraint(
            ["release_number"],
            ["catalogue_release.number"],
            name=op.f("fk_deployment_release_number_catalogue_release"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )


def _create_process_version() -> None:
    op.create_table(
        "process_version",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("bundle_number", sa.Integer(), nullable=False),
        sa.Column("definition_key", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_number"],
            ["bundle.number"],
            name=op.f("fk_process_version_bundle_number_bundle"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_version")),
        sa.UniqueConstraint(
            "bundle_number",
            "definition_key",
            name=op.f("uq_process_version_bundle_number_definition_key"),
        ),
    )
    op.create_index(
        op.f("ix_process_version_definition_key"),
        "process_version",
        ["definition_key"],
        unique=False,
    )


def _create_process_instance() -> None:
    op.create_table(
        "process_instance",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("bundle_number", sa.Integer(), nullable=False),
        sa.Column("definition_key", sa.String(length=64), nullable=False),
        sa.Column("business_key", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state_hash", sa.String(length=40), nullable=True),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("log_hash", sa.String(length=40), nullable=False),
        sa.Column("log_count", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bundle_number"],
            ["bundle.number"],
            name=op.f("fk_process_instance_bundle_number_bundle"),
        ),
        sa.ForeignKeyConstraint(
            ["state_hash"],
            ["engine_state.hash"],
            name=op.f("fk_process_instance_state_hash_engine_state"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["process_version.id"],
            name=op.f("fk_process_instance_version_id_process_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    op.create_index(
        op.f("ix_process_instance_business_key"), "process_instance", ["business_key"], unique=False
    )
    op.create_index(
        "uq_process_instance_active_key",
        "process_instance",
        ["definition_key", "business_key"],
        unique=True,
        sqlite_where=sa.text("status IN ('active', 'incident')"),
        postgresql_where=sa.text("status IN ('active', 'incident')"),
    )


def _create_decision_evaluation() -> None:
    op.create_table(
        "decision_evaluation",
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
        sa.Column("subject_no", sa.String(length=16), nullable=True),
        sa.Column("decision_id", sa.String(length=120), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("tables", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_number"],
            ["bundle.number"],
            name=op.f("fk_decision_evaluation_bundle_number_bundle"),
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_decision_evaluation_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_evaluation")),
    )
    op.create_index(
        "ix_decision_evaluation_business_key",
        "decision_evaluation",
        ["business_key", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_decision_evaluation_instance_id"),
        "decision_evaluation",
        ["instance_id"],
        unique=False,
    )


def _create_event_log() -> None:
    op.create_table(
        "event_log",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=16), nullable=False),
        sa.Column("element_key", sa.String(length=240), nullable=True),
        sa.Column("state_before", sa.String(length=40), nullable=True),
        sa.Column("state_after", sa.String(length=40), nullable=True),
        sa.Column("delta", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("hash", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_event_log_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_log")),
        sa.UniqueConstraint(
            "instance_id", "position", name=op.f("uq_event_log_instance_id_position")
        ),
    )


def _create_incident() -> None:
    op.create_table(
        "incident",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("element_key", sa.String(length=240), nullable=True),
        sa.Column("timer_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_incident_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_instance_id"), "incident", ["instance_id"], unique=False)
    op.create_index("ix_incident_resolved_at", "incident", ["resolved_at"], unique=False)


def _create_message_subscription() -> None:
    op.create_table(
        "message_subscription",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("definition_key", sa.String(length=64), nullable=False),
        sa.Column("element_key", sa.String(length=240), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("correlation_key", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_message_subscription_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_subscription")),
    )
    op.create_index(
        "ix_message_subscription_instance_id", "message_subscription", ["instance_id"], unique=False
    )
    op.create_index(
        "ix_message_subscription_name_correlation_key",
        "message_subscription",
        ["name", "correlation_key"],
        unique=False,
    )
