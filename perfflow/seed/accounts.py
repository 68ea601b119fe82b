"""Accounts of the demo firm: one a person, one shared password, role logins to show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from unicodedata import normalize

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Role
from perfflow.people.models import Assignment, Employee, Unit
from perfflow.seed.people import Firm, Person
from perfflow.seed.roles import grants
from perfflow.web.models import Account, RoleGrant
from perfflow.web.passwords import hash_password
from perfflow.workflow.models import UserTask

CANDIDATES = 200
DEMO_PASSWORD = "porcelain-2026"


def login_of(name_en: str, taken: set[str]) -> str:
    """``Shen Zhixia`` → ``shen.zhixia``; the second of that name gets a 2."""
    plain = normalize("NFKD", name_en).encode("ascii", "ignore").decode()
    wanted = ".".join(plain.lower().split())
    login, number = wanted, 1
    while login in taken:
        number += 1
        login = f"{wanted}{number}"
    taken.add(login)
    return login


def insert_accounts(session: Session, now: datetime, people: Iterable[Person]) -> None:
    """One account a person; the hash is made once, since all share the demo password."""
    shared = hash_password(DEMO_PASSWORD)
    taken: set[str] = set()
    rows = [
        {
            "login": login_of(person.name_en, taken),
            "employee_no": person.no,
            "password_hash": shared,
            "theme": "system",
            "is_active": True,
            "failed_count": 0,
            "session_version": 1,
            "created_at": now,
        }
        for person in people
    ]
    if rows:
        session.execute(insert(Account), rows)


def insert_grants(session: Session, firm: Firm) -> None:
    """The role grants of the firm."""
    rows = []
    for grant in grants(firm.organisation):
        holder = firm.occupants[grant.seat][0]
        rows.append(
            {
                "employee_no": holder.no,
                "role": grant.role.value,
                "unit_code": grant.unit_code,
                "valid_from": holder.hired_on,
                "valid_to": None,
            }
        )
    session.execute(insert(RoleGrant), rows)


def demo_logins(session: Session) -> list[tuple[str, str, str]]:
    """One ``(role code, login, name)`` for each role of the firm, in the order of the roles."""
    waiting = _waiting(session)
    found = ((role, _holder(session, role, waiting)) for role in Role)
    return [(role.value, *holder) for role, holder in found if holder is not None]


def _holder(session: Session, role: Role, waiting: dict[str, int]) -> tuple[str, str] | None:
    people = select(Account.login, Employee.name_zh).join(
        Employee, Employee.no == Account.employee_no
    )
    at_work = people.where(Employee.left_on.is_(None)).order_by(Employee.no)
    match role:
        case Role.EMPLOYEE:
            assigned = select(Assignment.employee_no).where(
                Assignment.post_code == "FA", Assignment.valid_to.is_(None)
            )
            query = at_work.where(Employee.no.in_(assigned))
        case Role.LINE_MANAGER:
            heads = select(Unit.head_no).where(Unit.kind == "team")
            query = at_work.where(Employee.no.in_(heads))
        case Role.SECOND_LINE | Role.UNIT_HEAD:
            heads = select(Unit.head_no).where(Unit.kind == "branch")
            query = at_work.where(Employee.no.in_(heads))
        case _:
            holders = select(RoleGrant.employee_no).where(RoleGrant.role == role.value)
            query = at_work.where(Employee.no.in_(holders))
    rows = session.execute(query.add_columns(Employee.no).limit(CANDIDATES)).all()
    if not rows:
        return None
    # Somebody with work waiting shows more of the product.
    busiest = max(rows, key=lambda row: waiting.get(row[2], 0))
    return busiest[0], busiest[1]


def _waiting(session: Session) -> dict[str, int]:
    """How many open tasks each person holds."""
    rows = session.execute(
        select(UserTask.assignee_no, func.count())
        .where(UserTask.status == "open", UserTask.assignee_no.is_not(None))
        .group_by(UserTask.assignee_no)
    )
    return {number: count for number, count in rows if number is not None}
