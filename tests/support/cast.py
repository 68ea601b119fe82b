"""A small named firm for tests of rooms: an advisor, her manager, HR, compliance, an outsider."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from perfflow.app import plug_rooms
from perfflow.calendar import FIRM_ZONE
from perfflow.kernel.actor import Actor, Role, SYSTEM
from perfflow.people import actions as people_actions
from perfflow.people.principals import PeoplePrincipals
from perfflow.people.rules import UnitKind
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.deployments import read_tree

ROOT = Path(__file__).resolve().parents[2]
FOUNDED = date(2020, 1, 1)
START = datetime(2024, 12, 2, 9, tzinfo=FIRM_ZONE)


@dataclass(frozen=True, slots=True)
class Person:
    """One of the cast: number, names, post, unit, manager and granted roles."""

    no: str
    name_zh: str
    name_en: str
    post: str
    unit: str
    manager: str | None
    roles: tuple[tuple[Role, str | None], ...] = ()


CHIEF = Person("E00001", "高远", "Gao Yuan", "EX", "FIRM", None, ((Role.EXECUTIVE, None),))
HEAD = Person("E00002", "顾明川", "Gu Mingchuan", "EX", "B01", "E00001")
MANAGER = Person("E00003", "陆文舟", "Lu Wenzhou", "TL", "T01", "E00002")
ADVISOR = Person("E00004", "沈知夏", "Shen Zhixia", "FA", "T01", "E00003")
COLLEAGUE = Person("E00005", "乔南枝", "Qiao Nanzhi", "FA", "T01", "E00003")
HR = Person("E00006", "许念安", "Xu Nianan", "HQ", "HQ", "E00001", ((Role.HR_PARTNER, "FIRM"),))
COMPLIANCE = Person(
    "E00007", "纪行舟", "Ji Xingzhou", "RC", "HQ", "E00001", ((Role.COMPLIANCE_OFFICER, None),)
)
OWNER = Person(
    "E00008", "程予白", "Cheng Yubai", "OP", "HQ", "E00001", ((Role.METRIC_OWNER, None),)
)
OUTSIDER = Person("E00009", "闻人语", "Wen Renyu", "FA", "T02", "E00010")
OTHER_MANAGER = Person("E00010", "宋予安", "Song Yuan", "TL", "T02", "E00001")
AUDITOR = Person("E00011", "白见山", "Bai Jianshan", "HQ", "HQ", "E00001", ((Role.AUDITOR, None),))
ADMIN = Person(
    "E00012", "苏晚晴", "Su Wanqing", "HQ", "HQ", "E00001", ((Role.PROCESS_ADMIN, None),)
)
BRANCH_HR = Person(
    "E00013", "方砚秋", "Fang Yanqiu", "HQ", "HQ", "E00001", ((Role.HR_PARTNER, "B02"),)
)
CAST = (
    CHIEF, HEAD, MANAGER, ADVISOR, COLLEAGUE, HR, COMPLIANCE, OWNER, OTHER_MANAGER, OUTSIDER,
    AUDITOR, ADMIN, BRANCH_HR,
)  # fmt: skip
UNITS = (
    ("FIRM", "远岭财富", "Yuanling Wealth", UnitKind.FIRM, None, CHIEF.no),
    ("B01", "东湖支行", "East Lake branch", UnitKind.BRANCH, "FIRM", HEAD.no),
    ("B02", "西山支行", "West Hill branch", UnitKind.BRANCH, "FIRM", None),
    ("T01", "财富一组", "Wealth team 1", UnitKind.TEAM, "B01", MANAGER.no),
    ("T02", "财富二组", "Wealth team 2", UnitKind.TEAM, "B02", OTHER_MANAGER.no),
    ("HQ", "总部", "Headquarters", UnitKind.DIVISION, "FIRM", None),
)
POSTS = (
    ("FA", "理财顾问", "Wealth advisor", "front", "STAFF"),
    ("RM", "客户经理", "Relationship manager", "front", "STAFF"),
    ("TL", "团队主管", "Team lead", "front", "KEY"),
    ("RC", "风控合规", "Risk and compliance", "middle", "CONTROL"),
    ("OP", "运营", "Operations", "back", "STAFF"),
    ("PD", "投顾产品", "Advisory and product", "middle", "KEY"),
    ("HQ", "总部职能", "HQ function", "back", "STAFF"),
    ("EX", "高级管理人员", "Senior management", "none", "SENIOR"),
)


@cache
def shipped_files() -> dict[str, bytes]:
    """The processes, forms and catalogue of the repository."""
    return read_tree(ROOT)


def build_firm(session: Session, people: Iterable[Person] = CAST) -> None:
    """Units, posts, people and roles; nothing is deployed."""
    plug_rooms()
    for code, name_zh, name_en, kind, parent, head in UNITS:
        people_actions.create_unit(
            session, SYSTEM, START, code=code, name_zh=name_zh, name_en=name_en, kind=kind,
            parent_code=parent, valid_from=FOUNDED, head_no=head,
        )  # fmt: skip
    for code, name_zh, name_en, line, category in POSTS:
        people_actions.create_post(
            session, SYSTEM, START, code=code, name_zh=name_zh, name_en=name_en, line=line,
            pay_category=category,
        )  # fmt: skip
    for person in people:
        hire(session, person)


def hire(session: Session, person: Person, hired_on: date = FOUNDED) -> None:
    """Add one of the cast with the granted roles."""
    people_actions.hire(
        session, SYSTEM, START, no=person.no, name_zh=person.name_zh, name_en=person.name_en,
        email=f"{person.no.lower()}@firm.example", gender="F", grade=3, hired_on=hired_on,
        post_code=person.post, unit_code=person.unit, manager_no=person.manager,
    )  # fmt: skip
    for role, unit in person.roles:
        people_actions.grant_role(
            session, SYSTEM, START, person.no, role, valid_from=hired_on, unit_code=unit
        )


def deploy_all(session: Session, now: datetime = START) -> None:
    """Deploy everything that the product ships."""
    plug_rooms()
    workflow_actions.deploy(session, SYSTEM, now, shipped_files())


def act_as(session: Session, person: Person, on: date = date(2025, 1, 6)) -> Actor:
    """The actor of a person, with granted roles and those that follow from the organisation."""
    standing = PeoplePrincipals().standing(session, person.no, on)
    derived = standing.roles if standing else frozenset()
    granted = frozenset(role for role, _ in person.roles)
    scopes = frozenset(
        unit for role, unit in person.roles if role is Role.HR_PARTNER and unit is not None
    )
    return Actor(person.no, person.no, derived | granted, scopes)
