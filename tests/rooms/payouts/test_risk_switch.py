"""The firm's risk indicators: the committee states them, and main runs share what they leave."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from perfflow.kernel.errors import NotAllowed, NotFound, RuleViolation
from perfflow.payouts import actions
from perfflow.payouts.checks import check_payouts
from perfflow.payouts.gathering.risk import risk_statements
from perfflow.payouts.models import Pool
from tests.support.cast import act_as, Person
from tests.support.golden import awards, COMMITTEE, FINANCE, PAY_DAY, POOL_FEN, run_main, SIX
from tests.support.year import YEAR

NOTE = "不良率与流动性覆盖率未达标，见年度风险报告"


def state(
    session: Session,
    missed: int | None,
    average: int | None = None,
    by: Person = COMMITTEE,
    note: str = NOTE,
    cycle: str = YEAR,
) -> None:
    actions.state_risk(
        session, act_as(session, by), PAY_DAY, cycle,
        missed=missed, last_average_fen=average, note=note,
    )  # fmt: skip


def test_without_a_statement_the_pool_is_shared_as_proposed(session: Session, pool: Pool) -> None:
    assert run_main(session, pool, "redistribute").pool_fen == POOL_FEN


def test_one_missed_indicator_keeps_the_average_of_last_year(session: Session, pool: Pool) -> None:
    average = POOL_FEN // 7
    state(session, 1, average)
    run = run_main(session, pool, "redistribute")
    assert run.pool_fen == pool.amount_fen == average * len(SIX)
    shared = sum(award.award_fen for award in awards(session, run).values())
    assert shared + run.surplus_fen == run.pool_fen


def test_two_missed_indicators_lower_the_proposal_and_the_run_stays_checkable(
    session: Session, pool: Pool
) -> None:
    state(session, 2)
    run = run_main(session, pool, "return")
    assert run.pool_fen == POOL_FEN * 9 // 10
    session.expire_all()
    assert check_payouts(session)[1] == []


def test_a_later_statement_replaces_an_earlier_one_and_both_stay(
    session: Session, pool: Pool
) -> None:
    state(session, 3)
    state(session, 0)
    assert [row.missed for row in risk_statements(session, YEAR)] == [3, 0]
    assert run_main(session, pool, "redistribute").pool_fen == POOL_FEN


def test_only_the_committee_states_them(session: Session, pool: Pool) -> None:
    with pytest.raises(NotAllowed):
        state(session, 1, by=FINANCE)
    with pytest.raises(NotFound):
        state(session, 1, cycle="1999")


@pytest.mark.parametrize(
    ("missed", "average", "note", "field"),
    [
        (None, None, NOTE, "missed"),
        (-1, None, NOTE, "missed"),
        (21, None, NOTE, "missed"),
        (1, -1, NOTE, "last_average"),
        (1, None, "短", "note"),
    ],
)
def test_what_is_wrong_is_named(
    session: Session, pool: Pool, missed: int | None, average: int | None, note: str, field: str
) -> None:
    with pytest.raises(RuleViolation) as refused:
        state(session, missed, average, note=note)
    assert refused.value.field == field
