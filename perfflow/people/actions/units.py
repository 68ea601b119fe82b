"""Actions on units and posts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict
from perfflow.people import queries
from perfflow.people.guards import require_hr_of_unit
from perfflow.people.models import Post, Unit
from perfflow.people.rules import unit_path, UnitKind


def create_unit(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    code: str,
    name_zh: str,
    name_en: str,
    kind: UnitKind,
    parent_code: str | None,
    valid_from: date,
    head_no: str | None = None,
) -> Unit:
    """Add a unit under its parent; only the firm itself has none."""
    require_hr_of_unit(session, actor, parent_code)
    if session.get(Unit, code) is not None:
        raise Conflict("people.unit_exists", field="code", unit=code)
    above = None if parent_code is None else queries.unit(session, parent_code).path
    row = Unit(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        kind=kind.value,
        parent_code=parent_code,
        head_no=head_no,
        path=unit_path(code, above),
        valid_from=valid_from,
        valid_to=None,
    )
    session.add(row)
    session.flush()
    record(session, actor, now, AuditEvent.PEOPLE_UNIT_CREATED, code, parent=parent_code)
    return row


def appoint_head(
    session: Session, actor: Actor, now: datetime, unit_code: str, employee_no: str
) -> None:
    """Make somebody the head of a unit."""
    require_hr_of_unit(session, actor, unit_code)
    row = queries.unit(session, unit_code)
    queries.employee(session, employee_no)
    before, row.head_no = row.head_no, employee_no
    record(
        session,
        actor,
        now,
        AuditEvent.PEOPLE_UNIT_HEADED,
        unit_code,
        before=before,
        head=employee_no,
    )


def create_post(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    code: str,
    name_zh: str,
    name_en: str,
    line: str,
    pay_category: str,
) -> Post:
    """Add a post family."""
    require_hr_of_unit(session, actor, queries.root_unit(session).code)
    if session.get(Post, code) is not None:
        raise Conflict("people.post_exists", field="code", post=code)
    row = Post(code=code, name_zh=name_zh, name_en=name_en, line=line, pay_category=pay_category)
    session.add(row)
    session.flush()
    record(session, actor, now, AuditEvent.PEOPLE_POST_CREATED, code)
    return row
