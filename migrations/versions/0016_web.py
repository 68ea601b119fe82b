"""The first tables of web."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_account()
    _create_role_grant()


def downgrade() -> None:
    op.drop_table("role_grant")
    op.drop_table("account")


def _create_account() -> None:
    op.create_table(
        "account",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("theme", sa.String(length=8), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "language IS NULL OR language IN ('zh', 'en')", name=op.f("ck_account_known_language")
        ),
        sa.CheckConstraint(
            "theme IN ('system', 'light', 'dark')", name=op.f("ck_account_known_theme")
        ),
        sa.CheckConstraint("failed_count >= 0", name=op.f("ck_account_failures_counted_from_zero")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("employee_no", name=op.f("uq_account_employee_no")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )


def _create_role_grant() -> None:
    op.create_table(
        "role_grant",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("login", sa.String(length=64), nullable=True),
        sa.Column("employee_no", sa.String(length=16), nullable=True),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("unit_code", sa.String(length=24), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(login IS NULL) <> (employee_no IS NULL)", name=op.f("ck_role_grant_one_holder")
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_role_grant_dates_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_employee_no"), "role_grant", ["employee_no"], unique=False)
    op.create_index(op.f("ix_role_grant_login"), "role_grant", ["login"], unique=False)
    op.create_index(
        "ix_role_grant_role_unit_code", "role_grant", ["role", "unit_code"], unique=False
    )
