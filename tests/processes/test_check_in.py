"""The shipped check-in over HTTP: both sides write, the employee signs, or a gap is flagged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from perfflow.calendar import firm_calendar, local_date
from perfflow.checkins import queries as checkin_queries
from tests.processes.stages import FIRST_QUARTER
from tests.processes.walk import Walk
from tests.support.cast import (
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    COLLEAGUE,
    HEAD,
    HR,
    MANAGER,
    OTHER_MANAGER,
    OUTSIDER,
)
from tests.support.year import YEAR

STAGE = FIRST_QUARTER
KEY = f"{YEAR}/{ADVISOR.no}"
PART = {
    "progress": "一季度净新增 310 万元，三位老客户追加定投。",
    "next_priority": "完成五份客户回访",
}
PROMISE = {
    "text": "与两位企业主各复谈一次",
    "action_type": "joint_visit",
    "measure": "六月底前完成两次复谈",
    "owner": "employee",
    "due_on": date(2025, 6, 30),
}
ANSWER: dict[str, Any] = {
    "pace": "on_track",
    "feedback": "规划书质量很好，回访节奏可以再快一点。",
    "commitments": [PROMISE],
}


def status(walk: Walk) -> str | None:
    with walk.database.reading() as session:
        row = checkin_queries.check_in(session, YEAR, ADVISOR.no, 1)
        return None if row is None else row.status


def gaps(walk: Walk) -> list[str]:
    with walk.database.reading() as session:
        return [gap.kind for gap in checkin_queries.process_gaps(session, YEAR, ADVISOR.no)]


def let_it_lapse(walk: Walk) -> None:
    due = walk.next_timer(KEY)
    assert due is not None
    walk.advance_to(due - timedelta(minutes=1))
    assert gaps(walk) == []
    walk.advance_to(due)


def test_both_sides_write_and_the_employee_signs(walk: Walk) -> None:
    assert walk.waiting(KEY) == [("prepare-check-in", ADVISOR.no)]
    walk.hand_in(ADVISOR, KEY, "prepare-check-in", **PART)
    assert walk.waiting(KEY) == [("conduct-check-in", MANAGER.no)]
    walk.hand_in(MANAGER, KEY, "conduct-check-in", **ANSWER)
    assert walk.waiting(KEY) == [("sign-check-in", ADVISOR.no)]
    walk.hand_in(ADVISOR, KEY, "sign-check-in", agreed="agree")
    assert (walk.steps(KEY), status(walk), gaps(walk)) == ([], "signed", [])
    with walk.database.reading() as session:
        (promise,) = checkin_queries.my_commitments(session, ADVISOR.no)
        assert (promise.text, promise.due_on) == (PROMISE["text"], date(2025, 6, 30))


def test_the_manager_reads_what_the_employee_wrote(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "prepare-check-in", **PART)
    task = walk.task(KEY, "conduct-check-in")
    page = walk.visit(MANAGER).get(f"/inbox/tasks/{task.id}").text
    assert PART["progress"] in page


def test_the_next_check_in_waits_for_the_next_quarters_end(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "prepare-check-in", **PART)
    walk.hand_in(MANAGER, KEY, "conduct-check-in", **ANSWER)
    walk.hand_in(ADVISOR, KEY, "sign-check-in", agreed="agree_with_note", note="七月复谈更合适")
    due = walk.next_timer(KEY)
    assert due is not None
    assert local_date(due) == date(2025, 6, 30)


def test_a_signature_with_a_note_needs_the_note(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "prepare-check-in", **PART)
    walk.hand_in(MANAGER, KEY, "conduct-check-in", **ANSWER)
    assert walk.refusal(ADVISOR, KEY, "sign-check-in", agreed="agree_with_note")
    assert status(walk) == "held"


def test_an_agreement_for_yesterday_is_refused_on_its_row(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "prepare-check-in", **PART)
    late = {**ANSWER, "commitments": [{**PROMISE, "due_on": date(2025, 3, 1)}]}
    assert walk.refusal(MANAGER, KEY, "conduct-check-in", **late)
    assert status(walk) == "prepared"


def test_ten_working_days_after_its_due_day_a_check_in_counts_as_missing(walk: Walk) -> None:
    due = walk.next_timer(KEY)
    with walk.database.reading() as session:
        calendar = firm_calendar(session)
    on = calendar.add_working_days(date(2025, 3, 31), 10)  # month_end + 10 wd in the pack
    assert due is not None
    assert local_date(due) == calendar.add_working_days(on, 10)
    let_it_lapse(walk)
    assert gaps(walk) == ["check_in:1"]
    assert status(walk) in (None, "missing")  # nobody has written anything down
    assert walk.steps(KEY) == []  # the appraisal goes on to the next quarter


def test_a_talk_that_the_manager_does_not_hold_is_a_gap_too(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "prepare-check-in", **PART)
    let_it_lapse(walk)
    assert gaps(walk) == ["check_in:1"]


def test_a_talk_without_signature_keeps_what_was_said(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "prepare-check-in", **PART)
    walk.hand_in(MANAGER, KEY, "conduct-check-in", **ANSWER)
    let_it_lapse(walk)
    assert status(walk) == "held"
    assert walk.steps(KEY) == []


def test_each_part_belongs_to_one_person(walk: Walk) -> None:
    for stranger in (MANAGER, COLLEAGUE, OUTSIDER, BRANCH_HR):
        assert walk.turned_away(stranger, KEY, "prepare-check-in") == (404, 404)
    walk.hand_in(ADVISOR, KEY, "prepare-check-in", **PART)
    for stranger in (COLLEAGUE, OTHER_MANAGER, HEAD):
        assert walk.turned_away(stranger, KEY, "conduct-check-in") == (404, 404)
    for reader in (HR, AUDITOR):
        assert walk.turned_away(reader, KEY, "conduct-check-in") == (200, 403)
    walk.hand_in(MANAGER, KEY, "conduct-check-in", **ANSWER)
    assert walk.turned_away(COLLEAGUE, KEY, "sign-check-in") == (404, 404)


def test_a_manager_does_not_hold_the_own_check_in(walk: Walk) -> None:
    key = f"{YEAR}/{MANAGER.no}"
    walk.hand_in(MANAGER, key, "prepare-check-in", **PART)
    assert walk.waiting(key) == [("conduct-check-in", HEAD.no)]
    _, posted = walk.turned_away(MANAGER, key, "conduct-check-in")
    assert posted in (403, 404)
