"""The six of the golden scenario: stored results, bases and factors, and who pays them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from perfflow.calendar import FIRM_ZONE
from perfflow.compliance.models import GateCase
from perfflow.interviews.models import Interview, ResultConfirmation
from perfflow.kernel.actor import Actor, Role, SYSTEM
from perfflow.metrics.models import MetricValue
from perfflow.payouts import actions
from perfflow.payouts.models import Award, EarlierBand, OrganisationFactor, PayoutRun, Pool
from perfflow.payouts.queries import awards_of
from perfflow.reviews.actions import record_results
from tests.support.cast import act_as, hire, Person
from tests.support.year import build_year, join, lock_goals, reach, YEAR

FINANCE = Person("E00091", "邵景行", "Shao Jingxing", "HQ", "HQ", "E00001", ((Role.FINANCE, None),))
CASHIER = Person("E00092", "任疏影", "Ren Shuying", "HQ", "HQ", "E00001", ((Role.FINANCE, None),))
COMMITTEE = Person(
    "E00093", "卢海远", "Lu Haiyuan", "HQ", "HQ", "E00001", ((Role.REMUNERATION_COMMITTEE, None),)
)
E1 = Person("E00101", "温以宁", "Wen Yining", "FA", "T01", "E00003")
E2 = Person("E00102", "罗星野", "Luo Xingye", "FA", "T01", "E00003")
E3 = Person("E00103", "叶疏桐", "Ye Shutong", "TL", "T01", "E00003")
E4 = Person("E00104", "苏云岫", "Su Yunxiu", "FA", "T01", "E00003")
E5 = Person("E00105", "韩子衿", "Han Zijin", "RM", "T01", "E00003")
E6 = Person("E00106", "江望舒", "Jiang Wangshu", "FA", "T01", "E00003")
SIX = (E1, E2, E3, E4, E5, E6)
PAYERS = (FINANCE, CASHIER, COMMITTEE)
POOL_FEN = 35_000_000
JUNE = date(2025, 6, 1)
PAY_DAY = datetime(2026, 3, 3, 10, tzinfo=FIRM_ZONE)
SHARES = {
    E1: Decimal("1"), E2: Decimal("0.75"), E3: Decimal("1.2"), E4: Decimal("1"),
    E5: Decimal("0.7"), E6: Decimal("0.9"),
}  # fmt: skip
"""How much of each target was reached."""
BASES = {E1: 60_000, E2: 60_000, E3: 90_000, E4: 60_000, E5: 70_000, E6: 60_000}
QUARTERS = {
    E1: [(30, 92), (28, 90), (25, 88), (30, 86), (22, 85), (20, 84), (18, 80), (15, 82)],
    E3: [(20, 89)],
    E5: [(40, 70), (40, 74), (35, 78), (30, 82)],
    E6: [(3, 60)],
}
"""Answers and mean score of each quarter, newest first."""


def build_golden(session: Session, shares: Mapping[Person, Decimal] = SHARES) -> Pool:
    """The firm, six reviewed people who talked about their results, and their pool."""
    build_year(session, people=())
    for person in PAYERS:
        hire(session, person)
    for person in SIX:
        hire(session, person, hired_on=JUNE if person is E2 else date(2020, 1, 1))
        join(session, person)
        lock_goals(session, person)
        reach(session, person, shares[person])
    answer_surveys(session)
    open_case(session, E4, "upheld", 4)
    open_case(session, E6, "investigating", 3)
    numbers = [person.no for person in SIX]
    for stage in ("computed", "manager"):
        record_results(session, SYSTEM, PAY_DAY, YEAR, numbers, stage)
    for person in SIX:
        talk(session, person)
        actions.set_bonus_base(
            session, SYSTEM, PAY_DAY, YEAR, person.no, BASES[person] * 100, "plan"
        )
    for unit, factor in (("T01", "1.1"), ("B01", "1"), ("FIRM", "1")):
        session.add(OrganisationFactor(cycle_code=YEAR, unit_code=unit, factor_e4=Decimal(factor)))
    for person, year, band in ((E1, 2024, "A"), (E3, 2024, "S"), (E3, 2023, "S")):
        session.add(
            EarlierBand(
                employee_no=person.no, year=year, band=band, worst_severity=0, source="file"
            )
        )
    pool = Pool(
        cycle_code=YEAR, code="B01", unit_code="B01", amount_fen=None, veto_share="return",
        status="open",
    )  # fmt: skip
    session.add(pool)
    session.flush()
    return pool


def answer_surveys(session: Session) -> None:
    """The quarterly client surveys (CL-01): sums of scores over numbers of answers."""
    for person, quarters in QUARTERS.items():
        for back, (answers, mean) in enumerate(quarters):
            year, quarter = divmod(2025 * 4 + 3 - back, 4)
            session.add(
                MetricValue(
                    employee_no=person.no, metric_code="CL-01", period=f"{year}-Q{quarter + 1}",
                    version=1, numerator_e6=Decimal(answers * mean),
                    denominator_e6=Decimal(answers), status="final", source="SURVEY",
                    recorded_at=PAY_DAY,
                )
            )  # fmt: skip
    session.flush()


def open_case(session: Session, person: Person, status: str, severity: int) -> GateCase:
    """A gate case of the year about a person."""
    case = GateCase(
        case_no=f"GC-2025-{person.no}", employee_no=person.no, status=status,
        potential_severity=severity, severity=severity if status == "upheld" else None,
        summary="销售过程记录不完整", conduct_on=date(2025, 6, 2), opened_by="E00007",
        opened_at=PAY_DAY,
    )  # fmt: skip
    session.add(case)
    session.flush()
    return case


def talk(session: Session, person: Person) -> None:
    """A signed interview and a confirmed result: nothing but a case holds the award."""
    session.add(
        Interview(cycle_code=YEAR, employee_no=person.no, manager_no="E00003", status="signed")
    )
    session.add(
        ResultConfirmation(cycle_code=YEAR, employee_no=person.no, outcome="confirmed", at=PAY_DAY)
    )


def finance(session: Session) -> Actor:
    return act_as(session, FINANCE)


def run_main(session: Session, pool: Pool, veto_share: str = "return") -> PayoutRun:
    """Finance computes the main run and hands it on."""
    return actions.compute_run(
        session, finance(session), PAY_DAY, pool, amount_fen=POOL_FEN, veto_share=veto_share,
        is_handed_on=True,
    )  # fmt: skip


def approve(session: Session, pool: Pool, now: datetime = PAY_DAY) -> PayoutRun:
    return actions.approve_run(
        session, act_as(session, COMMITTEE), now, pool, decision="approve", note=None
    )


def pay(session: Session, pool: Pool, veto_share: str = "return") -> PayoutRun:
    """The main run through approval, booking and release."""
    run_main(session, pool, veto_share)
    approve(session, pool)
    actions.book_awards(session, SYSTEM, PAY_DAY, pool)
    run = actions.release_run(session, act_as(session, CASHIER), PAY_DAY, pool)
    actions.settle_run(session, SYSTEM, PAY_DAY, pool)
    return run


def awards(session: Session, run: PayoutRun) -> dict[str, Award]:
    """The awards of a run under the names E1 … E6."""
    found = {award.employee_no: award for award in awards_of(session, run.id)}
    return {f"E{i}": found[p.no] for i, p in enumerate(SIX, 1) if p.no in found}
