"""The shipped calibration over HTTP: gate review, unit sessions, the firm's session, results."""

from __future__ import annotations

from datetime import date

from perfflow.calendar import local_date
from perfflow.calibration import actions as calibration_actions
from perfflow.calibration import queries as calibration_queries
from perfflow.compliance import queries as compliance_queries
from perfflow.reviews import queries as review_queries
from tests.processes.stages import (
    APPRAISED,
    CALIBRATOR,
    CALIBRATOR_TWO,
    COMPLIANCE_TWO,
    from_stage,
    FROZEN,
    SCORED,
)
from tests.processes.walk import Walk
from tests.support.cast import (
    act_as,
    ADVISOR,
    COMPLIANCE,
    HR,
    MANAGER,
    OTHER_MANAGER,
    OUTSIDER,
)
from tests.support.year import YEAR

STAGE = SCORED
UNIT = f"{YEAR}/calibration/B01"
OTHER_UNIT = f"{YEAR}/calibration/B02"
FIRM = f"{YEAR}/calibration/FIRM"
GATE = {"statement": "本单位的案件已逐一核对，没有未分级的案件。"}
CLOSING = {"summary": "逐人核对了评分尺度，未发现异常集中。", "is_reviewed": True}


def close_unit(walk: Walk, key: str) -> None:
    walk.hand_in(COMPLIANCE, key, "review-gate", **GATE)
    walk.hand_in(CALIBRATOR, key, "calibrate-unit", **CLOSING)


def stages_of(walk: Walk, number: str) -> list[str]:
    with walk.database.reading() as session:
        return [row.stage for row in review_queries.result_chain(session, YEAR, number)]


def session_status(walk: Walk, unit: str) -> str:
    with walk.database.reading() as session:
        return calibration_queries.session_named(session, YEAR, unit).status


@from_stage(FROZEN)
def test_a_session_waits_for_every_review_of_its_unit(walk: Walk) -> None:
    assert (walk.steps(UNIT), walk.status(UNIT)) == ([], "active")
    walk.play(date(2026, 3, 1), "review-gate")
    with walk.database.reading() as session:
        assert review_queries.open_reviews(session, YEAR, "B01") == 0
    assert session_status(walk, "B01") == "open"


def test_compliance_goes_through_the_cases_before_the_committee_sits(walk: Walk) -> None:
    assert walk.waiting(UNIT) == [("review-gate", "compliance-officer")]
    walk.hand_in(COMPLIANCE_TWO, UNIT, "review-gate", **GATE)
    assert walk.waiting(UNIT) == [("calibrate-unit", "calibration-committee")]
    with walk.database.reading() as session:
        review = compliance_queries.gate_review(session, YEAR, "B01")
        assert review is not None
        assert review.reviewed_by == COMPLIANCE_TWO.no


def test_the_firms_session_waits_for_the_last_unit(walk: Walk) -> None:
    close_unit(walk, UNIT)
    assert (session_status(walk, "B01"), walk.status(UNIT)) == ("closed", "completed")
    assert walk.steps(FIRM) == []
    assert session_status(walk, "FIRM") == "waiting"
    assert stages_of(walk, ADVISOR.no) == ["computed", "manager"]
    walk.play(date(2026, 3, 1), "calibrate-firm")
    assert walk.waiting(FIRM) == [("calibrate-firm", "calibration-committee")]


def test_the_firms_session_makes_every_result_calibrated_and_wakes_the_year(walk: Walk) -> None:
    walk.play(date(2026, 3, 1), "calibrate-firm")
    walk.hand_in(CALIBRATOR, FIRM, "calibrate-firm", **CLOSING)
    for person in APPRAISED:
        assert stages_of(walk, person.no) == ["computed", "manager", "calibrated"]
    assert walk.waiting(YEAR) == [("publish-results", "hr-partner")]


def test_a_move_of_the_committee_is_in_the_calibrated_result(walk: Walk) -> None:
    walk.hand_in(COMPLIANCE, UNIT, "review-gate", **GATE)
    with walk.database.writing() as session:
        row = calibration_queries.session_named(session, YEAR, "B01")
        member = act_as(session, CALIBRATOR, local_date(walk.clock.now()))
        seat = next(
            one
            for one in calibration_queries.board(session, row)
            if one.participant.employee_no == ADVISOR.no
        )
        assert seat.total is not None
        wanted = seat.total - 2
        calibration_actions.adjust(
            session, member, walk.clock.now(), row, ADVISOR.no, to_total=wanted,
            reason_code="leniency", reason="与同岗位相比，定性评分的尺度需要统一。",
        )  # fmt: skip
    # One of three people is more than a fifth: a second member has to stand for it.
    assert "second member" in walk.refusal(CALIBRATOR, UNIT, "calibrate-unit", **CLOSING)
    with walk.database.writing() as session:
        row = calibration_queries.session_named(session, YEAR, "B01")
        member = act_as(session, CALIBRATOR_TWO, local_date(walk.clock.now()))
        calibration_actions.approve_adjustments(session, member, walk.clock.now(), row)
    walk.hand_in(CALIBRATOR, UNIT, "calibrate-unit", **CLOSING)
    walk.play(date(2026, 3, 1), "publish-results")
    with walk.database.reading() as session:
        result = review_queries.latest_result(session, YEAR, ADVISOR.no)
        assert result is not None
        assert (result.stage, result.total_e2) == ("calibrated", wanted)


def test_a_session_is_not_closed_without_a_word(walk: Walk) -> None:
    walk.hand_in(COMPLIANCE, UNIT, "review-gate", **GATE)
    assert walk.refusal(CALIBRATOR, UNIT, "calibrate-unit", **{**CLOSING, "summary": "好"})
    assert walk.refusal(CALIBRATOR, UNIT, "calibrate-unit", **{**CLOSING, "is_reviewed": False})
    assert session_status(walk, "B01") == "open"


def test_only_compliance_reviews_the_gate_and_only_the_committee_calibrates(walk: Walk) -> None:
    for stranger in (ADVISOR, MANAGER, OUTSIDER, HR, CALIBRATOR):
        assert walk.turned_away(stranger, UNIT, "review-gate") == (404, 404)
    walk.hand_in(COMPLIANCE, UNIT, "review-gate", **GATE)
    for stranger in (ADVISOR, MANAGER, OTHER_MANAGER, HR, COMPLIANCE):
        got, posted = walk.turned_away(stranger, UNIT, "calibrate-unit")
        assert (got, posted) == (404, 404)


def test_two_members_at_one_session_close_it_once(walk: Walk) -> None:
    walk.hand_in(COMPLIANCE, UNIT, "review-gate", **GATE)
    address, form = walk.open(CALIBRATOR, UNIT, "calibrate-unit")
    form.fill(CLOSING)
    assert walk.visit(CALIBRATOR).post(address, data=form.sent).status_code == 303
    assert walk.visit(CALIBRATOR).post(address, data=form.sent).status_code == 409
    assert session_status(walk, "B01") == "closed"
