"""The page of hand-overs: who sees which, why, and the way back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from perfflow.people import actions as people_actions
from perfflow.workflow.models import TaskRerouting, UserTask
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


@pytest.fixture
def moved(house: House) -> int:
    """The advisor is away, her colleague has the check-in; the number of the hand-over."""
    with house.database.writing() as session:
        people_actions.record_absence(
            session, act_as(session, HR), SUMMER, ADVISOR.no, kind="sick",
            first_on=SUMMER.date(), last_on=SUMMER.date(), deputy_no=COLLEAGUE.no,
        )  # fmt: skip
        return session.scalars(select(TaskRerouting.id)).one()


def holder(house: House) -> str | None:
    with house.database.reading() as session:
        return session.get_one(UserTask, house.task_id).assignee_no


@pytest.mark.parametrize("reader", [HR, ADMIN, AUDITOR])
def test_hand_overs_say_from_whom_to_whom_and_why(house: House, moved: int, reader: Person) -> None:
    page = house.page(reader, "/handovers")
    assert COLLEAGUE.name_en in page
    assert "The holder is away" in page
    assert "办理人休假" in house.page(reader, "/handovers", "zh")


def test_a_hand_over_is_given_back_from_the_page(house: House, moved: int) -> None:
    assert holder(house) == COLLEAGUE.no
    assert house.pages.visit(AUDITOR).post(f"/handovers/{moved}/undo").status_code == 403
    assert house.pages.visit(HR).post(f"/handovers/{moved}/undo").status_code == 303
    assert holder(house) == ADVISOR.no
    assert "given back" in house.page(HR, "/handovers")
    assert house.pages.visit(HR).post(f"/handovers/{moved}/undo").status_code == 409


def test_hr_of_another_branch_neither_sees_nor_undoes_it(house: House, moved: int) -> None:
    assert "Nothing was handed over" in house.page(BRANCH_HR, "/handovers")
    assert house.pages.visit(BRANCH_HR).post(f"/handovers/{moved}/undo").status_code == 404
    assert house.pages.visit(ADMIN).post("/handovers/999/undo").status_code == 404
    assert house.status(MANAGER, "/handovers") == 403


def test_a_step_that_is_over_is_not_given_back(house: House, moved: int) -> None:
    with house.database.writing() as session:
        session.get_one(UserTask, house.task_id).status = "completed"
    assert "step is over" in house.page(HR, "/handovers")
    assert house.pages.visit(HR).post(f"/handovers/{moved}/undo").status_code == 409
