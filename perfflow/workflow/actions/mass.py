"""Work on many instances at once: the same rows as one by one, in a few statements.

Instances that stand at the same state and give the same answers share one run of the tokens (the
engine remembers it); each has its own variables, log entry and waiting points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, RuleViolation
from perfflow.workflow.actions.beginning import FIRST_LINK, version_of
from perfflow.workflow.actions.deliveries import (
    catch,
    deliver,
    KEPT_FOR,
    message_table,
    send,
    subscription_table,
    take_payload,
    take_waiting,
)
from perfflow.workflow.engine import store
from perfflow.workflow.engine.bulk import Bulk, in_parts, next_ids
from perfflow.workflow.engine.expressions import Evaluator, storable
from perfflow.workflow.engine.step import Step
from perfflow.workflow.engine.transitions import CANCEL, Operation, START
from perfflow.workflow.engine.unit import Unit, unit_of
from perfflow.workflow.engine.waits import OpenedSubscription
from perfflow.workflow.queries.definitions import current_bundle

RUNNING = ("active", "incident")


def start_instances(
    session: Session,
    actor: Actor,
    now: datetime,
    definition_key: str,
    started: Sequence[tuple[str, Mapping[str, Any]]],
    bundle_number: int | None = None,
) -> list[int]:
    """Start a process for each (business key, variables); the ids in that order.

    A service task sees the instances of this call as begun, not yet what the others wait for.
    """
    if not started:
        return []
    number = bundle_number or current_bundle(session)
    version = version_of(session, number, definition_key)
    _refuse_running(session, definition_key, [key for key, _ in started])
    ids = next_ids(session, store.instance_table, len(started))
    bulk, rows = Bulk(session), []
    for instance_id, (business_key, variables) in zip(ids, started, strict=True):
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
            "ended_at": None,
        }
        bulk.begin({"id": instance_id, **values})
        rows.append(SimpleNamespace(id=instance_id, content_hash=version.content_hash, **values))
    with unit_of(session) as unit:
        Movement(session, actor, now, unit, bulk).move_all(
            rows, lambda step: (step.move(START), "start", {})
        )
    return ids


def _refuse_running(session: Session, definition_key: str, keys: list[str]) -> None:
    twice = [key for key, count in Counter(keys).items() if count > 1]
    table = store.instance_table
    for part in in_parts(keys):
        twice += session.execute(
            select(table.c.business_key)
            .where(
                table.c.business_key.in_(part),
                table.c.definition_key == definition_key,
                table.c.status.in_(RUNNING),
            )
            .limit(1)
        ).scalars()
    if twice:
        raise Conflict("workflow.already_running", key=twice[0], definition=definition_key)


def cancel_instances(
    session: Session, actor: Actor, now: datetime, ids: Sequence[int], reason: str
) -> int:
    """End instances with everything that they wait for; those that are over stay as they are."""
    if not reason.strip():
        raise RuleViolation("workflow.reason_required", field="reason")
    rows = [row for row in locked(session, ids) if row.status in RUNNING]
    with unit_of(session) as unit:
        Movement(session, actor, now, unit, Bulk(session)).move_all(
            rows,
            lambda step: (
                step.move(CANCEL), "cancel", {"outcome": reason[:24], "status": "cancelled"},
            ),
        )  # fmt: skip
    return len(rows)


def locked(session: Session, ids: Sequence[int]) -> list[Any]:
    """Instances with their bundles' content hashes, locked in the order of their ids."""
    instances, bundles = store.instance_table, store.bundle_table
    found: list[Any] = []
    for part in in_parts(sorted(set(ids))):
        found += session.execute(
            select(instances, bundles.c.content_hash)
            .join(bundles, bundles.c.number == instances.c.bundle_number)
            .where(instances.c.id.in_(part))
            .order_by(instances.c.id)
            .with_for_update(of=instances)
        )
    return found


class Movement:
    """Steps of many instances, written together, and what they owe afterwards."""

    def __init__(
        self, session: Session, actor: Actor, now: datetime, unit: Unit, bulk: Bulk
    ) -> None:
        self.session, self.actor, self.now = session, actor, now
        self.unit, self.bulk = unit, bulk
        self.evaluator = Evaluator(session, now)
        self.opened: list[OpenedSubscription] = []

    def move_all(
        self, rows: Sequence[Any], move: Callable[[Step], tuple[Any, str, Mapping[str, Any]]]
    ) -> None:
        """One step for each row: ``move`` gives its leaf, operation and what else is logged."""
        for row in rows:
            with self.unit.moves(row.id):
                step = Step(self.session, self.actor, self.now, row, self.bulk, self.evaluator)
                leaf, operation, more = move(step)
                self.save(step, leaf, operation, **more)
        self.finish()

    def save(self, step: Step, leaf: Any, operation: str, *place: str, **more: Any) -> None:
        """Hand the rows of a step over; its messages wait for the bulk to be written."""
        self.opened += step.save(leaf, operation, *place, **more)
        hand_on = deliver(self.session, self.actor, self.now, self.unit)
        for outgoing in step.outside.outgoing:
            hand_on(outgoing)

    def finish(self) -> None:
        """Write, then look once which of the opened subscriptions a kept message waits for."""
        self.bulk.flush(self.now)
        opened = [one for one in self.opened if one.kind == "message"]
        for part in in_parts(opened):
            kept = self.session.execute(
                select(message_table.c.name, message_table.c.correlation_key).where(
                    message_table.c.correlation_key.in_({one.correlation_key for one in part}),
                    message_table.c.name.in_({one.name for one in part}),
                    message_table.c.expires_at > self.now,
                )
            )
            places = {(row.name, row.correlation_key) for row in kept}
            for one in part:
                if (one.name, one.correlation_key) in places:
                    self.unit.pending.append(self._taking(one))

    def _taking(self, opened: OpenedSubscription) -> Callable[[], None]:
        return lambda: take_waiting(self.session, self.actor, self.now, opened)


