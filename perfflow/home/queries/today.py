"""What the first page shows: the next task, figures, a suggestion, a strength, who waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.checkins.models import Commitment
from perfflow.checkins.queries import my_commitments, notes_with
from perfflow.cycles import queries as cycle_queries
from perfflow.cycles.models import Cycle
from perfflow.forms import Text
from perfflow.goals import queries as goal_queries
from perfflow.home.rules import (
    DUE_SOON,
    Milestone,
    next_milestone,
    Standing,
    strongest,
    weakest,
)
from perfflow.i18n import Language, localized
from perfflow.kernel.actor import Actor
from perfflow.people.access import Relation
from perfflow.people.models import Employee
from perfflow.people.queries import employees_by_no, reports_of
from perfflow.reviews.presentation import performance_page, PerformancePage
from perfflow.reviews.presentation.page import MetricRow
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.models import table_of, UserTask
from perfflow.workflow.queries import TaskView

SHOWN_TASKS = 6
SHOWN_CASES = 8
task_table = table_of(UserTask)


@dataclass(frozen=True, slots=True)
class NextTask:
    """The thing to do first: its task, why it exists, whether something is typed already."""

    view: TaskView
    purpose: str
    readers: str
    has_draft: bool
    is_of_group: bool


def next_and_others(
    session: Session, actor: Actor, now: datetime, language: Language
) -> tuple[NextTask | None, list[Row[Any]]]:
    """The first task of the person (else of her groups), and the ones after it."""
    rows = workflow_queries.inbox(session, actor, now, "mine", limit=SHOWN_TASKS).tasks
    is_of_group = False
    if not rows:
        rows = workflow_queries.inbox(session, actor, now, "groups", limit=SHOWN_TASKS).tasks
        is_of_group = bool(rows)
    if not rows:
        return None, []
    view = workflow_queries.task(session, actor, rows[0].id, now)
    draft = None
    if actor.employee_no is not None:
        draft = workflow_queries.draft_of(session, actor, rows[0].id)
    found = NextTask(
        view,
        _told(view, "purpose", language),
        _told(view, "readers", language),
        draft is not None,
        is_of_group,
    )
    return found, list(rows[1:])


def _told(view: TaskView, name: str, language: Language) -> str:
    properties = view.element.properties
    text = Text(properties.get(name, ""), properties.get(f"{name}@en", ""))
    if not text and view.form is not None:
        text = view.form.text(name)
    return str(text.within(language))


def own_page(
    session: Session, cycle: Cycle, employee: Employee, language: Language
) -> PerformancePage | None:
    """The person's own performance page, the source of every figure of the first page."""
    held = frozenset({Relation.SELF})
    page = performance_page(session, cycle, employee, held, language)
    return page if page is not None and page.has_goals else None


def score_of(text: str) -> Decimal | None:
    """A written score as a number; None where there is none."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def paces(page: PerformancePage) -> list[tuple[str, Decimal]]:
    """(dimension, score as a share: 1 is on target) of the dimensions that have a figure."""
    found = [(group.code, score_of(group.score)) for group in page.groups]
    return [(code, score / 100) for code, score in found if score is not None]


def standing_out(page: PerformancePage) -> tuple[MetricRow | None, MetricRow | None]:
    """(the metric with the best score from its target on, the one furthest behind)."""
    rows = {row.code: row for group in page.groups for row in group.rows}
    scored = [
        Standing(code, score)
        for code, row in rows.items()
        if (score := score_of(row.score)) is not None
    ]
    best, worst = strongest(scored), weakest(scored)
    return (rows[best] if best else None), (rows[worst] if worst else None)


def latest_praise(session: Session, employee_no: str) -> tuple[str, Employee | None, date] | None:
    """The newest praise that somebody wrote about the person: text, author, day."""
    notes = notes_with(session, employee_no, limit=30)
    for note in notes:
        if note.about_no == employee_no and note.kind == "praise":
            author = employees_by_no(session, [note.author_no]).get(note.author_no)
            return note.text, author, local_date(note.written_at)
    return None


def due_commitments(session: Session, employee_no: str, today: date) -> list[Commitment]:
    """Promises of the person that are overdue or due soon, by due day."""
    limit = today + timedelta(days=DUE_SOON)
    return [
        row
        for row in my_commitments(session, employee_no)
        if row.owner_no == employee_no and row.due_on <= limit
    ]


def milestone_of(
    session: Session, cycle: Cycle, employee_no: str, today: date, language: Language
) -> Milestone | None:
    """The next dated thing of the person's goals: an action, a promise, a date of the cycle."""
    found: list[Milestone] = []
    sheet = goal_queries.find_sheet(session, cycle.code, employee_no)
    if sheet is not None:
        found += [
            Milestone(line.action_due_on, line.action)
            for line in goal_queries.lines(session, sheet)
            if line.action and line.action_due_on
        ]
    found += [
        Milestone(promise.due_on, promise.text)
        for promise in my_commitments(session, employee_no)
        if promise.owner_no == employee_no
    ]
    own = next_milestone(found, today)
    if own is not None:
        return own
    pack = cycle_queries.pack(session, cycle.pack_code, cycle.release_number)
    names = {step.name: localized(step, "name", language) for step in pack.steps}
    dates = cycle_queries.deadlines(session, cycle.code)
    return next_milestone(
        [Milestone(on, names[name]) for name, on in dates.items() if name in names], today
    )


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A task in the manager's team that somebody waits for."""

    task: Row[Any]
    subject: Employee


def team_waiting(
    session: Session, manager_no: str, now: datetime, today: date
) -> tuple[list[WaitingCase], list[WaitingCase]]:
    """(people who wait for the manager, people whose own step is overdue)."""
    reports = {row.no: row for row in reports_of(session, manager_no, today)}
    if not reports:
        return [], []
    open_tasks = (
        select(task_table)
        .where(task_table.c.subject_no.in_(sorted(reports)), task_table.c.status == "open")
        .order_by(task_table.c.due_key, task_table.c.id)
    )
    waiting = session.execute(
        open_tasks.where(task_table.c.assignee_no == manager_no).limit(SHOWN_CASES)
    )
    stuck = session.execute(
        open_tasks.where(
            task_table.c.assignee_no.in_(sorted(reports)), task_table.c.due_at < now
        ).limit(SHOWN_CASES)
    )
    return _cases(waiting.all(), reports), _cases(stuck.all(), reports)


def _cases(rows: Sequence[Row[Any]], people: dict[str, Employee]) -> list[WaitingCase]:
    return [WaitingCase(row, people[row.subject_no]) for row in rows]
