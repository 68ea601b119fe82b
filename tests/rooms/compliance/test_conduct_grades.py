"""Quarterly conduct grades: by compliance, with versions; G follows where the plan says so."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from perfflow.compliance import actions, queries
from perfflow.cycles.models import Cycle
from perfflow.db import Database
from perfflow.kernel.actor import Actor, SYSTEM
from perfflow.kernel.errors import NotAllowed, RuleViolation
from perfflow.notifications.models import Notification
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.queries import current_release
from tests.support.cast import (
    act_as,
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    COMPLIANCE,
    MANAGER,
    Person,
    shipped_files,
)
from tests.support.pages import open_pages, Pages
from tests.support.year import AFTER, build_year, YEAR

PLAN = "catalogue/plans/bonus-STD.yaml"
WHY = "两次回访记录缺失，已补正"
TABLE = "conduct_multipliers: {A: 1.00, B: 0.75, C: 0.50, D: 0.25, E: 0}"


@pytest.fixture
def pages(database: Database) -> Pages:
    with database.writing() as session:
        build_year(session)
    return open_pages(database, AFTER, "compliance")


@pytest.fixture
def session(pages: Pages) -> Iterator[Session]:
    with pages.database.writing() as session:
        yield session


def with_grades(session: Session) -> None:
    """The cycle's release gets a plan that works with conduct grades."""
    text = shipped_files()[PLAN].decode()
    workflow_actions.deploy(session, SYSTEM, AFTER, {PLAN: f"{text}{TABLE}\n".encode()})
    session.get_one(Cycle, YEAR).release_number = current_release(session)
    session.flush()


def grade(
    session: Session, quarter: str, code: str, actor: Actor | None = None, reason: str = WHY
) -> None:
    actions.grade_conduct(
        session, actor or act_as(session, COMPLIANCE), AFTER, ADVISOR.no,
        quarter=quarter, grade=code, reason=reason,
    )  # fmt: skip


def multiplier(session: Session) -> Decimal:
    return queries.standing(session, YEAR, ADVISOR.no).conduct_multiplier


def test_g_is_the_mean_of_the_quarters_that_were_graded(session: Session) -> None:
    with_grades(session)
    assert multiplier(session) == 1
    for quarter, code in (("2025-Q1", "A"), ("2025-Q2", "A"), ("2025-Q3", "C"), ("2025-Q4", "B")):
        grade(session, quarter, code)
    assert multiplier(session) == Decimal("0.8125")


def test_quarters_of_other_years_do_not_count(session: Session) -> None:
    with_grades(session)
    grade(session, "2024-Q4", "E")
    grade(session, "2026-Q1", "E")
    assert multiplier(session) == 1


def test_a_later_grade_replaces_an_earlier_one_and_both_stay(session: Session) -> None:
    with_grades(session)
    grade(session, "2025-Q3", "D")
    grade(session, "2025-Q3", "B")
    assert multiplier(session) == Decimal("0.7500")
    history = queries.conduct_history(session, ADVISOR.no, "2025-Q3")
    assert [(row.version, row.grade) for row in history] == [(1, "D"), (2, "B")]


def test_where_the_plan_lists_no_multipliers_grades_move_no_money(session: Session) -> None:
    grade(session, "2025-Q3", "E")
    assert multiplier(session) == 1


@pytest.mark.parametrize("person", [MANAGER, ADVISOR], ids=lambda p: p.name_en)
def test_only_compliance_grades(session: Session, person: Person) -> None:
    with pytest.raises(NotAllowed):
        grade(session, "2025-Q3", "B", act_as(session, person))


@pytest.mark.parametrize(
    ("quarter", "code", "reason", "field"),
    [
        ("2025", "A", WHY, "quarter"),
        ("2026-Q2", "A", WHY, "quarter"),
        ("2025-Q3", "F", WHY, "grade"),
        ("2025-Q3", "B", "短", "reason"),
    ],
)
def test_what_is_wrong_is_named(
    session: Session, quarter: str, code: str, reason: str, field: str
) -> None:
    with pytest.raises(RuleViolation) as refused:
        grade(session, quarter, code, reason=reason)
    assert refused.value.field == field


def test_the_person_is_told_with_the_reason(session: Session) -> None:
    grade(session, "2025-Q3", "C")
    told = session.query(Notification).filter_by(code="compliance.notice_conduct").one()
    assert (told.employee_no, told.params["reason"]) == (ADVISOR.no, WHY)


def test_the_page_records_and_lists_grades_for_who_may_see_them(pages: Pages) -> None:
    officer = pages.visit(COMPLIANCE, "zh")
    answer = officer.post(
        "/compliance/conduct", employee_no=ADVISOR.no, quarter="2025-Q4", grade="C", reason=WHY
    )
    assert answer.status_code == 303
    assert WHY in officer.get("/compliance/conduct?quarter=2025-Q4").text
    assert WHY in pages.visit(AUDITOR).get("/compliance/conduct?quarter=2025-Q4").text
    assert WHY not in pages.visit(BRANCH_HR).get("/compliance/conduct?quarter=2025-Q4").text
    assert pages.visit(ADVISOR).get("/compliance/conduct").status_code in (403, 404)
    wrong = officer.post(
        "/compliance/conduct", employee_no="E99999", quarter="2025-Q4", grade="C", reason=WHY
    )
    assert wrong.status_code == 422
