"""The shipped clawback over HTTP: liability, hearing, two deciders, objections, repayment."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from perfflow.calendar import firm_calendar, local_date
from perfflow.checks import run_checks
from perfflow.clawback import actions, queries
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation
from perfflow.payouts.models import Award, LedgerEntry, Tranche
from perfflow.payouts.queries import pool_named, tranche_left
from tests.processes.stages import FINANCE, FOLLOWED, PANEL, REMUNERATION, REMUNERATION_TWO
from tests.processes.walk import Walk
from tests.support.cast import act_as, ADVISOR, COLLEAGUE, COMPLIANCE, MANAGER
from tests.support.year import YEAR

STAGE = FOLLOWED
SAID = "已当面说明情况，对事实没有异议，请求考虑主动配合。"
WHY = "依据风险事件调查结论，按责任追回。"


def open_case(walk: Walk, situation: str = "MAJOR_RISK_EVENT") -> str:
    walk.play(date(2026, 6, 1))  # every hold of the year has ended
    with walk.database.writing() as session:
        case = actions.open_case(
            session, act_as(session, COMPLIANCE), walk.clock.now(), situation=situation,
            starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31),
            summary="重大风险事件，调查报告已出。",
        )  # fmt: skip
        return case.case_no


def key(case_no: str) -> str:
    return f"clawback/{case_no}"


def name_people(walk: Walk, case_no: str, *rows: dict[str, str]) -> None:
    walk.hand_in(COMPLIANCE, key(case_no), "set-liability", people=list(rows))


def hear(walk: Walk, case_no: str, people: int = 1) -> None:
    today = local_date(walk.clock.now()).isoformat()
    rows = {number: {"heard_on": today, "note": SAID} for number in range(people)}
    walk.hand_in(COMPLIANCE, key(case_no), "hear-people", people=rows)


def decide(walk: Walk, case_no: str) -> None:
    walk.hand_in(REMUNERATION, key(case_no), "propose-recovery", decision="recover", note=WHY)
    walk.hand_in(REMUNERATION_TWO, key(case_no), "confirm-recovery", decision="recover", note=WHY)


def pass_objections(walk: Walk, case_no: str) -> None:
    due = walk.next_timer(key(case_no))
    assert due is not None
    with walk.database.reading() as session:
        calendar = firm_calendar(session)
    assert local_date(due) == calendar.add_working_days(local_date(walk.clock.now()), 5)
    walk.advance_to(due)


def owed(walk: Walk, case_no: str, number: str) -> int:
    with walk.database.reading() as session:
        return sum(fen for _, fen in queries.owed_by_award(session, case_no, number))


def booked(walk: Walk, case_no: str) -> dict[str, int]:
    with walk.database.reading() as session:
        found: dict[str, int] = {}
        rows = session.scalars(
            select(LedgerEntry).where(LedgerEntry.idempotency_key.startswith(f"clawback/{case_no}"))
        )
        for row in rows:
            found[row.kind] = found.get(row.kind, 0) + row.amount_fen
        return found


def is_clean(walk: Walk) -> bool:
    with walk.database.reading() as session:
        return run_checks(session, ["payouts", "processes"])["findings"] == []


MANAGER_ALL = {"employee_no": MANAGER.no, "liability": "PRIMARY"}
ADVISOR_PART = {"employee_no": ADVISOR.no, "liability": "GENERAL", "ratio": "30"}


def test_all_of_the_period_is_recovered_malus_first_then_clawback(walk: Walk) -> None:
    case_no = open_case(walk)
    assert walk.waiting(key(case_no)) == [("set-liability", "compliance-officer")]
    name_people(walk, case_no, MANAGER_ALL, ADVISOR_PART)
    hear(walk, case_no, 2)
    decide(walk, case_no)
    assert booked(walk, case_no) == {}  # nothing moves before the objections are over
    pass_objections(walk, case_no)
    with walk.database.reading() as session:
        shares = queries.shares_of(session, queries.case_named(session, case_no).id)
        by_no = {share.employee_no: share for share in shares}
        pool = pool_named(session, YEAR, "B01")
        own = select(Tranche).join(Award, Award.id == Tranche.award_id)
        rows = session.scalars(own.where(Award.employee_no == MANAGER.no))
        left = [tranche_left(session, row) for row in rows]
        assert pool.status == "released"
        manager, advisor = by_no[MANAGER.no], by_no[ADVISOR.no]
        session.expunge_all()
    assert manager.malus_fen > 0
    assert manager.target_fen == manager.malus_fen + manager.clawback_fen
    assert advisor.malus_fen == 0
    paid = sum(fen for _, fen in advisor.basis["paid"])
    assert advisor.clawback_fen == advisor.target_fen == (paid * 3 * 2 + 10) // 20
    assert left == [0, 0, 0]
    total = manager.clawback_fen + advisor.clawback_fen
    assert booked(walk, case_no) == {
        "MALUS": manager.malus_fen, "RETURN": manager.malus_fen, "CLAWBACK": total,
    }  # fmt: skip
    assert walk.waiting(key(case_no)) == [("agree-repayment", "finance")]
    assert is_clean(walk)


def test_instalments_are_recorded_until_nothing_is_owed(walk: Walk) -> None:
    case_no = open_case(walk)
    name_people(walk, case_no, ADVISOR_PART)
    hear(walk, case_no)
    decide(walk, case_no)
    pass_objections(walk, case_no)
    first = local_date(walk.clock.now()) + timedelta(days=10)
    rows = {0: {"instalments": "2", "first_on": first.isoformat()}}
    walk.hand_in(FINANCE, key(case_no), "agree-repayment", people=rows)
    whole = owed(walk, case_no, ADVISOR.no)
    for part in (whole // 2, whole - whole // 2):
        due = walk.next_timer(key(case_no))
        assert due is not None
        walk.advance_to(due)
        assert walk.steps(key(case_no)) == ["record-receipts"]
        amount = str(Decimal(part).scaleb(-2))
        walk.hand_in(FINANCE, key(case_no), "record-receipts", people={0: {"amount": amount}})
    assert owed(walk, case_no, ADVISOR.no) == 0
    assert walk.status(key(case_no)) == "completed"
    assert booked(walk, case_no)["REPAY"] == whole
    with walk.database.reading() as session:
        assert queries.case_named(session, case_no).status == "closed"
    assert is_clean(walk)


def test_nothing_vests_for_the_people_of_an_open_case(walk: Walk) -> None:
    case_no = open_case(walk)
    name_people(walk, case_no, MANAGER_ALL)
    with walk.database.reading() as session:
        days = sorted(session.scalars(select(Tranche.vest_on)))
    walk.pass_day(days[0])
    assert walk.status(f"{YEAR}/vesting/B01") == "active"
    with walk.database.reading() as session:
        kinds = session.scalars(select(LedgerEntry.kind)).all()
    assert "VEST" not in kinds


def test_a_dropped_case_lets_vesting_go_on(walk: Walk) -> None:
    case_no = open_case(walk)
    name_people(walk, case_no, MANAGER_ALL)
    hear(walk, case_no)
    walk.hand_in(REMUNERATION, key(case_no), "propose-recovery", decision="drop", note=WHY)
    assert walk.status(key(case_no)) == "completed"
    with walk.database.reading() as session:
        days = sorted(session.scalars(select(Tranche.vest_on)))
    walk.pass_day(days[0])
    with walk.database.reading() as session:
        assert "VEST" in session.scalars(select(LedgerEntry.kind)).all()
    assert is_clean(walk)


def test_only_the_excess_is_recovered_on_falsified_results(walk: Walk) -> None:
    case_no = open_case(walk, "FALSIFIED_RESULTS")
    said = walk.refusal(
        COMPLIANCE, key(case_no), "set-liability",
        people=[{"employee_no": ADVISOR.no, "liability": "PRIMARY"}],
    )  # fmt: skip
    assert "correct data" in said
    name_people(
        walk, case_no, {"employee_no": ADVISOR.no, "liability": "PRIMARY", "correct": "1000.00"}
    )
    with walk.database.reading() as session:
        share = queries.shares_of(session, queries.case_named(session, case_no).id)[0]
        session.expunge_all()
    paid = sum(fen for _, fen in share.basis["paid"])
    assert share.target_fen == share.clawback_fen == paid - 100_000


def test_the_second_decider_is_another_person(walk: Walk) -> None:
    case_no = open_case(walk)
    name_people(walk, case_no, ADVISOR_PART)
    hear(walk, case_no)
    walk.hand_in(REMUNERATION, key(case_no), "propose-recovery", decision="recover", note=WHY)
    assert walk.turned_away(REMUNERATION, key(case_no), "confirm-recovery")[1] == 403
    with walk.database.writing() as session, pytest.raises(NotAllowed) as refused:
        actions.confirm_recovery(
            session, act_as(session, REMUNERATION), walk.clock.now(), case_no,
            decision="recover", note=WHY,
        )  # fmt: skip
    assert refused.value.code == "clawback.second_person_needed"
    walk.hand_in(REMUNERATION_TWO, key(case_no), "confirm-recovery", decision="return", note=WHY)
    assert walk.steps(key(case_no)) == ["set-liability"]


def test_an_objection_is_decided_by_somebody_fresh_and_never_makes_it_worse(walk: Walk) -> None:
    case_no = open_case(walk)
    name_people(walk, case_no, ADVISOR_PART)
    hear(walk, case_no)
    decide(walk, case_no)
    with walk.database.writing() as session:
        before = queries.shares_of(session, queries.case_named(session, case_no).id)[0].target_fen
        actions.dispute_share(
            session, act_as(session, ADVISOR), walk.clock.now(), case_no,
            text="我不在该项目组，比例过高，请重新认定。",
        )  # fmt: skip
    pass_objections(walk, case_no)
    assert walk.waiting(key(case_no)) == [("decide-disputes", "appeal-panel")]
    worse = {0: {"outcome": "reduced", "ratio": "40", "note": WHY}}
    assert walk.refusal(PANEL, key(case_no), "decide-disputes", people=worse)
    lighter = {0: {"outcome": "reduced", "ratio": "10", "note": WHY}}
    walk.hand_in(PANEL, key(case_no), "decide-disputes", people=lighter)
    with walk.database.reading() as session:
        share = queries.shares_of(session, queries.case_named(session, case_no).id)[0]
        assert share.target_fen == pytest.approx(before / 3, abs=1)
        session.expunge_all()
    assert owed(walk, case_no, ADVISOR.no) == share.clawback_fen
    assert is_clean(walk)


def test_set_off_stays_within_the_legal_share_of_the_wage(walk: Walk) -> None:
    case_no = open_case(walk)
    name_people(walk, case_no, ADVISOR_PART)
    hear(walk, case_no)
    decide(walk, case_no)
    pass_objections(walk, case_no)
    today = local_date(walk.clock.now())

    def set_off(fen: int) -> None:
        with walk.database.writing() as session:
            actions.record_receipt(
                session, act_as(session, FINANCE), walk.clock.now(), case_no, ADVISOR.no,
                kind="SETOFF", amount_fen=fen, on=today, month_wage_fen=1_000_000,
            )  # fmt: skip

    with pytest.raises(RuleViolation) as refused:
        set_off(200_001)
    assert refused.value.code == "clawback.above_set_off_limit"
    set_off(150_000)
    with pytest.raises(RuleViolation):
        set_off(50_001)
    set_off(50_000)
    assert booked(walk, case_no)["SETOFF"] == 200_000
    with pytest.raises(RuleViolation) as refused, walk.database.writing() as session:
        actions.record_receipt(
            session, act_as(session, FINANCE), walk.clock.now(), case_no, ADVISOR.no,
            kind="REPAY", amount_fen=10**9, on=today,
        )  # fmt: skip
    assert refused.value.code == "clawback.more_than_owed"
    assert is_clean(walk)


def test_who_the_case_is_about_reads_the_own_part_only_and_decides_nothing(walk: Walk) -> None:
    case_no = open_case(walk)
    with walk.database.reading() as session, pytest.raises(NotFound):
        queries.share_for_person(session, act_as(session, ADVISOR), case_no)
    name_people(walk, case_no, ADVISOR_PART, MANAGER_ALL)
    with walk.database.reading() as session:
        _, share = queries.share_for_person(session, act_as(session, ADVISOR), case_no)
        assert share.employee_no == ADVISOR.no
        for stranger in (COLLEAGUE, COMPLIANCE):
            with pytest.raises(NotFound):
                queries.share_for_person(session, act_as(session, stranger), case_no)
        with pytest.raises(NotFound):
            queries.case_for_keeper(session, act_as(session, MANAGER), case_no)
    said = walk.refusal(
        COMPLIANCE, key(case_no), "hear-people",
        people={n: {"heard_on": "2020-01-01", "note": SAID} for n in (0, 1)},
    )  # fmt: skip
    assert "after the notice" in said


def test_a_window_that_is_over_is_refused(walk: Walk) -> None:
    case_no = open_case(walk)
    walk.pass_day(date(2032, 4, 1))
    said = walk.refusal(
        COMPLIANCE, key(case_no), "set-liability",
        people=[{"employee_no": ADVISOR.no, "liability": "GENERAL"}],
    )  # fmt: skip
    assert "the window is over" in said


def test_a_moved_ledger_stops_the_execution(walk: Walk) -> None:
    case_no = open_case(walk)
    name_people(walk, case_no, ADVISOR_PART)
    hear(walk, case_no)
    decide(walk, case_no)
    with walk.database.writing() as session:
        session.execute(
            update(LedgerEntry)
            .where(LedgerEntry.employee_no == ADVISOR.no, LedgerEntry.kind == "PAY")
            .values(amount_fen=LedgerEntry.amount_fen - 1)
        )
        with pytest.raises(Conflict) as refused:
            actions.execute_case(session, act_as(session, FINANCE), walk.clock.now(), case_no)
    assert refused.value.code == "clawback.pay_has_moved"
