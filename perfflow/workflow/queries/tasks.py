"""Reads of one task: its row, its element, variables, draft and submissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from perfflow.forms import FormContext, FormDefinition
from perfflow.kernel.actor import Actor
from perfflow.workflow.access import is_candidate, is_holder, require_visible
from perfflow.workflow.definitions.elements import Element, Process
from perfflow.workflow.engine import store
from perfflow.workflow.engine.scopes import visible_variables
from perfflow.workflow.models import (
    FormSubmission,
    table_of,
    TaskDraft,
    TaskRerouting,
    UserTask,
)

draft_table = table_of(TaskDraft)
submission_table = table_of(FormSubmission)


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as its page needs it; ``row`` has the columns of ``user_task``."""

    row: Row[Any]
    process: Process
    element: Element
    form: FormDefinition | None
    variables: Mapping[str, Any]
    may_complete: bool
    may_claim: bool

    def form_context(
        self, session: Session, actor: Actor, now: datetime, language: str = "zh"
    ) -> FormContext:
        """What the form of this task may know."""
        return FormContext(
            session=session,
            actor=actor,
            now=now,
            form_key=self.row.form_key or "",
            business_key=self.row.business_key,
            variables=self.variables,
            element_id=self.row.element_id,
            definition_key=self.row.definition_key,
            language=language,
        )


def task(session: Session, actor: Actor, task_id: int, now: datetime | None = None) -> TaskView:
    """The task as this person may see it; a stranger gets ``NotFound``."""
    at = now or datetime.now().astimezone()
    tasks, instances, bundles = store.task_table, store.instance_table, store.bundle_table
    row = session.execute(
        select(tasks, instances.c.variables, bundles.c.content_hash)
        .join(instances, instances.c.id == tasks.c.instance_id)
        .join(bundles, bundles.c.number == tasks.c.bundle_number)
        .where(tasks.c.id == task_id)
    ).one_or_none()
    require_visible(session, actor, at, row)
    assert row is not None
    bundle = store.bundle(session, row.bundle_number, row.content_hash)
    process = bundle.processes[row.definition_key]
    is_free = row.status == "open" and not (
        actor.employee_no and row.not_for and actor.employee_no in row.not_for
    )
    holds = is_holder(actor, row)
    could_claim = is_free and row.assignee_no is None and is_candidate(session, actor, at, row)
    return TaskView(
        row=row,
        process=process,
        element=process.elements[row.element_id],
        form=bundle.form(row.form_key) if row.form_key else None,
        variables=visible_variables(row.variables, row.scope) | (row.locals or {}),
        may_complete=is_free and (holds or could_claim),
        may_claim=could_claim,
    )


def draft_of(session: Session, actor: Actor, task_id: int) -> Any | None:
    """This person's draft (``data``, ``saved_at``), or None."""
    return session.execute(
        select(draft_table.c.data, draft_table.c.saved_at).where(
            draft_table.c.task_id == task_id, draft_table.c.employee_no == actor.employee_no
        )
    ).one_or_none()


def latest_draft(session: Session, task_id: int) -> Any | None:
    """The last draft anybody saved for the task: what an auto-submit takes."""
    return session.execute(
        select(draft_table)
        .where(draft_table.c.task_id == task_id)
        .order_by(draft_table.c.saved_at.desc())
        .limit(1)
    ).one_or_none()


def submissions_of(session: Session, business_key: str) -> list[Row[Any]]:
    """Everything that was submitted under a business key, oldest first."""
    instances = store.instance_table
    return list(
        session.execute(
            select(submission_table)
            .join(instances, instances.c.id == submission_table.c.instance_id)
            .where(instances.c.business_key == business_key)
            .order_by(submission_table.c.id)
        )
    )


def open_tasks_of_subject(session: Session, employee_no: str, form_key: str) -> list[int]:
    """Open tasks with that form about a person, for pages that lead back to it."""
    tasks = store.task_table
    return list(
        session.scalars(
            select(tasks.c.id)
            .where(
                tasks.c.subject_no == employee_no,
                tasks.c.form_key == form_key,
                tasks.c.status == "open",
            )
            .order_by(tasks.c.id)
        )
    )


def open_tasks_of(session: Session, business_key: str) -> list[Row[Any]]:
    """Open tasks of all instances with that key, for the system and for monitors."""
    tasks = store.task_table
    return list(
        session.execute(
            select(tasks)
            .where(tasks.c.business_key == business_key, tasks.c.status == "open")
            .order_by(tasks.c.id)
        )
    )


def reroutings(session: Session, limit: int = 100) -> list[Row[Any]]:
    """Tasks that went to somebody else because the organisation changed, the latest first."""
    table, tasks = table_of(TaskRerouting), table_of(UserTask)
    return list(
        session.execute(
            select(
                table,
                tasks.c.name_zh,
                tasks.c.name_en,
                tasks.c.subject_no,
                tasks.c.status,
                tasks.c.assignee_no,
            )
            .join(tasks, tasks.c.id == table.c.task_id)
            .order_by(table.c.id.desc())
            .limit(limit)
        )
    )
