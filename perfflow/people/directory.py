"""The workflow engine's directory: leads and groups, answered from the people tables."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Role
from perfflow.people import queries
from perfflow.people.models import Unit
from perfflow.web.models import RoleGrant

ROLE_CODES = frozenset(role.value for role in Role)
HR = Role.HR_PARTNER.value


class PeopleDirectory:
    """Implements ``perfflow.workflow.ports.Directory``.

    A grant for a unit makes a member of ``<role>/<unit>``, and of the same role's groups for
    units below it that somebody else holds. A grant for the firm (or for no unit) makes a member
    of the bare ``<role>`` group too.
    """

    def manager_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return queries.manager_of(session, employee_no, on)

    def second_line_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return queries.second_line_of(session, employee_no, on)

    def unit_path(self, session: Session, employee_no: str, on: date) -> str:
        return queries.unit_path_of(session, employee_no, on) or ""

    def is_at_work(self, session: Session, employee_no: str, on: date) -> bool:
        """Employed on the day; an absence is no leaving. Unknown numbers are nobody at work."""
        person = queries.find_employee(session, employee_no)
        return person is not None and queries.is_employed(person, on)

    def deputy_of(self, session: Session, employee_no: str, on: date) -> str | None:
        """Who stands in for somebody who is away on the day."""
        away = queries.absences_between(session, [employee_no], on, on)[employee_no]
        return next((row.deputy_no for row in away if row.deputy_no), None)

    def hr_group_of(self, session: Session, employee_no: str, on: date) -> str:
        """The HR group of the nearest unit above the person that has an HR partner."""
        path = self.unit_path(session, employee_no, on).split("/")
        held = set(
            session.scalars(
                select(RoleGrant.unit_code).where(
                    RoleGrant.role == HR,
                    RoleGrant.unit_code.in_(path),
                    _holds_on(on),
                )
            )
        )
        for code in reversed(path):
            if code in held:
                return f"{HR}/{code}"
        return HR

    def groups_of(self, session: Session, employee_no: str, on: date) -> frozenset[str]:
        """Every candidate group that the person belongs to; one statement."""
        rows = session.execute(
            select(RoleGrant.employee_no, RoleGrant.role, RoleGrant.unit_code, Unit.path)
            .outerjoin(Unit, Unit.code == RoleGrant.unit_code)
            .where(_holds_on(on))
        ).all()
        held = [row for row in rows if row.employee_no == employee_no]
        groups: set[str] = set()
        for mine in held:
            if mine.unit_code is None or "/" not in (mine.path or "/"):
                groups.add(mine.role)
            if mine.unit_code is None:
                continue
            groups.add(f"{mine.role}/{mine.unit_code}")
            below = f"{mine.path}/"
            groups.update(
                f"{other.role}/{other.unit_code}"
                for other in rows
                if other.role == mine.role and (other.path or "").startswith(below)
            )
        return frozenset(groups)

    def members_of(self, session: Session, group: str, on: date) -> list[str]:
        return members_of_group(session, group, on)

    def known_group(self, name: str) -> bool:
        role, _, unit_code = name.partition("/")
        return role in ROLE_CODES and (not unit_code or unit_code.strip() == unit_code)


def _holds_on(on: date) -> ColumnElement[bool]:
    return (RoleGrant.valid_from <= on) & (
        or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > on)
    )


def members_of_group(session: Session, name: str, on: date) -> list[str]:
    """The employee numbers that belong to a candidate group, sorted."""
    role, _, unit_code = name.partition("/")
    query = (
        select(RoleGrant.employee_no, RoleGrant.unit_code, Unit.path)
        .outerjoin(Unit, Unit.code == RoleGrant.unit_code)
        .where(RoleGrant.role == role, RoleGrant.employee_no.is_not(None), _holds_on(on))
    )
    above = queries.unit(session, unit_code).path.split("/") if unit_code else None
    found: set[str] = set()
    for number, code, path in session.execute(query):
        is_firm_wide = code is None or "/" not in (path or "/")
        if number and (is_firm_wide or (above is not None and code in above)):
            found.add(number)
    return sorted(found)
