"""The cycle monitor: the funnel, the warm drawing, what is stuck, remedies and their limits."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from perfflow.audit import trail
from perfflow.home.queries import monitor as queries
from perfflow.notifications.models import Notification
from perfflow.people.models import Employee
from perfflow.workflow.models import Incident, UserTask
from tests.rooms.home.conftest import House, SUMMER
from tests.support.cast import (
    act_as,
    ADMIN,
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    COLLEAGUE,
    HR,
    MANAGER,
    Person,
)
from tests.support.year import YEAR

PAGE = f"/cycles/{YEAR}/monitor"


def reminders(house: House, person: Person = ADVISOR) -> int:
    with house.database.reading() as session:
        found = session.scalar(
            select(func.count())
            .select_from(Notification)
            .where(Notification.employee_no == person.no, Notification.code == "home.reminder")
        )
        return int(found or 0)


def holder(house: House) -> str | None:
    with house.database.reading() as session:
        return session.get_one(UserTask, house.task_id).assignee_no


def test_the_funnel_counts_what_is_created_open_and_overdue(house: House) -> None:
    page = house.page(ADMIN, PAGE)
    row = page.split("Employee prepares</th>")[1].split("</tr>")[0]
    figures = [cell.split("</td>")[0].rsplit(">", 1)[1] for cell in row.split('class="num"')[1:]]
    assert figures == ["1", "0", "0", "1", "1", "0", "0"]


def test_every_step_of_the_drawing_has_a_figure_and_the_busiest_is_warmest(house: House) -> None:
    page = house.page(ADMIN, PAGE)
    assert page.count('class="pf-badge"') == 3
    assert page.count("is-heat-4") == 1
    assert page.count("is-heat-1") == 2


def test_the_short_address_shows_the_newest_running_cycle(house: House) -> None:
    assert "2025 annual review" in house.page(ADMIN, "/monitor")


def test_no_pay_figures_are_on_the_page(house: House) -> None:
    assert "¥" not in house.page(ADMIN, PAGE)


def test_a_step_overdue_for_more_than_a_week_is_stuck(house: House) -> None:
    with house.database.reading() as session:
        actor = act_as(session, ADMIN)
        cycle = queries.cycle_to_watch(session, YEAR)
        assert cycle is not None
        (found,) = queries.stuck(session, actor, cycle, SUMMER)
        early = queries.stuck(session, actor, cycle, SUMMER - timedelta(days=10))
        session.expunge_all()
    assert found.subject is not None
    assert found.subject.no == ADVISOR.no
    assert found.case.reason == "overdue"
    assert found.heir is not None
    assert found.heir.no == MANAGER.no
    assert early == []


def test_hr_of_another_branch_does_not_see_the_person(house: House) -> None:
    assert ADVISOR.name_en in house.page(HR, PAGE)
    assert ADVISOR.name_en not in house.page(BRANCH_HR, PAGE)


@pytest.mark.parametrize("reader", [ADVISOR, MANAGER])
def test_the_monitor_is_for_who_runs_the_cycle(house: House, reader: Person) -> None:
    assert house.status(reader, PAGE) == 403
    assert house.status(reader, "/monitor") == 403


def test_an_unknown_cycle_is_not_found(house: House) -> None:
    assert house.status(ADMIN, "/cycles/1999-ANNUAL/monitor") == 404


def test_a_reminder_reaches_the_holder_once_a_day(house: House) -> None:
    admin = house.pages.visit(ADMIN)
    for _ in range(2):
        reply = admin.post(f"{PAGE}/remind", task=str(house.task_id))
        assert reply.status_code == 303
    assert reminders(house) == 1
    with house.database.reading() as session:
        (entry,) = trail(session, event="workflow:task:reminded", actor=ADMIN.no)
        assert entry.details["recipients"] == [ADVISOR.no]


def test_a_finished_step_is_not_reminded_of(house: House) -> None:
    with house.database.writing() as session:
        session.get_one(UserTask, house.task_id).status = "completed"
    reply = house.pages.visit(ADMIN).post(f"{PAGE}/remind", task=str(house.task_id))
    assert reply.status_code == 409
    assert reminders(house) == 0


@pytest.mark.parametrize(("reader", "status"), [(BRANCH_HR, 404), (AUDITOR, 403), (MANAGER, 403)])
def test_strangers_remind_and_reassign_nothing(house: House, reader: Person, status: int) -> None:
    visitor = house.pages.visit(reader)
    number = str(house.task_id)
    assert visitor.post(f"{PAGE}/remind", task=number).status_code == status
    reply = visitor.post(f"{PAGE}/reassign", task=number, to=MANAGER.no, reason="left")
    assert reply.status_code == status
    assert reminders(house) == 0
    assert holder(house) == ADVISOR.no


def test_a_stuck_step_goes_to_whoever_was_proposed(house: House) -> None:
    reply = house.pages.visit(ADMIN).post(
        f"{PAGE}/reassign", task=str(house.task_id), to=COLLEAGUE.no, reason="Long absent"
    )
    assert reply.status_code == 303
    assert holder(house) == COLLEAGUE.no


@pytest.mark.parametrize(
    "fields",
    [
        {"task": "none", "to": "E00005", "reason": "x"},
        {"to": "E00005", "reason": "x"},
        {"to": "E99999", "reason": "x"},
        {"to": "E00005", "reason": " "},
        {"to": "", "reason": "x"},
    ],
)
def test_half_a_reassignment_changes_nothing(house: House, fields: dict[str, str]) -> None:
    sent = {"task": str(house.task_id), **fields}
    if fields == {"to": "E00005", "reason": "x"}:
        sent["task"] = ""
    assert house.pages.visit(ADMIN).post(f"{PAGE}/reassign", **sent).status_code == 422
    assert holder(house) == ADVISOR.no


def test_nobody_who_has_left_is_given_a_step(house: House) -> None:
    with house.database.writing() as session:
        session.get_one(Employee, COLLEAGUE.no).left_on = date(2025, 7, 1)
    reply = house.pages.visit(ADMIN).post(
        f"{PAGE}/reassign", task=str(house.task_id), to=COLLEAGUE.no, reason="Long absent"
    )
    assert reply.status_code == 422
    assert holder(house) == ADVISOR.no


@pytest.fixture
def incident(house: House) -> int:
    with house.database.writing() as session:
        task = session.get_one(UserTask, house.task_id)
        row = Incident(
            instance_id=task.instance_id, code="workflow.failed", detail="No value",
            occurred_at=SUMMER,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def test_a_failed_step_is_shown_until_somebody_has_looked_after_it(
    house: House, incident: int
) -> None:
    assert "Steps that failed by themselves" in house.page(ADMIN, PAGE)
    reply = house.pages.visit(ADMIN).post(f"{PAGE}/incident", incident=str(incident))
    assert reply.status_code == 303
    assert "Steps that failed by themselves" not in house.page(ADMIN, PAGE)


def test_only_process_admins_look_after_failed_steps(house: House, incident: int) -> None:
    reply = house.pages.visit(HR).post(f"{PAGE}/incident", incident=str(incident))
    assert reply.status_code == 403
    assert "Steps that failed by themselves" in house.page(AUDITOR, PAGE)
    assert "Steps that failed by themselves" not in house.page(BRANCH_HR, PAGE)


def test_odd_incident_numbers_are_refused(house: House) -> None:
    admin = house.pages.visit(ADMIN)
    assert admin.post(f"{PAGE}/incident", incident="x").status_code == 422
    assert admin.post(f"{PAGE}/incident", incident="4711").status_code == 404
