"""The page of a cycle lets HR move a deadline, and says what is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from perfflow.cycles import queries
from tests.support.cast import AUDITOR, HR
from tests.support.pages import open_pages, Pages
from tests.support.playing import CYCLE, Play

FORM = {"step": "draft_goals", "due_on": "2025-02-14", "unit": "", "person": "", "reason": "春节"}


@pytest.fixture
def pages(play: Play) -> Pages:
    play.create_cycle()
    return open_pages(play.database, play.now, "cycles", "home", "inbox", "goals", "people")


def due(pages: Pages) -> date:
    with pages.database.reading() as session:
        return queries.deadlines(session, CYCLE)["draft_goals"]


def test_hr_moves_a_deadline_for_everybody(pages: Pages) -> None:
    page = pages.visit(HR).get(f"/cycles/{CYCLE}").text
    assert "Move a deadline" in page
    assert pages.visit(HR).post(f"/cycles/{CYCLE}/deadlines", **FORM).status_code == 303
    assert due(pages) == date(2025, 2, 14)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"due_on": "soon"}, "soon"),
        ({"due_on": "2020-01-01"}, "from today on"),
        ({"reason": ""}, "reason"),
        ({"person": "E99999"}, "E99999"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_moves(
    pages: Pages, wrong: dict[str, str], sentence: str
) -> None:
    before = due(pages)
    reply = pages.visit(HR).post(f"/cycles/{CYCLE}/deadlines", **(FORM | wrong))
    assert reply.status_code in (403, 404, 422)
    assert sentence in reply.text
    assert due(pages) == before


def test_auditors_look_and_move_nothing(pages: Pages) -> None:
    assert "Move a deadline" not in pages.visit(AUDITOR).get(f"/cycles/{CYCLE}").text
    assert pages.visit(AUDITOR).post(f"/cycles/{CYCLE}/deadlines", **FORM).status_code == 403
