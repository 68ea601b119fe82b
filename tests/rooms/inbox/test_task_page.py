"""The task page: what it shows, and what happens when a form is handed in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from perfflow.workflow.models import FormSubmission
from tests.conftest import Counting
from tests.rooms.inbox.office import Office, STORED
from tests.support import cast

GOOD = {"f-summary": "A good year.", "f-score": "7.5", "f-mood": "calm", "revision": "0"}
POINTS = [("f-points", "0"), ("f-points-0-what", "clients")]


@pytest.fixture(autouse=True)
def _nothing_stored() -> None:
    STORED.clear()


def submissions(office: Office) -> int:
    with office.database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(FormSubmission)) or 0)


def test_the_page_says_why_who_reads_and_shows_form_evidence_and_place(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    page = office.sign_in(cast.ADVISOR).get(f"/inbox/tasks/{task}")
    assert page.status_code == 200
    for text in ("You write first.", "Only the two of you", "Summary", "Send story"):
        assert text in page.text
    assert "Last year" in page.text
    assert "968" in page.text
    assert 'aria-current="step"' in page.text
    assert page.text.count('class="pf-process"') == 2
    assert page.text.count('id="pf-arrow"') == 1


def test_the_page_is_chinese_for_a_chinese_reader(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    page = office.sign_in(cast.ADVISOR, "zh").get(f"/inbox/tasks/{task}")
    for text in ("你先写。", "只有你们两人", "总结", "提交自述", "去年实际", "你在这里"):
        assert text in page.text


def test_handing_in_stores_the_values_and_leads_to_the_inbox(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    answer = browser.post(f"/inbox/tasks/{task}", POINTS, **GOOD)
    assert answer.status_code == 303
    assert browser.get(answer.location).location == "/inbox/"
    assert [
        {
            "summary": "A good year.",
            "score": Decimal("7.5"),
            "points": [{"what": "clients", "extra": {}}],
            "extra": {"mood": "calm"},
        }
    ] == STORED
    assert "Handed in." in browser.get("/inbox/").text


def test_handing_in_leads_to_the_next_task_of_that_person(office: Office) -> None:
    first = office.start(cast.ADVISOR.no)
    second = office.start(cast.ADVISOR.no, cycle="2026-ANNUAL")
    browser = office.sign_in(cast.ADVISOR)
    answer = browser.get(browser.post(f"/inbox/tasks/{first}", POINTS, **GOOD).location)
    assert answer.location == f"/inbox/tasks/{second}"
    assert "This is your next task." in browser.get(answer.location).text


def test_an_empty_required_field_gives_the_form_back_as_it_was_typed(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    answer = browser.post(f"/inbox/tasks/{task}", **{**GOOD, "f-summary": "", "f-score": "seven"})
    assert answer.status_code == 422
    assert '<a href="#f-summary">“Summary” is still empty.</a>' in answer.text
    assert "Expected a number for “Score”, such as 1200.5." in answer.text
    assert 'value="seven"' in answer.text
    assert 'value="calm"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert STORED == []
    assert submissions(office) == 0


def test_a_rule_of_the_room_lands_on_its_field_and_nothing_is_saved(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR, "zh")
    answer = browser.post(f"/inbox/tasks/{task}", POINTS, **{**GOOD, "f-score": "11"})
    assert answer.status_code == 422
    assert '<a href="#f-score">' in answer.text
    assert "A good year." in answer.text
    assert submissions(office) == 0
    assert office.open_task("2025-ANNUAL/E00004") == task


def test_values_for_unknown_fields_never_reach_the_room(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    browser.post(f"/inbox/tasks/{task}", POINTS, **GOOD, **{"f-salary": "1", "extra": "x"})
    assert STORED[0]["extra"] == {"mood": "calm"}


def test_a_row_is_added_and_removed_without_a_script(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    more = browser.post(f"/inbox/tasks/{task}", POINTS, **GOOD, add_row="f-points")
    assert more.status_code == 200
    assert 'name="f-points-1-what"' in more.text
    assert "A good year." in more.text
    fewer = browser.post(f"/inbox/tasks/{task}", POINTS, **GOOD, remove_row="f-points-0")
    assert fewer.status_code == 200
    assert 'name="f-points-0-what"' not in fewer.text
    assert submissions(office) == 0


def test_a_second_submit_says_what_happened_and_keeps_the_text(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    browser.post(f"/inbox/tasks/{task}", POINTS, **GOOD)
    again = browser.post(f"/inbox/tasks/{task}", POINTS, **{**GOOD, "f-summary": "Second text."})
    assert again.status_code == 409
    assert "Shen Zhixia handed this step in" in again.text
    assert "Second text." in again.text
    assert len(STORED) == 1


@pytest.mark.parametrize("revision", ["7", "", "x", "-1", "99999999999"])
def test_a_stale_page_cannot_be_handed_in(office: Office, revision: str) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    answer = browser.post(f"/inbox/tasks/{task}", POINTS, **{**GOOD, "revision": revision})
    assert answer.status_code == 409
    assert "A good year." in answer.text
    assert STORED == []


def test_a_stranger_gets_404_on_every_address_of_a_task(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    stranger = office.sign_in(cast.OUTSIDER)
    assert stranger.get(f"/inbox/tasks/{task}").status_code == 404
    for action in ("", "/draft", "/claim", "/release"):
        answer = stranger.post(f"/inbox/tasks/{task}{action}", POINTS, **GOOD)
        assert answer.status_code == 404, action
    assert STORED == []


def test_a_task_that_never_was_looks_the_same_as_one_of_somebody_else(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    stranger = office.sign_in(cast.OUTSIDER)
    theirs, none = stranger.get(f"/inbox/tasks/{task}"), stranger.get("/inbox/tasks/999999")
    assert none.status_code == theirs.status_code == 404
    without_number = [line for line in none.text.splitlines() if "999999" not in line]
    assert len(without_number) > 20


def test_hr_and_auditors_read_but_do_not_fill_in(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    for person in (cast.HR, cast.AUDITOR):
        browser = office.sign_in(person)
        page = browser.get(f"/inbox/tasks/{task}")
        assert page.status_code == 200
        assert "Shen Zhixia works on this step" in page.text
        assert 'name="f-summary"' not in page.text
        assert browser.post(f"/inbox/tasks/{task}", POINTS, **GOOD).status_code == 403
    assert STORED == []


def test_json_is_checked_strictly_and_answered_as_json(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    values = {"summary": "x", "score": 7.25, "salary": 1}
    refused = browser.send_json(f"/inbox/tasks/{task}", {"revision": 0, "values": values})
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["errors"]["salary"] == "The form has no field called “salary”."
    del values["salary"]
    done = browser.send_json(f"/inbox/tasks/{task}", {"revision": 0, "values": values})
    assert done.status_code == 200
    assert STORED[0]["score"] == Decimal("7.25")


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"values": {}}', '{"revision": "0", "values": {}}', '{"revision": 0}']
)
def test_json_of_another_shape_is_refused_with_the_shape(office: Office, body: Any) -> None:
    task = office.start(cast.ADVISOR.no)
    answer = office.sign_in(cast.ADVISOR).send_json(f"/inbox/tasks/{task}", body)
    assert answer.status_code == 400
    assert answer.json is not None
    assert "revision" in answer.json["message"]


def test_a_finished_task_leads_to_its_record(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    browser.post(f"/inbox/tasks/{task}", POINTS, **GOOD)
    answer = browser.get(f"/inbox/tasks/{task}")
    assert answer.status_code == 303
    assert answer.location.startswith("/inbox/record/")


def test_handing_in_takes_few_statements_and_one_commit(
    office: Office, count_statements: Counting
) -> None:
    warm = office.start(cast.COLLEAGUE.no)
    office.sign_in(cast.COLLEAGUE).post(f"/inbox/tasks/{warm}", POINTS, **GOOD)
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    page = browser.get("/inbox/").text
    from tests.rooms.inbox.office import token

    data = {"csrf_token": token(page), **GOOD, **dict(POINTS)}
    with count_statements(office.database.engine) as counted:
        answer = browser.client.post(f"/inbox/tasks/{task}", data=data)
    assert answer.status_code == 303
    assert counted.commits == 1
    assert len(counted.statements) <= 15, counted.statements


def test_the_page_itself_changes_nothing(office: Office, count_statements: Counting) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.ADVISOR)
    with count_statements(office.database.engine) as counted:
        assert browser.get(f"/inbox/tasks/{task}").status_code == 200
    assert counted.commits == 0
