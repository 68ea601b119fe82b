"""Bringing messages to the tokens that wait for them, inside the transaction that sent them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor
from perfflow.workflow.actions.beginning import begin_by, free_key
from perfflow.workflow.engine import store
from perfflow.workflow.engine.expressions import storable
from perfflow.workflow.engine.outside import Outgoing
from perfflow.workflow.engine.step import Step
from perfflow.workflow.engine.transitions import Operation
from perfflow.workflow.engine.unit import Unit, unit_of
from perfflow.workflow.engine.waits import OpenedSubscription
from perfflow.workflow.models import Message, MessageSubscription, table_of

message_table = table_of(Message)
subscription_table = table_of(MessageSubscription)
KEPT_FOR = timedelta(days=455)  # a cycle of a year and 90 days


def deliver(
    session: Session, actor: Actor, now: datetime, unit: Unit
) -> Callable[[Outgoing | OpenedSubscription], None]:
    """What a step hands its messages and new subscriptions to; done after it is saved."""

    def queue(item: Outgoing | OpenedSubscription) -> None:
        if isinstance(item, OpenedSubscription):
            if item.kind == "message":
                unit.pending.append(lambda: take_waiting(session, actor, now, item))
        elif item.kind == "signal":
            unit.pending.append(
                lambda: broadcast(session, actor, now, item.name, item.payload, item.origin)
            )
        else:
            unit.pending.append(
                lambda: send(session, actor, now, item.name, item.key, item.payload, None, None)
            )

    return queue


def send(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    key: str,
    payload: Mapping[str, Any] | None,
    dedupe_id: str | None,
    expires_at: datetime | None,
) -> None:
    """Store a message and give it to one waiting subscription per definition."""
    if dedupe_id is not None and _is_known(session, name, key, dedupe_id):
        return
    payload = None if payload is None else storable(dict(payload))
    message_id = session.execute(
        insert(message_table).returning(message_table.c.id),
        {
            "name": name,
            "correlation_key": key,
            "payload": payload,
            "dedupe_id": dedupe_id,
            "published_by": actor.employee_no or actor.name,
            "published_at": now,
            "expires_at": expires_at or now + KEPT_FOR,
        },
    ).scalar_one()
    taken: list[str] = []
    # Who waits comes first: only a definition in which nobody waits begins a new instance.
    rows = sorted(
        _listeners(session, "message", name, key), key=lambda row: row.instance_id is None
    )
    for row in rows:
        if row.definition_key in taken:
            continue
        if row.instance_id is None:
            own_key = key or free_key(session, row.definition_key, name)
            is_taken = _begin_by(session, actor, now, row, own_key, payload)
        else:
            is_taken = catch(session, actor, now, row, payload)
        if is_taken:
            taken.append(row.definition_key)
    if taken:
        session.execute(
            update(message_table)
            .where(message_table.c.id == message_id)
            .values(correlated_at=now, taken_by=taken)
        )


def _is_known(session: Session, name: str, key: str, dedupe_id: str) -> bool:
    return (
        session.execute(
            select(message_table.c.id).where(
                message_table.c.name == name,
                message_table.c.correlation_key == key,
                message_table.c.dedupe_id == dedupe_id,
            )
        ).first()
        is not None
    )


def _listeners(session: Session, kind: str, name: str, key: str) -> list[Any]:
    return list(
        session.execute(
            select(subscription_table)
            .where(
                subscription_table.c.name == name,
                # A start event takes any key: it becomes the business key of the new instance.
                or_(
                    subscription_table.c.correlation_key == key,
                    subscription_table.c.instance_id.is_(None),
                ),
                subscription_table.c.kind == kind,
            )
            .order_by(subscription_table.c.id)
        )
    )


def broadcast(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    payload: Mapping[str, Any] | None,
    origin: int | None = None,
) -> None:
    """A signal reaches everything that waits for it now; nobody who comes later.

    In the instance ``origin`` that threw it, it has been heard at the moment of the throw.
    """
    for row in _listeners(session, "signal", name, ""):
        if row.instance_id is None:
            key = free_key(session, row.definition_key, name)
            _begin_by(session, actor, now, row, key, payload)
        elif row.instance_id != origin:
            catch(session, actor, now, row, payload)


def _begin_by(
    session: Session,
    actor: Actor,
    now: datetime,
    trigger: Any,
    key: str,
    payload: Mapping[str, Any] | None,
) -> bool:
    with unit_of(session) as unit:
        on = deliver(session, actor, now, unit)
        return begin_by(session, actor, now, trigger, key, payload or {}, unit, on)


def take_waiting(session: Session, actor: Actor, now: datetime, opened: OpenedSubscription) -> None:
    """Give a message that came earlier to a subscription that has just opened."""
    waiting = session.execute(
        select(message_table)
        .where(
            message_table.c.name == opened.name,
            message_table.c.correlation_key == opened.correlation_key,
            message_table.c.expires_at > now,
        )
        .order_by(message_table.c.id)
        .with_for_update()
    )
    for message in waiting:
        taken = message.taken_by or []
        if opened.definition_key in taken:
            continue
        row = session.execute(
            select(subscription_table).where(
                subscription_table.c.instance_id == opened.instance_id,
                subscription_table.c.element_key == opened.element_key,
                subscription_table.c.slot == opened.slot,
            )
        ).first()
        if row is None or not catch(session, actor, now, row, message.payload):
            return
        session.execute(
            update(message_table)
            .where(message_table.c.id == message.id)
            .values(correlated_at=now, taken_by=[*taken, opened.definition_key])
        )
        return


def catch(
    session: Session,
    actor: Actor,
    now: datetime,
    subscription: Any,
    payload: Mapping[str, Any] | None,
) -> bool:
    """Move the token of a subscription; False when somebody else was first."""
    row = store.lock_instance(session, subscription.instance_id)
    if row is None or row.status not in ("active", "incident"):
        return False
    still = session.execute(
        select(subscription_table.c.slot).where(subscription_table.c.id == subscription.id)
    ).scalar_one_or_none()
    if still is None:
        return False
    with unit_of(session) as unit, unit.moves(row.id):
        step = Step(session, actor, now, row)
        take_payload(step, subscription, payload or {})
        leaf = step.move(
            Operation("fire", subscription.element_key, still, ("message", "signal"), rearm=True)
        )
        if not leaf.has_moved:
            session.execute(
                delete(subscription_table).where(subscription_table.c.id == subscription.id)
            )
            return False
        step.save(
            leaf,
            subscription.kind,
            subscription.element_key,
            deliver=deliver(session, actor, now, unit),
        )
    return True


def take_payload(step: Step, subscription: Any, payload: Mapping[str, Any]) -> None:
    """The payload becomes variables, through the element's output mapping where it has one."""
    for waiting in step.waits():
        if waiting.key == subscription.element_key and waiting.kind == subscription.kind:
            if payload or waiting.element.outputs:
                context = step.outside.context(waiting.scope)
                step.outside.take_results(waiting.element, waiting.scope, context, payload)
            return
