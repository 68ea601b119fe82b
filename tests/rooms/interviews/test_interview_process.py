"""The shipped interview process with the real forms: from the employee's part to the appeal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from perfflow.appeals import queries as appeal_queries
from perfflow.checkins import queries as checkin_queries
from perfflow.db import Database
from perfflow.interviews import actions, queries
from perfflow.interviews.service_tasks import RecordBinding
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import NotAllowed, NotFound, RuleViolation, RuleViolations
from perfflow.reviews import actions as review_actions
from perfflow.reviews.queries import latest_result
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import act_as, ADVISOR, COLLEAGUE, HR, MANAGER, shipped_files
from tests.support.pages import open_pages
from tests.support.tasks import begin, hand_in, waiting
from tests.support.year import AFTER, build_year, form_context, reach, value_of, YEAR

KEY = f"{YEAR}/{ADVISOR.no}"
DAY = timedelta(days=1)
PART = {
    "proud_of": "三家企业主客户完成了家庭资产规划。",
    "difficulties": "上半年到期资金太集中，下半年才追上。",
    "private_note": "家里有老人住院。",
}
ACTION = {
    "text": "产品经理陪访两次",
    "action_type": "joint_visit",
    "measure": "三月底前完成两次并复盘",
    "owner": "manager",
    "due_on": date(2026, 3, 31),
}
ACHIEVEMENT = {
    "fact": "三家企业主客户完成家庭资产规划",
    "evidence": "规划书 881、902、915",
    "evidence_on": date(2025, 11, 20),
}
RECORD: dict[str, Any] = {
    "achievements": [ACHIEVEMENT],
    "gaps": [],
    "actions": [ACTION],
    "summary": "全年扎实，客户信任度高；下一年把回访的节奏再提前一些。",
}


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Results are published and the interview of the advisor has begun."""
    with database.writing() as session:
        build_year(session)
        workflow_actions.deploy(session, SYSTEM, AFTER, shipped_files())
        reach(session, ADVISOR)
        review_actions.compute_results(session, SYSTEM, AFTER, YEAR)
        review_actions.record_result(session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated")
        begin(
            session, AFTER, "feedback-interview", KEY, cycle=YEAR, employee=ADVISOR.no,
            deadlines={"interview": date(2026, 2, 5)}, published_on=AFTER.date(),
        )  # fmt: skip
        yield session


def talk(session: Session) -> None:
    """Both parts are written and the employee has signed."""
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-interview", **PART)
    hand_in(session, MANAGER, AFTER + DAY, KEY, "hold-interview", **RECORD)
    hand_in(session, ADVISOR, AFTER + 2 * DAY, KEY, "sign-interview", outcome="agree", rating="5")


def test_the_employee_writes_first(session: Session) -> None:
    assert [row[:2] for row in waiting(session, KEY)] == [("prepare-interview", ADVISOR.no)]
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-interview", **PART)
    assert [row[:2] for row in waiting(session, KEY)] == [("hold-interview", MANAGER.no)]


def test_the_private_note_and_the_rating_are_in_no_submission(session: Session) -> None:
    talk(session)
    stored = [row.data for row in workflow_queries.submissions_of(session, KEY)]
    assert len(stored) == 3
    assert "家里有老人住院" not in str(stored)
    assert not any("rating" in data for data in stored)
    row = queries.interview(session, YEAR, ADVISOR.no)
    assert row is not None
    assert (row.rating, (row.employee_part or {})["private_note"]) == (5, "家里有老人住院。")


def test_nobody_else_writes_the_employees_part(session: Session) -> None:
    with pytest.raises((NotFound, NotAllowed)):
        hand_in(session, COLLEAGUE, AFTER, KEY, "prepare-interview", **PART)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"achievements": [{**ACHIEVEMENT, "evidence_on": None}]}, "achievements.0.evidence_on"),
        ({"actions": [{**ACTION, "due_on": date(2026, 1, 2)}]}, "actions.0.due_on"),
    ],
)
def test_a_record_without_dated_evidence_or_plan_is_refused_on_its_field(
    session: Session, change: dict[str, Any], field: str
) -> None:
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-interview", **PART)
    with pytest.raises(RuleViolation) as refused:
        hand_in(session, MANAGER, AFTER + DAY, KEY, "hold-interview", **{**RECORD, **change})
    violations = (
        refused.value.violations if isinstance(refused.value, RuleViolations) else [refused.value]
    )
    assert [one.field for one in violations] == [field]
    row = queries.interview(session, YEAR, ADVISOR.no)
    assert row is not None
    assert row.status == "prepared"


