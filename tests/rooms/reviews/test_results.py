"""The chain of results: computed from stored data, moved within limits, replayed exactly."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from perfflow.compliance.models import GateCase
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import ComputationError, RuleViolation
from perfflow.reviews import actions, queries
from perfflow.reviews.checks import check_results
from perfflow.reviews.models import Result
from tests.support.cast import act_as, ADVISOR, COLLEAGUE, MANAGER, OUTSIDER, Person
from tests.support.year import AFTER, build_year, reach, value_of, YEAR


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A year whose participants reached every target."""
    with database.writing() as session:
        build_year(session)
        for person in (ADVISOR, COLLEAGUE, MANAGER, OUTSIDER):
            reach(session, person)
        yield session


def rate(session: Session, person: Person, rating: str = "4") -> Result:
    """The manager's rating of every line that people judge."""
    boss = act_as(session, MANAGER)
    ratings = [
        {"metric_code": code, "rating": rating, "evidence": "带新人完成两次联合拜访，客户反馈好"}
        for code, _ in actions.manual_lines(session, YEAR, person.no)
    ]
    return actions.submit_manager_review(
        session, boss, AFTER, YEAR, person.no, ratings=ratings, comment="全年稳定，客户评价好。"
    )


def open_case(session: Session, person: Person, status: str, severity: int | None) -> None:
    session.add(
        GateCase(
            case_no=f"GC-2025-{person.no}",
            employee_no=person.no,
            status=status,
            potential_severity=severity or 3,
            severity=severity,
            summary="销售过程记录不完整",
            conduct_on=AFTER.date().replace(year=2025, month=6, day=2),
            opened_by="E00007",
            opened_at=AFTER,
        )
    )
    session.flush()


def test_everybody_active_gets_a_computed_result_from_data_alone(session: Session) -> None:
    assert actions.compute_results(session, SYSTEM, AFTER, YEAR) == 4
    result = queries.latest_result(session, YEAR, ADVISOR.no)
    assert result is not None
    assert (result.stage, result.version, result.band) == ("computed", 1, "A")
    assert result.total_e2 == Decimal("100.00")
    assert result.objective_total_e2 == Decimal("100.00")
    assert result.decided_by == "system"


def test_computing_twice_adds_nothing(session: Session) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    assert actions.compute_results(session, SYSTEM, AFTER, YEAR) == 0
    assert len(queries.result_chain(session, YEAR, ADVISOR.no)) == 1


def test_the_rating_adds_a_second_link_and_the_first_stays(session: Session) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    result = rate(session, ADVISOR, "5")
    chain = queries.result_chain(session, YEAR, ADVISOR.no)
    assert [link.stage for link in chain] == ["computed", "manager"]
    # The one line that people judge weighs 5 %: 120 instead of 100 gives one point more.
    assert result.total_e2 == Decimal("101.00")
    assert result.objective_total_e2 == chain[0].total_e2


def test_a_missing_rating_is_named(session: Session) -> None:
    boss = act_as(session, MANAGER)
    with pytest.raises(RuleViolation) as refused:
        actions.submit_manager_review(
            session, boss, AFTER, YEAR, ADVISOR.no, ratings=[], comment="全年稳定，客户评价好。"
        )
    assert refused.value.code == "reviews.rating_missing"
    assert queries.manager_review(session, YEAR, ADVISOR.no) is None


def test_a_rating_without_evidence_is_refused_on_its_row(session: Session) -> None:
    boss = act_as(session, MANAGER)
    code = actions.manual_lines(session, YEAR, ADVISOR.no)[0][0]
    with pytest.raises(RuleViolation) as refused:
        actions.submit_manager_review(
            session, boss, AFTER, YEAR, ADVISOR.no,
            ratings=[{"metric_code": code, "rating": "4", "evidence": "好"}],
            comment="全年稳定，客户评价好。",
        )  # fmt: skip
    assert refused.value.code == "reviews.evidence_too_short"
    assert refused.value.field == "ratings.0.evidence"


def test_a_metric_that_data_decides_takes_no_rating(session: Session) -> None:
    boss = act_as(session, MANAGER)
    code = actions.manual_lines(session, YEAR, ADVISOR.no)[0][0]
    row = {"rating": "4", "evidence": "带新人完成两次联合拜访，客户反馈好"}
    with pytest.raises(RuleViolation) as refused:
        actions.submit_manager_review(
            session, boss, AFTER, YEAR, ADVISOR.no,
            ratings=[{**row, "metric_code": code}, {**row, "metric_code": "RS-01"}],
            comment="全年稳定，客户评价好。",
        )  # fmt: skip
    assert refused.value.code == "reviews.rating_not_wanted"


