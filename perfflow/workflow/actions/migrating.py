"""Running instances taken to another version of their definition, and back again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, Row, select, update
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, RuleViolation
from perfflow.workflow.access import require_change
from perfflow.workflow.actions.deliveries import deliver
from perfflow.workflow.actions.mass import locked, Movement
from perfflow.workflow.engine import store
from perfflow.workflow.engine.bulk import Bulk, in_parts
from perfflow.workflow.engine.relocation import back, Carried
from perfflow.workflow.engine.rests import Waiting
from perfflow.workflow.engine.step import Step
from perfflow.workflow.engine.transitions import Leaf
from perfflow.workflow.engine.unit import unit_of
from perfflow.workflow.models import MigrationItem, MigrationRun, ProcessVersion, table_of
from perfflow.workflow.queries import changes

run_table = table_of(MigrationRun)
item_table = table_of(MigrationItem)
version_table = table_of(ProcessVersion)


def migrate(
    session: Session,
    actor: Actor,
    now: datetime,
    definition_key: str,
    bundle_number: int,
    mapping: Mapping[str, str],
    reason: str,
) -> int:
    """Take every running instance that has a place in the bundle's version there; the run's id.

    Instances with a token that the version has no place for stay where they are. Open tasks that
    stay keep holder, due date and drafts, and get the new version's form.
    """
    require_change(actor, reason)
    plan = changes.migration_plan(session, definition_key, bundle_number, mapping)
    if not plan.count("kept") + plan.count("moved"):
        raise RuleViolation("workflow.nothing_to_migrate")
    run_id: int = session.execute(
        insert(run_table).returning(run_table.c.id),
        {
            "definition_key": definition_key,
            "bundle_number": bundle_number,
            "mapping": dict(mapping),
            "reason": reason.strip(),
            "migrated_by": actor.employee_no or actor.name,
            "migrated_at": now,
            "instances": 0,
            "left_behind": plan.count("stuck"),
        },
    ).scalar_one()
    version_id = _version_id(session, definition_key, bundle_number)
    moved = 0
    for standing in plan.standings:
        if standing.verdict == "stuck":
            continue
        for ids in in_parts(_instances_at(session, definition_key, standing)):
            _migrate_part(session, actor, now, ids, run_id, version_id, plan, standing)
            moved += len(ids)
    session.execute(update(run_table).where(run_table.c.id == run_id).values(instances=moved))
    record(
        session,
        actor,
        now,
        AuditEvent.WORKFLOW_INSTANCES_MIGRATED,
        f"{definition_key}/{bundle_number}",
        run=run_id,
        instances=moved,
        left_behind=plan.count("stuck"),
        mapping=dict(mapping),
        reason=reason.strip(),
    )
    return run_id


def _instances_at(session: Session, definition_key: str, standing: changes.Standing) -> list[int]:
    table = store.instance_table
    return list(
        session.execute(
            select(table.c.id)
            .where(
                table.c.definition_key == definition_key,
                table.c.bundle_number == standing.bundle_number,
                table.c.state_hash == standing.state_hash,
                table.c.status.in_(changes.RUNNING),
            )
            .order_by(table.c.id)
        ).scalars()
    )


def _migrate_part(
    session: Session,
    actor: Actor,
    now: datetime,
    ids: Sequence[int],
    run_id: int,
    version_id: int,
    plan: changes.MigrationPlan,
    standing: changes.Standing,
) -> None:
    """Instances at one state, in one statement a table: where they go is worked out already."""
    rows = locked(session, ids)
    if len(rows) != len(ids) or any(row.state_hash != standing.state_hash for row in rows):
        raise Conflict("workflow.instance_moved_on")
    session.connection().execute(
        insert(item_table),
        [
            {
                "run_id": run_id,
                "instance_id": row.id,
                "version_id": row.version_id,
                "bundle_number": row.bundle_number,
                "state_hash": row.state_hash,
                "position": row.log_count,
            }
            for row in rows
        ],
    )
    there = _at_version(session, rows, version_id, plan.bundle_number)
    leaf = Leaf.put_at(standing.carried)

    def move(step: Step) -> tuple[Leaf, str, dict[str, Any]]:
        step.outside.keep_scopes(leaf.scopes)
        return leaf, "migrate", {"outcome": f"run {run_id}", "status": step.row.status}

    with unit_of(session) as unit:
        Movement(session, actor, now, unit, Bulk(session)).move_all(there, move)
    for _, wait in standing.carried.kept:
        if wait.kind == "task":
            _keep_tasks(session, ids, plan.bundle_number, wait)


def _at_version(
    session: Session, rows: Sequence[Row[Any]], version_id: int, bundle_number: int
) -> list[SimpleNamespace]:
    """Instances as rows of the other version; their tokens are written by the steps."""
    session.execute(
        update(store.instance_table)
        .where(store.instance_table.c.id.in_([row.id for row in rows]))
        .values(version_id=version_id, bundle_number=bundle_number)
    )
    content_hash = session.execute(
        select(store.bundle_table.c.content_hash).where(
            store.bundle_table.c.number == bundle_number
        )
    ).scalar_one()
    there = {
        "version_id": version_id,
        "bundle_number": bundle_number,
        "content_hash": content_hash,
    }
    return [SimpleNamespace(**{**row._mapping, **there}) for row in rows]


def _save(
    session: Session,
    actor: Actor,
    now: datetime,
    row: SimpleNamespace,
    carried: Carried,
    operation: str,
    run_id: int,
) -> None:
    with unit_of(session) as unit, unit.moves(row.id):
        step = Step(session, actor, now, row)
        leaf = Leaf.put_at(carried)
        step.outside.keep_scopes(leaf.scopes)
        step.save(
            leaf,
            operation,
            outcome=f"run {run_id}",
            status=row.status,
            deliver=deliver(session, actor, now, unit),
        )
    for _, wait in carried.kept:
        if wait.kind == "task":
            _keep_tasks(session, [row.id], row.bundle_number, wait)


def _keep_tasks(session: Session, ids: Sequence[int], bundle_number: int, wait: Waiting) -> None:
    """An open task stays with its holder, due date and drafts; its form is the new version's."""
    table, element = store.task_table, wait.element
    session.execute(
        update(table)
        .where(
            table.c.instance_id.in_(ids),
            table.c.element_key == wait.key,
            table.c.slot == wait.slot,
            table.c.status == "open",
        )
        .values(
            bundle_number=bundle_number,
            name_zh=element.name_zh or element.original_id,
            name_en=element.name_en or element.original_id,
            stage=element.stage,
            form_key=element.form_key,
            revision=table.c.revision + 1,
        )
    )


