"""The golden scenario from stored results to the ledger: every figure of its tables, exactly."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from perfflow.compliance.models import GateCase
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.errors import Conflict
from perfflow.payouts import actions, queries
from perfflow.payouts.checks import check_payouts
from perfflow.payouts.gathering import gather
from perfflow.payouts.models import Award, LedgerEntry, Pool, Tranche
from perfflow.payouts.rules.ledger import check_award, check_pool, EntryKind
from perfflow.people.models import Employee
from perfflow.reviews.queries import latest_results
from tests.support.cast import act_as
from tests.support.golden import (
    approve,
    awards,
    BASES,
    CASHIER,
    E3,
    E4,
    E6,
    finance,
    pay,
    PAY_DAY,
    POOL_FEN,
    run_main,
    SIX,
)
from tests.support.year import YEAR

LATER = PAY_DAY + timedelta(days=40)
FACTORS = {
    "E1": ("1.2000", "1.0500", "1.0248", "1.0500", "1", "1"),
    "E2": ("1.0000", "1.0500", "1.0000", "1.0000", "214/365", "1"),
    "E3": ("1.5000", "1.0500", "1.0200", "1.1000", "1", "1"),
    "E4": ("1.2000", "1.0500", "1.0000", "1.0000", "1", "0"),
    "E5": ("0.6000", "1.0500", "0.8828", "1.0000", "1", "1"),
    "E6": ("1.0000", "1.0500", "0.9565", "1.0000", "1", "1"),
}
RAW = {"E1": 8134862, "E2": 3693699, "E3": 15904350, "E4": 0, "E5": 3893148, "E6": 6025950}
REDISTRIBUTE = {
    "E1": 7561885, "E2": 3433534, "E3": 14784132, "E4": 0, "E5": 3618935, "E6": 5601514,
}  # fmt: skip
RETURN = {"E1": 6297446, "E2": 2859406, "E3": 12312044, "E4": 0, "E5": 3013805, "E6": 4664872}


def test_bases_and_factors_come_from_stored_data(session: Session, pool: Pool) -> None:
    members = {member.no: member for member in gather(session, pool, PAY_DAY.date()).members}
    for name, person in zip(FACTORS, SIX, strict=True):
        own = members[person.no].factors
        found = (own.performance, own.organisation, own.client, own.streak, own.present, own.gate)
        assert tuple(Fraction(str(value)) for value in found) == tuple(map(Fraction, FACTORS[name]))
        assert own.base_fen == BASES[person] * 100
    assert members[E4.no].is_vetoed
    assert members[E4.no].clean_performance == Decimal("1.2000")
    assert members[E6.no].held_reason == "FREEZE"


@pytest.mark.parametrize(
    ("mode", "k", "table"),
    [
        ("redistribute", "35000000/37652009", REDISTRIBUTE),
        ("return", "35000000/45212009", RETURN),
    ],
)
def test_a_run_gives_the_table(
    session: Session, pool: Pool, mode: str, k: str, table: dict[str, int]
) -> None:
    run = run_main(session, pool, mode)
    found = awards(session, run)
    assert Fraction(run.k) == Fraction(k)
    assert {name: award.raw_fen for name, award in found.items()} == RAW
    assert {name: award.award_fen for name, award in found.items()} == table
    assert all(a.award_fen == a.now_fen + a.deferred_fen for a in found.values())
    assert all(a.net_fen == a.now_fen - a.held_fen for a in found.values())
    total = [award.award_fen for award in found.values()]
    assert check_pool(POOL_FEN, total, run.returned_fen, run.surplus_fen) == []


def test_what_a_veto_takes_goes_back_to_the_firm(session: Session, pool: Pool) -> None:
    run = run_main(session, pool, "return")
    award = awards(session, run)["E4"]
    assert (award.clean_raw_fen, award.returned_fen, award.net_fen) == (7560000, 5852427, 0)
    assert (award.band, award.clean_band, award.gate) == ("D", "A", "VETO")
    assert run.returned_fen == 5852427


def test_a_shared_out_veto_returns_nothing(session: Session, pool: Pool) -> None:
    run = run_main(session, pool, "redistribute")
    assert run.returned_fen == run.surplus_fen == 0
    assert sum(award.award_fen for award in awards(session, run).values()) == POOL_FEN


def test_a_frozen_award_is_held_whole(session: Session, pool: Pool) -> None:
    award = awards(session, run_main(session, pool, "redistribute"))["E6"]
    assert (award.held_fen, award.net_fen, award.held_reason) == (5601514, 0, "FREEZE")


@pytest.mark.parametrize(
    ("mode", "parts"),
    [
        ("redistribute", [1971217, 1971218, 1971218]),
        ("return", [1641606, 1641606, 1641606]),
    ],
)
def test_a_key_post_defers_two_fifths_in_three_yearly_parts(
    session: Session, pool: Pool, mode: str, parts: list[int]
) -> None:
    award = awards(session, pay(session, pool, mode))["E3"]
    tranches = queries.tranches_of(session, award.id)
    assert [tranche.amount_fen for tranche in tranches] == parts
    assert sum(parts) == award.deferred_fen
    # 3 March 2029 is a Saturday.
    assert [t.vest_on for t in tranches] == [date(2027, 3, 3), date(2028, 3, 3), date(2029, 3, 5)]


def test_the_ledger_of_everybody_proves_itself(session: Session, pool: Pool) -> None:
    run = pay(session, pool)
    booked = 0
    for award in awards(session, run).values():
        entries = queries.as_rules(queries.entries_of(session, award.id))
        assert check_award(entries) == []
        booked += sum(entry.amount_fen for entry in entries if entry.kind is EntryKind.AWARD)
    assert booked == sum(RETURN.values())
    assert check_payouts(session) == (6, [])


@pytest.mark.parametrize("column", ["award_fen", "raw_fen", "net_fen", "deferred_fen"])
def test_one_changed_digit_of_an_award_is_found(session: Session, pool: Pool, column: str) -> None:
    award = awards(session, pay(session, pool))["E3"]
    wrong = getattr(award, column) + 1
    session.execute(update(Award).where(Award.id == award.id).values({column: wrong}))
    session.expire_all()
    _, findings = check_payouts(session)
    assert any(f.key.endswith(f"{E3.no}/{column}") and f.got == wrong for f in findings)


def test_one_changed_digit_of_the_ledger_or_a_tranche_is_found(
    session: Session, pool: Pool
) -> None:
    award = awards(session, pay(session, pool))["E3"]
    entry = queries.entries_of(session, award.id)[0]
    session.execute(
        update(LedgerEntry)
        .where(LedgerEntry.id == entry.id)
        .values(amount_fen=entry.amount_fen + 1)
    )
    tranche = queries.tranches_of(session, award.id)[0]
    session.execute(
        update(Tranche).where(Tranche.id == tranche.id).values(amount_fen=tranche.amount_fen - 1)
    )
    session.expire_all()
    keys = {finding.key.rsplit("/", 1)[-1] for finding in check_payouts(session)[1]}
    assert {"AWARD", "DEFER"} <= keys


def test_changed_inputs_of_a_run_are_found(session: Session, pool: Pool) -> None:
    award = awards(session, pay(session, pool))["E1"]
    award.inputs = {**award.inputs, "base_fen": award.inputs["base_fen"] + 1}
    session.flush()
    assert any(f.key.endswith("/inputs") for f in check_payouts(session)[1])


def test_booking_and_releasing_happen_once(session: Session, pool: Pool) -> None:
    run_main(session, pool)
    approve(session, pool)
    actions.book_awards(session, SYSTEM, PAY_DAY, pool)
    with pytest.raises(Conflict) as again:
        actions.book_awards(session, SYSTEM, PAY_DAY, pool)
    assert again.value.code == "payouts.nothing_to_book"
    cashier = act_as(session, CASHIER)
    actions.release_run(session, cashier, PAY_DAY, pool)
    with pytest.raises(Conflict):
        actions.release_run(session, cashier, PAY_DAY, pool)


def test_settling_twice_tells_nobody_twice(session: Session, pool: Pool) -> None:
    from perfflow.notifications.models import Notification

    pay(session, pool)
    told = session.scalar(select(func.count()).select_from(Notification))
    actions.settle_run(session, SYSTEM, PAY_DAY, pool)
    assert told == 6
    assert session.scalar(select(func.count()).select_from(Notification)) == told


def test_booking_makes_the_paid_link_of_the_chain(session: Session, pool: Pool) -> None:
    pay(session, pool)
    results = latest_results(session, YEAR, [person.no for person in SIX])
    assert {result.stage for result in results.values()} == {"paid"}


def end_case(session: Session, status: str) -> None:
    severity = 4 if status == "upheld" else None
    session.execute(
        update(GateCase)
        .where(GateCase.employee_no == E6.no)
        .values(status=status, severity=severity)
    )
    session.expire_all()


def delta(session: Session, pool: Pool) -> Award | None:
    """A delta run through to release; the award of the held person in it."""
    actions.compute_run(
        session, finance(session), LATER, pool, amount_fen=None, veto_share=None, is_handed_on=True
    )
    approve(session, pool, LATER)
    actions.book_awards(session, SYSTEM, LATER, pool)
    run = actions.release_run(session, act_as(session, CASHIER), LATER, pool)
    actions.settle_run(session, SYSTEM, LATER, pool)
    found = awards(session, run)
    assert set(found) <= {"E6"}
    return found.get("E6")


def kinds(session: Session, award_id: int) -> list[str]:
    return [entry.kind for entry in queries.entries_of(session, award_id)]


def test_a_delta_run_releases_what_is_no_longer_held(session: Session, pool: Pool) -> None:
    main = awards(session, pay(session, pool))["E6"]
    end_case(session, "unfounded")
    award = delta(session, pool)
    assert award is not None
    assert (award.origin_id, award.net_fen, award.held_fen) == (main.id, 4664872, -4664872)
    assert kinds(session, main.id) == ["AWARD", "HELD", "RELEASE"]
    assert queries.held_awards(session, pool.id) == []
    assert check_payouts(session)[1] == []


def test_a_veto_after_the_freeze_returns_the_held_money(session: Session, pool: Pool) -> None:
    main = awards(session, pay(session, pool))["E6"]
    end_case(session, "upheld")
    award = delta(session, pool)
    assert award is not None
    assert (award.net_fen, award.returned_fen) == (0, 4664872)
    assert kinds(session, main.id) == ["AWARD", "HELD", "FORFEIT", "RETURN"]
    assert check_payouts(session)[1] == []


def test_a_delta_run_leaves_alone_who_is_still_held(session: Session, pool: Pool) -> None:
    pay(session, pool)
    assert delta(session, pool) is None
    assert [award.employee_no for award in queries.held_awards(session, pool.id)] == [E6.no]


def test_deferred_parts_vest_on_their_day_and_once(session: Session, pool: Pool) -> None:
    award = awards(session, pay(session, pool, "redistribute"))["E3"]
    early = PAY_DAY.replace(year=2027, day=2)
    assert actions.vest_due(session, SYSTEM, early, pool).next_vest_on == date(2027, 3, 3)
    assert "VEST" not in kinds(session, award.id)
    due = PAY_DAY.replace(year=2027)
    assert actions.vest_due(session, SYSTEM, due, pool).next_vest_on == date(2028, 3, 3)
    actions.vest_due(session, SYSTEM, due, pool)
    vested = [e for e in queries.entries_of(session, award.id) if e.kind == "VEST"]
    assert [entry.amount_fen for entry in vested] == [1971217]
    first = queries.tranches_of(session, award.id)[0]
    assert queries.tranche_left(session, first) == 0


def test_who_resigned_before_the_day_loses_the_part(session: Session, pool: Pool) -> None:
    award = awards(session, pay(session, pool, "redistribute"))["E3"]
    person = session.get_one(Employee, E3.no)
    person.left_on, person.leaver_class = date(2026, 12, 31), "resigned"
    actions.vest_due(session, SYSTEM, PAY_DAY.replace(year=2027), pool)
    assert kinds(session, award.id)[-2:] == ["MALUS", "RETURN"]


def test_a_good_leaver_keeps_the_part(session: Session, pool: Pool) -> None:
    award = awards(session, pay(session, pool, "redistribute"))["E3"]
    person = session.get_one(Employee, E3.no)
    person.left_on, person.leaver_class = date(2026, 12, 31), "good"
    actions.vest_due(session, SYSTEM, PAY_DAY.replace(year=2027), pool)
    assert kinds(session, award.id)[-1] == "VEST"
