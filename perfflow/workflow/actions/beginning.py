"""Beginning an instance: by somebody who starts it, or by the trigger of a start event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotFound
from perfflow.workflow.definitions.bundle import CompiledBundle
from perfflow.workflow.definitions.dialect import PART
from perfflow.workflow.definitions.elements import Element
from perfflow.workflow.engine import store
from perfflow.workflow.engine.expressions import Evaluator, storable
from perfflow.workflow.engine.step import Step
from perfflow.workflow.engine.transitions import Operation
from perfflow.workflow.engine.unit import Unit
from perfflow.workflow.engine.waits import timer_due
from perfflow.workflow.models import MessageSubscription, ProcessVersion, table_of, Timer
from perfflow.workflow.queries.definitions import current_bundle

version_table = table_of(ProcessVersion)
subscription_table = table_of(MessageSubscription)
timer_table = table_of(Timer)
FIRST_LINK = "0" * 40
_OF_KEY = (
    select(version_table.c.id, version_table.c.bundle_number, store.bundle_table.c.content_hash)
    .join(store.bundle_table, store.bundle_table.c.number == version_table.c.bundle_number)
    .where(version_table.c.definition_key == bindparam("definition_key"))
)
_VERSION = _OF_KEY.where(version_table.c.bundle_number == bindparam("number"))
_LATEST = select(func.max(store.bundle_table.c.number)).scalar_subquery()
_LATEST_VERSION = _OF_KEY.where(version_table.c.bundle_number == _LATEST)


@dataclass(frozen=True, slots=True)
class Beginning:
    """Which process begins, with what, and by which start event ("" for that without trigger)."""

    definition_key: str
    business_key: str
    variables: Mapping[str, Any]
    start_event: str = ""


def begin(
    session: Session,
    actor: Actor,
    now: datetime,
    what: Beginning,
    unit: Unit,
    deliver: Callable[[Any], None],
    bundle_number: int | None = None,
) -> int:
    """Start a process and run it to its first waiting points; the id of the instance."""
    definition_key, business_key = what.definition_key, what.business_key
    version = version_of(session, bundle_number, definition_key)
    values = {
        "version_id": version.id,
        "bundle_number": version.bundle_number,
        "definition_key": definition_key,
        "business_key": business_key,
        "status": "active",
        "revision": 0,
        "state_hash": None,
        "variables": {"": {name: storable(value) for name, value in what.variables.items()}},
        "log_hash": FIRST_LINK,
        "log_count": 0,
        "started_by": actor.employee_no or actor.name,
        "started_at": now,
    }
    instance_id = store.insert_or_none(session, store.instance_table, values)
    if instance_id is None:
        # The unique index decides, also between two who start the same at once.
        raise Conflict("workflow.already_running", key=business_key, definition=definition_key)
    row = SimpleNamespace(id=instance_id, content_hash=version.content_hash, **values)
    with unit.moves(instance_id):
        step = Step(session, actor, now, row)
        leaf = step.move(Operation("start", what.start_event))
        step.save(leaf, "start", what.start_event or None, deliver=deliver)
    return instance_id


def version_of(session: Session, number: int | None, definition_key: str) -> Any:
    """The version of a definition in a bundle (None: the latest), with the bundle's hash."""
    asked: dict[str, Any] = {"definition_key": definition_key}
    if number is not None:
        asked["number"] = number
    statement = _LATEST_VERSION if number is None else _VERSION
    row = session.execute(statement, asked).one_or_none()
    if row is None:
        number = number or current_bundle(session)
        raise NotFound("workflow.no_definition", definition=definition_key, bundle=number)
    return row


def _is_running(session: Session, definition_key: str, business_key: str) -> bool:
    table = store.instance_table
    running = session.execute(
        select(table.c.id).where(
            table.c.business_key == business_key,
            table.c.definition_key == definition_key,
            table.c.status.in_(("active", "incident")),
        )
    ).first()
    return running is not None


def begin_by(
    session: Session,
    actor: Actor,
    now: datetime,
    trigger: Any,
    business_key: str,
    payload: Mapping[str, Any],
    unit: Unit,
    deliver: Callable[[Any], None],
) -> bool:
    """A start event is triggered; False when an instance with that business key runs.

    The payload becomes variables, through the start event's output mapping where it has one.
    """
    bundle = store.bundle(session, current_bundle(session))
    process_key, _, event_id = trigger.element_key.partition("/")
    event_id = event_id.partition(PART)[0]
    element = bundle.processes[process_key].elements[event_id]
    values: dict[str, Any] = dict(payload)
    if element.outputs:
        evaluator, inside = Evaluator(session, now), dict(payload)
        values = {}
        for item in element.outputs:
            values[item.target] = inside[item.target] = evaluator.value(item.source, inside)
    if _is_running(session, process_key, business_key):
        return False
    what = Beginning(process_key, business_key, values, event_id)
    begin(session, actor, now, what, unit, deliver)
    return True


def free_key(session: Session, definition_key: str, name: str) -> str:
    """A business key for an instance that nobody has named: ``name/1``, ``name/2`` and so on."""
    table = store.instance_table
    taken = set(
        session.execute(
            select(table.c.business_key).where(
                table.c.definition_key == definition_key,
                table.c.business_key.startswith(f"{name}/", autoescape=True),
            )
        ).scalars()
    )
    number = len(taken) + 1
    while f"{name}/{number}" in taken:
        number += 1
    return f"{name}/{number}"


# -- what waits for a bundle --------------------------------------------------------------------


def arm_starts(session: Session, now: datetime, bundle: CompiledBundle) -> None:
    """Let the start events of the newest bundle wait for their triggers, and no older ones."""
    session.execute(delete(subscription_table).where(subscription_table.c.instance_id.is_(None)))
    session.execute(delete(timer_table).where(timer_table.c.kind == "start"))
    evaluator = Evaluator(session, now)
    starts = [
        (f"{process.key}/{part.id}", part)
        for process in bundle.processes.values()
        for element in process.elements.values()
        for part in element.parts or (element,)
        if element.kind == "startEvent" and element.parent_id is None
    ]
    heard = [
        {
            "instance_id": None,
            "definition_key": element.process_key,
            "element_key": key,
            "slot": 0,
            "kind": element.event,
            "name": str(evaluator.value(element.message or "", {})),
            "correlation_key": "",
            "opened_at": now,
        }
        for key, element in starts
        if element.event in ("message", "signal")
    ]
    if heard:
        session.execute(insert(subscription_table), heard)
    timed = [_timer(key, element, evaluator) for key, element in starts if element.event == "timer"]
    if timed:
        session.execute(insert(timer_table), timed)


def _timer(key: str, element: Element, evaluator: Evaluator) -> dict[str, Any]:
    due_at, repeat = timer_due(element, {}, evaluator)
    return {
        "kind": "start",
        "instance_id": None,
        "element_key": key,
        "slot": 0,
        "due_at": due_at,
        "repeat": repeat,
        "task_id": None,
        "rung": None,
        "attempts": 0,
    }
