"""The shipped interview over HTTP: talk, signature, confirmation, appeal, excuse and silence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from perfflow.appeals import queries as appeal_queries
from perfflow.calendar import firm_calendar, local_date
from perfflow.interviews import actions as interview_actions
from perfflow.interviews import queries as interview_queries
from perfflow.reviews.queries import latest_result
from tests.processes.stages import PUBLISHED
from tests.processes.walk import Walk
from tests.support.cast import (
    act_as,
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

STAGE = PUBLISHED
KEY = f"{YEAR}/{ADVISOR.no}"
PART = {
    "proud_of": "三家企业主客户完成了家庭资产规划。",
    "difficulties": "上半年到期资金太集中，下半年才追上。",
    "private_note": "家里有老人住院。",
}
RECORD: dict[str, Any] = {
    "achievements": [
        {
            "fact": "三家企业主客户完成家庭资产规划",
            "evidence": "规划书 881、902、915",
            "evidence_on": date(2025, 11, 20),
        }
    ],
    "actions": [
        {
            "text": "产品经理陪访两次",
            "action_type": "joint_visit",
            "measure": "三月底前完成两次并复盘",
            "owner": "manager",
            "due_on": date(2026, 3, 31),
        }
    ],
    "summary": "全年扎实，客户信任度高；下一年把回访的节奏再提前一些。",
}
APPEAL = {
    "outcome": "appealed",
    "ground": "data_error",
    "text": "三月的净新增有两笔没有计入，核心系统已经更正，请重新核对。",
}


def talk(walk: Walk) -> None:
    """Both parts are written on one day, the signature comes on the next."""
    walk.hand_in(ADVISOR, KEY, "prepare-interview", **PART)
    walk.hand_in(MANAGER, KEY, "hold-interview", **RECORD)
    walk.advance_to(walk.clock.now() + timedelta(days=1))
    walk.hand_in(ADVISOR, KEY, "sign-interview", outcome="agree", rating="5")


def gate(walk: Walk) -> str | None:
    """What holds the award of the advisor."""
    with walk.database.reading() as session:
        return interview_queries.payout_gate(session, YEAR, ADVISOR.no)


def is_over(walk: Walk) -> bool:
    """The interview has ended: the appraisal waits for the award."""
    return walk.steps(KEY) == [] and walk.next_timer(KEY) is None


# -- paths ------------------------------------------------------------------------------------
def test_a_talk_is_prepared_held_signed_and_confirmed(walk: Walk) -> None:
    assert walk.waiting(KEY) == [("prepare-interview", ADVISOR.no)]
    walk.hand_in(ADVISOR, KEY, "prepare-interview", **PART)
    assert walk.waiting(KEY) == [("hold-interview", MANAGER.no)]
    walk.hand_in(MANAGER, KEY, "hold-interview", **RECORD)
    assert walk.waiting(KEY) == [("sign-interview", ADVISOR.no)]
    walk.hand_in(ADVISOR, KEY, "sign-interview", outcome="agree")
    assert walk.waiting(KEY) == [("confirm-result", ADVISOR.no)]
    assert gate(walk) == "INTERVIEW"
    walk.hand_in(ADVISOR, KEY, "confirm-result", outcome="confirmed")
    assert (is_over(walk), gate(walk)) == (True, None)


def test_a_record_without_evidence_or_plan_is_refused(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "prepare-interview", **PART)
    changes: list[dict[str, Any]] = [{"achievements": []}, {"actions": []}, {"summary": "好"}]
    for change in changes:
        assert walk.refusal(MANAGER, KEY, "hold-interview", **{**RECORD, **change})
    assert walk.steps(KEY) == ["hold-interview"]


def test_the_private_note_is_read_by_the_pair_alone(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "prepare-interview", **PART)
    address = f"/inbox/tasks/{walk.task(KEY, 'hold-interview').id}"
    assert PART["private_note"] in walk.visit(MANAGER).get(address).text
    for reader in (HR, AUDITOR):
        assert PART["private_note"] not in walk.visit(reader).get(address).text


def test_an_objection_to_the_record_needs_a_note(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "prepare-interview", **PART)
    walk.hand_in(MANAGER, KEY, "hold-interview", **RECORD)
    assert walk.refusal(ADVISOR, KEY, "sign-interview", outcome="disagree")
    note = "希望明年增加外部培训的机会。"
    walk.hand_in(ADVISOR, KEY, "sign-interview", outcome="disagree", employee_note=note)
    with walk.database.reading() as session:
        row = interview_queries.interview(session, YEAR, ADVISOR.no)
        assert row is not None
        assert row.employee_note == note


# -- appeals ----------------------------------------------------------------------------------
def test_an_appeal_that_is_upheld_leaves_the_result(walk: Walk) -> None:
    talk(walk)
    walk.hand_in(ADVISOR, KEY, "confirm-result", **APPEAL)
    assert walk.waiting(KEY) == [("decide-appeal", "hr-partner/FIRM")]
    assert gate(walk) == "APPEAL"
    walk.hand_in(
        HR, KEY, "decide-appeal", outcome="upheld",
        decision="两笔资金在次年一月入账，属于下一周期的业绩，维持原结果。",
    )  # fmt: skip
    assert (is_over(walk), gate(walk)) == (True, None)
    with walk.database.reading() as session:
        result = latest_result(session, YEAR, ADVISOR.no)
        assert result is not None
        assert result.stage == "calibrated"


def test_a_corrected_appeal_is_a_new_link_of_the_chain(walk: Walk) -> None:
    talk(walk)
    walk.hand_in(ADVISOR, KEY, "confirm-result", **APPEAL)
    walk.hand_in(
        HR, KEY, "decide-appeal", outcome="corrected", to_total="103.25",
        decision="核心系统更正后，净新增按更正后的数计算，总分相应调整。",
    )  # fmt: skip
    with walk.database.reading() as session:
        result = latest_result(session, YEAR, ADVISOR.no)
        assert result is not None
        assert (result.stage, str(result.total_e2)) == ("appealed", "103.25")
        assert not appeal_queries.has_open_appeal(session, YEAR, ADVISOR.no)


def test_an_appeal_without_ground_or_text_is_refused(walk: Walk) -> None:
    talk(walk)
    assert walk.refusal(ADVISOR, KEY, "confirm-result", outcome="appealed")
    assert walk.steps(KEY) == ["confirm-result"]
    assert gate(walk) == "INTERVIEW"


# -- the message ------------------------------------------------------------------------------
def excuse(walk: Walk) -> None:
    with walk.database.writing() as session:
        interview_actions.excuse_interview(
            session,
            act_as(session, HR, local_date(walk.clock.now())),
            walk.clock.now(),
            YEAR,
            ADVISOR.no,
            reason="长期病假，双方书面同意免谈",
        )


def test_an_excused_talk_goes_on_to_the_confirmation(walk: Walk) -> None:
    excuse(walk)
    assert walk.waiting(KEY) == [("confirm-result", ADVISOR.no)]


def test_a_talk_can_be_excused_after_the_employee_has_written(walk: Walk) -> None:
    walk.hand_in(ADVISOR, KEY, "prepare-interview", **PART)
    excuse(walk)
    assert walk.waiting(KEY) == [("confirm-result", ADVISOR.no)]
    walk.hand_in(ADVISOR, KEY, "confirm-result", outcome="confirmed")
    assert is_over(walk)


# -- the clock --------------------------------------------------------------------------------
def test_silence_confirms_five_days_after_publication_or_three_after_the_talk(walk: Walk) -> None:
    published = walk.variable(KEY, "published_on")
    talk(walk)
    with walk.database.reading() as session:
        calendar = firm_calendar(session)
    today = local_date(walk.clock.now())
    later = max(calendar.add_working_days(published, 5), calendar.add_working_days(today, 3))
    due = walk.next_timer(KEY)
    assert due is not None
    assert local_date(due) == later
    walk.advance_to(due - timedelta(minutes=1))
    assert gate(walk) == "INTERVIEW"
    walk.advance_to(due)
    assert (is_over(walk), gate(walk)) == (True, None)
    with walk.database.reading() as session:
        answer = interview_queries.confirmation(session, YEAR, ADVISOR.no)
        assert answer is not None
        assert answer.outcome == "deemed"


def test_a_late_talk_still_leaves_three_working_days_to_answer(walk: Walk) -> None:
    walk.advance_to(walk.variable(KEY, "published_on") + timedelta(days=30))
    talk(walk)
    due = walk.next_timer(KEY)
    with walk.database.reading() as session:
        calendar = firm_calendar(session)
    assert due is not None
    assert local_date(due) == calendar.add_working_days(local_date(walk.clock.now()), 3)


# -- people -----------------------------------------------------------------------------------
def test_each_part_of_the_talk_belongs_to_one_person(walk: Walk) -> None:
    for stranger in (MANAGER, COLLEAGUE, OUTSIDER, BRANCH_HR):
        assert walk.turned_away(stranger, KEY, "prepare-interview") == (404, 404)
    walk.hand_in(ADVISOR, KEY, "prepare-interview", **PART)
    for stranger in (COLLEAGUE, HEAD, OTHER_MANAGER):
        assert walk.turned_away(stranger, KEY, "hold-interview") == (404, 404)
    assert walk.turned_away(HR, KEY, "hold-interview") == (200, 403)
    walk.hand_in(MANAGER, KEY, "hold-interview", **RECORD)
    assert walk.turned_away(COLLEAGUE, KEY, "sign-interview") == (404, 404)


def test_only_hr_of_the_unit_decides_an_appeal(walk: Walk) -> None:
    talk(walk)
    walk.hand_in(ADVISOR, KEY, "confirm-result", **APPEAL)
    for stranger in (ADVISOR, HEAD, COLLEAGUE, BRANCH_HR):
        assert walk.turned_away(stranger, KEY, "decide-appeal") == (404, 404)
