"""Puts the people of the synthetic firm into a database, through the import schemas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.db import Base
from perfflow.kernel.actor import SYSTEM
from perfflow.people.models import Absence, Assignment, Employee, Post, Unit
from perfflow.people.schemas import AssignmentSchema, EmployeeSchema, UnitSchema
from perfflow.seed.accounts import insert_accounts, insert_grants
from perfflow.seed.people import AssignmentRow, Firm, Person

CHUNK = 1000
FOUNDED = date(2000, 1, 1)
POSTS = (
    ("FA", "理财顾问", "Wealth advisor", "front", "STAFF"),
    ("RM", "客户经理", "Relationship manager", "front", "STAFF"),
    ("TL", "团队主管", "Team lead", "front", "KEY"),
    ("RC", "风控合规岗", "Risk and compliance", "middle", "CONTROL"),
    ("OP", "运营岗", "Operations", "back", "STAFF"),
    ("PD", "投顾/产品岗", "Advisory and product", "middle", "KEY"),
    ("HQ", "总部职能", "Head office function", "back", "STAFF"),
    ("EX", "高级管理人员", "Senior management", "none", "SENIOR"),
)
Item = TypeVar("Item")


def load_firm(session: Session, now: datetime, firm: Firm) -> None:
    """Units, posts, employees, assignments, absences, accounts and role grants of ``firm``."""
    _insert_posts(session)
    _insert(session, Unit, _unit_rows(firm))
    assignments = {person.no: firm.assignments(person) for person in firm.people()}
    _insert(
        session,
        Employee,
        (_employee_row(person, assignments[person.no][-1]) for person in firm.people()),
    )
    _insert(
        session,
        Assignment,
        (_assignment_row(row) for person in firm.people() for row in assignments[person.no]),
    )
    _insert(
        session,
        Absence,
        (
            {
                "employee_no": row.employee_no,
                "kind": "unpaid",
                "first_on": row.first_on,
                "last_on": row.last_on,
                "deputy_no": None,
            }
            for person in firm.people()
            for row in firm.absences(person)
        ),
    )
    insert_accounts(session, now, firm.people())
    insert_grants(session, firm)
    record(
        session,
        SYSTEM,
        now,
        AuditEvent.PEOPLE_FILE_IMPORTED,
        f"synthetic firm, seed {firm.seed}",
        employees=len(assignments),
    )


def in_chunks(rows: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """``rows`` in lists of at most ``size``, without keeping more than one of them."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _insert(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    for chunk in in_chunks(rows):
        session.execute(insert(table), chunk)


def _insert_posts(session: Session) -> None:
    names = ("code", "name_zh", "name_en", "line", "pay_category")
    session.execute(insert(Post), [dict(zip(names, post, strict=True)) for post in POSTS])


def _unit_rows(firm: Firm) -> Iterator[dict[str, Any]]:
    schema = UnitSchema()
    for unit in firm.organisation.units:
        row = schema.load(
            {
                "code": unit.code,
                "name_zh": unit.name_zh,
                "name_en": unit.name_en,
                "kind": unit.kind,
                "parent_code": unit.parent_code,
                "head_no": firm.occupants[unit.head_seat][0].no,
                "valid_from": FOUNDED.isoformat(),
            }
        )
        yield {**row, "path": unit.path, "valid_to": None}


def _employee_row(person: Person, last: AssignmentRow) -> dict[str, Any]:
    row: dict[str, Any] = EmployeeSchema().load(
        {
            "no": person.no,
            "name_zh": person.name_zh,
            "name_en": person.name_en,
            "email": f"{person.no.lower()}@yuanling.example",
            "gender": person.gender,
            "grade": person.grade,
            "hired_on": person.hired_on.isoformat(),
            "post_code": last.post,
            "unit_code": last.unit_code,
            "manager_no": last.manager_no,
        }
    )
    for name in ("post_code", "unit_code", "manager_no"):
        del row[name]
    return {**row, "left_on": person.left_on, "leaver_class": person.leaver_class}


def _assignment_row(row: AssignmentRow) -> dict[str, Any]:
    loaded: dict[str, Any] = AssignmentSchema().load(
        {
            "employee_no": row.employee_no,
            "post_code": row.post,
            "unit_code": row.unit_code,
            "manager_no": row.manager_no,
            "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        }
    )
    return loaded
