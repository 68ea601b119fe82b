"""Clawback on the web: who reads the register, a case and the own part; the file; receipts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from perfflow.checks import run_checks
from perfflow.clawback import actions, queries
from perfflow.clawback.models import ClawbackCase
from perfflow.kernel.actor import Actor, Role, SYSTEM
from tests.support.cast import (
    act_as,
    ADMIN,
    AUDITOR,
    COLLEAGUE,
    COMPLIANCE,
    deploy_all,
    HR,
    MANAGER,
)
from tests.support.golden import (
    build_golden,
    CASHIER,
    COMMITTEE,
    E1,
    E3,
    E5,
    FINANCE,
    pay,
    PAY_DAY,
    PAYERS,
    SIX,
)
from tests.support.pages import open_pages, Pages

LATER = PAY_DAY + timedelta(days=60)
KEEPERS = (FINANCE, CASHIER, COMMITTEE, COMPLIANCE, AUDITOR)
STRANGERS = (HR, ADMIN, MANAGER, COLLEAGUE, E5)
NOTE = "依据调查结论，按责任追回期间绩效薪酬。"
CASE = "CB-2026-00001"


def committee(number: str) -> Actor:
    return Actor(number, number, frozenset({Role.REMUNERATION_COMMITTEE}))


@pytest.fixture(scope="module")
def pages(databases: Any) -> Iterator[Pages]:
    """E1 and E3 bear a case that is being recovered; two people have decided it."""
    with databases.fresh() as database:
        with database.writing() as session:
            pay(session, build_golden(session))
            deploy_all(session, LATER)
            officer = act_as(session, COMPLIANCE)
            case = actions.open_case(
                session, officer, LATER, situation="MAJOR_DAMAGE",
                starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31), summary=NOTE,
            )  # fmt: skip
            people = [actions.Bearer(E1.no, "GENERAL"), actions.Bearer(E3.no, "SIGNIFICANT")]
            actions.set_liability(session, officer, LATER, case.case_no, people)
            said = {number: (LATER.date(), NOTE) for number in (E1.no, E3.no)}
            actions.hear_people(session, officer, LATER, case.case_no, said)
            actions.propose_recovery(
                session, committee("E00093"), LATER, case.case_no, decision="recover", note=NOTE
            )
            actions.confirm_recovery(
                session, committee("E00094"), LATER, case.case_no, decision="recover", note=NOTE
            )
            actions.execute_case(session, SYSTEM, LATER, case.case_no)
            assert case.case_no == CASE
        yield open_pages(database, LATER, "clawback", also=(*PAYERS, *SIX))


def test_keepers_read_the_register_and_the_case(pages: Pages) -> None:
    for person in KEEPERS:
        assert CASE in pages.visit(person).get("/clawback/").text
        page = pages.visit(person).get(f"/clawback/{CASE}").text
        assert E3.name_en in page
        assert "Other major damage or risk" in page


def test_others_learn_nothing(pages: Pages) -> None:
    for person in STRANGERS:
        assert pages.visit(person).get("/clawback/").status_code in (403, 404)
        assert pages.visit(person).get(f"/clawback/{CASE}").status_code in (403, 404)
        assert pages.visit(person).get(f"/clawback/mine/{CASE}").status_code == 404
        assert pages.visit(person).get("/clawback/register.csv").status_code in (403, 404)


def test_a_person_reads_the_own_part_in_both_languages(pages: Pages) -> None:
    page = pages.visit(E3).get(f"/clawback/mine/{CASE}").text
    assert "How your amount comes about" in page
    assert E1.name_en not in page
    chinese = pages.visit(E3, "zh").get(f"/clawback/mine/{CASE}").text
    assert "重要责任" in chinese
    assert "先止付未归属部分" in chinese


def test_an_objection_comes_too_late_once_money_has_moved(pages: Pages) -> None:
    answer = pages.visit(E3).post(f"/clawback/mine/{CASE}/dispute", text=NOTE)
    assert answer.status_code == 409


def test_the_register_is_a_file_with_the_same_bytes_for_everybody(pages: Pages) -> None:
    files = {
        pages.visit(person, language).get("/clawback/register.csv?year=2026").data
        for person in KEEPERS
        for language in ("zh", "en")
    }
    assert len(files) == 1
    rows = list(csv.DictReader(io.StringIO(files.pop().decode("utf-8-sig"))))
    assert [row["employee_no"] for row in rows] == [E3.no, E1.no]
    manager = rows[0]
    assert (manager["situation"], manager["mode"]) == ("MAJOR_DAMAGE", "ALL_OF_PERIOD")
    assert (manager["share_percent"], manager["target_yuan"]) == ("50.00", "61560.22")
    assert (manager["malus_yuan"], manager["clawback_yuan"]) == ("49248.18", "12312.04")


def test_another_year_holds_other_cases(pages: Pages) -> None:
    assert CASE not in pages.visit(FINANCE).get("/clawback/?year=2025").text
    assert CASE in pages.visit(FINANCE).get("/clawback/?year=2026").text


def owed(pages: Pages, number: str) -> int:
    with pages.database.reading() as session:
        return sum(fen for _, fen in queries.owed_by_award(session, CASE, number))


def test_finance_records_what_came_in_until_the_case_is_settled(pages: Pages) -> None:
    address, day = f"/clawback/{CASE}/receipts", LATER.date().isoformat()
    for stranger in (COMPLIANCE, COMMITTEE, AUDITOR, E1):
        answer = pages.visit(stranger).post(address, employee_no=E1.no, kind="REPAY")
        assert answer.status_code in (403, 404)
    too_much = pages.visit(FINANCE).post(
        address, employee_no=E1.no, kind="REPAY", amount="9999999.00", on=day
    )
    assert too_much.status_code == 422
    assert "9999999" in too_much.text
    for number in (E1.no, E3.no):
        amount = f"{owed(pages, number) // 100}.{owed(pages, number) % 100:02d}"
        answer = pages.visit(FINANCE).post(
            address, employee_no=number, kind="REPAY", amount=amount, on=day
        )
        assert answer.status_code == 303
        assert owed(pages, number) == 0
    with pages.database.reading() as session:
        assert session.query(ClawbackCase).one().status == "closed"
        assert run_checks(session, ["payouts"])["findings"] == []


def test_a_new_case_needs_a_situation_and_a_period(pages: Pages) -> None:
    given = {"starts_on": "2025-01-01", "ends_on": "2024-01-01", "summary": NOTE}
    answer = pages.visit(COMPLIANCE).post("/clawback/", situation="RESTATEMENT", **given)
    assert answer.status_code == 422
    assert "end after it begins" in answer.text
    assert pages.visit(COMMITTEE).post("/clawback/", **given).status_code in (403, 404)
    given["ends_on"] = "2025-12-31"
    answer = pages.visit(COMPLIANCE).post("/clawback/", situation="RESTATEMENT", **given)
    assert answer.headers["Location"].endswith("/clawback/CB-2026-00002")
