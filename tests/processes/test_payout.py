"""The shipped payout over HTTP: run, approval, release, holds, the next run, vesting."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.calendar import firm_calendar, local_date
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed
from perfflow.payouts import actions
from perfflow.payouts import queries as payout_queries
from perfflow.payouts.checks import check_payouts
from perfflow.payouts.models import Award, LedgerEntry, PayoutRun, Tranche
from perfflow.reviews.actions import record_correction
from perfflow.reviews.queries import result_chain
from perfflow.web.models import RoleGrant
from tests.processes.stages import (
    FINANCE,
    FINANCE_TWO,
    FOLLOWED,
    from_stage,
    PUBLISHED,
    REMUNERATION,
)
from tests.processes.walk import Walk
from tests.support.cast import act_as, ADVISOR, CHIEF, COLLEAGUE, HR, MANAGER, Person
from tests.support.year import YEAR

STAGE = PUBLISHED
POOL = f"{YEAR}/pool/B01"
VESTING = f"{YEAR}/vesting/B01"
RUN = {"amount": "300000.00", "veto_share": "return"}


def run_and_approve(walk: Walk, **values: Any) -> None:
    walk.hand_in(FINANCE, POOL, "run-bonus", **{**RUN, **values})
    walk.hand_in(REMUNERATION, POOL, "approve-payout", decision="approve")


def release(walk: Walk) -> None:
    walk.hand_in(FINANCE, POOL, "release-payout", is_checked=True)


def entries(walk: Walk, *kinds: str) -> int:
    """Σ of the pool's ledger entries of some kinds, in 分."""
    with walk.database.reading() as session:
        pool = payout_queries.pool_named(session, YEAR, "B01")
        total = session.scalar(
            select(func.sum(LedgerEntry.amount_fen))
            .join(PayoutRun, PayoutRun.id == LedgerEntry.run_id)
            .where(LedgerEntry.kind.in_(kinds), PayoutRun.pool_id == pool.id)
        )
        return int(total or 0)


def runs(walk: Walk) -> list[tuple[int, str, str]]:
    with walk.database.reading() as session:
        pool = payout_queries.pool_named(session, YEAR, "B01")
        found = session.scalars(
            select(PayoutRun).where(PayoutRun.pool_id == pool.id).order_by(PayoutRun.number)
        )
        return [(run.number, run.kind, run.status) for run in found]


# -- paths ------------------------------------------------------------------------------------
def test_a_run_is_approved_booked_and_released(walk: Walk) -> None:
    assert walk.waiting(POOL) == [("run-bonus", "finance")]
    walk.hand_in(FINANCE, POOL, "run-bonus", **RUN)
    assert walk.waiting(POOL) == [("approve-payout", "remuneration-committee")]
    assert entries(walk, "AWARD") == 0  # a run is dry until it is approved
    walk.hand_in(REMUNERATION, POOL, "approve-payout", decision="approve")
    assert walk.waiting(POOL) == [("release-payout", "finance")]
    assert 0 < entries(walk, "AWARD") <= 30_000_000
    release(walk)
    assert runs(walk) == [(1, "main", "released")]


def test_a_returned_run_needs_a_note_and_is_run_again(walk: Walk) -> None:
    walk.hand_in(FINANCE, POOL, "run-bonus", **RUN)
    assert walk.refusal(REMUNERATION, POOL, "approve-payout", decision="return")
    walk.hand_in(
        REMUNERATION, POOL, "approve-payout", decision="return", note="请说明奖金池金额的依据。"
    )
    assert walk.waiting(POOL) == [("run-bonus", "finance")]
    run_and_approve(walk, amount="250000.00")
    assert [status for _, _, status in runs(walk)] == ["returned", "booked"]
    with walk.database.reading() as session:
        assert payout_queries.pool_named(session, YEAR, "B01").amount_fen == 25_000_000


def test_a_pool_below_nothing_or_without_amount_is_refused(walk: Walk) -> None:
    for amount in ("-1", "viel", None):
        assert walk.refusal(FINANCE, POOL, "run-bonus", **{**RUN, "amount": amount})
    assert runs(walk) == []


