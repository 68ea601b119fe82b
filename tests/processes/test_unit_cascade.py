"""The shipped cascade of a unit over HTTP: its head settles the goals, the last wakes the year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from perfflow.cycles.models import UnitCascade
from perfflow.goals import queries as goal_queries
from tests.processes.stages import CASCADING
from tests.processes.walk import Walk
from tests.support.cast import ADVISOR, HEAD, HR, MANAGER, OTHER_MANAGER, Person
from tests.support.year import YEAR

STAGE = CASCADING
KEYS = {HEAD.no: f"{YEAR}/cascade/B01", OTHER_MANAGER.no: f"{YEAR}/cascade/B02"}


def goal(walk: Walk, **changes: Any) -> dict[str, Any]:
    """One goal of a unit below the first objective."""
    with walk.database.reading() as session:
        first = goal_queries.objectives(session, YEAR)[0]
        row = {
            "objective_code": first.code,
            "metric_code": first.metric_code,
            "target": 1200,
            "why": "支行的客户最看重长期陪伴，所以我们从这里做起。",
        }
    return {**row, **changes}


def settle(walk: Walk, person: Person) -> None:
    walk.hand_in(person, KEYS[person.no], "cascade-goals", goals=[goal(walk)])


def test_each_head_settles_the_goals_of_the_own_unit(walk: Walk) -> None:
    assert walk.waiting(KEYS[HEAD.no]) == [("cascade-goals", HEAD.no)]
    settle(walk, HEAD)
    assert walk.status(KEYS[HEAD.no]) == "completed"
    with walk.database.reading() as session:
        found = goal_queries.unit_goals(session, YEAR, ["B01"])
        assert [(one.unit_code, one.target_e6) for one in found] == [("B01", Decimal(1200))]
        cascade = session.get_one(UnitCascade, (YEAR, "B01"))
        assert cascade.status == "closed"


def test_the_year_waits_for_the_last_unit(walk: Walk) -> None:
    settle(walk, HEAD)
    assert walk.appraisals() == []
    settle(walk, OTHER_MANAGER)
    assert len(walk.appraisals()) == 5


def test_a_goal_needs_a_known_objective_and_a_reason(walk: Walk) -> None:
    for change in ({"objective_code": "NONE"}, {"why": "短"}, {"target": None}):
        said = walk.refusal(HEAD, KEYS[HEAD.no], "cascade-goals", goals=[goal(walk, **change)])
        assert said
    assert walk.refusal(HEAD, KEYS[HEAD.no], "cascade-goals", goals=[])
    assert walk.steps(KEYS[HEAD.no]) == ["cascade-goals"]
    with walk.database.reading() as session:
        assert goal_queries.unit_goals(session, YEAR, ["B01"]) == []


def test_nobody_else_settles_them(walk: Walk) -> None:
    for stranger in (OTHER_MANAGER, MANAGER, ADVISOR):
        assert walk.turned_away(stranger, KEYS[HEAD.no], "cascade-goals") == (404, 404)
    assert walk.turned_away(HR, KEYS[HEAD.no], "cascade-goals")[1] == 403
