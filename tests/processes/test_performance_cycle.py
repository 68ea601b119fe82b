"""The shipped annual cycle over HTTP: from plan to archive, with the messages it waits for."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from perfflow.calendar import end_of_day, local_date
from perfflow.calibration.models import CalibrationSession
from perfflow.cycles.models import Cycle
from perfflow.goals import queries as goal_queries
from perfflow.payouts.models import Pool
from perfflow.people.models import Unit
from perfflow.reviews import queries as review_queries
from perfflow.workflow.models import UserTask
from tests.processes.stages import (
    AGREED,
    APPRAISED,
    CALIBRATED,
    CREATED_CYCLE,
    FINANCE,
    from_stage,
    LAUNCHED,
    MEASURED,
    PAID,
    PUBLISHED,
)
from tests.processes.walk import Walk
from tests.support.cast import ADVISOR, BRANCH_HR, CHIEF, HR, MANAGER, OUTSIDER, OWNER
from tests.support.year import YEAR

STAGE = CREATED_CYCLE
PLAN = {"statement": "本年度方案沿用去年的卡片，合规权重不变。", "is_checked": True}
OBJECTIVE = {
    "code": "O1",
    "title_zh": "长期陪伴客户",
    "title_en": "Stay with clients",
    "metric_code": "RS-01",
    "target": 5000,
    "why": "客户留得住，公司才走得远，这是我们的根本。",
}


def publish_plan(walk: Walk) -> None:
    walk.hand_in(HR, YEAR, "publish-plan", **PLAN)


def publish_objectives(walk: Walk) -> None:
    walk.hand_in(CHIEF, YEAR, "publish-objectives", objectives=[OBJECTIVE])


# -- planning ---------------------------------------------------------------------------------
def test_the_plan_comes_first_and_then_the_objectives(walk: Walk) -> None:
    assert walk.waiting(YEAR) == [("publish-plan", "hr-partner")]
    publish_plan(walk)
    assert walk.waiting(YEAR) == [("publish-objectives", "executive")]
    publish_objectives(walk)
    assert walk.steps(YEAR) == []
    assert walk.steps(f"{YEAR}/cascade/B01") == ["cascade-goals"]
    with walk.database.reading() as session:
        assert session.get_one(Cycle, YEAR).status == "running"
        assert [one.code for one in goal_queries.objectives(session, YEAR)] == ["O1"]


def test_a_plan_that_nobody_checked_is_not_published(walk: Walk) -> None:
    assert walk.refusal(HR, YEAR, "publish-plan", **{**PLAN, "is_checked": False})
    assert walk.refusal(HR, YEAR, "publish-plan", **{**PLAN, "statement": "好"})
    with walk.database.reading() as session:
        assert session.get_one(Cycle, YEAR).status == "preparing"


def test_objectives_are_not_published_twice_under_one_code_or_empty(walk: Walk) -> None:
    publish_plan(walk)
    twice = [OBJECTIVE, {**OBJECTIVE, "metric_code": "RS-03"}]
    assert "O1" in walk.refusal(CHIEF, YEAR, "publish-objectives", objectives=twice)
    assert walk.refusal(CHIEF, YEAR, "publish-objectives", objectives=[])
    assert walk.steps(YEAR) == ["publish-objectives"]


def test_without_a_unit_that_has_a_head_everybody_starts_at_once(walk: Walk) -> None:
    publish_plan(walk)
    with walk.database.writing() as session:
        for unit in session.scalars(select(Unit).where(Unit.kind == "branch")):
            unit.head_no = None
    publish_objectives(walk)
    assert walk.appraisals() == [f"{YEAR}/{person.no}" for person in APPRAISED_BY_NUMBER]


APPRAISED_BY_NUMBER = sorted(APPRAISED, key=lambda person: person.no)


def test_only_hr_publishes_the_plan_and_only_executives_the_objectives(walk: Walk) -> None:
    for stranger in (ADVISOR, MANAGER, CHIEF):
        assert walk.turned_away(stranger, YEAR, "publish-plan") == (404, 404)
    publish_plan(walk)
    for stranger in (ADVISOR, MANAGER, HR):
        assert walk.turned_away(stranger, YEAR, "publish-objectives") == (404, 404)


@from_stage(LAUNCHED)
def test_an_appraisal_begins_for_everybody_of_the_population_and_nobody_else(walk: Walk) -> None:
    assert walk.appraisals() == [f"{YEAR}/{person.no}" for person in APPRAISED_BY_NUMBER]


# -- the year ---------------------------------------------------------------------------------
@from_stage(AGREED)
def test_each_month_is_loaded_by_a_metric_owner_after_it_has_ended(walk: Walk) -> None:
    assert walk.waiting(YEAR) == [("load-data", "metric-owner")]
    _, form = walk.open(OWNER, YEAR, "load-data")
    assert "period" not in form.names or form.value("period") in (None, "2025-01")
    walk.hand_in(OWNER, YEAR, "load-data", is_complete=True)
    assert walk.steps(YEAR) == []
    end = end_of_day(date(2025, 2, 28))
    walk.advance_to(end - timedelta(seconds=1))
    assert walk.steps(YEAR) == []
    walk.advance_to(end)
    assert walk.steps(YEAR) == ["load-data"]


@from_stage(AGREED)
def test_a_month_that_is_not_complete_is_not_confirmed(walk: Walk) -> None:
    assert walk.refusal(OWNER, YEAR, "load-data", is_complete=False)
    for stranger in (ADVISOR, HR, FINANCE):
        assert walk.turned_away(stranger, YEAR, "load-data") == (404, 404)


@from_stage(MEASURED)
def test_freezing_the_data_computes_results_and_wakes_every_appraisal(walk: Walk) -> None:
    assert walk.waiting(YEAR) == [("freeze-data", "metric-owner")]
    walk.hand_in(OWNER, YEAR, "freeze-data", is_complete=True, statement="十二月已核对。")
    assert walk.steps(YEAR) == []
    for person in APPRAISED:
        assert walk.steps(f"{YEAR}/{person.no}") == ["check-data"]
    with walk.database.reading() as session:
        stages = [
            [row.stage for row in review_queries.result_chain(session, YEAR, person.no)]
            for person in APPRAISED
        ]
        assert stages == [["computed"]] * 5
        found = session.scalars(select(CalibrationSession).order_by(CalibrationSession.unit_code))
        assert [(one.unit_code, one.kind, one.status) for one in found] == [
            ("B01", "unit", "waiting"),
            ("B02", "unit", "waiting"),
            ("FIRM", "firm", "waiting"),
        ]


# -- results and pay --------------------------------------------------------------------------
@from_stage(CALIBRATED)
def test_publishing_tells_everybody_and_opens_the_pools(walk: Walk) -> None:
    assert walk.waiting(YEAR) == [("publish-results", "hr-partner")]
    assert walk.refusal(HR, YEAR, "publish-results", confirmed=False)
    assert walk.steps(f"{YEAR}/{ADVISOR.no}") == []
    walk.hand_in(HR, YEAR, "publish-results", confirmed=True)
    today = local_date(walk.clock.now())
    for person in APPRAISED:
        assert walk.steps(f"{YEAR}/{person.no}") == ["prepare-interview"]
        assert walk.variable(f"{YEAR}/{person.no}", "published_on") == today
    with walk.database.reading() as session:
        assert session.scalars(select(Pool.code).order_by(Pool.code)).all() == ["B01", "B02"]


@from_stage(CALIBRATED)
def test_only_hr_publishes_results(walk: Walk) -> None:
    for stranger in (ADVISOR, MANAGER, OUTSIDER, FINANCE, CHIEF):
        assert walk.turned_away(stranger, YEAR, "publish-results") == (404, 404)


@from_stage(CALIBRATED)
def test_a_shadow_cycle_has_no_pools_and_is_not_archived_over_open_talks(walk: Walk) -> None:
    with walk.database.writing() as session:
        session.get_one(Cycle, YEAR).is_shadow = True
    walk.hand_in(HR, YEAR, "publish-results", confirmed=True)
    assert walk.waiting(YEAR) == [("archive-cycle", "hr-partner")]
    said = walk.refusal(HR, YEAR, "archive-cycle", summary="这一年的复盘：流程顺畅，数据可靠。")
    assert "interview" in said.lower()
    with walk.database.reading() as session:
        assert session.get_one(Cycle, YEAR).status != "archived"
        assert session.scalars(select(Pool.code)).all() == []


@from_stage(PUBLISHED)
def test_the_cycle_waits_until_the_last_pool_is_released(walk: Walk) -> None:
    assert (walk.steps(YEAR), walk.status(YEAR)) == ([], "active")
    walk.play(date(2026, 8, 1), "archive-cycle")
    with walk.database.reading() as session:
        assert set(session.scalars(select(Pool.status))) == {"released"}


@from_stage(PAID)
def test_the_retrospective_archives_the_cycle_and_ends_its_process(walk: Walk) -> None:
    for stranger in (ADVISOR, MANAGER, CHIEF):
        assert walk.turned_away(stranger, YEAR, "archive-cycle") == (404, 404)
    walk.hand_in(HR, YEAR, "archive-cycle", summary="这一年的复盘：流程顺畅，数据可靠。")
    assert walk.status(YEAR) == "completed"
    with walk.database.reading() as session:
        assert session.get_one(Cycle, YEAR).status == "archived"


@from_stage(PAID)
def test_hr_of_one_branch_may_not_run_the_firms_cycle(walk: Walk) -> None:
    got, posted = walk.turned_away(BRANCH_HR, YEAR, "archive-cycle")
    assert (got, posted) == (404, 404)
    with walk.database.reading() as session:
        open_now = session.scalars(select(UserTask.element_id).where(UserTask.status == "open"))
        assert "archive-cycle" in open_now.all()
