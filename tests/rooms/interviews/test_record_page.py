"""The record page: two voices, what is private to the pair, HR's excuse, rights."""

from __future__ import annotations

from datetime import date

import pytest

from perfflow.db import Database
from perfflow.interviews import actions, queries
from perfflow.kernel.actor import SYSTEM
from tests.support.cast import (
    act_as,
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    COLLEAGUE,
    HEAD,
    HR,
    MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.pages import open_pages, Pages
from tests.support.year import AFTER, build_year, YEAR

ADDRESS = f"/interviews/{YEAR}/{ADVISOR.no}"
PRIVATE = "家里有老人住院。"
SUMMARY = "全年扎实，客户信任度高；下一年把回访的节奏再提前一些。"
PART = {
    "proud_of": "三家企业主客户完成规划。",
    "difficulties": "到期资金太集中。",
    "private_note": PRIVATE,
}


@pytest.fixture
def pages(database: Database) -> Pages:
    """The employee has written her part."""
    with database.writing() as session:
        build_year(session)
        actions.open_interview(session, SYSTEM, AFTER, YEAR, ADVISOR.no)
        actions.prepare_interview(session, act_as(session, ADVISOR), AFTER, YEAR, ADVISOR.no, PART)
    return open_pages(database, AFTER, "interviews")


def hold(pages: Pages) -> None:
    with pages.database.writing() as session:
        actions.hold_interview(
            session, act_as(session, MANAGER), AFTER, YEAR, ADVISOR.no,
            achievements=[
                {"fact": "完成规划", "evidence": "规划书", "evidence_on": date(2025, 11, 2)}
            ],
            gaps=[],
            actions=[{"text": "陪访两次", "measure": "三月底前完成", "owner": "manager",
                      "action_type": "joint_visit", "due_on": date(2026, 3, 31)}],
            support=None, career=None, summary=SUMMARY,
        )  # fmt: skip


def test_the_private_note_stays_with_the_pair(pages: Pages) -> None:
    for person in (ADVISOR, MANAGER):
        assert PRIVATE in pages.visit(person).get(ADDRESS).text
    for person in (HR, HEAD, AUDITOR):
        page = pages.visit(person).get(ADDRESS).text
        assert PART["proud_of"] in page
        assert PRIVATE not in page


def test_both_voices_stand_side_by_side_once_the_talk_is_recorded(pages: Pages) -> None:
    assert SUMMARY not in pages.visit(ADVISOR).get(ADDRESS).text
    hold(pages)
    page = pages.visit(ADVISOR, "zh").get(ADDRESS).text
    assert page.index(PART["proud_of"]) < page.index(SUMMARY) < page.index("陪访两次")


@pytest.mark.parametrize("person", [COLLEAGUE, OUTSIDER, BRANCH_HR], ids=lambda p: p.name_en)
def test_strangers_get_404_on_reading_and_excusing(pages: Pages, person: Person) -> None:
    visitor = pages.visit(person)
    assert visitor.get(ADDRESS).status_code == 404
    answer = visitor.post(f"{ADDRESS}/excuse", reason="长期病假，双方书面同意免谈")
    assert answer.status_code == 404
    with pages.database.reading() as session:
        row = queries.interview(session, YEAR, ADVISOR.no)
        assert row is not None
        assert row.status == "prepared"


def test_hr_excuses_with_a_reason_on_the_page(pages: Pages) -> None:
    visitor = pages.visit(HR)
    assert visitor.post(f"{ADDRESS}/excuse", reason="病假").status_code == 422
    answer = visitor.post(f"{ADDRESS}/excuse", reason="长期病假，双方书面同意免谈")
    assert answer.status_code == 303
    assert "长期病假，双方书面同意免谈" in visitor.get(ADDRESS).text


def test_a_talk_that_took_place_cannot_be_excused(pages: Pages) -> None:
    hold(pages)
    answer = pages.visit(HR).post(f"{ADDRESS}/excuse", reason="长期病假，双方书面同意免谈")
    assert answer.status_code == 409


def test_the_own_interview_is_not_excused_by_oneself(pages: Pages) -> None:
    answer = pages.visit(ADVISOR).post(f"{ADDRESS}/excuse", reason="长期病假，双方书面同意免谈")
    assert answer.status_code == 404
