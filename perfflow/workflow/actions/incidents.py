"""Steps that failed by themselves: looked after, tried again, or done without what fails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotFound, RuleViolation
from perfflow.workflow.access import require_admin, require_change
from perfflow.workflow.actions.timers import fire_timer
from perfflow.workflow.engine import store
from perfflow.workflow.models import Incident, table_of, Timer

incident_table = table_of(Incident)
timer_table = table_of(Timer)


def retry_incident(session: Session, actor: Actor, now: datetime, incident_id: int) -> None:
    """Try the step again at once; when it fails again its error is raised and nothing changes."""
    require_admin(actor)
    incident = _open_incident(session, incident_id)
    _fire(session, now, incident, frozenset())
    resolve_incident(session, actor, now, incident_id)


def skip_incident(
    session: Session, actor: Actor, now: datetime, incident_id: int, reason: str
) -> None:
    """Let the step go on without the work that fails: it is not done and gives no results."""
    require_change(actor, reason)
    incident = _open_incident(session, incident_id)
    if incident.failed_at is None:
        raise RuleViolation("workflow.nothing_to_skip", element=incident.element_key or "")
    _fire(session, now, incident, frozenset({incident.failed_at}))
    resolve_incident(session, actor, now, incident_id)
    record(
        session,
        actor,
        now,
        AuditEvent.WORKFLOW_STEP_SKIPPED,
        f"instance/{incident.instance_id}",
        element=incident.failed_at,
        reason=reason.strip(),
    )


def _open_incident(session: Session, incident_id: int) -> Row[Any]:
    row = session.execute(
        select(incident_table).where(
            incident_table.c.id == incident_id, incident_table.c.resolved_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("workflow.no_incident", incident=incident_id)
    return row


def _fire(session: Session, now: datetime, incident: Row[Any], skipping: frozenset[str]) -> None:
    """A timer that is gone has been fired since, or what it belonged to is over."""
    timer = session.execute(
        select(timer_table.c.id).where(timer_table.c.id == incident.timer_id)
    ).scalar_one_or_none()
    if timer is None:
        return
    session.execute(update(timer_table).where(timer_table.c.id == timer).values(due_at=now))
    if not fire_timer(session, now, timer, skipping):
        raise Conflict("workflow.instance_moved_on")


def resolve_incident(session: Session, actor: Actor, now: datetime, incident_id: int) -> None:
    """Mark an incident as looked after; the instance is active again when it was the last."""
    table = incident_table
    row = session.execute(
        update(table)
        .where(table.c.id == incident_id, table.c.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by=actor.employee_no or actor.name)
        .returning(table.c.instance_id)
    ).one_or_none()
    if row is None:
        raise NotFound("workflow.no_incident", incident=incident_id)
    left = session.execute(
        select(table.c.id).where(
            table.c.instance_id == row.instance_id, table.c.resolved_at.is_(None)
        )
    ).first()
    if left is None:
        instances = store.instance_table
        session.execute(
            update(instances)
            .where(instances.c.id == row.instance_id, instances.c.status == "incident")
            .values(status="active")
        )
