"""Pages of cycles: creating one with its dates in view, joiners, and who may not."""

from __future__ import annotations

import pytest

from perfflow.calibration.actions import open_sessions
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from tests.support.cast import ADMIN, ADVISOR, AUDITOR, CHIEF, HR, START
from tests.support.pages import open_pages, Pages
from tests.support.playing import CYCLE, Play

FIELDS = {
    "code": "2025-ANNUAL", "pack": "ANNUAL-STD", "name_zh": "2025 年度考核",
    "name_en": "2025 annual review", "starts_on": "2025-01-01", "ends_on": "2025-12-31",
}  # fmt: skip


@pytest.fixture
def pages(firm: Database) -> Pages:
    return open_pages(firm, START, "cycles")


def test_the_dates_are_shown_before_the_cycle_starts(pages: Pages) -> None:
    address = "/cycles/new?pack=ANNUAL-STD&starts_on=2025-01-01&ends_on=2025-12-31"
    text = pages.visit(HR).get(address).text
    assert "paid on day 62, limit 75" in text
    assert "does not know the holidays" not in text


def test_years_without_holidays_are_said(pages: Pages) -> None:
    address = "/cycles/new?pack=ANNUAL-STD&starts_on=2026-01-01&ends_on=2026-12-31"
    assert "2027" in pages.visit(HR).get(address).text


@pytest.mark.parametrize("person", [HR, ADMIN])
def test_operators_create_a_cycle(pages: Pages, person) -> None:  # type: ignore[no-untyped-def]
    answer = pages.visit(person).post("/cycles/new", **FIELDS)
    assert (answer.status_code, answer.location) == (302, f"/cycles/{CYCLE}")
    text = pages.visit(person, "zh").get(f"/cycles/{CYCLE}").text
    assert "员工草拟目标" in text
    assert "1月8日" in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "no spaces"}, "Expected capital letters"),
        ({"starts_on": "soon"}, "Expected a date"),
        ({"name_en": ""}, "Name the cycle in both languages"),
        ({"ends_on": "2024-01-01"}, "Expected the last day after the first day"),
        ({"pack": "NONE"}, "There is no cycle template NONE"),
    ],
)
def test_a_wrong_field_comes_back_with_its_sentence(
    pages: Pages, change: dict[str, str], sentence: str
) -> None:
    answer = pages.visit(HR).post("/cycles/new", **{**FIELDS, **change})
    assert answer.status_code in (404, 422)
    assert sentence in answer.text


def test_auditors_read_and_write_nothing(pages: Pages) -> None:
    visitor = pages.visit(AUDITOR)
    assert visitor.get("/cycles/").status_code == 200
    assert visitor.get("/cycles/new").status_code == 403
    assert visitor.post("/cycles/new", **FIELDS).status_code == 403


def test_employees_have_no_business_here(pages: Pages) -> None:
    assert pages.visit(ADVISOR).get("/cycles/").status_code == 403


def test_taking_out_needs_a_reason_on_the_page_too(play: Play) -> None:
    play.launch()
    visitor = open_pages(play.database, play.now, "cycles").visit(HR)
    address = f"/cycles/{CYCLE}/people"
    refused = visitor.post(address, employee_no=ADVISOR.no, act="exclude", reason="")
    assert refused.status_code == 422
    done = visitor.post(address, employee_no=ADVISOR.no, act="exclude", reason="长期病假")
    assert done.status_code == 302
    assert "长期病假" in visitor.get(f"/cycles/{CYCLE}").text
    assert visitor.post(address, employee_no=CHIEF.no).status_code == 422


def test_an_unknown_cycle_is_not_there(pages: Pages) -> None:
    assert pages.visit(HR).get("/cycles/NO-SUCH").status_code == 404


@pytest.mark.parametrize(("language", "word"), [("zh", "校准中"), ("en", "Calibrating")])
def test_a_cycle_in_calibration_says_so_in_words(play: Play, language: str, word: str) -> None:
    play.launch()
    with play.database.writing() as session:
        open_sessions(session, SYSTEM, play.now, CYCLE)
    visitor = open_pages(play.database, play.now, "cycles").visit(HR, language)
    assert word in visitor.get("/cycles/").text
    assert word in visitor.get(f"/cycles/{CYCLE}").text
