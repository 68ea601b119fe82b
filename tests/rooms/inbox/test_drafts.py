"""Drafts: kept per task and person, as typed, and gone when the form is handed in."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from perfflow.workflow import queries
from perfflow.workflow.models import TaskDraft
from tests.rooms.inbox.office import Office
from tests.support import cast


def test_a_draft_comes_back_as_it_was_typed(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    rows = [("f-points", "0"), ("f-points", "4"), ("f-points-4-what", "half a sen")]
    answer = browser.post(f"/inbox/tasks/{task}/draft", rows, **{"f-score": "seven?"})
    assert answer.status_code == 303
    page = browser.get(f"/inbox/tasks/{task}").text
    assert 'value="seven?"' in page
    assert 'name="f-points-4-what"' in page
    assert 'value="half a sen"' in page
    assert "Your draft of" in page
    assert "error-summary" not in page


def test_a_draft_of_a_script_is_answered_with_the_time(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    answer = browser.send_json(f"/inbox/tasks/{task}/draft", {"values": {"summary": "so far"}})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["message"] == "Draft saved 09:00"
    assert "so far" in browser.get(f"/inbox/tasks/{task}").text


def test_a_draft_holds_the_values_that_could_be_read(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    fields = {"f-summary": "so far", "f-score": "7"}
    office.sign_in(cast.ADVISOR).post(f"/inbox/tasks/{task}/draft", **fields)
    with office.database.reading() as session:
        data = session.scalars(select(TaskDraft)).one().data
    assert data["summary"] == "so far"
    assert data["score"] == Decimal(7)


def test_a_later_draft_replaces_the_earlier_one(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    for text in ("first", "second"):
        browser.post(f"/inbox/tasks/{task}/draft", **{"f-summary": text})
    with office.database.reading() as session:
        assert session.scalars(select(TaskDraft)).one().data["summary"] == "second"


def test_nobody_sees_the_draft_of_another_person(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    office.sign_in(cast.ADVISOR).post(f"/inbox/tasks/{task}/draft", **{"f-summary": "private"})
    assert "private" not in office.sign_in(cast.HR).get(f"/inbox/tasks/{task}").text


def test_a_draft_is_gone_when_the_form_was_handed_in(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    browser.post(f"/inbox/tasks/{task}/draft", **{"f-summary": "draft"})
    browser.post(f"/inbox/tasks/{task}", **{"f-summary": "final", "revision": "0"})
    with office.database.reading() as session:
        assert session.scalars(select(TaskDraft)).all() == []
        assert [row.data["summary"] for row in queries.submissions_of(session, KEY)] == ["final"]


KEY = f"2025-ANNUAL/{cast.ADVISOR.no}"


def test_a_draft_for_a_finished_task_is_a_conflict(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    browser.post(f"/inbox/tasks/{task}", **{"f-summary": "final", "revision": "0"})
    answer = browser.post(f"/inbox/tasks/{task}/draft", **{"f-summary": "late"})
    assert answer.status_code == 409


def test_a_draft_of_another_shape_is_refused(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    assert browser.send_json(f"/inbox/tasks/{task}/draft", "[1]").status_code == 400
    assert browser.send_json(f"/inbox/tasks/{task}/draft", '{"values": 3}').status_code == 400
