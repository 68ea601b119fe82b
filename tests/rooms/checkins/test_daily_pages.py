"""Activities, notes, commitments and check-in records as people use them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from perfflow.checkins import actions, queries
from perfflow.checkins.rules import ActionType, Promise
from perfflow.db import Database
from tests.support.cast import (
    act_as,
    ADVISOR,
    AUDITOR,
    COLLEAGUE,
    HEAD,
    HR,
    MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.pages import open_pages, Pages
from tests.support.year import AFTER, build_year, YEAR

NOTE = "今天的客户沙龙准备得很细。"


@pytest.fixture
def pages(database: Database) -> Pages:
    with database.writing() as session:
        build_year(session)
    return open_pages(database, AFTER, "checkins")


def test_a_visit_is_logged_and_counts_as_effective(pages: Pages) -> None:
    visitor = pages.visit(ADVISOR)
    answer = visitor.post(
        "/activities/", kind="visit", happened_at="2026-01-14T15:00", client_ref="C-20931",
        purpose="年度检视", outcome="增加养老定投",
    )  # fmt: skip
    assert answer.status_code == 303
    page = visitor.get("/activities/").text
    assert "C-20931" in page
    assert "effective" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"happened_at": "2026-02-01T10:00"}, "An activity cannot lie in the future."),
        ({"happened_at": "2025-11-01T10:00"}, "Expected an activity of the last 31 days."),
        ({"client_ref": ""}, "Enter the client number; a visit or call is about a client."),
        ({"happened_at": "yesterday"}, "Expected a date and time but got “yesterday”."),
    ],
)
def test_what_is_wrong_with_an_activity_is_said_beside_it(
    pages: Pages, change: dict[str, str], sentence: str
) -> None:
    fields = {
        "kind": "visit", "happened_at": "2026-01-14T15:00", "client_ref": "C-1", "purpose": "检视",
    }  # fmt: skip
    answer = pages.visit(ADVISOR).post("/activities/", **{**fields, **change})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="检视"' in answer.text
    with pages.database.reading() as session:
        assert queries.activities(session, ADVISOR.no) == []


def test_only_the_two_read_a_note(pages: Pages) -> None:
    answer = pages.visit(MANAGER).post("/notes/", about_no=ADVISOR.no, kind="nudge", text=NOTE)
    assert answer.status_code == 303
    for person in (MANAGER, ADVISOR):
        assert NOTE in pages.visit(person).get("/notes/").text
    for person in (HR, HEAD, COLLEAGUE):
        assert NOTE not in pages.visit(person).get("/notes/").text


def test_a_colleague_praises_but_does_not_nudge(pages: Pages) -> None:
    visitor = pages.visit(COLLEAGUE)
    refused = visitor.post("/notes/", about_no=ADVISOR.no, kind="nudge", text=NOTE)
    assert refused.status_code == 422
    assert NOTE in refused.text
    assert visitor.post("/notes/", about_no=ADVISOR.no, kind="praise", text=NOTE).status_code == 303


@pytest.mark.parametrize("about", [COLLEAGUE.no, "E99999", ""])
def test_a_note_to_oneself_or_to_nobody_is_refused(pages: Pages, about: str) -> None:
    answer = pages.visit(COLLEAGUE).post("/notes/", about_no=about, kind="praise", text=NOTE)
    assert answer.status_code == 422


@pytest.fixture
def promise(pages: Pages) -> int:
    """An action of the advisor."""
    with pages.database.writing() as session:
        (row,) = actions.create_commitments(
            session, act_as(session, MANAGER), AFTER,
            [Promise(ActionType.TRAINING, "完成养老规划课程", "通过结业测试", ADVISOR.no,
                     date(2026, 3, 31), None)],
            about_no=ADVISOR.no, source="check-in/1", cycle_code=YEAR,
        )  # fmt: skip
        return row.id


def test_the_owner_reports_on_the_list(pages: Pages, promise: int) -> None:
    visitor = pages.visit(ADVISOR)
    assert "完成养老规划课程" in visitor.get("/commitments/").text
    answer = visitor.post(f"/commitments/{promise}/report", status="done", note="已通过")
    assert answer.status_code == 303
    assert "已通过" in visitor.get("/commitments/").text
    assert visitor.post(f"/commitments/{promise}/report", status="done").status_code == 409


@pytest.mark.parametrize(
    ("person", "status"),
    [(MANAGER, 200), (HR, 200), (AUDITOR, 200), (COLLEAGUE, 404), (OUTSIDER, 404)],
    ids=lambda value: getattr(value, "name_en", value),
)
def test_who_reads_the_commitments_and_check_ins_of_a_person(
    pages: Pages, promise: int, person: Person, status: int
) -> None:
    visitor = pages.visit(person)
    assert visitor.get(f"/commitments/{ADVISOR.no}").status_code == status
    assert visitor.get(f"/check-ins/{YEAR}/{ADVISOR.no}").status_code == status


def test_strangers_cannot_report(pages: Pages, promise: int) -> None:
    answer = pages.visit(OUTSIDER).post(f"/commitments/{promise}/report", status="done")
    assert answer.status_code == 404
    with pages.database.reading() as session:
        (row,) = queries.commitments_about(session, ADVISOR.no)
        assert row.status == "open"


def test_notes_on_a_record_page_are_for_the_pair(pages: Pages) -> None:
    with pages.database.writing() as session:
        boss, self = act_as(session, MANAGER), act_as(session, ADVISOR)
        actions.prepare_check_in(
            session, self, AFTER, YEAR, ADVISOR.no, 1, date(2025, 3, 31), {"progress": "进展顺利"}
        )
        actions.hold_check_in(
            session, boss, AFTER + timedelta(hours=1), YEAR, ADVISOR.no, 1,
            {"pace": "on_track", "feedback": "继续保持"}, [], [],
        )  # fmt: skip
        actions.write_note(session, boss, AFTER, ADVISOR.no, kind="praise", text=NOTE)
    address = f"/check-ins/{YEAR}/{ADVISOR.no}"
    assert NOTE in pages.visit(ADVISOR).get(address).text
    page = pages.visit(HR).get(address).text
    assert "继续保持" in page
    assert NOTE not in page
