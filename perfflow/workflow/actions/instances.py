"""Starting and cancelling process instances."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotFound, RuleViolation
from perfflow.workflow.actions.beginning import begin, Beginning
from perfflow.workflow.actions.deliveries import deliver
from perfflow.workflow.engine import store
from perfflow.workflow.engine.step import Step
from perfflow.workflow.engine.transitions import CANCEL
from perfflow.workflow.engine.unit import unit_of


def start_instance(
    session: Session,
    actor: Actor,
    now: datetime,
    definition_key: str,
    business_key: str,
    variables: Mapping[str, Any],
    bundle_number: int | None = None,
) -> int:
    """Start a process and run it to its first waiting points; the id of the instance."""
    with unit_of(session) as unit:
        return begin(
            session,
            actor,
            now,
            Beginning(definition_key, business_key, variables),
            unit,
            deliver(session, actor, now, unit),
            bundle_number,
        )


def cancel_instance(
    session: Session, actor: Actor, now: datetime, instance_id: int, reason: str
) -> None:
    """End an instance with everything that it waits for; nothing further happens in it."""
    if not reason.strip():
        raise RuleViolation("workflow.reason_required", field="reason")
    row = store.lock_instance(session, instance_id)
    if row is None:
        raise NotFound("workflow.no_instance", instance=instance_id)
    if row.status not in ("active", "incident"):
        raise Conflict("workflow.instance_over", key=row.business_key)
    with unit_of(session) as unit, unit.moves(instance_id):
        step = Step(session, actor, now, row)
        step.save(step.move(CANCEL), "cancel", outcome=reason[:24], status="cancelled")
