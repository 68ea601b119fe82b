"""Deadlines of a cycle: moved for all, for a unit or for one person, by whoever may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from perfflow.calendar import end_of_day
from perfflow.cycles import actions, queries
from perfflow.kernel.errors import NotAllowed, RuleViolation
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import act_as, ADMIN, ADVISOR, BRANCH_HR, HR, MANAGER, OUTSIDER, Person
from tests.support.playing import CYCLE, Play

LATER = date(2025, 2, 14)


def move(play: Play, by: Person = HR, name: str = "draft_goals", **scope: Any) -> None:
    with play.database.writing() as session:
        given = {"due_on": LATER, "reason": "春节", **scope}
        actions.move_cycle_deadline(session, act_as(session, by), play.now, CYCLE, name, **given)


def due(play: Play, person: Person) -> date:
    at = play.open_task("draft-goals", person).due_at
    assert at is not None
    return at.date()


def known(play: Play, person: Person, name: str) -> date:
    with play.database.reading() as session:
        found = workflow_queries.variables_of(session, f"{CYCLE}/{person.no}")
        return found["deadlines"][name]


def test_for_all_the_cycle_open_tasks_and_steps_to_come_have_the_new_date(play: Play) -> None:
    play.launch()
    move(play)
    move(play, name="self_assess")
    with play.database.reading() as session:
        assert queries.deadlines(session, CYCLE)["draft_goals"] == LATER
    assert {due(play, ADVISOR), due(play, OUTSIDER)} == {end_of_day(LATER).date()}
    assert known(play, ADVISOR, "self_assess") == LATER


def test_for_a_unit_only_its_people_have_it(play: Play) -> None:
    play.launch()
    before = due(play, OUTSIDER)
    move(play, unit_code="B01")
    assert due(play, ADVISOR) == end_of_day(LATER).date()
    assert due(play, OUTSIDER) == before
    with play.database.reading() as session:
        assert queries.deadlines(session, CYCLE)["draft_goals"] != LATER


def test_for_one_person_nobody_else_has_it(play: Play) -> None:
    play.launch()
    before = due(play, MANAGER)
    move(play, employee_no=ADVISOR.no)
    assert (due(play, ADVISOR), due(play, MANAGER)) == (end_of_day(LATER).date(), before)


@pytest.mark.parametrize(
    ("by", "scope", "may"),
    [
        (ADMIN, {}, True),
        (MANAGER, {"employee_no": ADVISOR.no}, False),
        (BRANCH_HR, {}, False),
        (BRANCH_HR, {"unit_code": "B01"}, False),
        (BRANCH_HR, {"unit_code": "B02"}, True),
        (BRANCH_HR, {"employee_no": OUTSIDER.no}, True),
        (BRANCH_HR, {"employee_no": ADVISOR.no}, False),
    ],
)
def test_who_may_move_what(play: Play, by: Person, scope: dict[str, Any], may: bool) -> None:
    play.create_cycle()
    with play.database.writing() as session:
        on = play.now.date()
        guard = actions.deadlines._guard
        actor = act_as(session, by)
        unit, person = scope.get("unit_code"), scope.get("employee_no")
        if may:
            guard(session, actor, on, unit, person)
        else:
            with pytest.raises(NotAllowed):
                guard(session, actor, on, unit, person)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"due_on": date(2024, 1, 1)}, "cycles.deadline_past"),
        ({"reason": " "}, "cycles.reason_needed"),
        ({"name": "no_such"}, "cycles.unknown_step"),
    ],
)
def test_a_wrong_move_is_refused(play: Play, given: dict[str, Any], code: str) -> None:
    play.create_cycle()
    with pytest.raises(RuleViolation) as caught:
        move(play, **given)
    assert caught.value.code == code
