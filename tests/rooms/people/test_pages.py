"""Pages of people: the directory, a person, and files taken in by HR only."""

from __future__ import annotations

import io

import pytest

from perfflow.db import Database
from tests.support.cast import ADVISOR, COLLEAGUE, HR, MANAGER, OUTSIDER, START
from tests.support.pages import open_pages, Pages


@pytest.fixture
def pages(firm: Database) -> Pages:
    return open_pages(firm, START, "people")


def test_everybody_finds_colleagues_by_name_and_unit(pages: Pages) -> None:
    visitor = pages.visit(OUTSIDER, "zh")
    assert "沈知夏" in visitor.get("/people/?q=知夏").text
    assert "沈知夏" not in visitor.get("/people/?unit=B02").text
    assert "没有找到人" in visitor.get("/people/?q=没有这个人").text


def test_a_person_page_shows_no_history_to_strangers(pages: Pages) -> None:
    assert "Assignments" not in pages.visit(OUTSIDER).get(f"/people/{ADVISOR.no}").text
    assert "Assignments" in pages.visit(MANAGER).get(f"/people/{ADVISOR.no}").text
    assert "Assignments" in pages.visit(ADVISOR).get(f"/people/{ADVISOR.no}").text


def test_an_unknown_person_is_not_there(pages: Pages) -> None:
    assert pages.visit(COLLEAGUE).get("/people/E99999").status_code == 404


def test_only_hr_takes_in_files(pages: Pages) -> None:
    assert pages.visit(MANAGER).get("/people/import").status_code == 403
    assert pages.visit(MANAGER).post("/people/import", kind="units").status_code == 403
    assert pages.visit(HR).get("/people/import").status_code == 200


def test_errors_of_a_file_are_listed_by_row_in_the_readers_language(pages: Pages) -> None:
    text = "code,name_zh,name_en,kind,valid_from\nB09,支行,Branch,palace,2025-01-01\n"
    answer = pages.visit(HR, "zh").post(
        "/people/import", kind="units", file=(io.BytesIO(text.encode()), "units.csv")
    )
    assert answer.status_code == 422
    assert "palace" in answer.text
    assert "一行也没有载入" in answer.text
