"""Who stands how to whom: the object check behind the pages about one person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotFound
from perfflow.people import queries
from perfflow.people.models import Employee


class Relation(StrEnum):
    """How an actor stands to a person; several can hold at once."""

    SELF = "self"
    MANAGER = "manager"
    LINE = "line"  # the manager or anybody above
    HR = "hr"
    COMPLIANCE = "compliance"
    AUDITOR = "auditor"
    SYSTEM = "system"


READERS = frozenset({Relation.SELF, Relation.LINE, Relation.HR, Relation.AUDITOR})
"""Who reads a person's performance: she, her line, HR of her unit, auditors."""


def is_in_hr_scope(session: Session, actor: Actor, employee_no: str, on: date) -> bool:
    """True when the actor is an HR partner of the person's unit or of one above it."""
    if not actor.has(Role.HR_PARTNER):
        return False
    path = queries.unit_path_of(session, employee_no, on)
    return path is not None and not actor.unit_scopes.isdisjoint(path.split("/"))


def relations(session: Session, actor: Actor, employee_no: str, on: date) -> frozenset[Relation]:
    """All the ways in which ``actor`` stands to ``employee_no`` on a day; empty for a stranger."""
    if actor.is_system:
        return frozenset({Relation.SYSTEM})
    found: set[Relation] = set()
    if actor.employee_no == employee_no:
        found.add(Relation.SELF)
    elif actor.employee_no is not None:
        line = queries.managers_above(session, employee_no, on)
        if line and line[0] == actor.employee_no:
            found.add(Relation.MANAGER)
        if actor.employee_no in line:
            found.add(Relation.LINE)
    if is_in_hr_scope(session, actor, employee_no, on):
        found.add(Relation.HR)
    if actor.has(Role.COMPLIANCE_OFFICER):
        found.add(Relation.COMPLIANCE)
    if actor.has(Role.AUDITOR):
        found.add(Relation.AUDITOR)
    return frozenset(found)


def access_person(
    session: Session,
    actor: Actor,
    employee_no: str,
    on: date,
    allowed: Iterable[Relation] = READERS,
) -> tuple[Employee, frozenset[Relation]]:
    """The person and the actor's relations to her when one of them is ``allowed``.

    A person that does not exist and a person that the actor may not see answer alike: NotFound.
    """
    person = session.get(Employee, employee_no)
    if person is not None:
        held = relations(session, actor, employee_no, on)
        if not held.isdisjoint({*allowed, Relation.SYSTEM}):
            return person, held
    raise NotFound("people.unknown_employee", employee=employee_no)
