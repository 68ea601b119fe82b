"""The nightly round: late joiners are taken into running cycles, once, by itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from perfflow.calendar import FIRM_ZONE
from perfflow.commands.background import do_jobs, nightly
from perfflow.cycles.actions import add_participant, missing_participants
from perfflow.jobs.models import JobBatch
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import CHIEF, HEAD, hire, HR, Person
from tests.support.playing import CYCLE, Play

LATE = Person("E00090", "新来者", "New Comer", "FA", "T01", "E00003")
PLAN = {"statement": "今年继续以客户为先，请看方案。", "is_checked": True}


def kinds(play: Play) -> list[str]:
    with play.database.reading() as session:
        return list(session.scalars(select(JobBatch.kind).order_by(JobBatch.id)))


def test_the_nightly_round_takes_a_joiner_in_and_asks_once_a_day(play: Play) -> None:
    play.launch()
    play.now = datetime(2025, 6, 3, 2, 30, tzinfo=FIRM_ZONE)
    with play.database.writing() as session:
        hire(session, LATE, date(2025, 6, 1))
    for _ in range(3):
        nightly(play.database, play.now)
        do_jobs(play.database, play.now)
    assert play.is_open("draft-goals", LATE)
    assert kinds(play) == ["cycles.job_nightly", "cycles.job_enrol"]
    nightly(play.database, play.now + timedelta(days=1))
    do_jobs(play.database, play.now + timedelta(days=1))
    assert kinds(play) == ["cycles.job_nightly", "cycles.job_enrol", "cycles.job_nightly"]


def test_before_two_o_clock_nothing_is_asked_for(play: Play) -> None:
    play.launch()
    nightly(play.database, datetime(2025, 6, 3, 1, 59, tzinfo=FIRM_ZONE))
    assert kinds(play) == []


def test_a_joiner_has_time_for_goals_and_no_check_in_of_the_past(play: Play) -> None:
    play.launch()
    play.now = datetime(2025, 6, 3, 2, 30, tzinfo=FIRM_ZONE)
    with play.database.writing() as session:
        hire(session, LATE, date(2025, 6, 1))
        add_participant(session, SYSTEM, play.now, CYCLE, LATE.no)
        variables = workflow_queries.variables_of(session, f"{CYCLE}/{LATE.no}")
    assert variables["check_in_no"] == 1  # March is over, June is not
    assert variables["deadlines"]["draft_goals"] == date(2025, 6, 10)
    assert variables["deadlines"]["accept_goals"] == date(2025, 6, 17)
    assert variables["deadlines"]["self_assess"] > date(2025, 12, 31)


def test_nobody_is_taken_in_before_the_launch_or_after_the_period(play: Play) -> None:
    play.create_cycle()
    play.complete("publish-plan", HR, PLAN)
    with play.database.reading() as session:
        assert missing_participants(session, play.now, CYCLE) == []
    play.complete("publish-objectives", CHIEF)
    play.complete("cascade-goals", HEAD)
    with play.database.writing() as session:
        hire(session, LATE, date(2026, 1, 1))
        after = datetime(2026, 1, 2, 9, tzinfo=FIRM_ZONE)
        assert missing_participants(session, after, CYCLE) == []
        with pytest.raises(Conflict):
            add_participant(session, SYSTEM, after, CYCLE, LATE.no)
