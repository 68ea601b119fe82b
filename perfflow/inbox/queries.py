"""Reads of the inbox: pages with names, the next task, records, history and export rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, Row, Select, select
from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.forms import FormDefinition
from perfflow.inbox.rules import soon_until
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotAllowed, NotFound
from perfflow.people import queries as people_queries
from perfflow.people.models import Employee
from perfflow.web.requests import now as request_time
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.access import groups_of_actor
from perfflow.workflow.models import EventLog, FormSubmission, ProcessVersion, UserTask
from perfflow.workflow.queries import InboxCounts, InboxFilter, InboxPage
from perfflow.workflow.queries.inbox import Box

PAGE_SIZE = 25
HISTORY = 12
EXPORT_LIMIT = 20_000
_COUNTS = "perfflow.inbox.counts"
task_table = UserTask.__table__
submission_table = FormSubmission.__table__
log_table = EventLog.__table__


def counts(session: Session, actor: Actor, now: datetime) -> InboxCounts:
    """Open work of the actor; counted once per session, for the shell and for the tabs."""
    key = (_COUNTS, actor.name, now)
    known: InboxCounts | None = session.info.get(key)
    if known is None:
        known = workflow_queries.inbox_counts(session, actor, now, soon_until(now))
        session.info[key] = known
    return known


def waiting_counts(session: Session, actor: Actor) -> Mapping[str, int]:
    """What the navigation shows beside the inbox."""
    return {"inbox.tasks": counts(session, actor, request_time()).mine}


def page(
    session: Session,
    actor: Actor,
    now: datetime,
    box: Box,
    narrowed: InboxFilter,
    after: str | None,
) -> InboxPage:
    """A page of tasks with the names of their subjects and processes, in one statement."""
    return workflow_queries.inbox(
        session, actor, now, box, narrowed, after, PAGE_SIZE, enrich=_with_names
    )


def _with_names(statement: Select[Any]) -> Select[Any]:
    return (
        statement.add_columns(
            Employee.name_zh.label("subject_zh"),
            Employee.name_en.label("subject_en"),
            ProcessVersion.name_zh.label("process_zh"),
            ProcessVersion.name_en.label("process_en"),
        )
        .outerjoin(Employee, Employee.no == task_table.c.subject_no)
        .outerjoin(
            ProcessVersion,
            (ProcessVersion.bundle_number == task_table.c.bundle_number)
            & (ProcessVersion.definition_key == task_table.c.definition_key),
        )
    )


def people_called(session: Session, words: str, limit: int = 50) -> tuple[str, ...]:
    """Employee numbers of people whose name or number holds ``words``."""
    found = session.scalars(
        select(Employee.no)
        .where(
            or_(
                Employee.name_zh.icontains(words, autoescape=True),
                Employee.name_en.icontains(words, autoescape=True),
                Employee.no.icontains(words, autoescape=True),
            )
        )
        .order_by(Employee.no)
        .limit(limit)
    )
    return tuple(found)


def next_task(session: Session, actor: Actor, finished_id: int) -> int | None:
    """The person's next task: of the case just worked on first, then by due date."""
    if actor.employee_no is None:
        return None
    finished = task_table.alias()
    case = select(finished.c.instance_id).where(finished.c.id == finished_id).scalar_subquery()
    found: int | None = session.scalar(
        select(task_table.c.id)
        .where(task_table.c.assignee_no == actor.employee_no, task_table.c.status == "open")
        .order_by((task_table.c.instance_id != case), task_table.c.due_key, task_table.c.id)
        .limit(1)
    )
    return found


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a case's history."""

    at: datetime
    actor: str
    person: Employee | None
    name_zh: str
    name_en: str
    submission_id: int | None
    outcome: str | None


def history(session: Session, instance_id: int) -> list[Happening]:
    """What was completed in a case, newest first."""
    rows = session.execute(
        select(
            log_table.c.at,
            log_table.c.actor,
            log_table.c.outcome,
            log_table.c.submission_id,
            task_table.c.name_zh,
            task_table.c.name_en,
            Employee,
        )
        .join(submission_table, submission_table.c.id == log_table.c.submission_id)
        .join(task_table, task_table.c.id == submission_table.c.task_id)
        .outerjoin(Employee, Employee.no == submission_table.c.submitted_by)
        .where(log_table.c.instance_id == instance_id)
        .order_by(log_table.c.position.desc())
        .limit(HISTORY)
    )
    return [
        Happening(
            row.at, row.actor, row[6], row.name_zh, row.name_en, row.submission_id, row.outcome
        )
        for row in rows
    ]


def names(session: Session, numbers: Iterable[str | None]) -> dict[str, Employee]:
    """The people behind employee numbers."""
    return people_queries.employees_by_no(session, {number for number in numbers if number})


def submission(session: Session, submission_id: int) -> Row[Any]:
    """A stored submission; unknown numbers are ``NotFound``."""
    row = session.execute(
        select(submission_table).where(submission_table.c.id == submission_id)
    ).one_or_none()
    if row is None:
        raise NotFound("workflow.no_task")
    return row


def form_of(session: Session, row: Row[Any]) -> FormDefinition | None:
    """The form of a submission as it was when it was filled in."""
    if not row.form_key:
        return None
    return workflow_queries.bundle_of(session, row.bundle_number).form(row.form_key)


def submissions_of_step(
    session: Session,
    actor: Actor,
    now: datetime,
    definition_key: str,
    element_id: str,
    cycle: str | None,
) -> Iterator[Row[Any]]:
    """Submissions of a step that this HR partner or auditor may read, oldest first."""
    subjects = _readable_subjects(session, actor, now)
    query = (
        select(submission_table, task_table.c.subject_no, task_table.c.outcome)
        .join(task_table, task_table.c.id == submission_table.c.task_id)
        .where(
            task_table.c.definition_key == definition_key,
            task_table.c.element_id == element_id,
        )
        .order_by(submission_table.c.id)
        .limit(EXPORT_LIMIT)
    )
    if cycle:
        query = query.where(
            or_(
                submission_table.c.business_key == cycle,
                submission_table.c.business_key.startswith(f"{cycle}/", autoescape=True),
            )
        )
    for row in session.execute(query):
        if subjects is None or row.subject_no in subjects:
            yield row


def _readable_subjects(session: Session, actor: Actor, now: datetime) -> frozenset[str] | None:
    """The people whose records the actor may export; None means everybody."""
    if actor.has(Role.AUDITOR):
        return None
    if not actor.has(Role.HR_PARTNER):
        raise NotAllowed("inbox.export_for_hr")
    if Role.HR_PARTNER.value in groups_of_actor(session, actor, now):
        return None
    on = local_date(now)
    return frozenset(
        person.no
        for code in sorted(actor.unit_scopes)
        for person in people_queries.members_of_unit(session, code, on)
    )
