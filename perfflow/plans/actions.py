"""Writes of the plan linter: asking for an override, deciding about it, withdrawing it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.notifications import notify
from perfflow.people.directory import members_of_group
from perfflow.people.queries import find_employee
from perfflow.plans import queries
from perfflow.plans.models import PlanOverride
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.overrides import require_expiry, require_reason

OPEN = ("requested", "granted")
PAGE = "/plans/"


def request_override(
    session: Session, actor: Actor, now: datetime, finding: Finding, wish: str
) -> PlanOverride:
    """Ask compliance to let a blocking finding pass; every compliance officer is told."""
    if not actor.has(Role.PROCESS_ADMIN):
        raise NotAllowed("plans.override_asked_by_admin")
    if not finding.blocks:
        raise RuleViolation("plans.not_blocking")
    text, today = require_reason(wish), local_date(now)
    known = session.scalars(
        select(PlanOverride).where(PlanOverride.mark == finding.mark, PlanOverride.status.in_(OPEN))
    )
    if any(row.expires_on is None or row.expires_on >= today for row in known):
        raise Conflict("plans.override_asked")
    row = PlanOverride(
        mark=finding.mark,
        code=finding.code,
        path=finding.path,
        message=finding.message,
        params=finding.wording,
        status="requested",
        wish=text,
        requested_by=_name(actor),
        requested_at=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.PLANS_OVERRIDE_REQUESTED,
        f"override/{row.id}",
        rule=row.code,
        path=row.path,
        reason=text,
    )
    asker = find_employee(session, _name(actor))
    names = (asker.name_zh, asker.name_en) if asker else (actor.name, actor.name)
    name = {"zh": names[0], "en": names[1]}
    params = {"name": name, "rule": row.code, "path": row.path}
    for officer in members_of_group(session, Role.COMPLIANCE_OFFICER.value, today):
        notify(session, now, officer, "plans.notice_override_wanted", params, PAGE)
    return row


def grant_override(
    session: Session,
    actor: Actor,
    now: datetime,
    override_id: int,
    *,
    reason: str,
    expires_on: date | None,
) -> PlanOverride:
    """Let the finding pass until a day; by a compliance officer who did not ask for it."""
    row = _waiting(session, actor, override_id)
    row.reason = require_reason(reason)
    row.expires_on = require_expiry(expires_on, local_date(now))
    _decide(row, actor, now, "granted")
    record(
        session,
        actor,
        now,
        AuditEvent.PLANS_OVERRIDE_GRANTED,
        f"override/{row.id}",
        rule=row.code,
        path=row.path,
        reason=row.reason,
        expires_on=row.expires_on,
    )
    params = {"rule": row.code, "path": row.path, "expires_on": row.expires_on}
    _tell(session, now, row, "plans.notice_override_granted", params)
    return row


def decline_override(
    session: Session, actor: Actor, now: datetime, override_id: int, *, reason: str
) -> PlanOverride:
    """Refuse the request, with a reason; the finding goes on blocking."""
    row = _waiting(session, actor, override_id)
    row.reason = require_reason(reason)
    _decide(row, actor, now, "declined")
    record(
        session,
        actor,
        now,
        AuditEvent.PLANS_OVERRIDE_DECLINED,
        f"override/{row.id}",
        rule=row.code,
        path=row.path,
        reason=row.reason,
    )
    params = {"rule": row.code, "path": row.path}
    _tell(session, now, row, "plans.notice_override_declined", params)
    return row


def withdraw_override(
    session: Session, actor: Actor, now: datetime, override_id: int, *, reason: str
) -> PlanOverride:
    """End a granted override before its day; who granted it stays on the record."""
    _officer(actor)
    row = queries.override(session, override_id)
    if row.status != "granted":
        raise Conflict("plans.override_decided")
    text = require_reason(reason)
    row.status = "withdrawn"
    record(
        session,
        actor,
        now,
        AuditEvent.PLANS_OVERRIDE_WITHDRAWN,
        f"override/{row.id}",
        rule=row.code,
        path=row.path,
        reason=text,
    )
    return row


def _waiting(session: Session, actor: Actor, override_id: int) -> PlanOverride:
    _officer(actor)
    row = queries.override(session, override_id)
    if row.status != "requested":
        raise Conflict("plans.override_decided")
    if row.requested_by == _name(actor):
        raise NotAllowed("plans.override_own")
    return row


def _officer(actor: Actor) -> None:
    if not actor.has(Role.COMPLIANCE_OFFICER):
        raise NotAllowed("plans.override_by_compliance")


def _decide(row: PlanOverride, actor: Actor, now: datetime, status: str) -> None:
    row.status, row.decided_by, row.decided_at = status, _name(actor), now


def _tell(
    session: Session, now: datetime, row: PlanOverride, code: str, params: Mapping[str, Any]
) -> None:
    if find_employee(session, row.requested_by) is not None:
        notify(session, now, row.requested_by, code, params, PAGE)


def _name(actor: Actor) -> str:
    return actor.employee_no or actor.name
