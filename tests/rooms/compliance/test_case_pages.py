"""Pages of compliance: the register, the file, and what the person concerned may see."""

from __future__ import annotations

import pytest

from perfflow.compliance import actions, queries
from perfflow.db import Database
from tests.support.cast import (
    act_as,
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    COLLEAGUE,
    COMPLIANCE,
    HR,
    MANAGER,
    Person,
)
from tests.support.pages import open_pages, Pages
from tests.support.year import AFTER, build_year

SUMMARY = "客户反映购买前没有说明产品风险等级"
NOTE = "录音和单据都已核对完毕"


@pytest.fixture
def pages(database: Database) -> Pages:
    with database.writing() as session:
        build_year(session)
    return open_pages(database, AFTER, "compliance")


@pytest.fixture
def case_no(pages: Pages) -> str:
    """A case under investigation."""
    with pages.database.writing() as session:
        officer = act_as(session, COMPLIANCE)
        case = actions.open_case(
            session, officer, AFTER, ADVISOR.no, potential_severity=3,
            conduct_on=AFTER.date().replace(year=2025, month=6), summary=SUMMARY,
        )  # fmt: skip
        actions.triage_case(session, officer, AFTER, case.case_no, potential_severity=3)
        actions.investigate_case(session, officer, AFTER, case.case_no)
        return case.case_no


def hear(pages: Pages, case_no: str) -> None:
    with pages.database.writing() as session:
        actions.call_hearing(session, act_as(session, COMPLIANCE), AFTER, case_no, note=NOTE)


def test_a_case_is_opened_on_the_page(pages: Pages) -> None:
    visitor = pages.visit(COMPLIANCE)
    answer = visitor.post(
        "/compliance/", employee_no=ADVISOR.no, potential_severity="2", conduct_on="2025-06-02",
        summary=SUMMARY,
    )  # fmt: skip
    assert answer.status_code == 303
    assert SUMMARY in visitor.get(answer.location).text


def test_what_is_wrong_is_said_and_what_was_typed_stays(pages: Pages) -> None:
    visitor = pages.visit(COMPLIANCE)
    answer = visitor.post(
        "/compliance/", employee_no="E77777", potential_severity="2", conduct_on="2025-06-02",
        summary=SUMMARY,
    )  # fmt: skip
    assert answer.status_code == 422
    assert "E77777" in answer.text
    assert SUMMARY in answer.text
    with pages.database.reading() as session:
        assert queries.register(session) == []


@pytest.mark.parametrize("person", [ADVISOR, MANAGER, COLLEAGUE], ids=lambda p: p.name_en)
def test_the_register_is_not_for_everybody(pages: Pages, case_no: str, person: Person) -> None:
    visitor = pages.visit(person)
    assert visitor.get("/compliance/").status_code == 403
    assert visitor.get(f"/compliance/{case_no}").status_code == 403


def test_hr_sees_that_a_case_exists_but_not_the_file(pages: Pages, case_no: str) -> None:
    visitor = pages.visit(HR)
    register = visitor.get("/compliance/").text
    assert case_no in register
    assert SUMMARY not in register
    assert visitor.get(f"/compliance/{case_no}").status_code == 404
    assert case_no not in pages.visit(BRANCH_HR).get("/compliance/").text


def test_an_auditor_reads_and_cannot_write(pages: Pages, case_no: str) -> None:
    visitor = pages.visit(AUDITOR)
    assert SUMMARY in visitor.get(f"/compliance/{case_no}").text
    assert visitor.post(f"/compliance/{case_no}/hear", note=NOTE).status_code == 403


def test_the_person_sees_nothing_before_the_hearing(pages: Pages, case_no: str) -> None:
    visitor = pages.visit(ADVISOR)
    assert visitor.get(f"/compliance/mine/{case_no}").status_code == 404
    hear(pages, case_no)
    assert SUMMARY in visitor.get(f"/compliance/mine/{case_no}").text
    assert pages.visit(COLLEAGUE).get(f"/compliance/mine/{case_no}").status_code == 404


def test_the_first_decider_is_told_that_a_second_person_is_needed(
    pages: Pages, case_no: str
) -> None:
    hear(pages, case_no)
    visitor = pages.visit(COMPLIANCE)
    answer = visitor.post(
        f"/compliance/{case_no}/propose", outcome="upheld", severity="3", note=NOTE
    )
    assert answer.status_code == 303
    assert "A second person has to agree" in visitor.get(f"/compliance/{case_no}").text
    assert visitor.post(f"/compliance/{case_no}/confirm").status_code == 403


def test_a_decision_without_severity_comes_back_on_its_field(pages: Pages, case_no: str) -> None:
    hear(pages, case_no)
    answer = pages.visit(COMPLIANCE).post(
        f"/compliance/{case_no}/propose", outcome="upheld", note=NOTE
    )
    assert answer.status_code == 422
    assert "Choose the severity" in answer.text


def test_unknown_steps_and_cases_are_not_found(pages: Pages, case_no: str) -> None:
    visitor = pages.visit(COMPLIANCE)
    assert visitor.post(f"/compliance/{case_no}/forget").status_code == 404
    assert visitor.get("/compliance/GC-1999-00001").status_code == 404
    assert visitor.post("/compliance/GC-1999-00001/hear", note=NOTE).status_code == 404