def send_all(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    keys: Sequence[str],
    payload: Mapping[str, Any] | None,
    dedupe_id: str | None,
) -> None:
    """Store one message a key and give each to one waiting subscription per definition."""
    wanted = list(keys) if dedupe_id is None else _unknown(session, name, keys, dedupe_id)
    payload = None if payload is None else storable(dict(payload))
    waiting = _listeners(session, name, wanted)
    if any(row.instance_id is None for rows in waiting.values() for row in rows):
        for key in wanted:  # each may begin an instance
            send(session, actor, now, name, key, payload, dedupe_id, None)
        return
    single: dict[str, list[Any]] = {}
    bulky: dict[str, list[Any]] = {}
    seen: set[int] = set()
    for key in wanted:
        rows = waiting.get(key, [])
        several = len({row.definition_key for row in rows}) != len(rows)
        instances = {row.instance_id for row in rows}
        # Several tokens that wait for one message, or one instance twice: one after another.
        apart = several or len(instances) != len(rows) or not seen.isdisjoint(instances)
        seen |= instances
        (single if apart else bulky)[key] = rows
    taken: dict[str, list[str]] = {key: [] for key in wanted}
    _catch_all(session, actor, now, name, bulky, payload, taken)
    for key, rows in single.items():
        for row in rows:
            if row.definition_key not in taken[key] and catch(session, actor, now, row, payload):
                taken[key].append(row.definition_key)
    messages = [
        {
            "name": name,
            "correlation_key": key,
            "payload": payload,
            "dedupe_id": dedupe_id,
            "published_by": actor.employee_no or actor.name,
            "published_at": now,
            "expires_at": now + KEPT_FOR,
            "correlated_at": now if taken[key] else None,
            "taken_by": taken[key] or None,
        }
        for key in wanted
    ]
    if messages:
        session.connection().execute(insert(message_table), messages)


def _unknown(session: Session, name: str, keys: Sequence[str], dedupe_id: str) -> list[str]:
    """The keys that this message was not published to before, each once."""
    known: set[str] = set()
    for part in in_parts(keys):
        known.update(
            session.execute(
                select(message_table.c.correlation_key).where(
                    message_table.c.name == name,
                    message_table.c.dedupe_id == dedupe_id,
                    message_table.c.correlation_key.in_(part),
                )
            ).scalars()
        )
    return [key for key in dict.fromkeys(keys) if key not in known]


def _listeners(session: Session, name: str, keys: Sequence[str]) -> dict[str, list[Any]]:
    table, found = subscription_table, dict[str, list[Any]]()
    for part in in_parts(keys):
        rows = session.execute(
            select(table)
            .where(
                table.c.name == name,
                or_(table.c.correlation_key.in_(part), table.c.instance_id.is_(None)),
                table.c.kind == "message",
            )
            .order_by(table.c.id)
        )
        for row in rows:
            found.setdefault(row.correlation_key, []).append(row)
    return found


def _catch_all(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    listeners: Mapping[str, list[Any]],
    payload: Mapping[str, Any] | None,
    taken: dict[str, list[str]],
) -> None:
    """Move the token of each subscription whose instance still waits for the message."""
    wanted = {row.instance_id: row for rows in listeners.values() for row in rows}
    if not wanted:
        return
    rows = [row for row in locked(session, list(wanted)) if row.status in RUNNING]
    # Under the locks once more: somebody may have moved an instance since we looked.
    still: dict[int, Any] = {}
    for part in in_parts([wanted[row.id].id for row in rows]):
        found = session.execute(select(subscription_table).where(subscription_table.c.id.in_(part)))
        still |= {row.instance_id: row for row in found}
    with unit_of(session) as unit:
        movement = Movement(session, actor, now, unit, Bulk(session))
        for row in rows:
            subscription = still.get(row.id)
            if subscription is None:
                continue
            with unit.moves(row.id):
                step = Step(session, actor, now, row, movement.bulk, movement.evaluator)
                take_payload(step, subscription, payload or {})
                key, slot = subscription.element_key, subscription.slot
                leaf = step.move(Operation("fire", key, slot, ("message", "signal"), rearm=True))
                if not leaf.has_moved:
                    movement.bulk.close(subscription_table, key, slot, row.id)
                    continue
                movement.save(step, leaf, "message", key)
                taken[subscription.correlation_key].append(subscription.definition_key)
        movement.finish()