def undo_migration(
    session: Session, actor: Actor, now: datetime, run_id: int, reason: str
) -> tuple[int, int]:
    """Take back a migration where nothing has happened since; (taken back, gone on since)."""
    require_change(actor, reason)
    run = changes.migration_run(session, run_id)
    if run.undone_at is not None:
        raise Conflict("workflow.migration_undone", run=run_id)
    back = gone_on = 0
    for item in changes.items_of(session, run_id):
        row = store.lock_instance(session, item.instance_id)
        if row is None or row.status not in changes.RUNNING or row.log_count != item.position + 1:
            gone_on += 1
            continue
        _undo_one(session, actor, now, row, item, run_id)
        back += 1
    session.execute(
        update(run_table)
        .where(run_table.c.id == run_id)
        .values(undone_at=now, undone_by=actor.employee_no or actor.name, taken_back=back)
    )
    record(
        session,
        actor,
        now,
        AuditEvent.WORKFLOW_MIGRATION_UNDONE,
        f"{run.definition_key}/{run.bundle_number}",
        run=run_id,
        instances=back,
        gone_on=gone_on,
        reason=reason.strip(),
    )
    return back, gone_on


def _undo_one(
    session: Session, actor: Actor, now: datetime, row: Row[Any], item: Row[Any], run_id: int
) -> None:
    waits = Step(session, actor, now, row).waits()
    (there,) = _at_version(session, [row], item.version_id, item.bundle_number)
    index = store.bundle(session, item.bundle_number).index(there.definition_key)
    blob = store.read_state(session, item.state_hash)
    carried = back(blob, index, there.definition_key, waits)
    _save(session, actor, now, there, carried, "unmigrate", run_id)


def _version_id(session: Session, definition_key: str, bundle_number: int) -> int:
    found: int = session.execute(
        select(version_table.c.id).where(
            version_table.c.definition_key == definition_key,
            version_table.c.bundle_number == bundle_number,
        )
    ).scalar_one()
    return found
