"""Coefficients and categories of decision tables pay, each cycle by the release it is bound to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.calendar import FIRM_ZONE
from perfflow.cycles.models import Cycle
from perfflow.kernel.actor import SYSTEM
from perfflow.payouts.gathering import gather, member_from, stored_member
from perfflow.payouts.models import Pool
from perfflow.payouts.preview import PayoutPoolPreview
from perfflow.payouts.rules.run import Member
from perfflow.people.models import Employee, Unit
from perfflow.plans.rules.deferral import PayCategory
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries
from tests.support.cast import shipped_files

PATH = "catalogue/decisions/performance-coefficient.dmn"
TODAY = date(2026, 1, 30)


def members(session: Session, pool: Pool) -> dict[str, Member]:
    return {member.no: member for member in gather(session, pool, TODAY).members}


def publish_more_for_excellent(session: Session) -> int:
    """A for 1.3 instead of 1.2, in a new release; gives its number."""
    text = shipped_files()[PATH].decode()
    assert "<text>1.2</text>" in text
    files = {PATH: text.replace("<text>1.2</text>", "<text>1.3</text>").encode()}
    workflow_actions.deploy(session, SYSTEM, datetime(2026, 1, 30, tzinfo=FIRM_ZONE), files)
    return workflow_queries.current_release(session)


def test_a_new_table_changes_nothing_in_a_cycle_that_is_bound_to_the_old_one(
    session: Session, pool: Pool
) -> None:
    before = members(session, pool)
    publish_more_for_excellent(session)
    assert members(session, pool) == before


def test_a_cycle_on_the_new_release_pays_by_the_new_table(session: Session, pool: Pool) -> None:
    before = members(session, pool)
    session.get_one(Cycle, pool.cycle_code).release_number = publish_more_for_excellent(session)
    after = members(session, pool)
    excellent = [no for no, one in before.items() if one.clean_performance == Decimal("1.2")]
    assert excellent
    for number, one in after.items():
        expected = Decimal("1.3") if number in excellent else before[number].clean_performance
        assert one.clean_performance == expected


def test_the_effect_on_the_pool_uses_the_same_table(session: Session, pool: Pool) -> None:
    pool.amount_fen = 35_000_000
    session.flush()
    number = next(
        no for no, one in members(session, pool).items() if one.clean_performance == Decimal(1)
    )
    preview = PayoutPoolPreview()
    old = preview.factor(session, pool.cycle_code, pool.code, {number: "A"}, TODAY)
    session.get_one(Cycle, pool.cycle_code).release_number = publish_more_for_excellent(session)
    new = preview.factor(session, pool.cycle_code, pool.code, {number: "A"}, TODAY)
    assert old is not None
    assert new is not None
    assert new < old


def test_who_heads_a_branch_defers_as_a_risk_taker(session: Session, pool: Pool) -> None:
    staff = next(
        one for one in members(session, pool).values() if one.category is PayCategory.STAFF
    )
    branch = session.scalars(select(Unit).where(Unit.kind == "branch")).first()
    assert branch is not None
    branch.head_no = staff.no
    session.flush()
    assert members(session, pool)[staff.no].category is PayCategory.KEY


def test_what_is_kept_with_an_award_says_who_is_a_main_leader_and_has_a_guarantee(
    session: Session, pool: Pool
) -> None:
    number = next(iter(members(session, pool)))
    session.get_one(Employee, number).hired_on = date(2025, 3, 1)
    text = shipped_files()["catalogue/plans/bonus-STD.yaml"].decode()
    files = {
        "catalogue/plans/bonus-STD.yaml": text.replace(
            "guarantee: {multiple: 0,", "guarantee: {multiple: 0.5,"
        ).encode()
    }
    workflow_actions.deploy(session, SYSTEM, datetime(2026, 1, 30, tzinfo=FIRM_ZONE), files)
    release = workflow_queries.current_release(session)
    session.get_one(Cycle, pool.cycle_code).release_number = release
    for member in members(session, pool).values():
        is_new = session.get_one(Employee, member.no).hired_on > date(2025, 1, 1)
        assert member.floor_fen == (member.factors.base_fen // 2 if is_new else 0)
        assert member_from(member.no, stored_member(member)) == member
