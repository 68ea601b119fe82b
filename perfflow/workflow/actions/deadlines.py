"""Deadlines of many tasks and instances at once: the rows of one by one, in a few statements.

Moving a deadline reminds nobody by itself: rungs of the ladder that would lie in the past are not
armed, one that was sent is not sent again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor
from perfflow.workflow.actions.mass import locked, Movement, RUNNING
from perfflow.workflow.actions.timers import notice_table, timer_table
from perfflow.workflow.engine import store
from perfflow.workflow.engine.bulk import Bulk, in_parts
from perfflow.workflow.engine.expressions import Evaluator
from perfflow.workflow.engine.rests import Changes
from perfflow.workflow.engine.scopes import visible_variables
from perfflow.workflow.engine.step import Step
from perfflow.workflow.engine.transitions import Leaf
from perfflow.workflow.engine.unit import unit_of
from perfflow.workflow.engine.waits import due_key, ladder_rows

DEADLINES = "deadlines"  # the variable that holds the dates of a cycle by name


def move_deadlines(
    session: Session, actor: Actor, now: datetime, task_ids: Sequence[int], due_at: datetime
) -> int:
    """Give open tasks another due date, with their ladders and boundary timers; how many."""
    moved = 0
    for part in in_parts(sorted(set(task_ids))):
        moved += _move_part(session, actor, now, part, due_at)
    return moved


def _move_part(
    session: Session, actor: Actor, now: datetime, task_ids: Sequence[int], due_at: datetime
) -> int:
    tasks = store.task_table
    found = session.execute(
        select(tasks)
        .where(tasks.c.id.in_(task_ids), tasks.c.status == "open")
        .order_by(tasks.c.id)
        .with_for_update()
    ).all()
    if not found:
        return 0
    ids = [row.id for row in found]
    session.execute(
        update(tasks)
        .where(tasks.c.id.in_(ids))
        .values(due_at=due_at, due_key=due_key(due_at), revision=tasks.c.revision + 1)
    )
    session.execute(delete(timer_table).where(timer_table.c.task_id.in_(ids)))
    sent: dict[int, set[str]] = defaultdict(set)
    for row in session.execute(
        select(notice_table.c.task_id, notice_table.c.rung).where(notice_table.c.task_id.in_(ids))
    ):
        sent[row.task_id].add(row.rung)
    rungs: list[dict[str, Any]] = []
    borders: list[dict[str, Any]] = []
    for task in found:
        process = store.bundle(session, task.bundle_number).processes[task.definition_key]
        values = dict(task._mapping) | {"due_at": due_at}
        ladder = process.elements[task.element_id].ladder
        rungs += [
            row for row in ladder_rows(session, now, ladder, values)
            if row["rung"] not in sent[task.id]
        ]  # fmt: skip
        if task.due_at is not None:
            prefix = task.element_key.removesuffix(task.element_id)
            borders += [
                {"at_instance": task.instance_id, "at_key": prefix + event.id, "old": task.due_at}
                for event in process.boundary_events(task.element_id)
            ]
        record(
            session, actor, now, AuditEvent.WORKFLOW_DEADLINE_MOVED, task.business_key,
            element=task.element_key, old=task.due_at, new=due_at,
        )  # fmt: skip
    if rungs:
        session.connection().execute(insert(timer_table), rungs)
    if borders:
        session.connection().execute(
            update(timer_table)
            .where(
                timer_table.c.instance_id == bindparam("at_instance"),
                timer_table.c.element_key == bindparam("at_key"),
                timer_table.c.due_at == bindparam("old"),
            )
            .values(due_at=due_at),
            borders,
        )
    return len(found)


def set_deadline(
    session: Session, actor: Actor, now: datetime, ids: Sequence[int], name: str, on: date
) -> int:
    """Let running instances know another date of a step that is still to come; how many changed.

    Timers of the model that were armed by that date are armed anew.
    """
    rows = [
        row
        for row in locked(session, ids)
        if row.status in RUNNING and _knows(row.variables, name, on)
    ]
    if not rows:
        return 0
    before = {row.id: row.variables for row in rows}
    changed = [
        SimpleNamespace(**{**row._mapping, "variables": _copy(row.variables)}) for row in rows
    ]

    def move(step: Step) -> tuple[Leaf, str, dict[str, Any]]:
        for values in step.row.variables.values():
            if name in (values.get(DEADLINES) or {}):
                values[DEADLINES] = {**values[DEADLINES], name: on}
        leaf = Leaf(
            step.row.state_hash, b"", False, True, Changes(), (), frozenset(step.row.variables)
        )
        return leaf, "deadline", {"outcome": name[:24], "status": step.row.status}

    with unit_of(session) as unit:
        Movement(session, actor, now, unit, Bulk(session)).move_all(changed, move)
    _arm_again(session, now, changed, before, name)
    return len(rows)


def _copy(variables: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {scope: dict(values) for scope, values in variables.items()}


def _knows(variables: dict[str, dict[str, Any]], name: str, on: date) -> bool:
    """Some scope has the date, and it is another one."""
    return any(
        name in (values.get(DEADLINES) or {}) and values[DEADLINES][name] != on
        for values in variables.values()
    )


def _arm_again(
    session: Session,
    now: datetime,
    rows: Sequence[SimpleNamespace],
    before: dict[int, dict[str, dict[str, Any]]],
    name: str,
) -> None:
    """Timer events whose rule reads the date, and that stand where the old date put them."""
    evaluator, by_id = Evaluator(session, now), {row.id: row for row in rows}
    moves: list[dict[str, Any]] = []
    for part in in_parts(list(by_id)):
        for timer in session.execute(
            select(timer_table).where(
                timer_table.c.instance_id.in_(part), timer_table.c.kind == "event"
            )
        ):
            row = by_id[timer.instance_id]
            rule = _rule(session, row, timer.element_key)
            if rule is None or f"{DEADLINES}.{name}" not in rule:
                continue
            scope = timer.element_key.rpartition("/")[0]
            was = evaluator.instant(rule, visible_variables(before[row.id], scope))
            due_at = evaluator.instant(rule, visible_variables(row.variables, scope))
            if was == timer.due_at and due_at is not None and due_at != was:
                moves.append({"at_id": timer.id, "due_at": due_at})
    if moves:
        session.connection().execute(
            update(timer_table).where(timer_table.c.id == bindparam("at_id")), moves
        )


def _rule(session: Session, row: SimpleNamespace, element_key: str) -> str | None:
    """The text of a timer's rule; only dates can read a deadline."""
    bundle = store.bundle(session, row.bundle_number, row.content_hash)
    element_id = element_key.rpartition("/")[2]
    for key in bundle.closure(row.definition_key):
        element = bundle.processes[key].elements.get(element_id)
        if element is not None and element.timer is not None:
            return element.timer.text if element.timer.kind == "date" else None
    return None
