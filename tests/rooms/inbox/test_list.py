"""The list: boxes, groups by due date, search and filters, paging, several tasks at once."""

from __future__ import annotations

from datetime import timedelta

from perfflow.kernel.actor import SYSTEM
from perfflow.workflow import actions
from tests.conftest import Counting
from tests.rooms.inbox.office import Office
from tests.support import cast

DONE = {"f-summary": "done", "revision": "0"}


def hand_in(office: Office, person: cast.Person, **about: str) -> int:
    task = office.start(person.no, **about)  # type: ignore[arg-type]
    answer = office.sign_in(person).post(f"/inbox/tasks/{task}", **DONE)
    assert answer.status_code == 303
    return task


def test_an_empty_inbox_says_what_will_be_here(office: Office) -> None:
    page = office.sign_in(cast.ADVISOR).get("/inbox/")
    assert page.status_code == 200
    assert "Nothing is waiting for you" in page.text


def test_tasks_stand_under_when_they_are_due(office: Office) -> None:
    for days, cycle in ((-3, "A"), (0, "B"), (2, "C"), (30, "D")):
        office.start(cast.ADVISOR.no, days=days, cycle=cycle)
    office.clock.advance(timedelta(minutes=-0))
    page = office.sign_in(cast.ADVISOR).get("/inbox/").text
    places = [page.index(f">{heading}") for heading in ("Overdue", "Today", "This week", "Later")]
    assert places == sorted(places)
    assert "1 working day overdue" in page


def test_the_words_are_chinese_for_a_chinese_reader(office: Office) -> None:
    office.start(cast.ADVISOR.no, days=-3)
    page = office.sign_in(cast.ADVISOR, "zh").get("/inbox/").text
    for text in ("待办", "我的组", "逾期 1 个工作日", "搜索标题或人名"):
        assert text in page


def test_the_task_of_a_group_is_in_the_box_of_its_groups_only(office: Office) -> None:
    hand_in(office, cast.ADVISOR)
    browser = office.sign_in(cast.HR)
    assert "Shen Zhixia" not in browser.get("/inbox/").text
    assert "Shen Zhixia" in browser.get("/inbox/?box=groups").text
    assert "Shen Zhixia" not in office.sign_in(cast.OUTSIDER).get("/inbox/?box=groups").text


def test_finished_work_is_found_again_with_its_record(office: Office) -> None:
    hand_in(office, cast.ADVISOR)
    page = office.sign_in(cast.ADVISOR).get("/inbox/?box=done").text
    assert "/inbox/record/" in page


def test_an_unknown_box_is_the_own_one(office: Office) -> None:
    office.start(cast.ADVISOR.no)
    assert "2025-ANNUAL" in office.sign_in(cast.ADVISOR).get("/inbox/?box=everything").text


def test_filters_and_search_narrow_the_list(office: Office) -> None:
    office.start(cast.ADVISOR.no, cycle="2025-ANNUAL")
    office.start(cast.ADVISOR.no, cycle="2026-ANNUAL")
    browser = office.sign_in(cast.ADVISOR)
    assert browser.get("/inbox/").text.count("data-key-row") == 2
    assert browser.get("/inbox/?cycle=2026-ANNUAL").text.count("data-key-row") == 1
    assert browser.get("/inbox/?step=draft").text.count("data-key-row") == 2
    assert browser.get("/inbox/?step=answer").text.count("data-key-row") == 0
    assert browser.get(f"/inbox/?person={cast.OUTSIDER.no}").text.count("data-key-row") == 0
    assert browser.get("/inbox/?q=Zhixia").text.count("data-key-row") == 2
    assert browser.get("/inbox/?q=沈知").text.count("data-key-row") == 2
    assert "Nothing matches" in browser.get("/inbox/?q=100%25").text


