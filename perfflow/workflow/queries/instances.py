"""Reads of instances: by key, their variables, log and incidents, and the check of the logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, Row, select
from sqlalchemy.orm import Session

from perfflow.workflow.engine import codec, store
from perfflow.workflow.models import Incident, table_of

incident_table = table_of(Incident)
FIRST_LINK = "0" * 40


def instance_by_id(session: Session, instance_id: int) -> Row[Any] | None:
    """The row of an instance."""
    table = store.instance_table
    return session.execute(select(table).where(table.c.id == instance_id)).one_or_none()


def instance_by_key(
    session: Session, business_key: str, definition_key: str | None = None
) -> Row[Any] | None:
    """The latest instance with that business key (of that definition), or None."""
    table = store.instance_table
    query = select(table).where(table.c.business_key == business_key)
    if definition_key is not None:
        query = query.where(table.c.definition_key == definition_key)
    return session.execute(query.order_by(table.c.id.desc()).limit(1)).one_or_none()


def instances_of(
    session: Session, definition_key: str, cycle: str | None = None, status: str | None = None
) -> list[Row[Any]]:
    """Instances of a definition, of one cycle when given, oldest first."""
    table = store.instance_table
    query = select(table).where(table.c.definition_key == definition_key)
    if cycle is not None:
        query = query.where(
            (table.c.business_key == cycle)
            | table.c.business_key.startswith(f"{cycle}/", autoescape=True)
        )
    if status is not None:
        query = query.where(table.c.status == status)
    return list(session.execute(query.order_by(table.c.id)))


def variables_of(session: Session, business_key: str, scope: str = "") -> dict[str, Any]:
    """The process variables of the latest instance with that key."""
    row = instance_by_key(session, business_key)
    return {} if row is None else dict(row.variables.get(scope, {}))


def event_log(session: Session, instance_id: int) -> list[Row[Any]]:
    """What happened in an instance, in order."""
    table = store.log_table
    return list(
        session.execute(
            select(table).where(table.c.instance_id == instance_id).order_by(table.c.position)
        )
    )


def variables_after(entries: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """The variables by scope after these entries of a log, the first one included."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        _replay(found, entry.delta)
    return found


def incidents(session: Session, instance_id: int | None = None) -> list[Row[Any]]:
    """Incidents that nobody has looked after, oldest first."""
    query = select(
        incident_table,
        store.instance_table.c.business_key,
        store.instance_table.c.definition_key,
    ).join(store.instance_table, store.instance_table.c.id == incident_table.c.instance_id)
    query = query.where(incident_table.c.resolved_at.is_(None))
    if instance_id is not None:
        query = query.where(incident_table.c.instance_id == instance_id)
    return list(session.execute(query.order_by(incident_table.c.id)))


def step_counts(session: Session, cycle: str) -> list[Row[Any]]:
    """Per step of a cycle: how many tasks are open, done, late and cancelled (the funnel)."""
    table = store.task_table
    late = func.sum(
        func.coalesce((table.c.completed_at > table.c.due_at).cast(table.c.slot.type), 0)
    )
    return list(
        session.execute(
            select(
                table.c.definition_key,
                table.c.element_id,
                table.c.name_zh,
                table.c.name_en,
                table.c.status,
                func.count().label("tasks"),
                late.label("late"),
            )
            .where(
                (table.c.business_key == cycle)
                | table.c.business_key.startswith(f"{cycle}/", autoescape=True)
            )
            .group_by(
                table.c.definition_key,
                table.c.element_id,
                table.c.name_zh,
                table.c.name_en,
                table.c.status,
            )
        )
    )


@dataclass(frozen=True, slots=True)
class LogFault:
    """A log or state that is not what was written."""

    kind: str
    key: str
    expected: str
    got: str


def verify_logs(session: Session) -> Iterator[LogFault]:
    """Recompute every instance's chain and the names of all states; faults only."""
    states = store.state_table
    for state in session.execute(select(states)).yield_per(500):
        got = codec.state_hash(bytes(state.blob))
        if got != state.hash:
            yield LogFault("state", state.hash, state.hash, got)
    instances, log = store.instance_table, store.log_table
    for instance in session.execute(select(instances).order_by(instances.c.id)):
        yield from _verify_one(session, instance, log)


def _verify_one(session: Session, instance: Any, log: Any) -> Iterator[LogFault]:
    previous, count, state = FIRST_LINK, 0, None
    replayed: dict[str, dict[str, Any]] = {}
    key = f"{instance.definition_key}:{instance.business_key}"
    rows = session.execute(
        select(log).where(log.c.instance_id == instance.id).order_by(log.c.position)
    )
    for row in rows:
        content = {
            name: value for name, value in row._mapping.items() if name not in ("id", "hash")
        }
        expected = store.chain(previous, content)
        if row.hash != expected or row.position != count:
            yield LogFault("event_log", f"{key}#{row.position}", expected, row.hash)
        if row.state_before != state and count:
            yield LogFault("event_log", f"{key}#{row.position}", str(state), str(row.state_before))
        previous, state, count = row.hash, row.state_after, count + 1
        _replay(replayed, row.delta)
    if count != instance.log_count or previous != instance.log_hash:
        yield LogFault(
            "instance", key, f"{instance.log_count} {instance.log_hash}", f"{count} {previous}"
        )
    if state != instance.state_hash:
        yield LogFault("instance", key, str(instance.state_hash), str(state))
    for scope, values in instance.variables.items():
        written = replayed.get(scope, {})
        for name, value in values.items():
            if name not in written or written[name] != value:
                place = f"{key}/{scope}{'/' if scope else ''}{name}"
                yield LogFault("variable", place, str(written.get(name)), str(value))


def _replay(variables: dict[str, dict[str, Any]], delta: Any) -> None:
    """Apply what one step wrote: names with new values by scope, null for a closed scope."""
    for scope, values in (delta or {}).items():
        if values is None:
            variables.pop(scope, None)
        else:
            variables.setdefault(scope, {}).update(values)
