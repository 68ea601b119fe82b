"""What scoring is fed: segments, prorated targets, team lines, forecasts, locked goals only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from perfflow.db import Database
from perfflow.goals.models import GoalSheet
from perfflow.people.models import Absence, Assignment
from perfflow.reviews.inputs import gather, Material
from perfflow.reviews.rules import score_person, Stage
from tests.support.cast import ADVISOR, COLLEAGUE, MANAGER, Person
from tests.support.year import build_year, reach, value_of, YEAR

JOINED = date(2025, 6, 1)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        build_year(session)
        yield session


def material(session: Session, person: Person = ADVISOR, *, is_forecast: bool = False) -> Material:
    session.flush()
    return gather(session, YEAR, [person.no], Stage.COMPUTED, is_forecast=is_forecast)[person.no]


def only_assignment(session: Session, person: Person = ADVISOR) -> Assignment:
    return session.scalars(select(Assignment).where(Assignment.employee_no == person.no)).one()


def line_of(found: Material, code: str, segment: int = 0) -> object:
    return next(line for line in found.inputs.segments[segment].lines if line.metric == code)


def test_a_whole_year_in_one_post_is_one_segment_with_the_agreed_targets(session: Session) -> None:
    found = material(session)
    assert [part.days for part in found.inputs.segments] == [365]
    assert found.inputs.present_days == 365
    assert line_of(found, "RS-01").target == 100  # type: ignore[attr-defined]


def test_a_joiners_flow_targets_shrink_with_the_days_and_ratios_stay(session: Session) -> None:
    only_assignment(session).valid_from = JOINED
    found = material(session)
    assert found.inputs.present_days == 214
    assert line_of(found, "RS-01").target == Fraction(100 * 214, 365)  # type: ignore[attr-defined]
    assert line_of(found, "CL-01").target == 100  # type: ignore[attr-defined]


def test_who_was_there_for_less_than_ninety_days_is_not_rated(session: Session) -> None:
    reach(session, ADVISOR)
    only_assignment(session).valid_from = date(2025, 10, 10)
    found = material(session)
    assert found.inputs.present_days == 83
    assert score_person(found.inputs, found.rules).band == "NR"


def test_long_unpaid_leave_is_no_presence(session: Session) -> None:
    session.add(
        Absence(
            employee_no=ADVISOR.no, kind="unpaid", first_on=date(2025, 3, 1),
            last_on=date(2025, 4, 30),
        )
    )  # fmt: skip
    assert material(session).inputs.present_days == 365 - 61


def test_a_change_of_post_gives_two_segments_with_two_cards(session: Session) -> None:
    before = only_assignment(session)
    before.valid_to = date(2025, 7, 1)
    before.post_code = "RM"
    session.add(
        Assignment(
            employee_no=ADVISOR.no, post_code="FA", unit_code="T01", manager_no=MANAGER.no,
            fte_bp=10000, valid_from=date(2025, 7, 1), valid_to=None,
        )
    )  # fmt: skip
    for month, value in ((3, 30), (9, 80)):
        value_of(session, ADVISOR, "RS-01", Decimal(value), period=f"2025-{month:02d}")
    found = material(session)
    first, second = found.inputs.segments
    assert (first.days, second.days) == (181, 184)
    assert {line.metric for line in first.lines} == {
        line.metric for line in _card(session, "RM-STD").lines
    }
    assert line_of(found, "RS-01", 0).actual == 30  # type: ignore[attr-defined]
    assert line_of(found, "RS-01", 1).actual == 80  # type: ignore[attr-defined]
    assert line_of(found, "RS-01", 1).target == Fraction(100 * 184, 365)  # type: ignore[attr-defined]


def _card(session: Session, code: str) -> object:
    from perfflow.plans.queries import card_template
    from perfflow.workflow.queries import current_release

    return card_template(session, current_release(session), code)


def test_a_change_of_manager_alone_does_not_split_the_year(session: Session) -> None:
    before = only_assignment(session)
    before.valid_to = date(2025, 7, 1)
    session.add(
        Assignment(
            employee_no=ADVISOR.no, post_code="FA", unit_code="T02", manager_no="E00010",
            fte_bp=10000, valid_from=date(2025, 7, 1), valid_to=None,
        )
    )  # fmt: skip
    assert [part.days for part in material(session).inputs.segments] == [365]


def test_a_team_line_takes_the_values_of_the_whole_team(session: Session) -> None:
    value_of(session, ADVISOR, "CL-01", Decimal(90))
    value_of(session, COLLEAGUE, "CL-01", Decimal(80))
    found = material(session, MANAGER)
    assert line_of(found, "CL-01").actual == 85  # type: ignore[attr-defined]


def test_only_locked_goals_make_a_result_and_drafts_a_forecast(session: Session) -> None:
    session.execute(update(GoalSheet).values(locked_version=None, status="proposed"))
    assert material(session).inputs.segments == ()
    draft = material(session, is_forecast=True)
    assert len(draft.lines) == 12
    assert not draft.is_locked


def test_a_flow_is_projected_by_the_share_of_days(session: Session) -> None:
    for month in range(1, 7):
        value_of(session, ADVISOR, "RS-01", Decimal(10), period=f"2025-{month:02d}")
    line = next(one for one in material(session, is_forecast=True).lines)
    assert line.forecast is not None
    assert not line.forecast.is_from_last_year
    assert line.forecast.value == Fraction(60 * 365, 181)


def test_a_flow_is_projected_by_the_pace_of_last_year_where_it_is_known(session: Session) -> None:
    for month in range(1, 13):
        value_of(
            session, ADVISOR, "RS-01", Decimal(30 if month <= 3 else 10), period=f"2024-{month:02d}"
        )
    for month in range(1, 4):
        value_of(session, ADVISOR, "RS-01", Decimal(20), period=f"2025-{month:02d}")
    line = next(one for one in material(session, is_forecast=True).lines)
    assert line.forecast is not None
    assert line.forecast.is_from_last_year
    assert line.forecast.share == Fraction(1, 2)
    assert line.forecast.value == 120


def test_ratios_are_never_projected(session: Session) -> None:
    value_of(session, ADVISOR, "CL-01", Decimal(90), period="2025-Q1")
    found = material(session, is_forecast=True)
    line = next(one for one in found.lines if one.metric.code == "CL-01")
    assert line.forecast is None
    assert line_of(found, "CL-01").actual == 90  # type: ignore[attr-defined]


def test_the_newest_version_of_a_value_counts(session: Session) -> None:
    value_of(session, ADVISOR, "RS-01", Decimal(50))
    value_of(session, ADVISOR, "RS-01", Decimal(70), version=2)
    assert line_of(material(session), "RS-01").actual == 70  # type: ignore[attr-defined]


def test_many_people_cost_as_many_statements_as_one(
    database: Database, session: Session, count_statements: object
) -> None:
    people = [ADVISOR.no, COLLEAGUE.no, MANAGER.no]
    gather(session, YEAR, people, Stage.MANAGER)  # fills the catalogue's cache
    session.expire_all()
    with count_statements(database.engine) as one:  # type: ignore[operator]
        gather(session, YEAR, people[:1], Stage.MANAGER)
    session.expire_all()
    with count_statements(database.engine) as many:  # type: ignore[operator]
        gather(session, YEAR, people, Stage.MANAGER)
    assert len(many) == len(one)
