"""The first page: the next thing to do, own figures, the team's, and what one was told."""

from __future__ import annotations

from datetime import date

from perfflow.checkins.models import Commitment
from perfflow.notifications import notify
from perfflow.notifications.queries import unread_count
from perfflow.workflow import actions as workflow_actions
from tests.rooms.home.conftest import House, SUMMER
from tests.support.cast import act_as, ADVISOR, AUDITOR, CAST, COLLEAGUE, MANAGER, OUTSIDER
from tests.support.year import YEAR


def test_the_task_that_is_due_first_has_the_one_filled_button(house: House) -> None:
    page = house.page(ADVISOR, "/")
    assert page.count("btn-primary") == 1
    assert f'class="btn btn-primary" href="/inbox/tasks/{house.task_id}"' in page
    assert "12 working days overdue" in page


def test_the_task_says_why_it_exists_and_in_which_language_one_reads(house: House) -> None:
    assert "接下来做" in house.page(ADVISOR, "/", "zh")
    assert "Do this next" in house.page(ADVISOR, "/", "en")


def test_a_saved_draft_is_offered_to_be_continued(house: House) -> None:
    with house.database.writing() as session:
        actor = act_as(session, ADVISOR)
        workflow_actions.save_draft(session, actor, SUMMER, house.task_id, {"highlights": "more"})
    page = house.page(ADVISOR, "/")
    assert "Continue" in page
    assert "Your draft is kept." in page


def test_figures_come_from_the_own_performance_page(house: House) -> None:
    page = house.page(ADVISOR, "/")
    assert "Estimated score" in page
    assert "Provisional" in page
    assert f"/performance/{YEAR}/{ADVISOR.no}" in page
    assert "One strength" in page


def test_nobody_elses_figures_are_on_the_page(house: House) -> None:
    assert ADVISOR.no not in house.page(COLLEAGUE, "/")
    assert ADVISOR.name_en not in house.page(OUTSIDER, "/")


def test_a_manager_sees_whose_own_step_is_stuck(house: House) -> None:
    page = house.page(MANAGER, "/")
    assert "Stuck in the team" in page
    assert ADVISOR.name_en in page
    assert "Stuck in the team" not in house.page(ADVISOR, "/")


def test_who_has_nothing_to_do_is_told_what_will_be_here(house: House) -> None:
    page = house.page(AUDITOR, "/")
    assert "Nothing is waiting for you" in page
    assert "btn-primary" not in page


def test_everybody_of_the_firm_has_a_first_page(house: House) -> None:
    assert {house.status(person, "/") for person in CAST} == {200}


def promise(house: House, due_on: date, text: str) -> None:
    with house.database.writing() as session:
        session.add(
            Commitment(
                cycle_code=YEAR, about_no=ADVISOR.no, owner_no=ADVISOR.no, source="check-in/1",
                action_type="coaching", text=text, measure="done", due_on=due_on, status="open",
                created_at=SUMMER,
            )
        )  # fmt: skip


def test_promises_show_up_when_they_are_late_or_due_within_two_weeks(house: House) -> None:
    promise(house, date(2025, 7, 1), "Late promise")
    promise(house, date(2025, 8, 14), "Near promise")
    promise(house, date(2025, 8, 15), "Far promise")
    card = house.page(ADVISOR, "/").split("Commitments due")[1]
    assert "Late promise" in card
    assert "Near promise" in card
    assert "Far promise" not in card


def tell(house: House, link: str | None = None) -> None:
    with house.database.writing() as session:
        notify(
            session, SUMMER, ADVISOR.no, "home.reminder",
            {"task": {"zh": "员工准备", "en": "Employee prepares"}}, link=link,
        )  # fmt: skip


def test_what_one_was_told_is_worded_in_the_readers_language(house: House) -> None:
    tell(house)
    assert "“员工准备”在等你处理。" in house.page(ADVISOR, "/notifications", "zh")
    assert "Please look at “Employee prepares”" in house.page(ADVISOR, "/notifications", "en")
    assert "Employee prepares" not in house.page(COLLEAGUE, "/notifications")


def unread(house: House) -> int:
    with house.database.reading() as session:
        return unread_count(session, ADVISOR.no)


def test_opening_a_notification_marks_it_and_goes_on_to_what_it_is_about(house: House) -> None:
    tell(house, f"/inbox/tasks/{house.task_id}")
    page = house.page(ADVISOR, "/notifications")
    number = page.split('name="id" value="')[1].split('"')[0]
    before = unread(house)
    reply = house.pages.visit(ADVISOR).post(
        "/notifications", id=number, next=f"/inbox/tasks/{house.task_id}"
    )
    assert reply.status_code == 303
    assert reply.location == f"/inbox/tasks/{house.task_id}"
    assert unread(house) == before - 1


def test_a_notification_leads_to_no_foreign_address(house: House) -> None:
    tell(house)
    reply = house.pages.visit(ADVISOR).post("/notifications", id="1", next="https://evil.example/")
    assert reply.location == "/notifications"


def test_nobody_marks_the_notifications_of_somebody_else(house: House) -> None:
    tell(house)
    before = unread(house)
    house.pages.visit(COLLEAGUE).post("/notifications")
    house.pages.visit(COLLEAGUE).post("/notifications", id="1")
    assert unread(house) == before
    house.pages.visit(ADVISOR).post("/notifications")
    assert unread(house) == 0


def test_odd_numbers_in_the_address_are_no_error(house: House) -> None:
    assert house.status(ADVISOR, "/notifications?before=abc") == 200
    assert house.status(ADVISOR, "/notifications?before=99999999999999999999") == 200
