"""Starting and cancelling process instances."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotFound, RuleViolation
from perfflow.workflow.actions.deliveries import deliver
from perfflow.workflow.engine import store
from perfflow.workflow.engine.expressions import storable
from perfflow.workflow.engine.step import Step
from perfflow.workflow.engine.transitions import CANCEL, START
from perfflow.workflow.engine.unit import unit_of
from perfflow.workflow.models import ProcessVersion, table_of
from perfflow.workflow.queries.definitions import current_bundle

version_table = table_of(ProcessVersion)
FIRST_LINK = "0" * 40


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
    number = bundle_number or current_bundle(session)
    version = version_of(session, number, definition_key)
    _refuse_second(session, definition_key, business_key)
    values = {
        "version_id": version.id,
        "bundle_number": number,
        "definition_key": definition_key,
        "business_key": business_key,
        "status": "active",
        "revision": 0,
        "state_hash": None,
        "variables": {"": {name: storable(value) for name, value in variables.items()}},
        "log_hash": FIRST_LINK,
        "log_count": 0,
        "started_by": actor.employee_no or actor.name,
        "started_at": now,
    }
    try:
        instance_id: int = session.execute(
            insert(store.instance_table).returning(store.instance_table.c.id), values
        ).scalar_one()
    except IntegrityError as error:
        # Somebody started it between our look and our insert: the unique index decides.
        raise Conflict(
            "workflow.already_running", key=business_key, definition=definition_key
        ) from error
    row = SimpleNamespace(id=instance_id, content_hash=version.content_hash, **values)
    with unit_of(session) as unit, unit.moves(instance_id):
        step = Step(session, actor, now, row)
        step.save(step.move(START), "start", deliver=deliver(session, actor, now, unit))
    return instance_id


def version_of(session: Session, number: int, definition_key: str) -> Any:
    """The version of a definition in a bundle, with the bundle's content hash."""
    row = session.execute(
        select(version_table.c.id, store.bundle_table.c.content_hash)
        .join(store.bundle_table, store.bundle_table.c.number == version_table.c.bundle_number)
        .where(
            version_table.c.bundle_number == number,
            version_table.c.definition_key == definition_key,
        )
    ).one_or_none()
    if row is None:
        raise NotFound("workflow.no_definition", definition=definition_key, bundle=number)
    return row


def _refuse_second(session: Session, definition_key: str, business_key: str) -> None:
    table = store.instance_table
    running = session.execute(
        select(table.c.id).where(
            table.c.business_key == business_key,
            table.c.definition_key == definition_key,
            table.c.status.in_(("active", "incident")),
        )
    ).first()
    if running is not None:
        raise Conflict("workflow.already_running", key=business_key, definition=definition_key)


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
