"""The calibration board on the web: what it shows, whose card is missing, moves without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, select

from perfflow.audit.models import AuditEntry
from perfflow.calibration import queries
from perfflow.calibration.models import CalibrationAdjustment, CalibrationSession
from perfflow.db import Database
from tests.support.board import build_sessions, CHAIR, COMMITTEE, OWN, REASON, SECOND
from tests.support.cast import (
    ADMIN,
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    COMPLIANCE,
    HR,
    MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.golden import E1, E3, E4, E5, PAY_DAY, SIX
from tests.support.pages import open_pages, Pages
from tests.support.year import YEAR


def names(person: Person) -> str:
    return person.name_en


@pytest.fixture(scope="module")
def opened(databases: Any) -> Iterator[Pages]:
    with databases.fresh() as database:
        with database.writing() as session:
            build_sessions(session)
        yield open_pages(database, PAY_DAY, "calibration", also=(*COMMITTEE, *SIX))


@pytest.fixture
def pages(opened: Pages) -> Iterator[Pages]:
    yield opened
    with opened.database.writing() as session:
        session.execute(delete(CalibrationAdjustment))


def address(database: Database, unit: str = "B01") -> str:
    with database.reading() as session:
        found = session.scalars(
            select(CalibrationSession.id).where(CalibrationSession.unit_code == unit)
        ).one()
    return f"/calibration/{found}"


def moves(pages: Pages) -> list[tuple[str, str | None]]:
    """Who was moved, and who stands for it."""
    with pages.database.reading() as session:
        rows = session.scalars(select(CalibrationAdjustment).order_by(CalibrationAdjustment.id))
        return [(row.employee_no, row.approver_no) for row in rows]


def typed(person: Person, total: str, **more: str) -> dict[str, str]:
    fields = {"employee_no": person.no, "to_total": total, "reason_code": "evidence"}
    return {**fields, "reason": REASON, **more}


@pytest.mark.parametrize("person", [CHAIR, HR, AUDITOR], ids=names)
@pytest.mark.parametrize(("language", "unit"), [("zh", "东湖支行"), ("en", "East Lake branch")])
def test_the_sessions_of_a_cycle_are_listed(
    pages: Pages, person: Person, language: str, unit: str
) -> None:
    page = pages.visit(person, language).get("/calibration/").text
    assert unit in page
    assert address(pages.database) in page


def test_hr_sees_the_sessions_of_the_own_units_only(pages: Pages) -> None:
    visitor = pages.visit(BRANCH_HR)
    page = visitor.get("/calibration/").text
    assert address(pages.database, "B02") in page
    assert address(pages.database) not in page
    assert visitor.get(address(pages.database)).status_code == 404


@pytest.mark.parametrize("person", [ADVISOR, MANAGER, OUTSIDER, COMPLIANCE, ADMIN], ids=names)
def test_boards_are_closed_to_everybody_else(pages: Pages, person: Person) -> None:
    visitor = pages.visit(person)
    board = address(pages.database)
    for answer in (
        visitor.get("/calibration/"), visitor.get(board),
        visitor.post(f"{board}/adjust", **typed(E1, "98")), visitor.post(f"{board}/approve"),
    ):  # fmt: skip
        assert answer.status_code in (403, 404)
        assert E1.name_en not in answer.text
    assert moves(pages) == []


def test_an_unknown_session_is_not_found(pages: Pages) -> None:
    visitor = pages.visit(CHAIR)
    assert visitor.get("/calibration/999").status_code == 404
    assert visitor.post("/calibration/999/adjust", **typed(E1, "98")).status_code == 404
    assert visitor.post("/calibration/999/approve").status_code == 404


@pytest.mark.parametrize("person", [HR, AUDITOR], ids=names)
def test_readers_find_no_controls(pages: Pages, person: Person) -> None:
    visitor = pages.visit(person)
    page = visitor.get(f"{address(pages.database)}?person={E1.no}").text
    assert E1.name_en in page
    assert '<form method="post" action="/calibration' not in page
    assert visitor.post(f"{address(pages.database)}/adjust", **typed(E1, "98")).status_code == 403


def test_the_board_shows_bands_totals_the_guide_and_process_gaps(pages: Pages) -> None:
    page = pages.visit(CHAIR, "zh").get(address(pages.database)).text
    for person, total in ((E1, "99.91"), (E3, "114.34"), (E5, "70.85"), (E4, "100.00")):
        assert person.name_zh in page
        assert total in page
    assert "过程缺失 2 处" in page
    # Six people on 10/20/60/8/2: 1/1/4/0/0; one more A is inside the tolerance, two fewer B not.
    assert "建议 1，多 1" in page
    assert "建议 4，少 2" in page
    # Once at the head of the band, once in the table of figures.
    assert page.count("超出容差") == 2
    assert page.count("在容差内") == 4


def test_without_a_guide_the_board_only_counts(pages: Pages) -> None:
    visitor = pages.visit(CHAIR)
    assert "Outside the tolerance" in visitor.get(address(pages.database)).text
    with pages.database.writing() as session:
        queries.session_named(session, YEAR, "B01").distribution_mode = "none"
    try:
        assert "the tolerance" not in visitor.get(address(pages.database)).text
    finally:
        with pages.database.writing() as session:
            queries.session_named(session, YEAR, "B01").distribution_mode = "guided"


def test_no_amount_of_anybody_is_on_the_board(pages: Pages) -> None:
    page = pages.visit(CHAIR).get(f"{address(pages.database)}?person={E1.no}&to_total=94").text
    for figure in ("60,000", "90,000", "81,348", "75,618", "62,974"):
        assert figure not in page


def test_a_member_of_the_six_does_not_find_the_own_card(pages: Pages) -> None:
    visitor = pages.visit(OWN)
    page = visitor.get(f"{address(pages.database)}?person={OWN.no}").text
    assert E1.name_en in page
    assert "94.35" not in page
    answer = visitor.post(f"{address(pages.database)}/adjust", **typed(OWN, "98"))
    assert answer.status_code == 403
    assert moves(pages) == []


def test_the_own_move_is_not_in_the_history_of_the_person(pages: Pages) -> None:
    board = address(pages.database)
    pages.visit(CHAIR).post(f"{board}/adjust", **typed(OWN, "91.11"))
    assert "91.11" in pages.visit(CHAIR).get(board).text
    assert "91.11" not in pages.visit(OWN).get(board).text


def test_the_effect_is_shown_before_anybody_moves(pages: Pages) -> None:
    board = address(pages.database)
    answer = pages.visit(CHAIR).post(f"{board}/adjust", **typed(E1, "94", act="preview", reason=""))
    assert answer.status_code == 200
    assert "Pool factor k" in answer.text
    assert "A → B" in answer.text
    assert moves(pages) == []


def test_a_move_on_the_page_lands_with_its_reason(pages: Pages) -> None:
    board, visitor = address(pages.database), pages.visit(CHAIR)
    answer = visitor.post(f"{board}/adjust", **typed(E1, "94.00", seen_total="99.91"))
    assert answer.status_code == 303
    page = visitor.get(answer.headers["Location"]).text
    assert REASON in page
    assert "99.91 A → 94.00 B" in page
    assert moves(pages) == [(E1.no, None)]
    with pages.database.reading() as session:
        trail = session.scalars(select(AuditEntry.event)).all()
    assert "calibration:result:adjusted" in trail


@pytest.mark.parametrize(
    ("total", "more", "sentence"),
    [
        ("87", {}, "At most 10 points"),
        ("many", {}, "a number with at most two decimals"),
        ("98.123", {}, "a number with at most two decimals"),
        ("NaN", {}, "a number with at most two decimals"),
        ("98", {"reason": "short"}, "Expected a reason of at least 10 characters but got 5"),
        ("98", {"reason_code": "mood"}, "Expected one of the listed kinds of reason"),
    ],
)
def test_a_refused_move_keeps_what_was_typed(
    pages: Pages, total: str, more: dict[str, str], sentence: str
) -> None:
    answer = pages.visit(CHAIR).post(
        f"{address(pages.database)}/adjust", **typed(E1, total, **more)
    )
    assert answer.status_code == 422
    assert sentence.lower() in answer.text.lower()
    assert f'value="{total}"' in answer.text
    assert more.get("reason", REASON) in answer.text
    assert moves(pages) == []


def test_a_stale_page_does_not_overwrite_a_move(pages: Pages) -> None:
    board = address(pages.database)
    pages.visit(CHAIR).post(f"{board}/adjust", **typed(E1, "98", seen_total="99.91"))
    answer = pages.visit(SECOND).post(f"{board}/adjust", **typed(E1, "97", seen_total="99.91"))
    assert answer.status_code == 409
    assert len(moves(pages)) == 1


def test_above_a_fifth_a_second_member_stands_for_the_moves(pages: Pages) -> None:
    board, chair, second = address(pages.database), pages.visit(CHAIR), pages.visit(SECOND)
    for person, total in ((E1, "98"), (E3, "112")):
        chair.post(f"{board}/adjust", **typed(person, total))
    assert "A second member is needed" in chair.get(board).text
    assert f"{board}/approve" not in chair.get(board).text
    assert f"{board}/approve" in second.get(board).text
    assert chair.post(f"{board}/approve").status_code == 409
    assert second.post(f"{board}/approve").status_code == 303
    assert "A second member is needed" not in second.get(board).text
    assert moves(pages) == [(E1.no, SECOND.no), (E3.no, SECOND.no)]


def test_a_vetoed_result_has_no_controls(pages: Pages) -> None:
    page = pages.visit(CHAIR).get(f"{address(pages.database)}?person={E4.no}").text
    assert "A compliance veto stands" in page
    assert 'name="to_total"' not in page


def test_a_band_proposes_the_nearest_total_and_shows_its_effect(pages: Pages) -> None:
    page = pages.visit(CHAIR).get(f"{address(pages.database)}?person={E1.no}&band=B").text
    assert 'name="to_total" value="94.99"' in page or 'value="94.99"' in page
    assert "To band S" in page
    assert "To band B" in page
    assert moves(pages) == []


@pytest.mark.parametrize("band", ["X", "", "NR"])
def test_an_unknown_band_proposes_nothing(pages: Pages, band: str) -> None:
    page = pages.visit(CHAIR).get(f"{address(pages.database)}?person={E1.no}&band={band}")
    assert page.status_code == 200
    assert 'value="99.91"' in page.text


def test_the_board_compares_groups_and_hides_small_ones(pages: Pages) -> None:
    page = pages.visit(CHAIR).get(address(pages.database)).text
    assert "Fairness between groups" in page
    assert "fewer than 5 people: not measured" in page
    zh = pages.visit(CHAIR, "zh").get(address(pages.database)).text
    assert "群体间的公平" in zh
    assert "不足 5 人，不计算" in zh


def test_before_and_after_are_told_in_a_table(pages: Pages) -> None:
    visitor = pages.visit(CHAIR)
    visitor.post(f"{address(pages.database)}/adjust", **typed(E1, "94.10"))
    page = visitor.get(address(pages.database)).text
    table = page[page.index("People by band before and after the moves") :]
    row = table[table.index("A Excellent") : table.index("B Good")]
    assert re.findall(r">(\d)</td>", row) == ["2", "1", "1"]
