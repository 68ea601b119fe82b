"""Reads for change while running: what a version changes, and where its instances would stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, Row, select
from sqlalchemy.orm import Session

from perfflow.kernel.errors import NotFound
from perfflow.workflow.definitions.elements import Element, Process
from perfflow.workflow.engine import store
from perfflow.workflow.engine.relocation import can_receive, Carried, carry, RESTING, standing
from perfflow.workflow.engine.rests import Waiting
from perfflow.workflow.models import (
    MigrationItem,
    MigrationRun,
    ProcessVersion,
    table_of,
    Timer,
)

run_table = table_of(MigrationRun)
item_table = table_of(MigrationItem)
timer_table = table_of(Timer)
RUNNING = ("active", "incident")
_NOT_MEANT = frozenset({"line"})


@dataclass(frozen=True, slots=True)
class ElementChange:
    """One element that two versions draw differently."""

    element: Element
    kind: str  # added, removed, changed
    fields: tuple[str, ...]  # names of what differs, for changed ones


def version_changes(old: Process, new: Process) -> list[ElementChange]:
    """Elements that were added, removed or changed, in the order of the files."""
    found = [
        ElementChange(element, "removed", ())
        for key, element in old.elements.items()
        if key not in new.elements
    ]
    for key, element in new.elements.items():
        before = old.elements.get(key)
        if before is None:
            found.append(ElementChange(element, "added", ()))
            continue
        names = _differences(before, element)
        if _ways(old, key) != _ways(new, key):
            names.append("flows")
        if names:
            found.append(ElementChange(element, "changed", tuple(names)))
    return found


def _differences(old: Element, new: Element) -> list[str]:
    return [
        one.name
        for one in fields(Element)
        if one.name not in _NOT_MEANT and getattr(old, one.name) != getattr(new, one.name)
    ]


def _ways(process: Process, element_id: str) -> list[tuple[str, str | None]]:
    return [(flow.target, flow.condition) for flow in process.outgoing(element_id)]


@dataclass(frozen=True, slots=True)
class Standing:
    """All instances of a version that stand at one state, and where they would go."""

    bundle_number: int
    content_hash: str
    state_hash: str
    instances: int
    carried: Carried

    @property
    def verdict(self) -> str:
        """kept, moved by the mapping, or stuck."""
        if self.carried.lost:
            return "stuck"
        return "moved" if any(self.moved_from) else "kept"

    @property
    def moved_from(self) -> list[str]:
        """Keys of the waiting points that end on the way."""
        return [wait.key for wait in self.carried.changes.ended]


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """What happens to every running instance of a definition that is not at the bundle yet."""

    definition_key: str
    bundle_number: int
    mapping: Mapping[str, str]
    standings: tuple[Standing, ...]

    def count(self, verdict: str) -> int:
        """How many instances have that verdict."""
        return sum(one.instances for one in self.standings if one.verdict == verdict)

    @property
    def lost(self) -> Mapping[tuple[str, str], int]:
        """(element, why) → instances that stop there."""
        found: Counter[tuple[str, str]] = Counter()
        for one in self.standings:
            for token in set(one.carried.lost):
                found[token.element, token.reason] += one.instances
        return found


def migration_plan(
    session: Session, definition_key: str, bundle_number: int, mapping: Mapping[str, str]
) -> MigrationPlan:
    """Worked out once for each state in which instances stand, however many they are."""
    target = store.bundle(session, bundle_number)
    if definition_key not in target.processes:
        raise NotFound("workflow.no_definition", definition=definition_key, bundle=bundle_number)
    new = target.index(definition_key)
    instances, bundles = store.instance_table, store.bundle_table
    groups = session.execute(
        select(
            instances.c.bundle_number,
            bundles.c.content_hash,
            instances.c.state_hash,
            func.count().label("instances"),
        )
        .join(bundles, bundles.c.number == instances.c.bundle_number)
        .where(
            instances.c.definition_key == definition_key,
            instances.c.status.in_(RUNNING),
            instances.c.bundle_number != bundle_number,
        )
        .group_by(instances.c.bundle_number, bundles.c.content_hash, instances.c.state_hash)
        .order_by(instances.c.bundle_number, func.count().desc(), instances.c.state_hash)
    )
    standings = []
    for row in groups:
        old = store.bundle(session, row.bundle_number, row.content_hash).index(definition_key)
        blob = store.read_state(session, row.state_hash)
        carried = carry(blob, old, new, definition_key, mapping)
        standings.append(
            Standing(row.bundle_number, row.content_hash, row.state_hash, row.instances, carried)
        )
    return MigrationPlan(definition_key, bundle_number, dict(mapping), tuple(standings))


def resting_elements(process: Process) -> list[Element]:
    """Elements to which a mapping may send tokens: those where one rests."""
    return [one for one in process.elements.values() if one.kind in RESTING]


def targets_of(session: Session, row: Row[Any], element: Element) -> list[Element]:
    """Elements of the same process or sub-process to which a token at ``element`` can be put."""
    process = store.bundle(session, row.bundle_number).processes[element.process_key]
    graph = store.bundle(session, row.bundle_number).index(row.definition_key).graphs[process.key]
    return [
        one
        for one in process.elements.values()
        if one.parent_id == element.parent_id and one.id != element.id and can_receive(graph, one)
    ]


def waiting_points(session: Session, row: Row[Any]) -> tuple[Waiting, ...]:
    """What an instance waits for, in the order of its tokens; nothing when it is over."""
    if row.status not in RUNNING or row.state_hash is None:
        return ()
    index = store.bundle(session, row.bundle_number).index(row.definition_key)
    tokens = standing(store.read_state(session, row.state_hash), index, row.definition_key)
    return tuple(tokens.waiting().values())


def timer_due(session: Session, instance_id: int, wait: Waiting) -> datetime | None:
    """When the timer at a waiting point falls due."""
    found: datetime | None = session.execute(
        select(timer_table.c.due_at).where(
            timer_table.c.instance_id == instance_id,
            timer_table.c.element_key == wait.key,
            timer_table.c.slot == wait.slot,
            timer_table.c.kind == "event",
        )
    ).scalar_one_or_none()
    return found


def find_instances(
    session: Session, definition_key: str, beginning: str, limit: int
) -> list[Row[Any]]:
    """Instances of a definition whose key begins so: those in trouble and running ones first."""
    table = store.instance_table
    order = case({"incident": 0, "active": 1}, value=table.c.status, else_=2)
    query = select(table).where(table.c.definition_key == definition_key)
    if beginning:
        query = query.where(table.c.business_key.startswith(beginning, autoescape=True))
    return list(session.execute(query.order_by(order, table.c.id.desc()).limit(limit)))


def bundles_with(session: Session, definition_key: str) -> list[int]:
    """Numbers of the bundles in which a definition changed, the oldest first."""
    table = table_of(ProcessVersion)
    rows = session.execute(
        select(func.min(table.c.bundle_number))
        .where(table.c.definition_key == definition_key)
        .group_by(table.c.version)
    )
    return sorted(rows.scalars())


def migration_runs(session: Session, definition_key: str) -> list[Row[Any]]:
    """Migrations of a definition, the latest first."""
    return list(
        session.execute(
            select(run_table)
            .where(run_table.c.definition_key == definition_key)
            .order_by(run_table.c.id.desc())
        )
    )


def migration_run(session: Session, run_id: int) -> Row[Any]:
    """One migration; unknown ones are ``NotFound``."""
    row = session.execute(select(run_table).where(run_table.c.id == run_id)).one_or_none()
    if row is None:
        raise NotFound("workflow.no_migration", run=run_id)
    return row


def items_of(session: Session, run_id: int) -> list[Row[Any]]:
    """The instances of a migration with what they were before."""
    return list(
        session.execute(
            select(item_table)
            .where(item_table.c.run_id == run_id)
            .order_by(item_table.c.instance_id)
        )
    )
