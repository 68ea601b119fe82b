"""Completing a task: validate, store what was filled in, move the tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, exists, insert, Row, select, update
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.forms import binding_of, FormContext, validate
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotAllowed
from perfflow.workflow.access import (
    is_candidate,
    is_holder,
    require_not_judged,
    require_visible,
)
from perfflow.workflow.actions.deliveries import deliver
from perfflow.workflow.engine import store
from perfflow.workflow.engine.expressions import storable
from perfflow.workflow.engine.rests import Waiting
from perfflow.workflow.engine.step import Step
from perfflow.workflow.engine.transitions import Operation
from perfflow.workflow.engine.unit import Unit, unit_of
from perfflow.workflow.models import FormSubmission, table_of, TaskDraft

submission_table = table_of(FormSubmission)
draft_table = table_of(TaskDraft)


class TaskRow(NamedTuple):
    """What a completion looks at in its task; the first columns of the locked row."""

    id: int
    definition_key: str
    business_key: str
    element_id: str
    element_key: str
    scope: str
    slot: int
    form_key: str | None
    subject_no: str | None
    assignee_no: str | None
    candidate_group: str | None
    more_groups: list[str] | None
    not_for: list[str] | None
    locals: dict[str, Any] | None
    status: str
    revision: int
    completed_by: str | None
    has_draft: bool


# Statements are built once: building them costs more than the database needs for them.
# The instance is locked before its task, as by timers and messages: whoever locks in another
# order can wait for somebody who waits for him.
_INSTANCE = (
    select(
        *(
            store.instance_table.c[name]
            for name in (
                "id", "bundle_number", "definition_key", "business_key", "status", "revision",
                "state_hash", "variables", "log_hash", "log_count",
            )
        ),
    )
    .where(
        store.instance_table.c.id
        == select(store.task_table.c.instance_id)
        .where(store.task_table.c.id == bindparam("task_id"))
        .scalar_subquery()
    )
    .with_for_update()
    .cte("instance")
)  # fmt: skip
_LOCK = (
    select(
        *(store.task_table.c[name].label(f"task_{name}") for name in TaskRow._fields[:-1]),
        exists().where(draft_table.c.task_id == store.task_table.c.id),
        _INSTANCE,
        store.bundle_table.c.content_hash,
    )
    .select_from(_INSTANCE)
    .join(store.task_table, store.task_table.c.instance_id == _INSTANCE.c.id)
    .join(store.bundle_table, store.bundle_table.c.number == _INSTANCE.c.bundle_number)
    .where(store.task_table.c.id == bindparam("task_id"))
    .with_for_update(of=store.task_table)
)
_SUBMIT = insert(submission_table).returning(submission_table.c.id)
_CLOSE = (
    update(store.task_table)
    .where(
        store.task_table.c.id == bindparam("at_id"),
        store.task_table.c.revision == bindparam("at_revision"),
        store.task_table.c.status == "open",
    )
    .values(
        {
            name: bindparam(name)
            for name in (
                "revision", "assignee_no", "completed_at", "completed_by", "outcome",
                "submission_id",
            )
        }
        | {"status": "completed"}
    )
)  # fmt: skip


def lock_task_and_instance(session: Session, task_id: int) -> Any | None:
    """Both rows in one statement, locked; the instance's columns have their own names."""
    return session.connection().execute(_LOCK, {"task_id": task_id}).one_or_none()


def complete_task(
    session: Session,
    actor: Actor,
    now: datetime,
    task_id: int,
    revision: int,
    values: Mapping[str, Any],
    outcome: str = "done",
) -> None:
    """Finish a task with the values of its form; the process goes on to its next waits.

    A member of the candidate group claims the task by completing it. Broken rules, of the form
    or deep in a service task, are raised and nothing has changed.
    """
    row = lock_task_and_instance(session, task_id)
    task = None if row is None else TaskRow._make(row[: len(TaskRow._fields)])
    require_visible(session, actor, now, task)
    assert row is not None
    assert task is not None
    _guard(session, actor, now, task, revision)
    with unit_of(session) as unit, unit.moves(row.id):
        _complete(session, actor, now, row, task, values, outcome, unit)


