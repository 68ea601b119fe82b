"""What ``perfflow check`` finds: one changed digit, wherever it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, UTC
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update

from perfflow.audit.actions import seal_entries
from perfflow.checks import main, run_checks
from perfflow.db import Database
from perfflow.payouts.models import Award, LedgerEntry
from perfflow.plans.rules.bonus import VetoShare
from perfflow.reviews.models import Result
from perfflow.workflow.models import EventLog, ProcessInstance
from tests.support.databases import PostgresDatabases, SqliteDatabases, Stage


@pytest.fixture
def paid_firm(
    databases: SqliteDatabases | PostgresDatabases, golden_stages: dict[VetoShare, Stage]
) -> Iterator[Database]:
    """A firm whose year is over and paid."""
    with databases.fresh(stage=golden_stages[VetoShare.RETURN]) as database:
        yield database


def kinds(database: Database) -> dict[str, list[str]]:
    """The findings' keys by kind."""
    found: dict[str, list[str]] = {}
    with database.reading() as session:
        for finding in run_checks(session)["findings"]:
            assert set(finding) == {"kind", "key", "expected", "got"}
            found.setdefault(finding["kind"], []).append(finding["key"])
    return found


def test_an_untouched_firm_has_no_findings(paid_firm: Database) -> None:
    assert kinds(paid_firm) == {}


def test_a_changed_total_of_a_result_is_found(paid_firm: Database) -> None:
    with paid_firm.writing() as session:
        row = session.scalars(select(Result).where(Result.total_e2.is_not(None))).first()
        assert row is not None
        session.execute(
            update(Result)
            .where(Result.id == row.id)
            .values(total_e2=(row.total_e2 or Decimal(0)) + Decimal("0.01"))
        )
        number = row.employee_no
    found = kinds(paid_firm)
    assert list(found) == ["results"]
    assert any(number in key for key in found["results"])


def test_a_changed_band_of_a_result_is_found(paid_firm: Database) -> None:
    with paid_firm.writing() as session:
        session.execute(
            update(Result).where(Result.employee_no == "E5", Result.version == 1).values(band="S")
        )
    assert "results" in kinds(paid_firm)


def test_one_fen_more_in_an_award_is_found(paid_firm: Database) -> None:
    with paid_firm.writing() as session:
        session.execute(
            update(Award)
            .where(Award.employee_no == "E1")
            .values(award_fen=Award.award_fen + 1, now_fen=Award.now_fen + 1)
        )
    assert "payouts" in kinds(paid_firm)


def test_one_fen_more_in_the_ledger_is_found(paid_firm: Database) -> None:
    with paid_firm.writing() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "AWARD")).first()
        assert entry is not None
        session.execute(
            update(LedgerEntry)
            .where(LedgerEntry.id == entry.id)
            .values(amount_fen=entry.amount_fen + 1)
        )
    assert "payouts" in kinds(paid_firm)


def test_a_rewritten_audit_row_is_found(paid_firm: Database) -> None:
    with paid_firm.writing() as session:
        table = text("UPDATE audit_entry SET subject = subject || '0' WHERE id = 7")
        session.execute(table)
    assert "audit" in kinds(paid_firm)


def test_an_audit_row_that_was_removed_after_its_sealing_is_found(paid_firm: Database) -> None:
    with paid_firm.writing() as session:
        assert seal_entries(session, datetime(2026, 5, 1, tzinfo=UTC)) > 0
    assert kinds(paid_firm) == {}
    with paid_firm.writing() as session:
        session.execute(text("DELETE FROM audit_entry WHERE id = 7"))
    assert "audit" in kinds(paid_firm)


def test_a_changed_variable_of_a_process_is_found(paid_firm: Database) -> None:
    with paid_firm.writing() as session:
        row = session.scalars(
            select(ProcessInstance).where(ProcessInstance.definition_key == "payout")
        ).first()
        assert row is not None
        changed = {scope: dict(values) for scope, values in row.variables.items()}
        changed[""]["pool"] = "B999"
        session.execute(
            update(ProcessInstance).where(ProcessInstance.id == row.id).values(variables=changed)
        )
    assert list(kinds(paid_firm)) == ["processes"]


def test_a_changed_step_of_a_log_is_found(paid_firm: Database) -> None:
    with paid_firm.writing() as session:
        session.execute(
            update(EventLog)
            .where(EventLog.position == 2, EventLog.element_key.is_not(None))
            .values(actor="E99999")
        )
    assert list(kinds(paid_firm)) == ["processes"]


def test_a_state_that_is_not_the_one_last_written_is_found(paid_firm: Database) -> None:
    with paid_firm.writing() as session:
        hashes = session.scalars(select(ProcessInstance.state_hash).distinct().limit(2)).all()
        session.execute(
            update(ProcessInstance)
            .where(ProcessInstance.state_hash == hashes[0])
            .values(state_hash=hashes[1])
        )
    assert list(kinds(paid_firm)) == ["processes"]


def test_only_the_wanted_part_is_checked(paid_firm: Database) -> None:
    with paid_firm.reading() as session:
        answer = run_checks(session, ["payouts"])
    assert set(answer) == {"ok", "checked", "findings"}
    assert set(answer["checked"]) == {"awards"}


def test_the_command_prints_json_and_exits_with_one_when_it_finds_something(
    paid_firm: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfflow.checks.refuse_other_version", lambda database: None)
    url = paid_firm.engine.url.render_as_string(hide_password=False)
    assert main(["--json", "--database-url", url]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert set(answer["checked"]) == {"results", "awards", "audit_rows", "instances"}
    with paid_firm.writing() as session:
        session.execute(update(Award).where(Award.employee_no == "E2").values(raw_fen=1))
    assert main(["payouts", "--database-url", url]) == 1
    assert "payouts" in capsys.readouterr().out