def test_calibration_moves_the_total_and_the_band_follows(session: Session) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    rate(session, ADVISOR)
    moved = actions.record_result(
        session, act_as(session, OUTSIDER), AFTER, YEAR, ADVISOR.no, "calibrated",
        points=Decimal("-6"), reason_code="leniency", reason="宽严度高于其他支行",
    )  # fmt: skip
    assert (moved.total_e2, moved.band, moved.version) == (Decimal("94.00"), "B", 3)
    assert moved.reason == "宽严度高于其他支行"
    assert moved.explanation["children"][-1]["code"] == "reviews.explain.move"


def test_a_second_calibration_replaces_the_first_move(session: Session) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    rate(session, ADVISOR)
    for points in ("-6", "2"):
        last = actions.record_result(
            session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated", points=Decimal(points)
        )
    assert last.total_e2 == Decimal("102.00")


def test_nobody_moves_a_result_by_more_than_ten_points(session: Session) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    with pytest.raises(ComputationError) as refused:
        actions.record_result(
            session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated", points=Decimal("10.01")
        )
    assert refused.value.name == "CALIBRATION_POINTS"


def test_a_correction_goes_to_the_named_total(session: Session) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    link = actions.record_correction(
        session, SYSTEM, AFTER, YEAR, ADVISOR.no, "appealed",
        to_total=Decimal("103.50"), reason_code="data_error", reason="三月的数据更正后重新计算",
    )  # fmt: skip
    assert (link.stage, link.total_e2) == ("appealed", Decimal("103.50"))


def test_a_correction_beyond_the_limits_is_refused_on_its_field(session: Session) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    with pytest.raises(RuleViolation) as refused:
        actions.record_correction(
            session, SYSTEM, AFTER, YEAR, ADVISOR.no, "appealed",
            to_total=Decimal("80"), reason_code="data_error", reason="三月的数据更正后重新计算",
        )  # fmt: skip
    assert refused.value.field == "to_total"


def test_a_deduction_is_taken_from_the_person_and_not_from_a_line(session: Session) -> None:
    open_case(session, ADVISOR, "upheld", 2)
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    result = queries.latest_result(session, YEAR, ADVISOR.no)
    assert result is not None
    assert (result.total_e2, result.deduction_e2) == (Decimal("95.00"), Decimal("5.00"))
    assert (result.gate, result.band) == ("NONE", "A")


def test_a_veto_shows_d_and_keeps_the_clean_band(session: Session) -> None:
    open_case(session, ADVISOR, "upheld", 4)
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    result = queries.latest_result(session, YEAR, ADVISOR.no)
    assert result is not None
    assert (result.gate, result.band, result.clean_band) == ("VETO", "D", "A")


def test_calibration_does_not_lift_a_veto(session: Session) -> None:
    open_case(session, ADVISOR, "upheld", 4)
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    moved = actions.record_result(
        session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated", points=Decimal(10)
    )
    assert (moved.band, moved.clean_band) == ("D", "S")


def test_a_later_link_looks_up_the_gate_again(session: Session) -> None:
    open_case(session, ADVISOR, "investigating", None)
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    first = queries.latest_result(session, YEAR, ADVISOR.no)
    session.execute(update(GateCase).values(status="unfounded"))
    second = actions.record_result(session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated")
    assert first is not None
    assert (first.gate, second.gate) == ("FREEZE", "NONE")


def test_values_that_change_later_do_not_reach_back(session: Session) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    value_of(session, ADVISOR, "RS-01", Decimal(10), version=2)
    last = actions.record_result(session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated")
    assert last.total_e2 == Decimal("100.00")


def test_who_has_no_data_for_most_of_the_card_is_not_rated(session: Session) -> None:
    from perfflow.metrics.models import MetricValue

    session.query(MetricValue).filter(
        MetricValue.employee_no == ADVISOR.no, MetricValue.metric_code != "RS-01"
    ).delete()
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    result = queries.latest_result(session, YEAR, ADVISOR.no)
    assert result is not None
    assert (result.band, result.total_e2) == ("NR", None)


def test_every_stored_result_replays_to_itself(session: Session) -> None:
    open_case(session, COLLEAGUE, "upheld", 3)
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    rate(session, ADVISOR, "3")
    actions.record_result(
        session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated", points=Decimal("1.25")
    )
    session.expire_all()
    assert check_results(session) == (6, [])


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("total_e2", Decimal("120"), "result-total"),
        ("band", "S", "result-band"),
        ("inputs_hash", "0" * 64, "result-inputs"),
        ("release_hash", "0" * 64, "result-release"),
        ("version", 7, "result-version"),
    ],
)
def test_a_result_that_was_tampered_with_is_found(
    session: Session, column: str, value: object, kind: str
) -> None:
    actions.compute_results(session, SYSTEM, AFTER, YEAR)
    session.execute(update(Result).where(Result.employee_no == ADVISOR.no).values({column: value}))
    session.expire_all()
    count, findings = check_results(session)
    assert count == 4
    assert kind in {finding["kind"] for finding in findings}
    assert {finding["key"].split("/")[1] for finding in findings} == {ADVISOR.no}
