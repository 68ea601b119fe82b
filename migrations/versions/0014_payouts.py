"""The first tables of payouts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_bonus_base()
    _create_earlier_band()
    _create_organisation_factor()
    _create_pool()
    _create_payout_run()
    _create_award()
    _create_tranche()
    _create_ledger_entry()


def downgrade() -> None:
    op.drop_table("ledger_entry")
    op.drop_table("tranche")
    op.drop_table("award")
    op.drop_table("payout_run")
    op.drop_table("pool")
    op.drop_table("organisation_factor")
    op.drop_table("earlier_band")
    op.drop_table("bonus_base")


def _create_bonus_base() -> None:
    op.create_table(
        "bonus_base",
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("base_fen", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_bonus_base_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_bonus_base_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("cycle_code", "employee_no", name=op.f("pk_bonus_base")),
    )


def _create_earlier_band() -> None:
    op.create_table(
        "earlier_band",
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("band", sa.String(length=4), nullable=False),
        sa.Column("worst_severity", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_earlier_band_employee_no_employee")
        ),
        sa.PrimaryKeyConstraint("employee_no", "year", name=op.f("pk_earlier_band")),
    )


def _create_organisation_factor() -> None:
    op.create_table(
        "organisation_factor",
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("unit_code", sa.String(length=24), nullable=False),
        sa.Column("factor_e4", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_organisation_factor_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["unit.code"], name=op.f("fk_organisation_factor_unit_code_unit")
        ),
        sa.PrimaryKeyConstraint("cycle_code", "unit_code", name=op.f("pk_organisation_factor")),
    )


def _create_pool() -> None:
    op.create_table(
        "pool",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("unit_code", sa.String(length=24), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("veto_share", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_pool_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"], name=op.f("fk_pool_unit_code_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
        sa.UniqueConstraint("cycle_code", "code", name=op.f("uq_pool_cycle_code_code")),
    )


def _create_payout_run() -> None:
    op.create_table(
        "payout_run",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("pool_fen", sa.BigInteger(), nullable=False),
        sa.Column("k", sa.Text(), nullable=False),
        sa.Column("surplus_fen", sa.BigInteger(), nullable=False),
        sa.Column("returned_fen", sa.BigInteger(), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("release_number", sa.Integer(), nullable=False),
        sa.Column("computed_by", sa.String(length=64), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("released_by", sa.String(length=64), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_payout_run_pool_id_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_run")),
        sa.UniqueConstraint("pool_id", "number", name=op.f("uq_payout_run_pool_id_number")),
    )


def _create_award() -> None:
    op.create_table(
        "award",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("origin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("band", sa.String(length=4), nullable=False),
        sa.Column("clean_band", sa.String(length=4), nullable=False),
        sa.Column("gate", sa.String(length=8), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("raw_fen", sa.BigInteger(), nullable=False),
        sa.Column("clean_raw_fen", sa.BigInteger(), nullable=False),
        sa.Column("floor_fen", sa.BigInteger(), nullable=False),
        sa.Column("cap_fen", sa.BigInteger(), nullable=True),
        sa.Column("award_fen", sa.BigInteger(), nullable=False),
        sa.Column("deferred_fen", sa.BigInteger(), nullable=False),
        sa.Column("now_fen", sa.BigInteger(), nullable=False),
        sa.Column("held_fen", sa.BigInteger(), nullable=False),
        sa.Column("held_reason", sa.String(length=16), nullable=True),
        sa.Column("returned_fen", sa.BigInteger(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_award_employee_no_employee")
        ),
        sa.ForeignKeyConstraint(["origin_id"], ["award.id"], name=op.f("fk_award_origin_id_award")),
        sa.ForeignKeyConstraint(
            ["result_id"], ["result.id"], name=op.f("fk_award_result_id_result")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["payout_run.id"], name=op.f("fk_award_run_id_payout_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("run_id", "employee_no", name=op.f("uq_award_run_id_employee_no")),
    )
    op.create_index(op.f("ix_award_employee_no"), "award", ["employee_no"], unique=False)


def _create_tranche() -> None:
    op.create_table(
        "tranche",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("vest_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_tranche_award_id_award")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tranche")),
        sa.UniqueConstraint("award_id", "number", name=op.f("uq_tranche_award_id_number")),
    )
    op.create_index("ix_tranche_vest_on", "tranche", ["vest_on"], unique=False)


def _create_ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("employee_no", sa.String(length=16), nullable=False),
        sa.Column("cycle_code", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("award_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "tranche_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason_code", sa.String(length=32), nullable=False),
        sa.Column("idempotency_key", sa.String(length=120), nullable=False),
        sa.Column("booked_by", sa.String(length=64), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_ledger_entry_award_id_award")
        ),
        sa.ForeignKeyConstraint(
            ["cycle_code"], ["cycle.code"], name=op.f("fk_ledger_entry_cycle_code_cycle")
        ),
        sa.ForeignKeyConstraint(
            ["employee_no"], ["employee.no"], name=op.f("fk_ledger_entry_employee_no_employee")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["payout_run.id"], name=op.f("fk_ledger_entry_run_id_payout_run")
        ),
        sa.ForeignKeyConstraint(
            ["tranche_id"], ["tranche.id"], name=op.f("fk_ledger_entry_tranche_id_tranche")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_entry_idempotency_key")),
    )
    op.create_index(
        op.f("ix_ledger_entry_employee_no"), "ledger_entry", ["employee_no"], unique=False
    )
    op.create_index(op.f("ix_ledger_entry_run_id"), "ledger_entry", ["run_id"], unique=False)
