"""Data check, self-assessment, rating and publication through the shipped forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.db import Database
from perfflow.inbox.actions import store_draft
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.notifications import latest_notifications
from perfflow.reviews import actions, queries
from perfflow.reviews.service_tasks import (
    DataCheckBinding,
    ManagerReviewBinding,
    PublicationBinding,
    submit_saved_self_assessment,
)
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow import ServiceContext
from perfflow.workflow.models import Message
from tests.support.cast import (
    act_as,
    ADVISOR,
    COLLEAGUE,
    HR,
    MANAGER,
    OTHER_MANAGER,
    OUTSIDER,
    Person,
    shipped_files,
)
from tests.support.tasks import begin, hand_in, waiting
from tests.support.year import AFTER, build_year, form_context, reach, YEAR

KEY = f"{YEAR}/{ADVISOR.no}"
SAID = "这一年最看重的是三家企业主客户的家庭资产规划。"
RATING = {"rating": "4", "evidence": "带新人完成两次联合拜访，客户反馈好"}
COMMENT = "全年稳定，客户评价好，合规没有差错，回访可以再快。"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        build_year(session)
        for person in (ADVISOR, COLLEAGUE, OUTSIDER):
            reach(session, person)
        yield session


@pytest.fixture
def running(session: Session) -> Session:
    """The review process of the advisor has begun."""
    workflow_actions.deploy(session, SYSTEM, AFTER, shipped_files())
    begin(
        session, AFTER, "review", KEY, cycle=YEAR, employee=ADVISOR.no,
        deadlines={"self_assess": date(2026, 1, 19), "score_review": date(2026, 1, 22)},
    )  # fmt: skip
    return session


def rate(session: Session, person: Person, boss: Person) -> None:
    ratings = [
        {"metric_code": code, **RATING}
        for code, _ in actions.manual_lines(session, YEAR, person.no)
    ]
    actions.submit_manager_review(
        session, act_as(session, boss), AFTER, YEAR, person.no, ratings=ratings, comment=COMMENT
    )


def messages(session: Session, name: str) -> int:
    return session.scalar(select(func.count()).where(Message.name == name)) or 0


def test_the_data_check_shows_every_figure_with_its_source(session: Session) -> None:
    context = form_context(session, act_as(session, ADVISOR), AFTER, ADVISOR)
    rows = DataCheckBinding().load(context)["figures"]
    assert len(rows) == 11
    assert rows[0] == {
        "title": "净新增管理资产",
        "value": "100 万元",
        "target": "100 万元",
        "source": "CORE 2025-12-31",
    }


def test_a_dispute_needs_a_note_and_reaches_the_manager(session: Session) -> None:
    me = act_as(session, ADVISOR)
    with pytest.raises(RuleViolation) as refused:
        actions.check_data(session, me, AFTER, YEAR, ADVISOR.no, outcome="disputed", note="不对")
    assert refused.value.field == "note"
    actions.check_data(
        session, me, AFTER, YEAR, ADVISOR.no, outcome="disputed",
        note="三月的净新增少了两笔，核心系统里能查到。",
    )  # fmt: skip
    assert [n.code for n in latest_notifications(session, MANAGER.no)] == [
        "reviews.notice_disputed"
    ]


def test_data_is_checked_once_and_silence_counts(session: Session) -> None:
    first = actions.deem_data_checked(session, SYSTEM, AFTER, YEAR, ADVISOR.no)
    again = actions.deem_data_checked(session, SYSTEM, AFTER, YEAR, ADVISOR.no)
    assert first is again
    with pytest.raises(Conflict):
        actions.check_data(
            session,
            act_as(session, ADVISOR),
            AFTER,
            YEAR,
            ADVISOR.no,
            outcome="confirmed",
            note=None,
        )


def test_nobody_checks_the_data_of_somebody_else(session: Session) -> None:
    with pytest.raises(NotAllowed):
        actions.check_data(
            session,
            act_as(session, MANAGER),
            AFTER,
            YEAR,
            ADVISOR.no,
            outcome="confirmed",
            note=None,
        )


def test_the_review_goes_from_the_employee_to_the_manager(running: Session) -> None:
    hand_in(running, ADVISOR, AFTER, KEY, "self-assess", summary=SAID)
    assert waiting(running, KEY)[0][:2] == ("score-review", MANAGER.no)
    hand_in(
        running, MANAGER, AFTER + timedelta(days=1), KEY, "score-review",
        ratings=[RATING], comment=COMMENT,
    )  # fmt: skip
    review = queries.manager_review(running, YEAR, ADVISOR.no)
    assert review is not None
    assert [row["metric_code"] for row in review.ratings] == ["GR-01"]
    result = queries.latest_result(running, YEAR, ADVISOR.no)
    assert result is not None
    assert (result.stage, result.decided_by) == ("manager", MANAGER.no)


def test_the_manager_reads_the_self_assessment_first(running: Session) -> None:
    hand_in(running, ADVISOR, AFTER, KEY, "self-assess", summary=SAID)
    context = form_context(running, act_as(running, MANAGER), AFTER, ADVISOR)
    shown = ManagerReviewBinding().load(context)
    assert shown["self_summary"] == SAID
    assert [row["title"] for row in shown["ratings"]] == ["团队协作评价"]


def test_the_saved_draft_is_taken_when_time_is_up(running: Session) -> None:
    task = workflow_queries.open_tasks_of(running, KEY)[0]
    store_draft(running, act_as(running, ADVISOR), AFTER, task.id, {"summary": "写到一半的自评"})
    context = ServiceContext(running, SYSTEM, AFTER, 1, KEY, "review", "submit-saved", 1)
    submit_saved_self_assessment(context, YEAR, ADVISOR.no)
    row = queries.self_assessment(running, YEAR, ADVISOR.no)
    assert row is not None
    assert (row.summary, row.is_auto) == ("写到一半的自评", True)


def test_without_a_draft_an_empty_assessment_is_marked(running: Session) -> None:
    context = ServiceContext(running, SYSTEM, AFTER, 1, KEY, "review", "submit-saved", 1)
    submit_saved_self_assessment(context, YEAR, ADVISOR.no)
    row = queries.self_assessment(running, YEAR, ADVISOR.no)
    assert row is not None
    assert (row.summary, row.is_auto) == (None, True)


def test_nobody_rates_the_own_work(session: Session) -> None:
    with pytest.raises(NotAllowed):
        rate(session, MANAGER, MANAGER)


def test_the_last_review_of_a_unit_wakes_its_calibration_once(session: Session) -> None:
    outcomes = []
    for person, boss in ((ADVISOR, MANAGER), (COLLEAGUE, MANAGER), (MANAGER, HR)):
        rate(session, person, boss)
        outcomes.append(actions.close_review(session, SYSTEM, AFTER, YEAR, person.no))
    assert outcomes == [False, False, True]
    assert messages(session, "reviews-complete") == 1
    assert session.scalars(select(Message.correlation_key)).all() == [f"{YEAR}/calibration/B01"]


def test_units_do_not_wait_for_each_other(session: Session) -> None:
    rate(session, OUTSIDER, OTHER_MANAGER)
    assert actions.close_review(session, SYSTEM, AFTER, YEAR, OUTSIDER.no)


def test_results_are_published_when_everybody_is_calibrated(session: Session) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    hr = act_as(session, HR)
    with pytest.raises(RuleViolation) as refused:
        actions.publish_results(session, hr, AFTER, YEAR, statement=None)
    assert refused.value.params["count"] == 4
    people = queries.active_participants(session, YEAR)
    actions.record_results(session, SYSTEM, AFTER, YEAR, people, "calibrated")
    actions.publish_results(session, hr, AFTER, YEAR, statement=None)
    with pytest.raises(Conflict):
        actions.publish_results(session, hr, AFTER, YEAR, statement=None)
    assert actions.announce_results(session, SYSTEM, AFTER, YEAR) == 4
    assert messages(session, "results-published") == 4


def test_only_hr_publishes(session: Session) -> None:
    with pytest.raises(NotAllowed):
        actions.publish_results(session, act_as(session, MANAGER), AFTER, YEAR, statement=None)


def test_the_publication_form_counts_who_is_calibrated(session: Session) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    actions.record_result(session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated")
    context = form_context(session, act_as(session, HR), AFTER, ADVISOR)
    assert PublicationBinding().load(context) == {"people": 4, "calibrated": 1, "frozen": 0}
