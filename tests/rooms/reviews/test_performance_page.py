"""The page of one person's performance: who may open it, what it shows before and after."""

from __future__ import annotations

from decimal import Decimal

import pytest

from perfflow.cycles.models import Cycle
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.people.access import Relation
from perfflow.people.models import Employee
from perfflow.reviews import actions
from perfflow.reviews.presentation import performance_page
from tests.support.cast import (
    act_as,
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    COLLEAGUE,
    COMPLIANCE,
    HEAD,
    HR,
    MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.pages import open_pages, Pages
from tests.support.year import AFTER, build_year, reach, value_of, YEAR

ADDRESS = f"/performance/{YEAR}/{ADVISOR.no}"


@pytest.fixture
def pages(database: Database) -> Pages:
    """A year with data, nothing published."""
    with database.writing() as session:
        build_year(session)
        reach(session, ADVISOR)
        value_of(session, ADVISOR, "RS-01", Decimal(80), version=2)
        reach(session, COLLEAGUE)
    return open_pages(database, AFTER, "reviews")


def publish(pages: Pages) -> None:
    """Rate, calibrate and publish everybody."""
    with pages.database.writing() as session:
        actions.compute_results(session, SYSTEM, AFTER, YEAR)
        boss = act_as(session, MANAGER)
        for person in (ADVISOR, COLLEAGUE):
            ratings = [
                {"metric_code": code, "rating": "5", "evidence": "带新人完成两次联合拜访"}
                for code, _ in actions.manual_lines(session, YEAR, person.no)
            ]
            actions.submit_manager_review(
                session, boss, AFTER, YEAR, person.no, ratings=ratings,
                comment="全年稳定，客户评价好。",
            )  # fmt: skip
        people = [ADVISOR.no, COLLEAGUE.no, MANAGER.no, OUTSIDER.no]
        actions.record_results(
            session, SYSTEM, AFTER, YEAR, people, "calibrated",
            moves={ADVISOR.no: Decimal("1.50")},
            reasons={ADVISOR.no: ("evidence", "年末两个大客户由她独立完成")},
        )  # fmt: skip
        actions.publish_results(session, act_as(session, HR), AFTER, YEAR, statement="谢谢大家。")


@pytest.mark.parametrize("person", [ADVISOR, MANAGER, HEAD, HR, AUDITOR], ids=lambda p: p.name_en)
def test_the_person_her_line_hr_and_auditors_read_it(pages: Pages, person: Person) -> None:
    assert pages.visit(person).get(ADDRESS).status_code == 200


@pytest.mark.parametrize(
    "person", [COLLEAGUE, OUTSIDER, COMPLIANCE, BRANCH_HR], ids=lambda p: p.name_en
)
def test_strangers_get_404_whether_or_not_the_person_exists(pages: Pages, person: Person) -> None:
    visitor = pages.visit(person)
    assert visitor.get(ADDRESS).status_code == 404
    assert visitor.get(f"/performance/{YEAR}/E99999").status_code == 404
    assert visitor.get(f"{ADDRESS}.csv").status_code == 404


def test_my_performance_leads_to_the_newest_cycle(pages: Pages) -> None:
    answer = pages.visit(ADVISOR).get("/performance/")
    assert answer.status_code == 303
    assert answer.location == ADDRESS


def test_who_takes_no_part_reads_what_will_be_here(pages: Pages) -> None:
    answer = pages.visit(AUDITOR, "zh").get("/performance/")
    assert answer.status_code == 200
    assert "你还没有参加考核" in answer.text


def test_before_publication_the_figures_are_marked_as_provisional(pages: Pages) -> None:
    zh = pages.visit(ADVISOR, "zh").get(ADDRESS).text
    assert "未定" in zh
    assert "预估总分" in zh
    assert "由主管评分" in zh
    en = pages.visit(ADVISOR, "en").get(ADDRESS).text
    assert "Provisional" in en
    assert "rated by the manager" in en


def figure(text: str) -> Decimal:
    """The number of a shown figure."""
    return Decimal(text.replace(",", "").replace("−", "-"))


def test_every_branch_of_the_explanation_adds_up_exactly(pages: Pages) -> None:
    with pages.database.reading() as session:
        cycle, person = session.get_one(Cycle, YEAR), session.get_one(Employee, ADVISOR.no)
        page = performance_page(session, cycle, person, frozenset({Relation.SELF}), "en")
    assert page is not None
    assert figure(page.tree["value"]) == page.total == Decimal("96.84")
    branches = [page.tree, *page.tree["children"]]
    sums = [
        (figure(branch["value"]), sum(figure(child["value"]) for child in branch["children"]))
        for branch in branches
        if branch["children"]
    ]
    assert len(sums) == 5
    assert all(whole == parts for whole, parts in sums)
    steps = page.tree["children"][0]["children"][0]["steps"]
    assert [step["value"] for step in steps][1:3] == ["0.800000", "80.0000"]
    assert steps[2]["formula"] == "60 + (0.800000 − 0.6) ÷ 0.4 × 40"


def test_what_would_change_it_names_the_line_that_is_behind(pages: Pages) -> None:
    page = pages.visit(ADVISOR).get(ADDRESS).text
    changes = page[page.index("What would change it") :]
    assert "Net new AUM reaches its target" in changes
    assert "+3.16" in changes  # 20 points of 15 %, of the 95 % that have data
    assert "If one complaint were upheld" in changes
    assert "−2.00" in changes


def test_the_chain_is_hidden_from_the_person_until_publication(pages: Pages) -> None:
    with pages.database.writing() as session:
        actions.compute_results(session, SYSTEM, AFTER, YEAR)
    assert "How the result came about" not in pages.visit(ADVISOR).get(ADDRESS).text
    assert "How the result came about" in pages.visit(MANAGER).get(ADDRESS).text


def test_the_line_does_not_see_a_calibration_before_publication(pages: Pages) -> None:
    with pages.database.writing() as session:
        actions.compute_results(session, SYSTEM, AFTER, YEAR)
        actions.record_result(
            session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated", points=Decimal("-7"),
            reason_code="leniency", reason="宽严度高于其他支行",
        )  # fmt: skip
    assert "宽严度高于其他支行" not in pages.visit(MANAGER).get(ADDRESS).text
    assert "宽严度高于其他支行" in pages.visit(HR).get(ADDRESS).text


def test_after_publication_total_band_reason_and_statement_are_shown(pages: Pages) -> None:
    publish(pages)
    page = pages.visit(ADVISOR, "zh").get(ADDRESS).text
    # 100 − 20 × 15 % with one manual line of 5 % at 120, then +1.5 in calibration.
    assert "99.50" in page
    assert "未定" not in page
    assert "年末两个大客户由她独立完成" in page
    assert "谢谢大家。" in page
    assert "什么会改变它" not in page


def test_the_export_has_the_figures_of_the_page(pages: Pages) -> None:
    answer = pages.visit(ADVISOR).get(f"{ADDRESS}.csv")
    assert answer.mimetype == "text/csv"
    rows = answer.text.lstrip("\ufeff").splitlines()
    assert rows[0] == "Metric,Weight,Value,Target,Unit,Source,As of,Score"
    first = rows[1].split(",")
    assert first[0] == "Net new AUM"
    assert first[1] == "15%"
    assert first[-1] == "80.00"


def test_a_cycle_that_does_not_exist_answers_like_a_strangers(pages: Pages) -> None:
    assert pages.visit(ADVISOR).get(f"/performance/1999/{ADVISOR.no}").status_code == 404
