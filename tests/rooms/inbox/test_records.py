"""Records of completed forms, and the export of a step."""

from __future__ import annotations

import csv
import io

from tests.rooms.inbox.office import Office
from tests.support import cast

STORY = {"f-summary": "A good year.", "f-score": "7.5", "f-mood": "=calm", "revision": "0"}
ADDRESS = "/inbox/export?process=trial&step=draft"


def hand_in(office: Office, person: cast.Person, cycle: str = "2025-ANNUAL") -> str:
    task = office.start(person.no, cycle=cycle)
    browser = office.sign_in(person)
    rows = [
        ("f-points", "0"),
        ("f-points-0-what", "one"),
        ("f-points", "1"),
        ("f-points-1-what", "two"),
    ]
    browser.post(f"/inbox/tasks/{task}", rows, **STORY)
    return browser.get(f"/inbox/tasks/{task}").location


def test_a_record_shows_every_field_also_those_that_the_firm_added(office: Office) -> None:
    address = hand_in(office, cast.ADVISOR)
    page = office.sign_in(cast.ADVISOR).get(address)
    assert page.status_code == 200
    for text in ("Summary", "A good year.", "7.5", "Mood", "=calm", "Points", "one", "two"):
        assert text in page.text
    assert "Handed in by Shen Zhixia" in page.text


def test_a_record_is_closed_to_strangers_and_open_to_hr(office: Office) -> None:
    address = hand_in(office, cast.ADVISOR)
    assert office.sign_in(cast.OUTSIDER).get(address).status_code == 404
    assert office.sign_in(cast.BRANCH_HR).get(address).status_code == 404
    assert office.sign_in(cast.HR).get(address).status_code == 200
    assert office.sign_in(cast.OUTSIDER).get("/inbox/record/999999").status_code == 404


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))


def test_hr_exports_a_step_with_all_its_fields(office: Office) -> None:
    hand_in(office, cast.ADVISOR)
    hand_in(office, cast.OUTSIDER)
    answer = office.sign_in(cast.HR).get(ADDRESS)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    head, first, second = rows_of(answer.text)
    assert head[-4:] == ["Summary", "Score", "Mood", "What"]
    # A text that a spreadsheet would run as a formula is disarmed.
    assert first[-4:] == ["A good year.", "7.5", "'=calm", "one\ntwo"]
    assert {first[1], second[1]} == {cast.ADVISOR.no, cast.OUTSIDER.no}


def test_hr_of_a_branch_exports_the_people_of_the_branch(office: Office) -> None:
    hand_in(office, cast.ADVISOR)
    hand_in(office, cast.OUTSIDER)
    _head, *rows = rows_of(office.sign_in(cast.BRANCH_HR).get(ADDRESS).text)
    assert [row[1] for row in rows] == [cast.OUTSIDER.no]


def test_an_export_can_be_of_one_cycle(office: Office) -> None:
    hand_in(office, cast.ADVISOR, "2025-ANNUAL")
    hand_in(office, cast.ADVISOR, "2026-ANNUAL")
    browser = office.sign_in(cast.AUDITOR)
    _head, *rows = rows_of(browser.get(f"{ADDRESS}&cycle=2026-ANNUAL").text)
    assert [row[0] for row in rows] == [f"2026-ANNUAL/{cast.ADVISOR.no}"]


def test_others_export_nothing(office: Office) -> None:
    hand_in(office, cast.ADVISOR)
    assert office.sign_in(cast.ADVISOR).get(ADDRESS).status_code == 403
    assert office.sign_in(cast.HR).get("/inbox/export").status_code == 400
    nothing = office.sign_in(cast.HR).get("/inbox/export?process=trial&step=none")
    assert nothing.status_code == 404