def test_the_awards_and_what_is_returned_are_never_more_than_the_pool(walk: Walk) -> None:
    run_and_approve(walk, amount="123456.78")
    with walk.database.reading() as session:
        run = session.scalars(select(PayoutRun)).one()
        awards = session.scalars(select(Award.award_fen).where(Award.run_id == run.id)).all()
        assert sum(awards) + run.returned_fen + run.surplus_fen == 12_345_678


# -- holds and the next run -------------------------------------------------------------------
def test_money_waits_for_the_talk_and_comes_with_a_later_run(walk: Walk) -> None:
    run_and_approve(walk)
    release(walk)
    assert walk.steps(POOL) == []
    with walk.database.reading() as session:
        held = session.scalars(select(Award.held_reason).distinct()).all()
        calendar = firm_calendar(session)
    assert held == ["INTERVIEW"]
    due = walk.next_timer(POOL)
    assert due is not None
    assert local_date(due) == calendar.add_working_days(local_date(walk.clock.now()), 20)
    walk.play(local_date(due))
    walk.advance_to(due)
    assert walk.steps(POOL) == ["run-bonus"]
    before = entries(walk, "RELEASE")
    run_and_approve(walk)
    release(walk)
    assert [(kind, status) for _, kind, status in runs(walk)] == [
        ("main", "released"),
        ("delta", "released"),
    ]
    assert entries(walk, "RELEASE") > before
    with walk.database.reading() as session:
        pool = payout_queries.pool_named(session, YEAR, "B01")
        assert payout_queries.held_awards(session, pool.id) == []


# -- vesting ----------------------------------------------------------------------------------
@from_stage(FOLLOWED)
def test_deferred_money_vests_on_its_days_until_the_pool_is_closed(walk: Walk) -> None:
    walk.play(date(2026, 6, 1))  # what the talks had held back is paid by a later run
    with walk.database.reading() as session:
        pool = payout_queries.pool_named(session, YEAR, "B01")
        own = (
            select(Tranche)
            .join(Award, Award.id == Tranche.award_id)
            .join(PayoutRun, PayoutRun.id == Award.run_id)
            .where(PayoutRun.pool_id == pool.id)
            .order_by(Tranche.vest_on)
        )
        tranches = session.scalars(own).all()
        days = [tranche.vest_on for tranche in tranches]
        deferred = sum(tranche.amount_fen for tranche in tranches)
    assert len(days) == 3
    assert (walk.status(VESTING), entries(walk, "VEST")) == ("active", 0)
    walk.pass_day(days[0] - timedelta(days=1))
    assert entries(walk, "VEST") == 0
    vested = []
    for day in days:
        walk.pass_day(day)
        vested.append(entries(walk, "VEST"))
    assert vested == sorted(set(vested))
    assert vested[-1] == deferred
    assert (walk.status(POOL), walk.status(VESTING)) == ("completed", "completed")


@from_stage(FOLLOWED)
def test_a_run_in_progress_never_blocks_vesting(walk: Walk) -> None:
    walk.play(date(2026, 6, 1))
    with walk.database.writing() as session:
        record_correction(
            session, SYSTEM, walk.clock.now(), YEAR, MANAGER.no, "appealed",
            to_total=lowered(session, MANAGER.no) - 8, reason_code="data_error",
            reason="系统数据有误，已更正来源。",
        )  # fmt: skip
        pool = payout_queries.pool_named(session, YEAR, "B01")
        actions.reopen_pool(session, SYSTEM, walk.clock.now(), pool)
        due = payout_queries.next_vest_on(session, pool.id)
    assert due is not None
    assert walk.steps(POOL) == ["run-bonus"]  # finance leaves it for a year
    walk.pass_day(due)
    assert entries(walk, "VEST") > 0
    assert walk.steps(POOL) == ["run-bonus"]


def reopen(walk: Walk, person: Person) -> list[str]:
    with walk.database.writing() as session:
        pool = payout_queries.pool_named(session, YEAR, "B01")
        actor = act_as(session, person)
        return actions.reopen_pool(session, actor, walk.clock.now(), pool)


def lowered(session: Session, number: str) -> Decimal:
    total = result_chain(session, YEAR, number)[-1].clean_total_e2
    assert total is not None
    return total - 1