def test_a_weak_dimension_needs_a_cause(session: Session) -> None:
    for code in ("CL-01", "CL-04", "CL-06"):
        value_of(session, ADVISOR, code, Decimal(70), version=2)
    result = latest_result(session, YEAR, ADVISOR.no)
    assert result is not None
    result.dimensions = {**(result.dimensions or {}), "C": Decimal("70")}
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-interview", **PART)
    with pytest.raises(RuleViolation) as refused:
        hand_in(session, MANAGER, AFTER + DAY, KEY, "hold-interview", **RECORD)
    assert refused.value.code == "interviews.gap_missing"
    gap = {"dimension": "C", "cause": "time_allocation", "text": "上半年回访不足"}
    hand_in(session, MANAGER, AFTER + DAY, KEY, "hold-interview", **{**RECORD, "gaps": [gap]})


def test_signing_turns_the_plan_into_commitments(session: Session) -> None:
    talk(session)
    promised = checkin_queries.commitments_about(session, ADVISOR.no, YEAR, source="interview/")
    assert [(one.owner_no, one.due_on) for one in promised] == [(MANAGER.no, date(2026, 3, 31))]
    assert [row[:2] for row in waiting(session, KEY)] == [("confirm-result", ADVISOR.no)]


def test_an_objection_needs_a_note(session: Session) -> None:
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-interview", **PART)
    hand_in(session, MANAGER, AFTER + DAY, KEY, "hold-interview", **RECORD)
    with pytest.raises(RuleViolation):
        hand_in(session, ADVISOR, AFTER + 2 * DAY, KEY, "sign-interview", outcome="disagree")


def test_signing_at_once_is_marked_for_hr(session: Session) -> None:
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-interview", **PART)
    hand_in(session, MANAGER, AFTER + DAY, KEY, "hold-interview", **RECORD)
    hand_in(session, ADVISOR, AFTER + DAY, KEY, "sign-interview", outcome="agree")
    row = queries.interview(session, YEAR, ADVISOR.no)
    assert row is not None
    assert row.flags == ["signed_too_fast"]


def test_the_award_waits_for_talk_and_confirmation(session: Session) -> None:
    assert queries.payout_gate(session, YEAR, ADVISOR.no) == "INTERVIEW"
    talk(session)
    assert queries.payout_gate(session, YEAR, ADVISOR.no) == "INTERVIEW"
    hand_in(session, ADVISOR, AFTER + 3 * DAY, KEY, "confirm-result", outcome="confirmed")
    assert queries.payout_gate(session, YEAR, ADVISOR.no) is None


def test_silence_counts_as_confirmed(session: Session) -> None:
    talk(session)
    actions.deem_confirmed(session, SYSTEM, AFTER + 9 * DAY, YEAR, ADVISOR.no)
    answer = queries.confirmation(session, YEAR, ADVISOR.no)
    assert answer is not None
    assert answer.outcome == "deemed"
    assert queries.payout_gate(session, YEAR, ADVISOR.no) is None


def test_an_excused_talk_moves_on_to_the_confirmation(session: Session) -> None:
    actions.excuse_interview(
        session, act_as(session, HR), AFTER, YEAR, ADVISOR.no, reason="长期病假，双方书面同意免谈"
    )
    assert [row[0] for row in waiting(session, KEY)] == ["confirm-result"]
    assert ADVISOR.no not in queries.open_interviews(session, YEAR)


def test_only_hr_of_the_unit_excuses_and_says_why(session: Session) -> None:
    for person in (MANAGER, ADVISOR, COLLEAGUE):
        with pytest.raises(NotFound):
            actions.excuse_interview(
                session,
                act_as(session, person),
                AFTER,
                YEAR,
                ADVISOR.no,
                reason="不需要谈了，都清楚",
            )
    with pytest.raises(RuleViolation):
        actions.excuse_interview(
            session, act_as(session, HR), AFTER, YEAR, ADVISOR.no, reason="病假"
        )


def appeal(session: Session) -> None:
    talk(session)
    hand_in(
        session, ADVISOR, AFTER + 3 * DAY, KEY, "confirm-result", outcome="appealed",
        ground="data_error", text="三月的净新增有两笔没有计入，核心系统已经更正。",
    )  # fmt: skip


