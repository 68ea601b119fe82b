"""Open tasks follow the organisation: leavers, transfers, absences, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from perfflow.audit.models import AuditEntry
from perfflow.calendar import FIRM_ZONE
from perfflow.commands.background import do_jobs, nightly
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.notifications.models import Notification
from perfflow.people import actions
from perfflow.people.rules import LeaverClass
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.models import TaskRerouting, UserTask
from tests.support.cast import (
    act_as,
    ADVISOR,
    build_firm,
    CHIEF,
    COLLEAGUE,
    HEAD,
    HR,
    MANAGER,
    OTHER_MANAGER,
    OUTSIDER,
    Person,
)
from tests.workflow.building import line, node, process, user_task

NOW = datetime(2025, 6, 3, 9, tzinfo=FIRM_ZONE)
TODAY = NOW.date()
STEPS = ("draft", "answer", "keep", "judge", "pool")


def fork(*tasks: str) -> bytes:
    return process(
        node("startEvent", "begun")
        + node("parallelGateway", "fork")
        + "".join(tasks)
        + node("endEvent", "ended")
        + line("begun", "fork")
        + "".join(line("fork", name, "ended") for name in STEPS)
    )


@pytest.fixture
def firm(database: Database) -> Database:
    """The cast with one appraisal of the advisor: five open tasks."""
    with database.writing() as session:
        build_firm(session)
        content = fork(
            user_task("draft", "=employee"),
            user_task("answer", "=manager of(employee)"),
            user_task("keep", "=manager of(employee)", properties={"reroute": "keep"}),
            user_task(
                "judge", "=manager of(employee)", properties={"not_for": "=[&quot;E00002&quot;]"}
            ),
            user_task("pool", group="=hr partner of(employee)"),
        )
        workflow_actions.deploy(session, SYSTEM, NOW, {"processes/trial.bpmn": content})
        variables = {"employee": ADVISOR.no}
        workflow_actions.start_instance(session, SYSTEM, NOW, "trial", "C/E00004", variables)
    return database


def holders(database: Database) -> dict[str, str | None]:
    with database.reading() as session:
        rows = session.execute(select(UserTask.element_id, UserTask.assignee_no))
        return {row.element_id: row.assignee_no for row in rows}


def log(database: Database) -> Sequence[Any]:
    with database.reading() as session:
        return session.execute(select(TaskRerouting.__table__).order_by("id")).all()


def leave(database: Database, person: Person, on: date = TODAY) -> int:
    with database.writing() as session:
        return actions.leave(
            session, act_as(session, HR), NOW, person.no, left_on=on,
            leaver_class=LeaverClass.RESIGNED,
        )  # fmt: skip


def transfer(database: Database, on: date = TODAY) -> None:
    with database.writing() as session:
        actions.transfer(
            session, act_as(session, HR), NOW, ADVISOR.no, unit_code="T02",
            manager_no=OTHER_MANAGER.no, on=on,
        )  # fmt: skip


def away(database: Database, first_on: date, last_on: date, **given: Any) -> int:
    with database.writing() as session:
        return actions.record_absence(
            session, act_as(session, HR), NOW, MANAGER.no,
            **{"kind": "sick", "first_on": first_on, "last_on": last_on,
               "deputy_no": COLLEAGUE.no, **given},
        )  # fmt: skip


def night(database: Database, on: date) -> None:
    at = datetime(on.year, on.month, on.day, 2, 30, tzinfo=FIRM_ZONE)
    nightly(database, at)
    for _ in range(3):
        do_jobs(database, at)


def test_it_begins_with_the_line_of_today(firm: Database) -> None:
    expected = dict.fromkeys(("answer", "keep", "judge"), MANAGER.no)
    assert holders(firm) == {"draft": ADVISOR.no, "pool": None, **expected}


def test_no_task_stays_with_somebody_who_has_left(firm: Database) -> None:
    assert leave(firm, MANAGER) == 3
    # Her manager, also where the step says keep; never the person judged.
    assert holders(firm) == {
        "draft": ADVISOR.no, "answer": HEAD.no, "keep": HEAD.no, "judge": CHIEF.no, "pool": None,
    }  # fmt: skip
    assert {row.cause for row in log(firm)} == {"left"}
    with firm.reading() as session:
        events = session.scalars(select(AuditEntry.event)).all()
        told = session.scalars(select(Notification.employee_no)).all()
    assert events.count("workflow:task:rerouted") == 3
    assert {HEAD.no, CHIEF.no} <= set(told)


def test_what_a_leaver_had_to_do_for_herself_goes_to_her_manager(firm: Database) -> None:
    assert leave(firm, ADVISOR) == 1
    assert holders(firm)["draft"] == MANAGER.no


def test_a_claimed_task_of_a_leaver_goes_back_to_its_group(firm: Database) -> None:
    with firm.writing() as session:
        task = session.scalars(select(UserTask).where(UserTask.element_id == "pool")).one()
        workflow_actions.claim_task(session, act_as(session, HR), NOW, task.id)
    with firm.writing() as session:
        actions.leave(session, SYSTEM, NOW, HR.no, left_on=TODAY, leaver_class=LeaverClass.RESIGNED)
    assert holders(firm)["pool"] is None


def test_tasks_follow_a_transfer_unless_the_step_keeps_them(firm: Database) -> None:
    transfer(firm)
    found = holders(firm)
    assert (found["answer"], found["judge"]) == (OTHER_MANAGER.no, OTHER_MANAGER.no)
    assert (found["keep"], found["draft"]) == (MANAGER.no, ADVISOR.no)


def test_a_choice_made_by_hand_outlasts_a_transfer(firm: Database) -> None:
    with firm.writing() as session:
        task = session.scalars(select(UserTask).where(UserTask.element_id == "answer")).one()
        workflow_actions.reassign_task(
            session, SYSTEM, NOW, task.id, OUTSIDER.no, "she knows the client"
        )
    transfer(firm)
    assert holders(firm)["answer"] == OUTSIDER.no


def test_a_transfer_of_a_later_day_is_followed_in_that_night(firm: Database) -> None:
    later = TODAY + timedelta(days=5)
    transfer(firm, later)
    assert holders(firm)["answer"] == MANAGER.no
    night(firm, later - timedelta(days=1))
    assert holders(firm)["answer"] == MANAGER.no
    night(firm, later)
    night(firm, later + timedelta(days=1))
    assert holders(firm)["answer"] == OTHER_MANAGER.no
    assert len(log(firm)) == 3  # answer and judge, and the HR group of the new unit


def test_a_hand_over_can_be_taken_back_once(firm: Database) -> None:
    transfer(firm)
    first = next(row for row in log(firm) if row.new_assignee_no == OTHER_MANAGER.no)
    with firm.writing() as session:
        with pytest.raises(NotAllowed):
            workflow_actions.undo_rerouting(session, act_as(session, MANAGER), NOW, first.id)
        workflow_actions.undo_rerouting(session, act_as(session, HR), NOW, first.id)
        with pytest.raises(Conflict):
            workflow_actions.undo_rerouting(session, act_as(session, HR), NOW, first.id)
    assert MANAGER.no in (holders(firm)["answer"], holders(firm)["judge"])


def test_nothing_goes_back_to_somebody_who_has_left(firm: Database) -> None:
    leave(firm, MANAGER)
    with firm.writing() as session, pytest.raises(Conflict):
        workflow_actions.undo_rerouting(session, act_as(session, HR), NOW, log(firm)[0].id)


def test_a_deputy_has_the_tasks_while_somebody_is_away_and_gives_them_back(
    firm: Database,
) -> None:
    assert away(firm, TODAY, TODAY + timedelta(days=3)) == 2
    found = holders(firm)
    assert (found["answer"], found["judge"], found["keep"]) == (
        COLLEAGUE.no, COLLEAGUE.no, MANAGER.no,
    )  # fmt: skip
    night(firm, TODAY + timedelta(days=3))
    assert holders(firm)["answer"] == COLLEAGUE.no
    night(firm, TODAY + timedelta(days=4))
    assert holders(firm)["answer"] == MANAGER.no


def test_an_absence_of_a_later_day_begins_in_that_night(firm: Database) -> None:
    assert away(firm, TODAY + timedelta(days=2), TODAY + timedelta(days=3)) == 0
    night(firm, TODAY + timedelta(days=2))
    assert holders(firm)["answer"] == COLLEAGUE.no


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "boredom"}, "people.unknown_absence"),
        ({"deputy_no": MANAGER.no}, "people.no_deputy"),
        ({"last_on": TODAY - timedelta(days=1)}, "people.dates_out_of_order"),
    ],
)
def test_an_absence_with_wrong_words_is_refused(
    firm: Database, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(RuleViolation) as caught:
        away(firm, TODAY, **{"last_on": TODAY, **given})
    assert caught.value.code == code


def test_nobody_is_away_twice_on_a_day(firm: Database) -> None:
    away(firm, TODAY, TODAY)
    with pytest.raises(Conflict):
        away(firm, TODAY, TODAY)
