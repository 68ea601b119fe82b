"""Rows of many steps, written together: one statement for all instances instead of one for each.

Steps and waiting points hand their rows to a :class:`Bulk` as they would to a connection. Nothing
depends on when they are written: each instance moves once in a bulk, and what a step needs from
the database is older than the bulk. Ids are taken beforehand, so that rows which point to each
other go out in plain statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from perfflow.kernel.errors import Conflict
from perfflow.workflow.engine import store
from perfflow.workflow.models import MessageSubscription, table_of, TaskGroup, Timer

timer_table = table_of(Timer)
subscription_table = table_of(MessageSubscription)
group_table = table_of(TaskGroup)
IDS_AT_ONCE = 400
MOVED = (
    "state_hash", "revision", "variables", "status", "log_hash", "log_count", "ended_at",
)  # fmt: skip
Row = dict[str, Any]


def move_statement(*, with_variables: bool) -> Any:
    """UPDATE of an instance that stands at a revision."""
    table = store.instance_table
    names = [name for name in MOVED if with_variables or name != "variables"]
    return (
        update(table)
        .where(table.c.id == bindparam("at_id"), table.c.revision == bindparam("at_revision"))
        .values({name: bindparam(name) for name in names})
    )


_MOVE = move_statement(with_variables=True)
_MOVE_ONLY = move_statement(with_variables=False)


def next_ids(session: Session, table: Any, count: int) -> list[int]:
    """Ids for new rows: of the sequence on PostgreSQL; SQLite has one writer, who may count."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = text(
            "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :n)"
        )
        return list(session.execute(sequence, {"name": table.name, "n": count}).scalars())
    last = session.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return list(range(last + 1, last + 1 + count))


class Bulk:
    """Collects rows of steps until :meth:`flush` writes them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.connection = session.connection()
        self._new: dict[int, Row] = {}  # instances that are not inserted yet
        self._moves: list[Row] = []
        self._moves_only: list[Row] = []  # whose variables stay as they are
        self._logs: list[Row] = []
        self._tasks: list[Row] = []
        self._for_ids: list[tuple[Row, Any]] = []  # a task row, and what makes rows of its id
        self._timers: list[Row] = []
        self._subscriptions: list[Row] = []
        self._closings: dict[tuple[str, str, int], list[int]] = defaultdict(list)

    # -- what steps hand over -----------------------------------------------------------------

    def begin(self, row: Row) -> None:
        """An instance that starts in this bulk; it is inserted with what its step makes of it."""
        self._new[row["id"]] = row

    def settle_new(self) -> None:
        """Insert the instances that start, as they are: a service may read or point to them."""
        if self._new:
            self.connection.execute(insert(store.instance_table), list(self._new.values()))
            self._new.clear()

    def move(self, values: Row, entry: Row, *, has_new_variables: bool) -> None:
        """The next state of an instance and its entry in the log."""
        new = self._new.get(values["at_id"])
        if new is not None:
            new.update({name: values[name] for name in MOVED})
        elif has_new_variables:
            self._moves.append(values)
        else:
            del values["variables"]
            self._moves_only.append(values)
        self._logs.append(entry)

    def open_task(self, row: Row, rows_of_id: Any = None) -> None:
        """A work item; ``rows_of_id(id)`` gives its groups and the rungs of its ladder."""
        if rows_of_id is None:
            self._tasks.append(row)
        else:
            self._for_ids.append((row, rows_of_id))

    def open_timers(self, rows: list[Row]) -> None:
        """Timers of the model."""
        self._timers += rows

    def open_subscriptions(self, rows: list[Row]) -> None:
        """Messages and signals that are waited for."""
        self._subscriptions += rows

    def close(self, table: Any, element_key: str, slot: int, instance_id: int) -> None:
        """A waiting point of an instance is over."""
        self._closings[table.name, element_key, slot].append(instance_id)

    # -- writing ------------------------------------------------------------------------------

    def flush(self, now: datetime) -> None:
        """Write everything: what ends before what begins."""
        self.settle_new()
        self._move_instances()
        self._insert(store.log_table, self._logs)
        self._close_waits(now)
        self._insert_tasks()
        self._insert(timer_table, self._timers)
        self._insert(subscription_table, self._subscriptions)

    def _insert(self, table: Any, rows: list[Row]) -> None:
        if rows:
            self.connection.execute(insert(table), rows)
            rows.clear()

    def _move_instances(self) -> None:
        for statement, rows in ((_MOVE, self._moves), (_MOVE_ONLY, self._moves_only)):
            if rows and self.connection.execute(statement, rows).rowcount != len(rows):
                raise Conflict("workflow.instance_moved_on")
            rows.clear()

    def _insert_tasks(self) -> None:
        if self._for_ids:
            ids = next_ids(self.session, store.task_table, len(self._for_ids))
            groups: list[Row] = []
            for task_id, (_, rows_of_id) in zip(ids, self._for_ids, strict=True):
                own_groups, rungs = rows_of_id(task_id)
                groups += own_groups
                self._timers += rungs
            rows = [
                {"id": task_id, **row} for task_id, (row, _) in zip(ids, self._for_ids, strict=True)
            ]
            self._for_ids.clear()
            self._insert(store.task_table, rows)
            self._insert(group_table, groups)
        self._insert(store.task_table, self._tasks)

    def _close_waits(self, now: datetime) -> None:
        tasks = store.task_table
        for (table, key, slot), instances in self._closings.items():
            for part in in_parts(instances):
                if table == tasks.name:
                    self.connection.execute(
                        update(tasks)
                        .where(*_at(tasks, key, slot, part), tasks.c.status == "open")
                        .values(
                            status="cancelled",
                            revision=tasks.c.revision + 1,
                            completed_at=now,
                            outcome="cancelled",
                        )
                    )
                else:
                    of = timer_table if table == timer_table.name else subscription_table
                    self.connection.execute(delete(of).where(*_at(of, key, slot, part)))
        self._closings.clear()


def _at(table: Any, key: str, slot: int, instances: Sequence[int]) -> tuple[Any, ...]:
    return (
        table.c.instance_id.in_(instances),
        table.c.element_key == key,
        table.c.slot == slot,
    )


def in_parts(ids: Sequence[Any], size: int = IDS_AT_ONCE) -> Iterator[Sequence[Any]]:
    """Lists short enough for one statement."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
