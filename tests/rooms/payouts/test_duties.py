"""Who may run, approve and release; what each state of a pool refuses."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor, Role, SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.payouts import actions, queries
from perfflow.payouts.models import PayoutRun, Pool
from tests.support.cast import act_as, ADVISOR
from tests.support.golden import (
    approve,
    COMMITTEE,
    E1,
    FINANCE,
    finance,
    pay,
    PAY_DAY,
    POOL_FEN,
    run_main,
)
from tests.support.year import YEAR

BOTH = frozenset({Role.FINANCE, Role.REMUNERATION_COMMITTEE})


def decide(session: Session, actor: Actor, pool: Pool, decision: str = "approve") -> PayoutRun:
    return actions.approve_run(session, actor, PAY_DAY, pool, decision=decision, note=None)


def dry(session: Session, actor: Actor, pool: Pool, amount_fen: int = POOL_FEN) -> PayoutRun:
    return actions.run_dry(
        session, actor, PAY_DAY, pool, amount_fen=amount_fen, veto_share="return"
    )


def test_only_finance_runs(session: Session, pool: Pool) -> None:
    with pytest.raises(NotAllowed) as refused:
        dry(session, act_as(session, ADVISOR), pool)
    assert refused.value.code == "payouts.only_finance_runs"
    assert queries.runs_of(session, pool.id) == []


def test_the_maker_is_never_the_checker(session: Session, pool: Pool) -> None:
    run_main(session, pool)
    with pytest.raises(NotAllowed) as refused:
        decide(session, Actor(FINANCE.no, FINANCE.no, BOTH), pool)
    assert refused.value.code == "payouts.maker_is_not_checker"


def test_nobody_approves_a_run_with_the_own_award(session: Session, pool: Pool) -> None:
    run_main(session, pool)
    with pytest.raises(NotAllowed) as refused:
        decide(session, Actor(E1.no, E1.no, BOTH), pool)
    assert refused.value.code == "payouts.own_award"


def test_only_the_committee_approves(session: Session, pool: Pool) -> None:
    run_main(session, pool)
    with pytest.raises(NotAllowed):
        decide(session, finance(session), pool)
    assert queries.waiting_run(session, pool.id) is not None


def test_the_approver_does_not_release(session: Session, pool: Pool) -> None:
    run_main(session, pool)
    approve(session, pool)
    actions.book_awards(session, SYSTEM, PAY_DAY, pool)
    with pytest.raises(NotAllowed) as refused:
        actions.release_run(session, Actor(COMMITTEE.no, COMMITTEE.no, BOTH), PAY_DAY, pool)
    assert refused.value.code == "payouts.approver_does_not_release"


def test_sending_back_needs_a_reason_and_opens_the_pool(session: Session, pool: Pool) -> None:
    run_main(session, pool)
    committee = act_as(session, COMMITTEE)
    with pytest.raises(RuleViolation) as refused:
        decide(session, committee, pool, "return")
    assert refused.value.field == "note"
    actions.approve_run(
        session, committee, PAY_DAY, pool, decision="return", note="奖金池金额请再核一次"
    )
    assert pool.status == "open"
    with pytest.raises(Conflict):
        actions.book_awards(session, SYSTEM, PAY_DAY, pool)


def test_a_dry_run_replaces_the_one_before_and_hands_nothing_on(
    session: Session, pool: Pool
) -> None:
    first = dry(session, finance(session), pool)
    second = dry(session, finance(session), pool, POOL_FEN + 100)
    assert [first.status, second.status] == ["replaced", "computed"]
    assert [first.number, second.number] == [1, 2]
    assert pool.status == "computed"


def test_nobody_runs_dry_under_the_eyes_of_the_committee(session: Session, pool: Pool) -> None:
    run = run_main(session, pool)
    with pytest.raises(Conflict) as refused:
        dry(session, finance(session), pool)
    assert refused.value.code == "payouts.run_awaits_decision"
    assert queries.waiting_run(session, pool.id) is run


def test_after_release_only_holds_are_run_again(session: Session, pool: Pool) -> None:
    main = pay(session, pool)
    run = dry(session, finance(session), pool)
    assert (run.kind, run.k) == ("delta", main.k)
    with pytest.raises(RuleViolation) as refused:
        actions.set_bonus_base(session, SYSTEM, PAY_DAY, YEAR, E1.no, 1, "late")
    assert refused.value.code == "payouts.pool_is_booked"


@pytest.mark.parametrize("amount", [None, -1])
def test_a_pool_needs_an_amount(session: Session, pool: Pool, amount: int | None) -> None:
    with pytest.raises(RuleViolation) as refused:
        actions.compute_run(
            session, finance(session), PAY_DAY, pool, amount_fen=amount, veto_share="return"
        )
    assert refused.value.field == "amount"


def test_the_same_inputs_give_the_same_seal(session: Session, pool: Pool) -> None:
    seals = {dry(session, finance(session), pool).inputs_hash for _ in range(2)}
    assert len(seals) == 1
    assert dry(session, finance(session), pool, POOL_FEN - 1).inputs_hash not in seals
