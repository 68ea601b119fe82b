"""The shipped check-in process with the real forms, and the follow-ups of what was agreed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from perfflow.checkins import actions, queries
from perfflow.checkins.figures import FigureOnDay
from perfflow.checkins.models import Commitment
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation
from perfflow.notifications import latest_notifications
from perfflow.workflow import actions as workflow_actions
from tests.support.cast import act_as, ADVISOR, COLLEAGUE, HEAD, MANAGER, shipped_files
from tests.support.tasks import begin, hand_in, waiting
from tests.support.year import AFTER, build_year, reach, value_of, YEAR

KEY = f"{YEAR}/{ADVISOR.no}"
DAY = timedelta(days=1)
CHECK_IN = {
    "sequence": 1,
    "period_ends_on": date(2025, 3, 31),
    "due_on": date(2026, 1, 30),
    "is_mid_year": False,
}
PART = {"progress": "一季度净新增 310 万元，三位老客户追加定投。", "next_priority": "完成五份回访"}
PROMISE = {
    "text": "与两位企业主各复谈一次",
    "action_type": "joint_visit",
    "measure": "六月底前完成两次复谈",
    "owner": "employee",
    "due_on": date(2026, 6, 30),
}
ANSWER: dict[str, Any] = {
    "pace": "on_track",
    "feedback": "规划书质量很好，回访节奏可以再快一点。",
    "commitments": [PROMISE],
}


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        build_year(session)
        workflow_actions.deploy(session, SYSTEM, AFTER, shipped_files())
        reach(session, ADVISOR)
        begin(
            session, AFTER, "check-in", KEY, cycle=YEAR, employee=ADVISOR.no, deadlines={},
            check_in=CHECK_IN,
        )  # fmt: skip
        yield session


def held(session: Session) -> None:
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-check-in", **PART)
    hand_in(session, MANAGER, AFTER + DAY, KEY, "conduct-check-in", **ANSWER)


def test_both_sides_write_and_the_employee_signs(session: Session) -> None:
    held(session)
    assert waiting(session, KEY)[0][:2] == ("sign-check-in", ADVISOR.no)
    hand_in(session, ADVISOR, AFTER + 2 * DAY, KEY, "sign-check-in", agreed="agree")
    row = queries.check_in(session, YEAR, ADVISOR.no, 1)
    assert row is not None
    assert (row.status, row.manager_no) == ("signed", MANAGER.no)
    assert row.period_ends_on == date(2025, 3, 31)
    assert waiting(session, KEY) == []


def test_the_figures_of_the_day_are_kept_when_values_change_later(session: Session) -> None:
    held(session)
    value_of(session, ADVISOR, "RS-01", Decimal(5), version=2)
    session.expire_all()
    row = queries.check_in(session, YEAR, ADVISOR.no, 1)
    assert row is not None
    first = FigureOnDay.from_dict((row.snapshot or [])[0])
    assert (first.metric_code, first.value, first.target) == ("RS-01", Decimal(100), Decimal(100))


def test_what_was_agreed_is_a_dated_commitment(session: Session) -> None:
    held(session)
    (promise,) = queries.my_commitments(session, ADVISOR.no)
    assert (promise.owner_no, promise.due_on, promise.status) == (
        ADVISOR.no,
        date(2026, 6, 30),
        "open",
    )


def test_a_promise_for_yesterday_is_refused_on_its_row(session: Session) -> None:
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-check-in", **PART)
    with pytest.raises(RuleViolation) as refused:
        hand_in(
            session, MANAGER, AFTER + DAY, KEY, "conduct-check-in",
            **{**ANSWER, "commitments": [{**PROMISE, "due_on": AFTER.date()}]},
        )  # fmt: skip
    assert refused.value.field == "commitments.0.due_on"
    assert queries.my_commitments(session, ADVISOR.no) == []


def test_signing_with_a_note_needs_the_note(session: Session) -> None:
    held(session)
    with pytest.raises(RuleViolation):
        hand_in(session, ADVISOR, AFTER + 2 * DAY, KEY, "sign-check-in", agreed="agree_with_note")
    hand_in(
        session, ADVISOR, AFTER + 2 * DAY, KEY, "sign-check-in", agreed="agree_with_note",
        note="复谈安排在七月更合适",
    )  # fmt: skip


def test_another_manager_does_not_hold_it(session: Session) -> None:
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-check-in", **PART)
    with pytest.raises((NotFound, NotAllowed)):
        hand_in(session, COLLEAGUE, AFTER + DAY, KEY, "conduct-check-in", **ANSWER)


def test_a_check_in_that_did_not_happen_is_flagged_once(session: Session) -> None:
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-check-in", **PART)
    for _ in range(2):
        actions.flag_missing(session, SYSTEM, AFTER + 30 * DAY, YEAR, ADVISOR.no, 1)
    row = queries.check_in(session, YEAR, ADVISOR.no, 1)
    assert row is not None
    assert row.status == "missing"
    assert [gap.kind for gap in queries.process_gaps(session, YEAR, ADVISOR.no)] == ["check_in:1"]
    assert not queries.has_support_record(session, YEAR, ADVISOR.no)


def test_a_talk_without_signature_stays_a_talk(session: Session) -> None:
    held(session)
    actions.flag_missing(session, SYSTEM, AFTER + 30 * DAY, YEAR, ADVISOR.no, 1)
    row = queries.check_in(session, YEAR, ADVISOR.no, 1)
    assert row is not None
    assert row.status == "held"
    assert queries.has_support_record(session, YEAR, ADVISOR.no)


def test_follow_ups_come_after_thirty_sixty_and_ninety_days(session: Session) -> None:
    held(session)
    made = (AFTER + DAY).date()
    days = [
        actions.next_follow_up_on(session, AFTER + DAY, YEAR, ADVISOR.no, done) for done in range(4)
    ]
    assert days[3] is None
    for mark, day in zip((30, 60, 90), days, strict=False):
        assert day is not None
        assert 0 <= (day - made).days - mark <= 10  # the next working day, Spring Festival included


def test_nothing_is_followed_up_when_everything_is_done(session: Session) -> None:
    held(session)
    (promise,) = queries.my_commitments(session, ADVISOR.no)
    actions.update_commitment(
        session, act_as(session, ADVISOR), AFTER + 3 * DAY, promise.id, status="done", note=None
    )
    assert actions.next_follow_up_on(session, AFTER + 4 * DAY, YEAR, ADVISOR.no, 0) is None
    with pytest.raises(Conflict):
        actions.update_commitment(
            session, act_as(session, ADVISOR), AFTER + 5 * DAY, promise.id, status="done", note=None
        )


def test_only_the_owner_reports_and_strangers_see_nothing(session: Session) -> None:
    held(session)
    (promise,) = queries.my_commitments(session, ADVISOR.no)
    with pytest.raises(NotFound):
        actions.update_commitment(
            session, act_as(session, COLLEAGUE), AFTER, promise.id, status="done", note=None
        )


def test_two_misses_reach_the_second_line(session: Session) -> None:
    held(session)
    boss = act_as(session, MANAGER)
    item = {"status": "missed", "note": "客户一直出差"}
    actions.follow_up(session, boss, AFTER + 31 * DAY, YEAR, ADVISOR.no, 30, [item])
    assert latest_notifications(session, HEAD.no) == []
    actions.follow_up(session, boss, AFTER + 61 * DAY, YEAR, ADVISOR.no, 60, [item])
    codes = [one.code for one in latest_notifications(session, HEAD.no)]
    assert codes == ["checkins.notice_missed_twice"]
    (promise,) = queries.commitments_about(session, ADVISOR.no, YEAR)
    assert promise.status == "at_risk"
    said = queries.follow_ups(session, [promise.id])[promise.id]
    assert [(one.day_mark, one.status) for one in said] == [(30, "missed"), (60, "missed")]


def test_a_risk_needs_a_word_and_every_action_an_answer(session: Session) -> None:
    held(session)
    boss = act_as(session, MANAGER)
    with pytest.raises(RuleViolation) as refused:
        actions.follow_up(session, boss, AFTER, YEAR, ADVISOR.no, 30, [{"status": "at_risk"}])
    assert refused.value.field == "items.0.note"
    with pytest.raises(Conflict):
        actions.follow_up(session, boss, AFTER, YEAR, ADVISOR.no, 30, [])
    assert session.query(Commitment).one().status == "open"
