"""Changes to one running instance: a token is moved, or the instance goes back to where it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, Row, select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotFound, RuleViolation
from perfflow.workflow.access import require_change
from perfflow.workflow.actions.deliveries import deliver
from perfflow.workflow.engine import store
from perfflow.workflow.engine.relocation import back
from perfflow.workflow.engine.step import Step
from perfflow.workflow.engine.transitions import Leaf, Operation
from perfflow.workflow.engine.unit import unit_of
from perfflow.workflow.models import Message, table_of, Timer
from perfflow.workflow.queries.instances import event_log, variables_after

timer_table = table_of(Timer)
message_table = table_of(Message)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a change did, or would do: tasks that end and open, timers, steps passed, messages."""

    ended: tuple[Row[Any], ...]
    opened: tuple[Row[Any], ...]
    timers_ended: int
    timers_armed: int
    passed: tuple[str, ...]  # keys of elements that were left or passed
    messages: int
    is_completed: bool


def preview(session: Session, instance_id: int, change: Callable[[Session], None]) -> Consequences:
    """Do ``change`` to an instance, look at what it did, and take all of it back.

    The caller's transaction is as it was before; services, messages and notices that the change
    would bring about are rows of this database and vanish with it.
    """
    nested = session.begin_nested()
    try:
        before = _open_work(session, instance_id)
        change(session)
        session.flush()
        return _compared(session, instance_id, before)
    finally:
        nested.rollback()
        session.expire_all()


@dataclass(frozen=True, slots=True)
class _OpenWork:
    tasks: dict[int, Row[Any]]
    timers: set[int]
    last_message: int


def _open_work(session: Session, instance_id: int) -> _OpenWork:
    tasks = session.execute(
        select(store.task_table).where(
            store.task_table.c.instance_id == instance_id, store.task_table.c.status == "open"
        )
    )
    timers = session.execute(
        select(timer_table.c.id).where(
            timer_table.c.instance_id == instance_id, timer_table.c.kind == "event"
        )
    )
    last = session.execute(select(func.max(message_table.c.id))).scalar_one() or 0
    return _OpenWork({row.id: row for row in tasks}, set(timers.scalars()), int(last))


def _compared(session: Session, instance_id: int, before: _OpenWork) -> Consequences:
    after = _open_work(session, instance_id)
    newest = event_log(session, instance_id)[-1]
    sent = session.execute(
        select(func.count())
        .select_from(message_table)
        .where(message_table.c.id > before.last_message)
    ).scalar_one()
    status = session.execute(
        select(store.instance_table.c.status).where(store.instance_table.c.id == instance_id)
    ).scalar_one()
    return Consequences(
        ended=tuple(row for key, row in before.tasks.items() if key not in after.tasks),
        opened=tuple(row for key, row in after.tasks.items() if key not in before.tasks),
        timers_ended=len(before.timers - after.timers),
        timers_armed=len(after.timers - before.timers),
        passed=tuple(newest.path or ()),
        messages=int(sent),
        is_completed=status == "completed",
    )


def move_token(
    session: Session,
    actor: Actor,
    now: datetime,
    instance_id: int,
    *,
    key: str,
    slot: int,
    kind: str,
    target: str,
    reason: str,
) -> None:
    """Take the token that waits at ``key`` to another element of the same process.

    What it waited with is cancelled; what follows the target by itself is done, services included.
    """
    row = _changeable(session, actor, instance_id, reason)
    with unit_of(session) as unit, unit.moves(row.id):
        step = Step(session, actor, now, row)
        if not any((w.key, w.slot, w.kind) == (key, slot, kind) for w in step.waits()):
            raise Conflict("workflow.token_moved_on", element=key)
        leaf = step.move(Operation("relocate", key, slot, (kind,), target=target))
        step.save(
            leaf, "move", key, outcome=target[:24], deliver=deliver(session, actor, now, unit)
        )
    record(
        session,
        actor,
        now,
        AuditEvent.WORKFLOW_TOKEN_MOVED,
        row.business_key,
        from_element=key,
        to_element=target,
        reason=reason.strip(),
    )


def rewind(
    session: Session,
    actor: Actor,
    now: datetime,
    instance_id: int,
    position: int,
    reason: str,
) -> None:
    """Go back to where the instance was after the entry ``position`` of its log.

    Tokens and process variables are as they were then; names that came later become null. Steps
    that were done since open again, for whom they are today; due dates count from today. What
    rooms stored meanwhile stays: it is never rewritten.
    """
    row = _changeable(session, actor, instance_id, reason)
    entries = event_log(session, row.id)
    if not 0 <= position < len(entries) - 1:
        raise RuleViolation("workflow.no_such_entry", field="position", position=position)
    if any(entry.operation in ("migrate", "unmigrate") for entry in entries[position + 1 :]):
        raise RuleViolation("workflow.entry_of_another_version", field="position")
    target = entries[position].state_after
    with unit_of(session) as unit, unit.moves(row.id):
        step = Step(session, actor, now, row)
        blob = store.read_state(session, target)
        leaf = Leaf.put_at(back(blob, step.index, row.definition_key, step.waits()))
        _restore(row.variables, variables_after(entries[: position + 1]))
        step.outside.keep_scopes(leaf.scopes)
        step.save(
            leaf,
            "rewind",
            outcome=f"to {position}",
            deliver=deliver(session, actor, now, unit),
        )
    record(
        session,
        actor,
        now,
        AuditEvent.WORKFLOW_INSTANCE_REWOUND,
        row.business_key,
        position=position,
        reason=reason.strip(),
    )


def _restore(variables: dict[str, dict[str, Any]], then: dict[str, dict[str, Any]]) -> None:
    """In place, so that the log's delta tells the difference."""
    for scope in [name for name in variables if name not in then]:
        del variables[scope]
    for scope, values in then.items():
        now = variables.setdefault(scope, {})
        for name in now:
            now[name] = values.get(name)
        now.update(values)


def _changeable(session: Session, actor: Actor, instance_id: int, reason: str) -> Row[Any]:
    """The locked row of a running instance; only process admins change one, and say why."""
    require_change(actor, reason)
    row = store.lock_instance(session, instance_id)
    if row is None:
        raise NotFound("workflow.no_instance", instance=instance_id)
    if row.status not in ("active", "incident"):
        raise Conflict("workflow.instance_over", key=row.business_key)
    return row
