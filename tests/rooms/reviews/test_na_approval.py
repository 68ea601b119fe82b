"""A compliance metric without a value is left out only with the approval of compliance."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from perfflow.compliance import actions as compliance
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import RuleViolation
from perfflow.metrics.models import MetricValue
from perfflow.reviews import actions, queries
from perfflow.reviews.checks import check_results
from perfflow.reviews.models import Result
from tests.support.cast import act_as, ADVISOR, COLLEAGUE, COMPLIANCE
from tests.support.year import AFTER, build_year, reach, YEAR

NOTE = "逐件核对了本单位的合规事件。"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Two people; of one the recording completeness (CP-05) never came."""
    with database.writing() as session:
        build_year(session, (ADVISOR, COLLEAGUE))
        for person in (ADVISOR, COLLEAGUE):
            reach(session, person)
        lines = queries.active_participants(session, YEAR)
        assert ADVISOR.no in lines
        session.execute(
            delete(MetricValue).where(
                MetricValue.employee_no == ADVISOR.no, MetricValue.metric_code == "CP-03"
            )
        )
        actions.compute_results(session, SYSTEM, AFTER, YEAR)
        yield session


def calibrate(session: Session) -> Result:
    return actions.record_result(session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated")


def test_before_the_gate_review_the_result_is_provisional_and_goes_no_further(
    session: Session,
) -> None:
    computed = queries.latest_result(session, YEAR, ADVISOR.no)
    assert computed is not None
    assert computed.total_e2 is not None
    with pytest.raises(RuleViolation) as refused:
        calibrate(session)
    assert refused.value.code == "calc.NA_NOT_APPROVED"
    assert refused.value.params["metric"] == "CP-03"


def test_others_are_not_held_up(session: Session) -> None:
    link = actions.record_result(session, SYSTEM, AFTER, YEAR, COLLEAGUE.no, "calibrated")
    assert link.stage == "calibrated"


def test_the_gate_review_approves_and_the_tree_says_so(session: Session) -> None:
    compliance.review_gate(session, act_as(session, COMPLIANCE), AFTER, YEAR, "B01", statement=NOTE)
    link = calibrate(session)
    text = str(link.explanation)
    assert "reviews.explain.na_" in text
    assert "gate review B01 2026-01-15" in text
    assert check_results(session)[1] == []
