"""The people of the golden scenario: six who are paid, and those who run the cycle around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from sqlalchemy import insert
from sqlalchemy.orm import Session

from perfflow.calendar import FIRM_ZONE
from perfflow.compliance import actions as compliance_actions
from perfflow.kernel.actor import Role, SYSTEM
from perfflow.metrics.actions import load_batch
from perfflow.people.models import Assignment, Employee, Post, Unit
from perfflow.seed.accounts import login_of
from perfflow.seed.load import POSTS
from perfflow.simulation.driver import Simulation
from perfflow.web.models import Account, RoleGrant

CYCLE = "2025-ANNUAL"
FOUNDED = date(2015, 1, 1)
NO_PASSWORD = "!"  # nobody signs in to the scenario's firm
ROOT, BRANCH, TEAM = "FIRM", "B001", "B001T01"


@dataclass(frozen=True, slots=True)
class GoldenPerson:
    """Inputs of §5.11: post, base, attainment that gives the band, surveys newest first."""

    no: str
    name_zh: str
    name_en: str
    post: str
    base_fen: int
    attainment: Decimal
    rating: str
    surveys: tuple[tuple[int, int], ...] = ()
    earlier: tuple[str, ...] = ()  # bands of 2024, 2023, …
    hired_on: date = FOUNDED


PEOPLE = (
    GoldenPerson(
        "E1", "沈知夏", "Shen Zhixia", "FA", 6_000_000, Decimal("1.00"), "4",
        ((30, 92), (28, 90), (25, 88), (30, 86), (22, 85), (20, 84), (18, 80), (15, 82)), ("A",),
    ),
    GoldenPerson(
        "E2", "陆文舟", "Lu Wenzhou", "FA", 6_000_000, Decimal("0.90"), "3",
        hired_on=date(2025, 6, 1),
    ),
    GoldenPerson(
        "E3", "顾明川", "Gu Mingchuan", "TL", 9_000_000, Decimal("1.18"), "5",
        ((20, 89),), ("S", "S"),
    ),
    GoldenPerson("E4", "方砚秋", "Fang Yanqiu", "FA", 6_000_000, Decimal("1.00"), "4"),
    GoldenPerson(
        "E5", "宋予安", "Song Yuan", "RM", 7_000_000, Decimal("0.74"), "3",
        ((40, 70), (40, 74), (35, 78), (30, 82)),
    ),
    GoldenPerson(
        "E6", "程予白", "Cheng Yubai", "FA", 6_000_000, Decimal("0.90"), "3", ((3, 60),)
    ),
)  # fmt: skip
BY_NO = {person.no: person for person in PEOPLE}

# Number, names, granted roles. All hold the senior post, which has no card: they are not appraised.
OFFICERS = (
    ("M1", "高远", "Gao Yuan", (Role.EXECUTIVE, Role.REMUNERATION_COMMITTEE)),
    ("M2", "许念安", "Xu Nianan", (Role.HR_PARTNER,)),
    ("M3", "纪行舟", "Ji Xingzhou", (Role.COMPLIANCE_OFFICER,)),
    ("M4", "白见山", "Bai Jianshan", (Role.COMPLIANCE_OFFICER,)),
    ("M5", "苏晚晴", "Su Wanqing", (Role.METRIC_OWNER, Role.CALIBRATION_COMMITTEE)),
    ("M6", "闻人语", "Wen Renyu", (Role.FINANCE,)),
    ("M7", "乔南枝", "Qiao Nanzhi", (Role.FINANCE, Role.CALIBRATION_COMMITTEE)),
    ("M8", "温如言", "Wen Ruyan", ()),  # heads the branch
)


def golden_firm(session: Session, now: datetime) -> None:
    """One team in one branch, its officers, and the surveys of the last eight quarters."""
    names = ("code", "name_zh", "name_en", "line", "pay_category")
    session.execute(insert(Post), [dict(zip(names, post, strict=True)) for post in POSTS])
    for code, name_zh, name_en, kind, parent, path, head in (
        (ROOT, "远岭财富", "Yuanling Wealth", "firm", None, ROOT, "M1"),
        (BRANCH, "东湖支行", "Donghu branch", "branch", ROOT, f"{ROOT}/{BRANCH}", "M8"),
        (TEAM, "财富1组", "Wealth team 1", "team", BRANCH, f"{ROOT}/{BRANCH}/{TEAM}", "E3"),
    ):
        session.add(
            Unit(
                code=code,
                name_zh=name_zh,
                name_en=name_en,
                kind=kind,
                parent_code=parent,
                path=path,
                head_no=head,
                valid_from=FOUNDED,
            )
        )
    session.flush()
    taken: set[str] = set()
    for no, name_zh, name_en, _ in OFFICERS:
        _person(session, now, no, name_zh, name_en, FOUNDED, taken)
    for one in PEOPLE:
        _person(session, now, one.no, one.name_zh, one.name_en, one.hired_on, taken)
    session.flush()
    for no, _, _, roles in OFFICERS:
        _place(session, no, "EX", BRANCH if no == "M8" else ROOT, None if no == "M1" else "M1")
        for role in roles:
            scope = ROOT if role is Role.HR_PARTNER else None
            session.add(
                RoleGrant(employee_no=no, role=role.value, unit_code=scope, valid_from=FOUNDED)
            )
    for one in PEOPLE:
        manager = "M8" if one.post == "TL" else "E3"
        _place(session, one.no, one.post, TEAM, manager, one.hired_on)
    session.flush()
    _load_surveys(session, now)


def _person(
    session: Session,
    now: datetime,
    no: str,
    name_zh: str,
    name_en: str,
    hired_on: date,
    taken: set[str],
) -> None:
    session.add(
        Employee(
            no=no,
            name_zh=name_zh,
            name_en=name_en,
            email=f"{no.lower()}@yuanling.example",
            gender="F",
            grade=3,
            hired_on=hired_on,
        )
    )
    session.add(
        Account(
            login=login_of(name_en, taken),
            employee_no=no,
            password_hash=NO_PASSWORD,
            created_at=now,
        )
    )


def _place(
    session: Session, no: str, post: str, unit: str, manager: str | None, since: date = FOUNDED
) -> None:
    session.add(
        Assignment(
            employee_no=no, post_code=post, unit_code=unit, manager_no=manager, valid_from=since
        )
    )


def _load_surveys(session: Session, now: datetime) -> None:
    """CL-01 of each quarter: Σ scores over answers, the newest being 2025-Q4."""
    lines = ["employee_no,metric_code,period,value,numerator,denominator"]
    for one in PEOPLE:
        for back, (answers, score) in enumerate(one.surveys):
            quarter = 2025 * 4 + 3 - back
            period = f"{quarter // 4}-Q{quarter % 4 + 1}"
            lines.append(f"{one.no},CL-01,{period},,{answers * score},{answers}")
    content = "\n".join(lines).encode()
    load_batch(session, SYSTEM, now, source="SVY", file_name="surveys.csv", content=content)


def open_golden_cases(simulation: Simulation) -> None:
    """E4: severity 4, upheld by two officers. E6: an open case of potential severity 3."""
    moment = datetime(2025, 11, 12, 10, tzinfo=FIRM_ZONE)
    simulation.at(moment, partial(_case, no="E4", severity=4, is_decided=True))
    simulation.at(moment, partial(_case, no="E6", severity=3, is_decided=False))


def _case(simulation: Simulation, no: str, severity: int, is_decided: bool) -> None:
    now, on = simulation.clock.now(), date(2025, 9, 10)
    with simulation.database.writing() as session:
        first = simulation.cast.actor(session, "M3", on)
        second = simulation.cast.actor(session, "M4", on)
        assert first is not None
        assert second is not None
        case = compliance_actions.open_case(
            session,
            first,
            now,
            no,
            potential_severity=severity,
            conduct_on=on,
            summary="检查发现销售行为与规定不符，需要核实。",
        )
        number = case.case_no
        compliance_actions.triage_case(session, first, now, number, potential_severity=severity)
        compliance_actions.investigate_case(session, first, now, number)
        if not is_decided:
            return
        note = "已听取本人陈述，证据充分。"
        compliance_actions.call_hearing(session, first, now, number, note=note)
        compliance_actions.propose_decision(
            session, first, now, number, outcome="upheld", severity=severity, note=note
        )
        compliance_actions.confirm_decision(session, second, now, number, agrees=True)