def test_an_appeal_without_ground_or_text_is_refused(session: Session) -> None:
    talk(session)
    with pytest.raises(RuleViolation):
        hand_in(session, ADVISOR, AFTER + 3 * DAY, KEY, "confirm-result", outcome="appealed")
    assert appeal_queries.appeal(session, YEAR, ADVISOR.no) is None
    assert queries.confirmation(session, YEAR, ADVISOR.no) is None


def test_an_open_appeal_holds_the_award_and_goes_to_hr(session: Session) -> None:
    appeal(session)
    assert queries.payout_gate(session, YEAR, ADVISOR.no) == "APPEAL"
    assert appeal_queries.has_open_appeal(session, YEAR, ADVISOR.no)
    ((element, assignee, group),) = waiting(session, KEY)
    assert (element, assignee) == ("decide-appeal", None)
    assert (group or "").startswith("hr-partner")


def test_a_corrected_appeal_writes_a_new_link_and_frees_the_award(session: Session) -> None:
    appeal(session)
    hand_in(
        session, HR, AFTER + 5 * DAY, KEY, "decide-appeal", outcome="corrected",
        to_total=Decimal("103.25"), decision="核心系统更正后，净新增按更正后的数计算。",
    )  # fmt: skip
    result = latest_result(session, YEAR, ADVISOR.no)
    assert result is not None
    assert (result.stage, result.total_e2) == ("appealed", Decimal("103.25"))
    assert queries.payout_gate(session, YEAR, ADVISOR.no) is None
    instance = workflow_queries.instance_by_key(session, KEY)
    assert instance is None or instance.status == "completed"


def test_an_upheld_appeal_leaves_the_result(session: Session) -> None:
    appeal(session)
    before = latest_result(session, YEAR, ADVISOR.no)
    hand_in(
        session, HR, AFTER + 5 * DAY, KEY, "decide-appeal", outcome="upheld",
        decision="两笔资金在次年一月入账，属于下一周期的业绩。",
    )  # fmt: skip
    assert latest_result(session, YEAR, ADVISOR.no) is before
    assert not appeal_queries.has_open_appeal(session, YEAR, ADVISOR.no)


def test_a_field_that_the_firm_added_is_stored_and_shown_with_its_label(database: Database) -> None:
    files = dict(shipped_files())
    path = "forms/interview-preparation.form.json"
    form = json.loads(files[path])
    form["components"].append(
        {
            "type": "textfield",
            "key": "mentor_wish",
            "id": "field_mentor_wish",
            "label": "希望谁做导师",
            "properties": {"label@en": "Mentor I would like"},
        }
    )
    files[path] = json.dumps(form, ensure_ascii=False).encode()
    with database.writing() as session:
        build_year(session)
        workflow_actions.deploy(session, SYSTEM, AFTER, files)
        begin(
            session, AFTER, "feedback-interview", KEY, cycle=YEAR, employee=ADVISOR.no,
            deadlines={}, published_on=AFTER.date(),
        )  # fmt: skip
        hand_in(session, ADVISOR, AFTER, KEY, "prepare-interview", mentor_wish="宋予安", **PART)
        row = queries.interview(session, YEAR, ADVISOR.no)
        assert row is not None
        assert row.extra == {"mentor_wish": "宋予安"}
    page = open_pages(database, AFTER, "interviews").visit(ADVISOR).get(f"/interviews/{KEY}").text
    assert "Mentor I would like" in page
    assert "宋予安" in page


def test_the_manager_sees_which_causes_to_ask_about_and_the_note_for_him(session: Session) -> None:
    hand_in(session, ADVISOR, AFTER, KEY, "prepare-interview", **PART)
    result = latest_result(session, YEAR, ADVISOR.no)
    assert result is not None
    result.dimensions = {"R": Decimal(104), "C": Decimal(72), "K": Decimal(96), "G": Decimal(90)}
    session.flush()
    for person, sees in ((MANAGER, True), (HR, False)):
        context = form_context(session, act_as(session, person), AFTER, ADVISOR, language="en")
        panels = RecordBinding().evidence(context)
        shown = {str(panel.title.en): panel for panel in panels}  # type: ignore[union-attr]
        causes = shown["Causes to ask about first"].lines()
        assert causes[0].value == "Communication skill gap, Product knowledge gap"
        assert ("For you only" in shown) is sees
