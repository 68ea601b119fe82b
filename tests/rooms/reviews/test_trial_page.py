"""Other figures: what they would give, by the same code, with nothing kept."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from perfflow.audit.models import AuditEntry
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.reviews import actions, queries
from perfflow.reviews.models import Result
from tests.rooms.reviews.test_performance_page import publish
from tests.support.cast import ADVISOR, COLLEAGUE, MANAGER, OUTSIDER, Person
from tests.support.pages import open_pages, Pages
from tests.support.year import AFTER, build_year, reach, value_of, YEAR

ADDRESS = f"/performance/{YEAR}/{ADVISOR.no}"
TRIAL = f"{ADDRESS}/try"


@pytest.fixture
def pages(database: Database) -> Pages:
    with database.writing() as session:
        build_year(session)
        reach(session, ADVISOR)
        value_of(session, ADVISOR, "RS-01", Decimal(80), version=2)
        reach(session, COLLEAGUE)
    return open_pages(database, AFTER, "reviews")


def trying(figures: dict[str, str]) -> str:
    return f"{TRIAL}?{urlencode(figures)}"


def facts(page: str) -> dict[str, str]:
    """The figures of the card *What it would come to*, as plain text."""
    rows = re.findall(r"<dt>(.*?)</dt><dd class=\"num\">(.*?)</dd>", page, re.S)
    return {name: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for name, text in rows}


def test_the_result_leads_to_the_trial(pages: Pages) -> None:
    assert f'href="{TRIAL}"' in pages.visit(ADVISOR).get(ADDRESS).text


@pytest.mark.parametrize("person", [COLLEAGUE, OUTSIDER], ids=lambda p: p.name_en)
def test_strangers_get_404(pages: Pages, person: Person) -> None:
    assert pages.visit(person).get(TRIAL).status_code == 404


def test_untouched_figures_give_the_result_as_it_stands(pages: Pages) -> None:
    page = pages.visit(ADVISOR).get(TRIAL).text
    assert facts(page)["Total"] == "96.84"
    assert "Nothing is stored" in page
    fields = dict(re.findall(r'name="(s0\.[A-Z]{2}-\d\d)" value="([^"]*)"', page))
    again = pages.visit(ADVISOR).get(trying(fields)).text
    assert facts(again)["Total"] == "96.84"
    assert facts(again)["Difference"] == "—"


def test_another_figure_moves_score_total_band_and_coefficient(pages: Pages) -> None:
    page = pages.visit(ADVISOR).get(trying({"s0.RS-01": "40"})).text
    shown = facts(page)
    # 80 of 100 scored 80; 40 is below the threshold and scores 0: 80 × 15 % ÷ 95 % = 12.63 less.
    assert shown["Total"] == "from 96.84 → to 84.21"
    assert shown["Difference"] == "−12.63"
    assert shown["Band"].endswith("to B Good")
    assert shown["Coefficient"] == "from 1.2000 → to 1.0000"


def test_the_answer_is_the_one_that_the_data_would_give(pages: Pages) -> None:
    page = pages.visit(ADVISOR).get(trying({"s0.RS-01": "93.1"})).text
    with pages.database.writing() as session:
        value_of(session, ADVISOR, "RS-01", Decimal("93.1"), version=3)
    total = facts(pages.visit(ADVISOR).get(TRIAL).text)["Total"]
    assert facts(page)["Total"].endswith(f"to {total}")


def test_a_rating_that_is_not_there_yet_can_be_tried(pages: Pages) -> None:
    page = pages.visit(ADVISOR).get(TRIAL).text
    manual = [code for code, _ in _manual(pages)]
    assert f'name="s0.{manual[0]}" value=""' in page
    tried = pages.visit(ADVISOR).get(trying({f"s0.{manual[0]}": "5"})).text
    assert facts(tried)["Difference"].startswith("+")


def _manual(pages: Pages) -> list[tuple[str, str]]:
    with pages.database.reading() as session:
        return actions.manual_lines(session, YEAR, ADVISOR.no)


@pytest.mark.parametrize("text", ["x", "1e9", "--1", "1.1234567", "1" * 13, "NaN", "٣"])
def test_what_is_no_number_is_refused_beside_its_field(pages: Pages, text: str) -> None:
    answer = pages.visit(ADVISOR, "zh").get(trying({"s0.RS-01": text}))
    assert answer.status_code == 200
    assert "请填写数字" in answer.text
    assert facts(answer.text)["总分"] == "96.84"


def test_ratings_stay_between_one_and_five(pages: Pages) -> None:
    key = f"s0.{_manual(pages)[0][0]}"
    answer = pages.visit(ADVISOR).get(trying({key: "6"}))
    assert "Expected a rating from 1 to 5" in answer.text


def test_after_publication_the_trial_starts_from_the_stored_result(pages: Pages) -> None:
    publish(pages)
    page = pages.visit(ADVISOR).get(TRIAL).text
    assert facts(page)["Total"] == "99.50"
    tried = facts(pages.visit(ADVISOR).get(trying({"s0.RS-01": "100"})).text)
    # 20 points more on 15 %; the move of the calibration stays.
    assert tried["Total"] == "from 99.50 → to 102.50"
    assert pages.visit(MANAGER).get(TRIAL).status_code == 200


def test_trying_writes_nothing(pages: Pages) -> None:
    def rows() -> tuple[int, int]:
        with pages.database.reading() as session:
            results = session.scalar(select(func.count()).select_from(Result))
            audited = session.scalar(select(func.count()).select_from(AuditEntry))
            return results or 0, audited or 0

    with pages.database.writing() as session:
        actions.compute_results(session, SYSTEM, AFTER, YEAR)
    before = rows()
    pages.visit(ADVISOR).get(trying({"s0.RS-01": "40"}))
    assert rows() == before
    with pages.database.reading() as session:
        assert queries.latest_result(session, YEAR, ADVISOR.no) is not None