# -- corrections ------------------------------------------------------------------------------
@from_stage(FOLLOWED)
def test_finance_opens_a_correction_run_of_a_closed_pool(walk: Walk) -> None:
    walk.play(date(2026, 6, 1))
    with pytest.raises(Conflict) as refused:
        reopen(walk, FINANCE)
    assert refused.value.code == "payouts.nothing_to_correct"
    with walk.database.writing() as session:
        moved = lowered(session, MANAGER.no) - 8
        record_correction(
            session, SYSTEM, walk.clock.now(), YEAR, MANAGER.no, "corrected",
            to_total=moved, reason_code="data_error", reason="系统数据有误，已更正来源。",
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        reopen(walk, MANAGER)
    assert reopen(walk, FINANCE) == [MANAGER.no]
    with pytest.raises(Conflict) as refused:
        reopen(walk, FINANCE)
    assert refused.value.code == "payouts.payout_is_running"
    assert walk.steps(POOL) == ["run-bonus"]
    before = len(runs(walk))
    run_and_approve(walk)
    release(walk)
    assert runs(walk)[before:] == [(before + 1, "delta", "released")]
    assert entries(walk, "ADJUST") < 0
    with walk.database.reading() as session:
        assert check_payouts(session)[1] == []


def test_only_key_people_are_deferred(walk: Walk) -> None:
    run_and_approve(walk, amount="400000.00")
    with walk.database.reading() as session:
        found = session.execute(select(Award.employee_no, Award.award_fen, Award.deferred_fen))
        deferred = {number: (award, later) for number, award, later in found}
    award, later = deferred[MANAGER.no]
    assert later == int(award * Decimal("0.4"))
    assert deferred[ADVISOR.no][1] == 0


# -- people -----------------------------------------------------------------------------------
def test_finance_runs_the_committee_approves_and_nobody_else(walk: Walk) -> None:
    for stranger in (ADVISOR, MANAGER, HR, CHIEF, REMUNERATION):
        assert walk.turned_away(stranger, POOL, "run-bonus") == (404, 404)
    walk.hand_in(FINANCE, POOL, "run-bonus", **RUN)
    for stranger in (ADVISOR, MANAGER, HR, FINANCE_TWO):
        assert walk.turned_away(stranger, POOL, "approve-payout") == (404, 404)


def grant(walk: Walk, number: str, role: str) -> None:
    with walk.database.writing() as session:
        session.add(RoleGrant(employee_no=number, role=role, valid_from=date(2025, 1, 1)))


def test_who_ran_it_does_not_approve_it(walk: Walk) -> None:
    grant(walk, FINANCE.no, "remuneration-committee")
    walk.hand_in(FINANCE, POOL, "run-bonus", **RUN)
    assert walk.turned_away(FINANCE, POOL, "approve-payout")[1] == 403
    answer = walk.send(FINANCE, POOL, "approve-payout", decision="approve")
    assert answer.status_code == 403
    assert runs(walk) == [(1, "main", "computed")]


def test_nobody_approves_a_pool_that_holds_the_own_award(walk: Walk) -> None:
    grant(walk, COLLEAGUE.no, "remuneration-committee")
    walk.hand_in(FINANCE, POOL, "run-bonus", **RUN)
    answer = walk.send(COLLEAGUE, POOL, "approve-payout", decision="approve")
    assert answer.status_code == 403
    assert walk.steps(POOL) == ["approve-payout"]


def test_a_second_officer_on_the_same_run_comes_too_late(walk: Walk) -> None:
    address, form = walk.open(FINANCE_TWO, POOL, "run-bonus")
    form.fill({**RUN, "amount": "999999.00"})
    walk.hand_in(FINANCE, POOL, "run-bonus", **RUN)
    late = walk.visit(FINANCE_TWO).post(address, data=form.sent)
    assert late.status_code == 409
    assert "999999" in late.text.replace(",", "")  # what was typed can be taken along
    assert runs(walk) == [(1, "main", "computed")]
    with walk.database.reading() as session:
        assert payout_queries.pool_named(session, YEAR, "B01").amount_fen == 30_000_000