def test_a_long_list_is_read_page_by_page_without_gaps(office: Office) -> None:
    with office.database.writing() as session:
        for number in range(60):
            variables = {
                "employee": cast.ADVISOR.no,
                "due": office.clock.now() + timedelta(days=number % 7),
            }
            actions.start_instance(
                session, SYSTEM, office.clock.now(), "trial", f"C{number}", variables
            )
    browser = office.sign_in(cast.ADVISOR)
    seen: list[str] = []
    address = "/inbox/"
    while address:
        page = browser.get(address).text
        seen += [part.split('"')[0] for part in page.split('name="task" value="')[1:]]
        after = page.split('rel="next"')[0].rsplit('href="', 1)
        address = after[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""
    assert len(seen) == len(set(seen)) == 60


def test_a_page_mark_that_was_made_up_is_refused(office: Office) -> None:
    assert office.sign_in(cast.ADVISOR).get("/inbox/?after=nonsense").status_code == 400


def test_the_inbox_takes_five_statements_however_full_it_is(
    office: Office, count_statements: Counting
) -> None:
    browser = office.sign_in(cast.HR)
    browser.get("/inbox/")
    used = []
    for people in (cast.ADVISOR, cast.COLLEAGUE, cast.OUTSIDER):
        hand_in(office, people)
        for box in ("mine", "groups", "done"):
            with count_statements(office.database.engine) as counted:
                assert browser.get(f"/inbox/?box={box}").status_code == 200
            used.append(len(counted.statements))
            assert counted.commits == 0
    assert max(used) <= 5, used


def test_a_group_task_is_claimed_and_given_back(office: Office) -> None:
    hand_in(office, cast.ADVISOR)
    task = office.open_task(f"2025-ANNUAL/{cast.ADVISOR.no}")
    browser = office.sign_in(cast.HR)
    assert browser.post(f"/inbox/tasks/{task}/claim").status_code == 303
    assert "Shen Zhixia" in browser.get("/inbox/").text
    assert browser.post(f"/inbox/tasks/{task}/release").status_code == 303
    assert "Shen Zhixia" not in browser.get("/inbox/").text


def test_several_tasks_are_claimed_at_once_and_the_rest_is_counted(office: Office) -> None:
    hand_in(office, cast.ADVISOR)
    hand_in(office, cast.COLLEAGUE)
    numbers = [
        office.open_task(f"2025-ANNUAL/{person.no}") for person in (cast.ADVISOR, cast.COLLEAGUE)
    ]
    browser = office.sign_in(cast.HR)
    pairs = [("task", str(number)) for number in [*numbers, 999_999]]
    answer = browser.post("/inbox/selected", pairs, act="claim", next="/inbox/?box=groups")
    assert answer.location == "/inbox/?box=groups"
    page = browser.get("/inbox/").text
    assert "Claimed: 2" in page
    assert "Unchanged: 1" in page
    assert page.count("data-key-row") == 2


def test_the_way_back_never_leads_to_another_site(office: Office) -> None:
    browser = office.sign_in(cast.HR)
    answer = browser.post("/inbox/selected", act="claim", next="//evil.example/")
    assert answer.location == "/inbox/"


def test_an_auditor_cannot_claim(office: Office) -> None:
    hand_in(office, cast.ADVISOR)
    task = office.open_task(f"2025-ANNUAL/{cast.ADVISOR.no}")
    browser = office.sign_in(cast.AUDITOR)
    assert browser.post(f"/inbox/tasks/{task}/claim").status_code in (403, 404)
    assert "Shen Zhixia" not in browser.get("/inbox/").text


def test_a_manager_gives_a_task_of_her_report_to_somebody_else(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.MANAGER)
    answer = browser.post(f"/inbox/tasks/{task}/reassign", to=cast.COLLEAGUE.no, reason="leave")
    assert answer.status_code == 303
    assert "data-key-row" in office.sign_in(cast.COLLEAGUE).get("/inbox/").text
    assert "data-key-row" not in office.sign_in(cast.ADVISOR).get("/inbox/").text


def test_reassigning_needs_a_person_who_exists_and_a_reason(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.HR)
    missing = browser.post(f"/inbox/tasks/{task}/reassign", to="E99999", reason="leave")
    assert missing.status_code == 422
    assert "There is no employee with the number E99999." in missing.text
    silent = browser.post(f"/inbox/tasks/{task}/reassign", to=cast.COLLEAGUE.no, reason=" ")
    assert silent.status_code == 422


def test_a_manager_of_another_team_cannot_reassign(office: Office) -> None:
    task = office.start(cast.ADVISOR.no)
    browser = office.sign_in(cast.OTHER_MANAGER)
    answer = browser.post(f"/inbox/tasks/{task}/reassign", to=cast.COLLEAGUE.no, reason="x")
    assert answer.status_code == 404
