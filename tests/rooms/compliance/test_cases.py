"""Gate cases: who may do what, two people decide, and what a case does to a person's standing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from perfflow.compliance import actions, queries
from perfflow.compliance.models import GateCase
from perfflow.compliance.rules import Gate
from perfflow.compliance.service_tasks import GateReviewBinding
from perfflow.db import Database
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation
from tests.support.cast import (
    act_as,
    ADVISOR,
    COLLEAGUE,
    COMPLIANCE,
    HEAD,
    HR,
    MANAGER,
    OUTSIDER,
)
from tests.support.year import AFTER, build_year, form_context, reach, YEAR

CONDUCT = date(2025, 6, 2)
NOTE = "录音和单据都已核对完毕"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        build_year(session)
        yield session


@pytest.fixture
def officer(session: Session) -> Actor:
    return act_as(session, COMPLIANCE)


@pytest.fixture
def second() -> Actor:
    """A second compliance officer."""
    return Actor("E00008", "E00008", frozenset({Role.EMPLOYEE, Role.COMPLIANCE_OFFICER}))


def opened(session: Session, officer: Actor, severity: int = 3, **more: object) -> GateCase:
    return actions.open_case(
        session, officer, AFTER, ADVISOR.no, potential_severity=severity,
        conduct_on=more.pop("conduct_on", CONDUCT),  # type: ignore[arg-type]
        summary="客户反映购买前没有说明产品风险等级", **more,  # type: ignore[arg-type]
    )  # fmt: skip


def heard(session: Session, officer: Actor, severity: int = 3, **more: object) -> GateCase:
    case = opened(session, officer, severity, **more)
    actions.triage_case(session, officer, AFTER, case.case_no, potential_severity=severity)
    actions.investigate_case(session, officer, AFTER, case.case_no)
    return actions.call_hearing(session, officer, AFTER, case.case_no, note=NOTE)


def decided(
    session: Session, officer: Actor, second: Actor, severity: int = 3, **more: object
) -> GateCase:
    case = heard(session, officer, severity, **more)
    actions.propose_decision(
        session, officer, AFTER, case.case_no, outcome="upheld", severity=severity, note=NOTE
    )
    return actions.confirm_decision(session, second, AFTER, case.case_no, agrees=True)


def test_cases_are_numbered_by_year(session: Session, officer: Actor) -> None:
    numbers = [opened(session, officer).case_no for _ in range(3)]
    assert numbers == ["GC-2026-00001", "GC-2026-00002", "GC-2026-00003"]


@pytest.mark.parametrize("person", [HR, MANAGER, HEAD, ADVISOR], ids=lambda p: p.name_en)
def test_only_compliance_opens_cases(session: Session, person: object) -> None:
    with pytest.raises(NotAllowed):
        opened(session, act_as(session, person))  # type: ignore[arg-type]
    assert queries.register(session) == []


def test_nobody_opens_or_works_on_the_own_case(session: Session, officer: Actor) -> None:
    own = replace(officer, employee_no=ADVISOR.no, name=ADVISOR.no)
    with pytest.raises(NotAllowed):
        opened(session, own)
    case = opened(session, officer)
    with pytest.raises(NotAllowed):
        actions.triage_case(session, own, AFTER, case.case_no, potential_severity=0)


def test_conduct_in_the_future_is_refused(session: Session, officer: Actor) -> None:
    with pytest.raises(RuleViolation) as refused:
        opened(session, officer, conduct_on=AFTER.date() + timedelta(days=1))
    assert refused.value.code == "compliance.conduct_in_future"


def test_a_report_alone_freezes_nothing(session: Session, officer: Actor) -> None:
    opened(session, officer, 4)
    assert queries.standing(session, YEAR, ADVISOR.no).gate is Gate.NONE


@pytest.mark.parametrize(("severity", "gate"), [(2, Gate.NONE), (3, Gate.FREEZE), (4, Gate.FREEZE)])
def test_an_investigation_freezes_from_possible_severity_three(
    session: Session, officer: Actor, severity: int, gate: Gate
) -> None:
    heard(session, officer, severity)
    assert queries.standing(session, YEAR, ADVISOR.no).gate is gate


def test_steps_follow_their_order(session: Session, officer: Actor) -> None:
    case = opened(session, officer)
    with pytest.raises(Conflict):
        actions.investigate_case(session, officer, AFTER, case.case_no)
    with pytest.raises(Conflict):
        actions.propose_decision(
            session, officer, AFTER, case.case_no, outcome="upheld", severity=1, note=NOTE
        )


def test_a_proposal_has_no_effect_before_a_second_person_agrees(
    session: Session, officer: Actor, second: Actor
) -> None:
    case = heard(session, officer)
    actions.propose_decision(
        session, officer, AFTER, case.case_no, outcome="upheld", severity=3, note=NOTE
    )
    assert queries.standing(session, YEAR, ADVISOR.no).deduction == 0
    with pytest.raises(NotAllowed) as refused:
        actions.confirm_decision(session, officer, AFTER, case.case_no, agrees=True)
    assert refused.value.code == "compliance.second_person_needed"
    actions.confirm_decision(session, second, AFTER, case.case_no, agrees=True)
    standing = queries.standing(session, YEAR, ADVISOR.no)
    assert (standing.deduction, standing.band_cap) == (Decimal("10.00"), "B")
    assert (case.decided_by, case.second_decider) == (COMPLIANCE.no, "E00008")


def test_the_second_person_can_send_it_back(
    session: Session, officer: Actor, second: Actor
) -> None:
    case = heard(session, officer)
    actions.propose_decision(
        session, officer, AFTER, case.case_no, outcome="upheld", severity=4, note=NOTE
    )
    actions.confirm_decision(session, second, AFTER, case.case_no, agrees=False, note=NOTE)
    assert (case.status, case.decided_by, case.proposed_severity) == ("hearing", None, None)


def test_an_unfounded_case_lifts_the_freeze(
    session: Session, officer: Actor, second: Actor
) -> None:
    case = heard(session, officer)
    actions.propose_decision(
        session, officer, AFTER, case.case_no, outcome="unfounded", severity=None, note=NOTE
    )
    actions.confirm_decision(session, second, AFTER, case.case_no, agrees=True)
    assert queries.standing(session, YEAR, ADVISOR.no).gate is Gate.NONE
    assert case.severity is None


def test_severity_four_is_a_veto_without_points(
    session: Session, officer: Actor, second: Actor
) -> None:
    decided(session, officer, second, 4)
    standing = queries.standing(session, YEAR, ADVISOR.no)
    assert (standing.is_vetoed, standing.deduction) == (True, Decimal("0.00"))


def test_reporting_oneself_halves_the_points(
    session: Session, officer: Actor, second: Actor
) -> None:
    case = decided(session, officer, second, 2, is_self_reported=True)
    assert case.points_e2 == Decimal("2.50")
    assert queries.standing(session, YEAR, ADVISOR.no).deduction == Decimal("2.50")


def test_the_third_moderate_case_within_a_year_counts_as_serious(
    session: Session, officer: Actor, second: Actor
) -> None:
    for month in (2, 5, 8):
        decided(session, officer, second, 2, conduct_on=date(2025, month, 3))
    standing = queries.standing(session, YEAR, ADVISOR.no)
    assert (standing.deduction, standing.band_cap) == (Decimal("20.00"), "B")


def test_a_case_of_another_year_does_not_count_here(
    session: Session, officer: Actor, second: Actor
) -> None:
    decided(session, officer, second, 1, conduct_on=date(2026, 1, 5))
    assert queries.standing(session, YEAR, ADVISOR.no).deduction == 0


def test_the_manager_gets_a_third_of_the_points_and_a_lower_severity(
    session: Session, officer: Actor, second: Actor
) -> None:
    case = decided(session, officer, second, 3)
    joint = actions.attach_joint_liability(
        session, officer, AFTER, case.case_no, MANAGER.no, note=NOTE
    )
    assert (joint.status, joint.proposed_severity) == ("hearing", 2)
    assert queries.standing(session, YEAR, MANAGER.no).deduction == 0
    actions.confirm_decision(session, second, AFTER, joint.case_no, agrees=True)
    standing = queries.standing(session, YEAR, MANAGER.no)
    assert (standing.deduction, standing.worst_severity) == (Decimal("3.00"), 2)


def test_joint_liability_is_for_managers_of_that_day_and_once(
    session: Session, officer: Actor, second: Actor
) -> None:
    case = decided(session, officer, second, 3)
    with pytest.raises(RuleViolation) as refused:
        actions.attach_joint_liability(
            session, officer, AFTER, case.case_no, OUTSIDER.no, note=NOTE
        )
    assert refused.value.code == "compliance.not_in_line"
    actions.attach_joint_liability(session, officer, AFTER, case.case_no, MANAGER.no, note=NOTE)
    with pytest.raises(Conflict):
        actions.attach_joint_liability(session, officer, AFTER, case.case_no, MANAGER.no, note=NOTE)


def test_an_appeal_is_decided_by_somebody_fresh_and_never_worsens(
    session: Session, officer: Actor, second: Actor
) -> None:
    case = decided(session, officer, second, 3)
    actions.appeal_case(session, act_as(session, ADVISOR), AFTER, case.case_no, note=NOTE)
    for part in (officer, second):
        with pytest.raises(NotAllowed):
            actions.close_case(session, part, AFTER, case.case_no, severity=1, note=NOTE)
    third = Actor("E00012", "E00012", frozenset({Role.COMPLIANCE_OFFICER}))
    with pytest.raises(RuleViolation):
        actions.close_case(session, third, AFTER, case.case_no, severity=4, note=NOTE)
    actions.close_case(session, third, AFTER, case.case_no, severity=1, note=NOTE)
    assert (case.status, case.severity, case.points_e2) == ("final", 1, Decimal("2.00"))
    assert queries.standing(session, YEAR, ADVISOR.no).deduction == Decimal("2.00")


def test_a_stranger_cannot_appeal_for_somebody(
    session: Session, officer: Actor, second: Actor
) -> None:
    case = decided(session, officer, second, 3)
    with pytest.raises(NotFound):
        actions.appeal_case(session, act_as(session, OUTSIDER), AFTER, case.case_no, note=NOTE)


def test_every_step_is_in_the_history(session: Session, officer: Actor, second: Actor) -> None:
    case = decided(session, officer, second, 2)
    steps = [event.to_status for event in queries.history(session, case.id)]
    assert steps == ["reported", "triaged", "investigating", "hearing", "hearing", "upheld"]


def test_the_gate_review_waits_for_triage(session: Session, officer: Actor) -> None:
    case = opened(session, officer)
    with pytest.raises(RuleViolation) as refused:
        actions.review_gate(session, officer, AFTER, YEAR, "B01", statement=NOTE)
    assert refused.value.params["cases"] == case.case_no
    actions.triage_case(session, officer, AFTER, case.case_no, potential_severity=1)
    review = actions.review_gate(session, officer, AFTER, YEAR, "B01", statement=NOTE)
    assert [row["case_no"] for row in review.cases] == [case.case_no]
    with pytest.raises(Conflict):
        actions.review_gate(session, officer, AFTER, YEAR, "B01", statement=NOTE)


def test_the_gate_review_of_another_unit_does_not_see_the_case(
    session: Session, officer: Actor
) -> None:
    opened(session, officer)
    assert actions.review_gate(session, officer, AFTER, YEAR, "B02", statement=NOTE).cases == []


def test_only_compliance_reviews_the_gate(session: Session) -> None:
    with pytest.raises(NotAllowed):
        actions.review_gate(session, act_as(session, HR), AFTER, YEAR, "B01", statement=NOTE)


def test_the_gate_review_lists_compliance_lines_without_data(
    session: Session, officer: Actor
) -> None:
    reach(session, COLLEAGUE)
    reach(session, MANAGER)
    reach(session, ADVISOR, only=["CP-01", "CP-03"])
    missing = queries.lines_without_value(session, YEAR, "B01")
    assert [(number, metric.code) for number, metric in missing] == [(ADVISOR.no, "CP-04")]
    context = form_context(session, officer, AFTER, ADVISOR, unit="B01", language="en")
    (panel,) = GateReviewBinding().evidence(context)
    assert [row.value for row in panel.lines()] == ["Recording completeness"]


def test_the_register_stays_with_compliance_when_others_open_the_task(
    session: Session, officer: Actor
) -> None:
    case = opened(session, officer)
    for actor, rows in ((officer, 1), (act_as(session, HR), 0)):
        context = form_context(session, actor, AFTER, ADVISOR, unit="B01")
        shown = GateReviewBinding().load(context)["cases"]
        assert [row["case_no"] for row in shown] == [case.case_no] * rows
