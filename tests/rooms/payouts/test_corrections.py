"""Corrections after payment: only by a delta run, at the k of the main run, never a rewrite."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from perfflow.compliance.models import GateCase
from perfflow.interviews.models import ResultConfirmation
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict
from perfflow.payouts import actions, queries
from perfflow.payouts.checks import check_payouts
from perfflow.payouts.models import Award, LedgerEntry, PayoutRun, Pool, Tranche
from perfflow.people.models import Employee
from perfflow.reviews.actions import record_correction
from perfflow.reviews.queries import result_chain
from tests.support.cast import act_as, Person
from tests.support.golden import (
    approve,
    awards,
    CASHIER,
    E1,
    E2,
    E3,
    E4,
    E5,
    E6,
    finance,
    pay,
    PAY_DAY,
    run_main,
)
from tests.support.year import YEAR

LATER = PAY_DAY + timedelta(days=40)
K = Fraction(35000000, 45212009)


def move(session: Session, person: Person, total: str, stage: str = "appealed") -> None:
    """A decision that gives the person another total."""
    record_correction(
        session, SYSTEM, LATER, YEAR, person.no, stage,
        to_total=Decimal(total), reason_code="data_error", reason="系统数据有误，已更正来源。",
    )  # fmt: skip


def total_of(session: Session, person: Person) -> Decimal:
    found = result_chain(session, YEAR, person.no)[-1].clean_total_e2
    assert found is not None
    return found


def compute(session: Session, pool: Pool, now: datetime = LATER) -> PayoutRun:
    return actions.compute_run(
        session, finance(session), now, pool, amount_fen=None, veto_share=None, is_handed_on=True
    )


def book(session: Session, pool: Pool, now: datetime = LATER) -> PayoutRun:
    approve(session, pool, now)
    actions.book_awards(session, SYSTEM, now, pool)
    run = actions.release_run(session, act_as(session, CASHIER), now, pool)
    actions.settle_run(session, SYSTEM, now, pool)
    return run


def delta(session: Session, pool: Pool, now: datetime = LATER) -> dict[str, Award]:
    compute(session, pool, now)
    return awards(session, book(session, pool, now))


def booked(session: Session, run: PayoutRun) -> list[tuple[str, int, str]]:
    rows = session.scalars(
        select(LedgerEntry).where(LedgerEntry.run_id == run.id).order_by(LedgerEntry.id)
    )
    return [(row.kind, row.amount_fen, row.reason_code) for row in rows]


def proved(session: Session) -> bool:
    session.expire_all()
    return check_payouts(session)[1] == []


def test_a_better_result_pays_the_difference_at_the_k_of_the_main_run(
    session: Session, pool: Pool
) -> None:
    main = awards(session, pay(session, pool))["E5"]
    move(session, E5, "80.00")
    award = delta(session, pool)["E5"]
    raw = main.raw_fen * 10 // 6  # C 0.6 → B 1.0
    assert award.raw_fen == pytest.approx(raw, abs=1)
    after = int(K * award.raw_fen)
    assert award.net_fen == award.award_fen == after - main.award_fen > 0
    assert award.origin_id == main.id
    run = queries.last_released(session, pool.id)
    assert run is not None
    assert (run.kind, run.k) == ("delta", "35000000/45212009")
    assert booked(session, run) == [("ADJUST", after - main.award_fen, "APPEAL_DECIDED")]
    assert proved(session)


def test_nobody_else_is_touched_and_the_main_award_stays(session: Session, pool: Pool) -> None:
    before = {name: award.award_fen for name, award in awards(session, pay(session, pool)).items()}
    move(session, E5, "80.00")
    assert set(delta(session, pool)) == {"E5"}
    main = queries.booked_run(session, pool.id)
    assert main is not None
    assert {name: award.award_fen for name, award in awards(session, main).items()} == before


def test_a_worse_result_asks_back_what_was_paid_and_lowers_the_waiting_parts(
    session: Session, pool: Pool
) -> None:
    main = awards(session, pay(session, pool))["E3"]
    move(session, E3, "109.99", "corrected")
    award = delta(session, pool)["E3"]
    after = main.award_fen + award.award_fen
    assert after == int(K * award.raw_fen) < main.award_fen
    assert award.deferred_fen == -(main.deferred_fen - -(-after * 2 // 5))
    assert award.net_fen == award.now_fen == award.award_fen - award.deferred_fen < 0
    left = [queries.tranche_left(session, row) for row in queries.tranches_of(session, main.id)]
    assert sum(left) == main.deferred_fen + award.deferred_fen
    assert left == sorted(left)
    assert proved(session)


def test_a_correction_back_restores_the_award_to_the_last_fen(session: Session, pool: Pool) -> None:
    main = awards(session, pay(session, pool))["E3"]
    total = total_of(session, E3)
    move(session, E3, "109.99", "corrected")
    down = delta(session, pool)["E3"]
    move(session, E3, str(total))
    up = delta(session, pool, LATER + timedelta(days=30))["E3"]
    assert down.award_fen + up.award_fen == 0
    left = [queries.tranche_left(session, row) for row in queries.tranches_of(session, main.id)]
    assert sum(left) == main.deferred_fen
    assert proved(session)


def test_a_part_that_has_vested_is_settled_with_the_run(session: Session, pool: Pool) -> None:
    main = awards(session, pay(session, pool))["E3"]
    due = datetime(2027, 3, 3, 12, tzinfo=PAY_DAY.tzinfo)
    actions.vest_due(session, SYSTEM, due, pool)
    move(session, E3, "109.99", "corrected")
    award = delta(session, pool, due + timedelta(days=5))["E3"]
    change = award.inputs["change"]
    assert change["parts"][0] == 0
    first = queries.tranches_of(session, main.id)[0]
    assert change["adjust_fen"] == (
        (change["award_fen"] - sum(change["planned"]))
        - main.now_fen
        + (change["planned"][0] - first.amount_fen)
    )
    assert proved(session)


def test_the_same_result_moves_nothing(session: Session, pool: Pool) -> None:
    pay(session, pool)
    compute(session, pool)
    run = queries.waiting_run(session, pool.id)
    assert run is not None
    assert awards(session, run) == {}


def end_case(session: Session, person: Person, status: str, severity: int | None) -> None:
    session.execute(
        update(GateCase)
        .where(GateCase.employee_no == person.no)
        .values(status=status, severity=severity)
    )
    session.expire_all()


def test_an_overturned_veto_pays_what_had_gone_back_to_the_firm(
    session: Session, pool: Pool
) -> None:
    main = awards(session, pay(session, pool))["E4"]
    end_case(session, E4, "final", None)
    award = delta(session, pool)["E4"]
    assert (main.returned_fen, award.net_fen) == (5852427, 5852427)
    chain = result_chain(session, YEAR, E4.no)
    assert [link.stage for link in chain[-2:]] == ["corrected", "paid"]
    assert chain[-2].reason_code == "GATE"
    assert proved(session)


def freeze(session: Session, person: Person) -> None:
    """The case about E6 is about somebody else."""
    session.execute(
        update(GateCase).where(GateCase.employee_no == E6.no).values(employee_no=person.no)
    )


def test_a_grave_case_that_is_no_veto_pays_the_capped_award_and_returns_the_rest(
    session: Session, pool: Pool
) -> None:
    freeze(session, E1)
    main = awards(session, pay(session, pool))["E1"]
    assert (main.clean_band, main.net_fen) == ("A", 0)
    end_case(session, E1, "upheld", 3)
    award = delta(session, pool)["E1"]
    assert award.clean_band == "B"  # the cap of the band; the streak is over too
    assert award.inputs["streak"] == "1.0000"
    assert 0 < award.net_fen < main.held_fen
    assert award.net_fen + award.returned_fen == main.held_fen
    run = queries.last_released(session, pool.id)
    assert run is not None
    assert [kind for kind, _, _ in booked(session, run)] == ["RELEASE", "FORFEIT", "RETURN"]
    assert proved(session)


def test_a_veto_after_payment_is_no_correction(session: Session, pool: Pool) -> None:
    pay(session, pool)
    session.add(
        GateCase(
            case_no="GC-2025-90001", employee_no=E1.no, status="upheld", potential_severity=4,
            severity=4, summary="代客操作，已核实", conduct_on=date(2025, 9, 1),
            opened_by="E00007", opened_at=LATER,
        )
    )  # fmt: skip
    session.flush()
    assert "E1" not in delta(session, pool)
    assert proved(session)


def test_a_veto_on_a_held_award_stops_its_parts(session: Session, pool: Pool) -> None:
    session.execute(update(GateCase).where(GateCase.employee_no == E6.no).values(employee_no=E3.no))
    main = awards(session, pay(session, pool))["E3"]
    assert main.held_fen == main.now_fen > 0
    session.execute(
        update(GateCase).where(GateCase.employee_no == E3.no).values(status="upheld", severity=4)
    )
    session.expire_all()
    award = delta(session, pool)["E3"]
    assert (award.net_fen, award.returned_fen) == (0, main.award_fen)
    tranches = queries.tranches_of(session, main.id)
    assert [queries.tranche_left(session, row) for row in tranches] == [0, 0, 0]
    assert queries.next_vest_on(session, pool.id) is None
    assert proved(session)
    session.execute(
        update(GateCase).where(GateCase.employee_no == E3.no).values(status="final", severity=None)
    )
    session.expire_all()
    again = delta(session, pool, LATER + timedelta(days=60))["E3"]
    assert again.award_fen == main.award_fen
    assert sum(queries.tranche_left(session, row) for row in tranches) == main.deferred_fen
    assert proved(session)


def test_who_is_dismissed_forfeits_what_is_held(session: Session, pool: Pool) -> None:
    main = awards(session, pay(session, pool))["E6"]
    person = session.get_one(Employee, E6.no)
    person.left_on, person.leaver_class = date(2026, 3, 31), "dismissed"
    award = delta(session, pool)["E6"]
    assert (award.net_fen, award.returned_fen) == (0, main.held_fen)
    assert proved(session)


def test_who_resigns_after_the_run_keeps_what_is_released(session: Session, pool: Pool) -> None:
    main = awards(session, pay(session, pool))["E6"]
    person = session.get_one(Employee, E6.no)
    person.left_on, person.leaver_class = date(2026, 3, 31), "resigned"
    end_case(session, E6, "unfounded", None)
    assert delta(session, pool)["E6"].net_fen == main.held_fen
    assert proved(session)


def test_a_run_that_has_grown_stale_is_not_booked(session: Session, pool: Pool) -> None:
    pay(session, pool)
    move(session, E5, "80.00")
    compute(session, pool)
    move(session, E5, "79.00")
    approve(session, pool, LATER)
    with pytest.raises(Conflict) as refused:
        actions.book_awards(session, SYSTEM, LATER, pool)
    assert refused.value.code == "payouts.run_is_stale"


@pytest.mark.parametrize("column", ["award_fen", "now_fen", "held_fen", "returned_fen", "net_fen"])
def test_one_changed_digit_of_a_correction_is_found(
    session: Session, pool: Pool, column: str
) -> None:
    freeze(session, E1)
    pay(session, pool)
    end_case(session, E1, "upheld", 3)
    award = delta(session, pool)["E1"]
    wrong = getattr(award, column) + 1
    session.execute(update(Award).where(Award.id == award.id).values({column: wrong}))
    session.expire_all()
    assert any(f.key.endswith(f"{E1.no}/{column}") for f in check_payouts(session)[1])


def test_every_changed_digit_of_the_ledger_is_found(session: Session, pool: Pool) -> None:
    pay(session, pool)
    move(session, E3, "109.99", "corrected")
    end_case(session, E6, "upheld", 3)
    delta(session, pool)
    due = datetime(2027, 3, 3, 12, tzinfo=PAY_DAY.tzinfo)
    actions.vest_due(session, SYSTEM, due, pool)
    assert proved(session)
    rows = session.execute(select(LedgerEntry.id, LedgerEntry.kind, LedgerEntry.amount_fen)).all()
    assert {kind for _, kind, _ in rows} >= {"AWARD", "DEFER", "PAY", "ADJUST", "RELEASE", "VEST"}
    missed = []
    for entry_id, kind, amount in rows:
        table = update(LedgerEntry).where(LedgerEntry.id == entry_id)
        session.execute(table.values(amount_fen=amount + 1))
        if proved(session):
            missed.append(kind)
        session.execute(table.values(amount_fen=amount))
    assert missed == []


# -- appeals ----------------------------------------------------------------------------------
def object_to_result(session: Session, person: Person) -> None:
    session.execute(
        update(ResultConfirmation)
        .where(ResultConfirmation.employee_no == person.no)
        .values(outcome="appealed")
    )
    session.expire_all()


def test_during_an_appeal_the_undisputed_amount_is_paid(session: Session, pool: Pool) -> None:
    object_to_result(session, E5)
    found = awards(session, run_main(session, pool))
    award = found["E5"]
    assert (award.held_fen, award.net_fen) == (0, award.award_fen)
    assert award.award_fen == 3013805  # the amount of the table: nobody's appeal moves the pool
    assert sum(one.award_fen for one in found.values()) + 5852427 == 35000000


def test_the_disputed_difference_is_what_the_best_outcome_would_add(
    session: Session, pool: Pool
) -> None:
    object_to_result(session, E5)
    award = awards(session, run_main(session, pool))["E5"]
    reachable = total_of(session, E5) + 10
    assert reachable >= 80  # so that one band up is within reach
    best = Fraction(award.raw_fen) / Fraction(6, 10)
    assert award.disputed_fen == pytest.approx(int(K * best) - award.award_fen, abs=1)


def test_who_appeals_nothing_has_nothing_disputed(session: Session, pool: Pool) -> None:
    found = awards(session, run_main(session, pool))
    assert {award.disputed_fen for award in found.values()} == {0}


def test_a_won_appeal_is_paid_by_the_next_run_within_what_was_disputed(
    session: Session, pool: Pool
) -> None:
    object_to_result(session, E5)
    main = awards(session, pay(session, pool))["E5"]
    move(session, E5, "80.00")
    session.execute(
        update(ResultConfirmation)
        .where(ResultConfirmation.employee_no == E5.no)
        .values(appeal_closed_at=LATER)
    )
    session.expire_all()
    award = delta(session, pool)["E5"]
    assert award.net_fen == main.disputed_fen
    assert proved(session)


def test_a_talk_that_was_not_held_holds_all_of_it_appeal_or_not(
    session: Session, pool: Pool
) -> None:
    from perfflow.interviews.models import Interview

    object_to_result(session, E2)
    session.execute(
        update(Interview).where(Interview.employee_no == E2.no).values(status="prepared")
    )
    session.expire_all()
    award = awards(session, run_main(session, pool))["E2"]
    assert (award.held_reason, award.net_fen, award.disputed_fen) == ("INTERVIEW", 0, 0)


def test_the_tranche_rows_of_a_main_award_are_never_rewritten(session: Session, pool: Pool) -> None:
    main = awards(session, pay(session, pool))["E3"]
    amounts = select(Tranche.amount_fen).where(Tranche.award_id == main.id)
    before = session.scalars(amounts).all()
    move(session, E3, "109.99", "corrected")
    delta(session, pool)
    assert session.scalars(amounts).all() == before
