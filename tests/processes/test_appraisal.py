"""The shipped appraisal over HTTP: a person's year between its calls, clocks and messages."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from perfflow.calendar import firm_calendar, local_date
from perfflow.checkins import queries as checkin_queries
from perfflow.cycles import queries as cycle_queries
from perfflow.goals import queries as goal_queries
from perfflow.reviews import queries as review_queries
from tests.processes.stages import (
    AGREED,
    CALIBRATED,
    FOLLOWED,
    from_stage,
    FROZEN,
    LAUNCHED,
    MEASURED,
    MID_YEAR,
    SCORED,
)
from tests.processes.walk import Walk
from tests.support.cast import ADVISOR, COLLEAGUE, HEAD, HR, MANAGER, OTHER_MANAGER, OUTSIDER
from tests.support.year import YEAR

STAGE = MID_YEAR
KEY = f"{YEAR}/{ADVISOR.no}"
BOSS_KEY = f"{YEAR}/{MANAGER.no}"
KEEP = {"verdict": "keep", "summary": "目标仍然合适，下半年继续按原计划推进。"}


def gaps(walk: Walk, number: str) -> list[str]:
    with walk.database.reading() as session:
        return [gap.kind for gap in checkin_queries.process_gaps(session, YEAR, number)]


@from_stage(LAUNCHED)
def test_the_year_begins_with_the_own_goals(walk: Walk) -> None:
    assert walk.waiting(KEY) == [("draft-goals", ADVISOR.no)]
    assert walk.status(KEY) == "active"


@from_stage(AGREED)
def test_after_the_goals_the_year_waits_for_the_first_quarters_end(walk: Walk) -> None:
    assert walk.steps(KEY) == []
    due = walk.next_timer(KEY)
    assert due is not None
    assert local_date(due) == date(2025, 3, 31)
    walk.advance_to(due)
    assert walk.waiting(KEY) == [("prepare-check-in", ADVISOR.no)]


# -- mid-year ---------------------------------------------------------------------------------
def test_the_mid_year_review_is_held_by_the_manager_of_the_person(walk: Walk) -> None:
    assert walk.waiting(BOSS_KEY) == [("review-mid-year", HEAD.no)]
    for stranger in (ADVISOR, OTHER_MANAGER, OUTSIDER):
        assert walk.turned_away(stranger, BOSS_KEY, "review-mid-year") == (404, 404)
    assert walk.turned_away(MANAGER, BOSS_KEY, "review-mid-year")[1] in (403, 404)
    assert walk.turned_away(HR, BOSS_KEY, "review-mid-year") == (200, 403)
    walk.hand_in(HEAD, BOSS_KEY, "review-mid-year", **KEEP)
    assert (walk.steps(BOSS_KEY), gaps(walk, MANAGER.no)) == ([], [])
    with walk.database.reading() as session:
        row = goal_queries.mid_year_review(session, YEAR, MANAGER.no)
        assert row is not None
        assert row.verdict == "keep"


def test_a_revision_says_what_should_change(walk: Walk) -> None:
    asked = {**KEEP, "verdict": "revise"}
    assert walk.refusal(HEAD, BOSS_KEY, "review-mid-year", **asked)
    walk.hand_in(
        HEAD, BOSS_KEY, "review-mid-year", **asked, reason_class="market",
        proposal="市场利率下行，净新增目标下调百分之十。",
    )  # fmt: skip
    with walk.database.reading() as session:
        row = goal_queries.mid_year_review(session, YEAR, MANAGER.no)
        assert row is not None
        assert (row.verdict, row.reason_class) == ("revise", "market")


def test_a_mid_year_review_that_is_not_held_is_skipped_and_flagged(walk: Walk) -> None:
    due = walk.next_timer(BOSS_KEY)
    assert due is not None
    walk.advance_to(due - timedelta(minutes=1))
    assert (walk.steps(BOSS_KEY), gaps(walk, MANAGER.no)) == (["review-mid-year"], [])
    walk.advance_to(due)
    assert (walk.steps(BOSS_KEY), gaps(walk, MANAGER.no)) == ([], ["mid_year"])
    following = walk.next_timer(BOSS_KEY)
    assert following is not None
    assert local_date(following) == date(2025, 9, 30)


# -- data -------------------------------------------------------------------------------------
@from_stage(MEASURED)
def test_after_the_last_quarter_the_year_waits_for_frozen_data(walk: Walk) -> None:
    assert (walk.steps(KEY), walk.next_timer(KEY)) == ([], None)


@from_stage(FROZEN)
def test_everybody_checks_the_own_data(walk: Walk) -> None:
    for stranger in (COLLEAGUE, MANAGER, OUTSIDER):
        assert walk.turned_away(stranger, KEY, "check-data") == (404, 404)
    walk.hand_in(ADVISOR, KEY, "check-data", outcome="confirmed")
    assert walk.steps(KEY) == ["self-assess"]


@from_stage(FROZEN)
def test_doubts_about_the_data_are_kept_with_a_word(walk: Walk) -> None:
    assert walk.refusal(ADVISOR, KEY, "check-data", outcome="disputed")
    note = "十月的拜访记录少了三条，请核对。"
    walk.hand_in(ADVISOR, KEY, "check-data", outcome="disputed", note=note)
    with walk.database.reading() as session:
        row = review_queries.data_check(session, YEAR, ADVISOR.no)
        assert row is not None
        assert (row.outcome, row.note) == ("disputed", note)


@from_stage(FROZEN)
def test_silence_about_the_data_counts_as_checked_after_three_working_days(walk: Walk) -> None:
    due = walk.next_timer(KEY)
    with walk.database.reading() as session:
        calendar = firm_calendar(session)
    assert due is not None
    assert local_date(due) == calendar.add_working_days(local_date(walk.clock.now()), 3)
    walk.advance_to(due)
    assert walk.steps(KEY) == ["self-assess"]
    with walk.database.reading() as session:
        row = review_queries.data_check(session, YEAR, ADVISOR.no)
        assert row is not None
        assert row.outcome == "deemed"


# -- results and what follows -----------------------------------------------------------------
@from_stage(SCORED)
def test_a_scored_person_waits_for_the_committee(walk: Walk) -> None:
    assert (walk.steps(KEY), walk.status(KEY), walk.next_timer(KEY)) == ([], "active", None)


@from_stage(CALIBRATED)
def test_a_calibrated_person_waits_for_publication(walk: Walk) -> None:
    assert (walk.steps(KEY), walk.status(KEY)) == ([], "active")
    walk.hand_in(HR, YEAR, "publish-results", confirmed=True)
    assert walk.steps(KEY) == ["prepare-interview"]


@from_stage(FOLLOWED)
def test_agreed_actions_are_followed_up_until_all_are_done(walk: Walk) -> None:
    assert walk.waiting(KEY) == [("follow-up-actions", MANAGER.no)]
    assert walk.turned_away(ADVISOR, KEY, "follow-up-actions") == (404, 404)
    _, form = walk.open(MANAGER, KEY, "follow-up-actions")
    items = {int(n): {"status": "done", "note": "材料已存档。"} for n in form.rows("items")}
    assert items
    walk.hand_in(MANAGER, KEY, "follow-up-actions", items=items)
    assert walk.status(KEY) == "completed"
    with walk.database.reading() as session:
        assert cycle_queries.participant(session, YEAR, ADVISOR.no).status == "closed"


@from_stage(FOLLOWED)
def test_open_actions_come_back_a_month_later_three_times_at_most(walk: Walk) -> None:
    days = []
    for _ in range(3):
        _, form = walk.open(MANAGER, KEY, "follow-up-actions")
        items = {
            int(n): {"status": "at_risk", "note": "客户出差，推迟。"} for n in form.rows("items")
        }
        days.append(local_date(walk.clock.now()))
        walk.hand_in(MANAGER, KEY, "follow-up-actions", items=items)
        due = walk.next_timer(KEY)
        if due is not None:
            walk.advance_to(due)
    assert walk.status(KEY) == "completed"
    assert all(20 <= (b - a).days <= 45 for a, b in pairwise(days))
