"""A cycle from its creation to its archive, with who takes part and what refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from perfflow.calendar import end_of_day
from perfflow.cycles import actions, queries
from perfflow.cycles.actions import Population
from perfflow.cycles.models import Cycle, UnitCascade
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation, RuleViolations
from perfflow.people import actions as people_actions
from perfflow.people.rules import LeaverClass
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.models import UserTask
from tests.support.cast import (
    act_as,
    ADVISOR,
    CHIEF,
    COLLEAGUE,
    HEAD,
    hire,
    HR,
    MANAGER,
    OUTSIDER,
    Person,
    shipped_files,
)
from tests.support.playing import CYCLE, Play

PLAN = {"statement": "今年继续以客户为先，请看方案。", "is_checked": True}


def test_a_new_cycle_pins_release_and_bundle_and_knows_its_dates(play: Play) -> None:
    play.create_cycle()
    with play.database.reading() as session:
        found = queries.cycle(session, CYCLE)
        assert (found.kind, found.status) == ("ANNUAL", "preparing")
        assert found.release_number == workflow_queries.current_release(session)
        assert queries.deadlines(session, CYCLE)["draft_goals"] == date(2025, 1, 8)
    assert play.open_task("publish-plan").candidate_group == "hr-partner"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "my cycle"}, "cycles.bad_code"),
        ({"ends_on": date(2024, 12, 31)}, "cycles.dates_out_of_order"),
    ],
)
def test_a_cycle_with_wrong_words_is_refused(
    play: Play, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(RuleViolation) as caught:
        play.create_cycle(**changes)
    assert caught.value.code == code
    with play.database.reading() as session:
        assert queries.cycles(session) == []


def test_an_unknown_pack_is_not_found(play: Play) -> None:
    with pytest.raises(NotFound):
        play.create_cycle(pack="NO-SUCH")


def test_a_code_is_used_once(play: Play) -> None:
    play.create_cycle()
    with pytest.raises(Conflict):
        play.create_cycle()


def test_managers_create_no_cycles(play: Play) -> None:
    with play.database.writing() as session, pytest.raises(NotAllowed):
        actions.create_cycle(
            session, act_as(session, MANAGER), play.now, code="X-1", pack="ANNUAL-STD",
            name_zh="x", name_en="x", starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31),
        )  # fmt: skip


def test_a_plan_with_an_error_of_the_linter_is_not_published(play: Play) -> None:
    card = shipped_files()["catalogue/cards/FA.yaml"]
    broken = card.replace(b"weight_bp: 1500", b"weight_bp: 1400")
    with play.database.writing() as session:
        workflow_actions.deploy(session, SYSTEM, play.now, {"catalogue/cards/FA.yaml": broken})
    play.create_cycle()
    with pytest.raises(RuleViolations) as caught:
        play.complete("publish-plan", HR, PLAN)
    assert "plans.lint.weights_sum" in {error.code for error in caught.value.violations}
    assert play.is_open("publish-plan")


def test_units_with_a_head_and_people_cascade(play: Play) -> None:
    play.create_cycle()
    play.complete("publish-plan", HR, PLAN)
    play.complete("publish-objectives", CHIEF)
    with play.database.reading() as session:
        cascades = session.scalars(select(UnitCascade)).all()
        session.expunge_all()
    assert [(row.unit_code, row.head_no, row.status) for row in cascades] == [
        ("B01", HEAD.no, "open")
    ]


def test_the_last_cascade_lets_the_cycle_go_on(play: Play) -> None:
    play.launch()
    with play.database.reading() as session:
        assert queries.open_cascade_count(session, CYCLE) == 0
        people = queries.participants(session, CYCLE)
    assert len(people) == 11
    assert play.is_open("draft-goals", ADVISOR)


def test_everybody_whose_post_has_a_card_takes_part_with_the_facts_of_the_day(play: Play) -> None:
    play.launch()
    with play.database.reading() as session:
        row = queries.participant(session, CYCLE, ADVISOR.no)
        assert (row.card_code, row.post_code, row.unit_code) == ("FA-STD", "FA", "T01")
        assert (row.calibration_unit_code, row.pool_code) == ("B01", "B01")
        assert row.manager_no == MANAGER.no
        assert queries.find_participant(session, CYCLE, CHIEF.no) is None


def test_a_cycle_may_be_for_one_branch_and_one_post(play: Play) -> None:
    play.launch(population=Population(("B01",), ("FA",)))
    with play.database.reading() as session:
        names = [row.employee_no for row in queries.participants(session, CYCLE)]
    assert names == [ADVISOR.no, COLLEAGUE.no]


def test_a_joiner_is_taken_in_later(play: Play) -> None:
    play.launch()
    joiner = Person("E00050", "林知行", "Lin Zhixing", "FA", "T01", MANAGER.no)
    play.now = end_of_day(date(2025, 6, 2))
    with play.database.writing() as session:
        hire(session, joiner, date(2025, 6, 1))
        actions.add_participant(session, act_as(session, HR), play.now, CYCLE, joiner.no)
    assert play.is_open("draft-goals", joiner)
    with play.database.writing() as session, pytest.raises(Conflict):
        actions.add_participant(session, SYSTEM, play.now, CYCLE, joiner.no)


def test_somebody_without_a_card_is_not_taken_in(play: Play) -> None:
    play.launch()
    with play.database.writing() as session, pytest.raises(RuleViolation) as caught:
        actions.add_participant(session, SYSTEM, play.now, CYCLE, CHIEF.no)
    assert caught.value.code == "cycles.not_in_population"


def test_taking_somebody_out_needs_a_reason(play: Play) -> None:
    play.launch()
    with play.database.writing() as session:
        hr = act_as(session, HR)
        with pytest.raises(RuleViolation):
            actions.exclude_participant(session, hr, play.now, CYCLE, ADVISOR.no, " ")
        actions.exclude_participant(session, hr, play.now, CYCLE, ADVISOR.no, "长期病假")
    with play.database.reading() as session:
        assert queries.participant(session, CYCLE, ADVISOR.no).status == "excluded"
        assert f"{CYCLE}/{ADVISOR.no}" not in queries.appraisal_keys(session, CYCLE)


def test_open_steps_of_a_leaver_go_to_the_manager(play: Play) -> None:
    play.launch()
    with play.database.writing() as session:
        moved = people_actions.leave(
            session, act_as(session, HR), play.now, ADVISOR.no,
            left_on=date(2025, 2, 1), leaver_class=LeaverClass.RESIGNED,
        )  # fmt: skip
    assert moved == 1
    with play.database.reading() as session:
        holders = session.scalars(
            select(UserTask.assignee_no).where(UserTask.business_key == f"{CYCLE}/{ADVISOR.no}")
        ).all()
    assert holders == [MANAGER.no]


def test_the_funnel_follows_the_pack_and_counts_what_is_late(play: Play) -> None:
    play.launch()
    later = end_of_day(date(2025, 1, 20))
    with play.database.reading() as session:
        rows = {row.element_id: row for row in queries.funnel(session, CYCLE, later)}
    assert list(rows)[:4] == [
        "publish-plan", "publish-objectives", "cascade-goals", "draft-goals",
    ]  # fmt: skip
    drafts = rows["draft-goals"]
    assert (drafts.step_code, drafts.role, drafts.due_on) == (
        "A04", "employee", date(2025, 1, 8),
    )  # fmt: skip
    assert (drafts.created, drafts.done, drafts.open, drafts.overdue) == (11, 0, 11, 11)


def test_other_cycles_do_not_count(play: Play) -> None:
    play.launch()
    play.create_cycle(code="2025-ANNUAL-B")
    with play.database.reading() as session:
        [row] = queries.funnel(session, "2025-ANNUAL-B", play.now)
    assert (row.element_id, row.created) == ("publish-plan", 1)


def test_stuck_are_those_whose_holder_has_left_and_those_long_overdue(play: Play) -> None:
    play.launch()
    later = end_of_day(date(2025, 2, 10))
    with play.database.reading() as session:
        cases = queries.stuck_cases(
            session, CYCLE, later, date(2025, 2, 10), later - timedelta(days=14)
        )
        assert {case.reason for case in cases} == {"overdue"}
        assert OUTSIDER.no in {case.assignee.no for case in cases if case.assignee}


def test_the_data_freeze_is_announced_to_everybody_active(play: Play) -> None:
    play.launch()
    with play.database.writing() as session:
        assert actions.announce_data_frozen(session, SYSTEM, play.now, CYCLE) == 11


def test_an_appraisal_closes_once(play: Play) -> None:
    play.launch()
    with play.database.writing() as session:
        for _ in range(2):
            actions.close_participant(session, SYSTEM, play.now, CYCLE, ADVISOR.no)
        row = queries.participant(session, CYCLE, ADVISOR.no)
        assert (row.status, row.closed_at) == ("closed", play.now)


def test_a_cycle_is_archived_once_with_its_retrospective(play: Play) -> None:
    play.launch()
    with play.database.writing() as session:
        hr = act_as(session, HR)
        actions.archive_cycle(session, hr, play.now, CYCLE, summary="协商比去年快。")
        with pytest.raises(Conflict):
            actions.archive_cycle(session, hr, play.now, CYCLE, summary="再来一次。")
    with play.database.reading() as session:
        found = session.get(Cycle, CYCLE)
        assert found is not None
        assert (found.status, found.extra["archive"]["summary"]) == (
            "archived", "协商比去年快。",
        )  # fmt: skip
        assert queries.open_cycles(session) == []