def _guard(session: Session, actor: Actor, now: datetime, task: TaskRow, revision: int) -> None:
    if task.status != "open":
        raise Conflict("workflow.task_done")
    may_work = (
        actor.is_system
        or is_holder(actor, task)
        or (task.assignee_no is None and is_candidate(session, actor, now, task))
    )
    if not may_work:
        raise NotAllowed("workflow.not_your_task")
    if task.revision != revision:
        raise Conflict("workflow.task_moved_on")
    require_not_judged(task, actor.employee_no)


def _complete(
    session: Session,
    actor: Actor,
    now: datetime,
    row: Row[Any],
    task: TaskRow,
    values: Mapping[str, Any],
    outcome: str,
    unit: Unit,
) -> None:
    step = Step(session, actor, now, row)
    waiting = _waiting_of(step, task)
    clean, result = _take_form(step, task, values)
    submission_id = _store_submission(step, task, clean)
    _close_task(step, task, submission_id, outcome)
    context = step.outside.context(task.scope) | (task.locals or {})
    step.outside.take_results(
        waiting.element,
        task.scope,
        context,
        {**clean, **result},
        # A form's answers stay in its submission; only a task without a form speaks freely.
        keep_unmapped=task.form_key is None,
    )
    leaf = step.move(Operation("complete", task.element_key, task.slot))
    step.save(
        leaf,
        "complete",
        task.element_key,
        completed_task=waiting,
        submission_id=submission_id,
        outcome=outcome,
        deliver=deliver(session, actor, now, unit),
    )
    record(
        session,
        actor,
        now,
        AuditEvent.WORKFLOW_TASK_COMPLETED,
        task.business_key,
        element=task.element_key,
        task=task.id,
    )


def _waiting_of(step: Step, task: TaskRow) -> Waiting:
    for waiting in step.waits():
        if waiting.key == task.element_key and waiting.slot == task.slot:
            return waiting
    raise Conflict("workflow.task_done")


def form_context(step: Step, task: Any, language: str = "zh") -> FormContext:
    """What the form of a task may know."""
    variables = step.outside.context(task.scope) | (task.locals or {})
    return FormContext(
        session=step.session,
        actor=step.actor,
        now=step.now,
        form_key=task.form_key or "",
        business_key=task.business_key,
        variables=variables,
        element_id=task.element_id,
        definition_key=task.definition_key,
        language=language,
    )


def _take_form(
    step: Step, task: TaskRow, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The clean values, and what the room's binding gives back to the process."""
    form = step.bundle.form(task.form_key) if task.form_key else None
    if form is None:
        return {name: storable(value) for name, value in values.items()}, {}
    context = form_context(step, task)
    submission = validate(form, values, context)
    submission.raise_errors()
    binding = binding_of(form)
    result = None if binding is None else binding.store(context, submission.values)
    private = frozenset() if binding is None else binding.private
    clean = {
        name: storable(value) for name, value in submission.values.items() if name not in private
    }
    return clean, {name: storable(value) for name, value in (result or {}).items()}


def _store_submission(step: Step, task: TaskRow, clean: dict[str, Any]) -> int:
    submission_id: int = step.connection.execute(
        _SUBMIT,
        {
            "instance_id": step.row.id,
            "task_id": task.id,
            "form_key": task.form_key,
            "bundle_number": step.row.bundle_number,
            "business_key": task.business_key,
            "data": clean,
            "submitted_by": step.actor.employee_no or step.actor.name,
            "submitted_at": step.now,
        },
    ).scalar_one()
    return submission_id


def _close_task(step: Step, task: TaskRow, submission_id: int, outcome: str) -> None:
    closed = step.connection.execute(
        _CLOSE,
        {
            "at_id": task.id,
            "at_revision": task.revision,
            "revision": task.revision + 1,
            "assignee_no": task.assignee_no or step.actor.employee_no,
            "completed_at": step.now,
            "completed_by": step.actor.employee_no or step.actor.name,
            "outcome": outcome,
            "submission_id": submission_id,
        },
    )
    if closed.rowcount != 1:
        raise Conflict("workflow.task_done")
    if task.has_draft:
        step.session.execute(delete(draft_table).where(draft_table.c.task_id == task.id))
