"""Corrections: a changed source gives a new version of the result, and never rewrites one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from perfflow.compliance.models import GateCase, GateCaseEvent
from perfflow.db import Database
from perfflow.kernel.actor import Actor, SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.notifications.models import Notification
from perfflow.reviews import actions, queries
from perfflow.reviews.checks import check_results
from perfflow.reviews.inputs.outdated import outdated_results
from perfflow.reviews.models import Result
from tests.rooms.reviews.test_performance_page import publish
from tests.rooms.reviews.test_results import open_case
from tests.support.cast import (
    act_as,
    ADVISOR,
    BRANCH_HR,
    COLLEAGUE,
    HR,
    MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.pages import open_pages, Pages
from tests.support.year import AFTER, build_year, reach, value_of, YEAR

ADDRESS = f"/performance/{YEAR}/corrections"
LATER = AFTER + timedelta(days=20)
WHY = "核心系统补录了十二月的净新增"


@pytest.fixture
def pages(database: Database) -> Pages:
    """Everybody calibrated and published; then a value of the advisor is corrected."""
    with database.writing() as session:
        build_year(session)
        for person in (ADVISOR, COLLEAGUE, MANAGER, OUTSIDER):
            reach(session, person)
        value_of(session, ADVISOR, "RS-01", Decimal(80), version=2)
    opened = open_pages(database, LATER, "reviews")
    publish(opened)
    return opened


@pytest.fixture
def session(pages: Pages) -> Iterator[Session]:
    with pages.database.writing() as session:
        yield session


def add_value(session: Session, person: Person, value: str, version: int = 3) -> None:
    yesterday = LATER - timedelta(days=1)
    value_of(session, person, "RS-01", Decimal(value), version=version, recorded_at=yesterday)


def correct(session: Session, actor: Actor | None = None, **more: object) -> Result:
    last = queries.latest_result(session, YEAR, ADVISOR.no)
    assert last is not None
    given = {"seen_version": last.version, "reason": WHY, **more}
    return actions.correct_result(
        session, actor or act_as(session, HR), LATER, YEAR, ADVISOR.no,
        seen_version=int(str(given["seen_version"])), reason=str(given["reason"]),
    )  # fmt: skip


def test_without_a_changed_source_nothing_is_to_be_corrected(session: Session) -> None:
    assert outdated_results(session, YEAR) == []
    with pytest.raises(Conflict):
        correct(session)


def test_a_corrected_value_makes_a_new_version_and_keeps_the_move_of_the_calibration(
    session: Session,
) -> None:
    before = queries.latest_result(session, YEAR, ADVISOR.no)
    assert before is not None
    old = (before.version, before.total_e2, before.inputs_hash)
    add_value(session, ADVISOR, "100")
    found = outdated_results(session, YEAR)
    assert [one.result.employee_no for one in found] == [ADVISOR.no]
    link = correct(session)
    assert (link.version, link.stage) == (old[0] + 1, "calibrated")
    assert link.total_e2 == Decimal("102.50")  # 100, a rating of 5, and +1.50 that stay
    assert (link.reason_code, link.reason) == ("sources_changed", WHY)
    chain = queries.result_chain(session, YEAR, ADVISOR.no)
    assert (chain[-2].version, chain[-2].total_e2, chain[-2].inputs_hash) == old
    assert outdated_results(session, YEAR) == []
    assert check_results(session)[1] == []


def test_an_overturned_case_gives_back_its_points(session: Session) -> None:
    open_case(session, ADVISOR, "upheld", 2)
    case = session.query(GateCase).one()
    moment = LATER - timedelta(days=2)
    session.add(GateCaseEvent(case_id=case.id, at=moment, by="E00007", to_status="upheld"))
    session.flush()
    assert correct(session).deduction_e2 == Decimal("5.00")
    case.status = "unfounded"
    session.add(GateCaseEvent(case_id=case.id, at=LATER, by="E00007", to_status="unfounded"))
    session.flush()
    assert correct(session).deduction_e2 == Decimal("0.00")


def test_after_payment_the_new_version_stands_where_the_last_decision_stood(
    session: Session,
) -> None:
    actions.record_results(session, SYSTEM, AFTER, YEAR, [ADVISOR.no], "paid")
    add_value(session, ADVISOR, "100")
    link = correct(session)
    assert [one.stage for one in queries.result_chain(session, YEAR, ADVISOR.no)][-2:] == [
        "paid",
        "calibrated",
    ]
    assert queries.latest_result(session, YEAR, ADVISOR.no) is link


def test_the_person_is_told_with_the_reason(session: Session) -> None:
    add_value(session, ADVISOR, "100")
    correct(session)
    told = session.query(Notification).filter_by(code="reviews.notice_corrected").one()
    assert told.employee_no == ADVISOR.no
    assert told.params["reason"] == WHY


def test_only_hr_corrects_with_a_reason_and_what_was_seen(session: Session) -> None:
    add_value(session, ADVISOR, "100")
    for person in (MANAGER, ADVISOR):
        with pytest.raises(NotAllowed):
            correct(session, act_as(session, person))
    with pytest.raises(RuleViolation) as refused:
        correct(session, reason="补录")
    assert refused.value.field == "reason"
    with pytest.raises(Conflict):
        correct(session, seen_version=1)


def test_the_page_names_source_total_and_band_and_records_the_new_version(pages: Pages) -> None:
    with pages.database.writing() as session:
        add_value(session, ADVISOR, "100")
    visitor = pages.visit(HR, "zh")
    page = visitor.get(ADDRESS).text
    assert "净新增" in page
    assert "99.50" in page
    assert "102.50" in page
    short = visitor.post(ADDRESS, employee_no=ADVISOR.no, version="3", reason="短")
    assert short.status_code == 422
    assert "理由至少" in short.text
    done = visitor.post(ADDRESS, employee_no=ADVISOR.no, version="3", reason=WHY)
    assert done.status_code == 303
    assert "所有结果都与来源一致" in visitor.get(ADDRESS).text
    assert WHY in pages.visit(ADVISOR, "zh").get(f"/performance/{YEAR}/{ADVISOR.no}").text


def test_hr_of_another_branch_neither_sees_nor_corrects(pages: Pages) -> None:
    with pages.database.writing() as session:
        add_value(session, ADVISOR, "100")
    visitor = pages.visit(BRANCH_HR)
    assert ADVISOR.no not in visitor.get(ADDRESS).text
    answer = visitor.post(ADDRESS, employee_no=ADVISOR.no, version="3", reason=WHY)
    assert answer.status_code == 404
    assert pages.visit(ADVISOR).get(ADDRESS).status_code in (403, 404)
