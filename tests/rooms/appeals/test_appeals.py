"""Appeals: who may decide, within which limits, and who reads them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfflow.appeals import actions, queries
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.notifications import latest_notifications
from perfflow.reviews import actions as review_actions
from perfflow.reviews.queries import latest_result
from tests.support.cast import (
    act_as,
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    COLLEAGUE,
    HR,
    MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.pages import open_pages, Pages
from tests.support.year import AFTER, build_year, reach, YEAR

TEXT = "三月的净新增有两笔没有计入，核心系统已经更正。"
DECISION = "核心系统更正后，净新增按更正后的数重新计算。"
ADDRESS = f"/appeals/{YEAR}/{ADVISOR.no}"


@pytest.fixture
def pages(database: Database) -> Pages:
    """The advisor has appealed against a calibrated result."""
    with database.writing() as session:
        build_year(session)
        reach(session, ADVISOR)
        review_actions.compute_results(session, SYSTEM, AFTER, YEAR)
        review_actions.record_result(session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated")
        actions.file_appeal(
            session, act_as(session, ADVISOR), AFTER, YEAR, ADVISOR.no,
            ground="data_error", text=TEXT,
        )  # fmt: skip
    return open_pages(database, AFTER, "appeals")


def decide(pages: Pages, person: Person, **values: object) -> None:
    fields = {"outcome": "upheld", "to_total": None, "decision": DECISION, **values}
    with pages.database.writing() as session:
        actions.decide_appeal(
            session,
            act_as(session, person),
            AFTER,
            YEAR,
            ADVISOR.no,
            **fields,  # type: ignore[arg-type]
        )


def test_an_appeal_is_filed_once_and_only_by_the_person(pages: Pages) -> None:
    with pages.database.writing() as session:
        with pytest.raises(Conflict):
            actions.file_appeal(
                session, act_as(session, ADVISOR), AFTER, YEAR, ADVISOR.no,
                ground="procedure", text=TEXT,
            )  # fmt: skip
        with pytest.raises(NotAllowed):
            actions.file_appeal(
                session, act_as(session, MANAGER), AFTER, YEAR, COLLEAGUE.no,
                ground="procedure", text=TEXT,
            )  # fmt: skip


def test_the_person_cannot_decide_and_neither_can_who_rated_her(pages: Pages) -> None:
    with pages.database.writing() as session:
        ratings = [
            {"metric_code": code, "rating": "4", "evidence": "带新人完成两次联合拜访"}
            for code, _ in review_actions.manual_lines(session, YEAR, ADVISOR.no)
        ]
        review_actions.submit_manager_review(
            session, act_as(session, MANAGER), AFTER, YEAR, ADVISOR.no, ratings=ratings,
            comment="全年稳定，客户评价好。",
        )  # fmt: skip
    for person in (ADVISOR, MANAGER):
        with pytest.raises(NotAllowed):
            decide(pages, person)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"outcome": None}, "outcome"),
        ({"outcome": "corrected"}, "to_total"),
        ({"outcome": "corrected", "to_total": Decimal("100.00")}, "to_total"),
        ({"outcome": "corrected", "to_total": Decimal("110.01")}, "to_total"),
        ({"decision": "维持"}, "decision"),
    ],
)
def test_a_decision_that_says_too_little_or_goes_too_far_is_refused(
    pages: Pages, values: dict[str, object], field: str
) -> None:
    with pytest.raises(RuleViolation) as refused:
        decide(pages, HR, **values)
    assert refused.value.field == field
    with pages.database.reading() as session:
        assert queries.has_open_appeal(session, YEAR, ADVISOR.no)


def test_a_decision_is_told_to_the_person_and_stands(pages: Pages) -> None:
    decide(pages, HR, outcome="corrected", to_total=Decimal("104.00"))
    with pages.database.reading() as session:
        result = latest_result(session, YEAR, ADVISOR.no)
        assert result is not None
        assert (result.total_e2, result.reason_code) == (Decimal("104.00"), "data_error")
        codes = [one.code for one in latest_notifications(session, ADVISOR.no)]
        assert codes == ["appeals.notice_decided"]
        assert queries.people_with_open_appeals(session, YEAR, [ADVISOR.no]) == frozenset()
    with pytest.raises(Conflict):
        decide(pages, HR)


@pytest.mark.parametrize(
    ("person", "status"),
    [(ADVISOR, 200), (MANAGER, 200), (HR, 200), (AUDITOR, 200), (OUTSIDER, 404), (BRANCH_HR, 404)],
    ids=lambda value: getattr(value, "name_en", value),
)
def test_who_reads_an_appeal(pages: Pages, person: Person, status: int) -> None:
    assert pages.visit(person).get(ADDRESS).status_code == status


def test_the_list_shows_the_own_units_only(pages: Pages) -> None:
    assert ADVISOR.name_en in pages.visit(HR).get("/appeals/").text
    assert ADVISOR.name_en not in pages.visit(BRANCH_HR).get("/appeals/").text
    assert pages.visit(MANAGER).get("/appeals/").status_code == 403
