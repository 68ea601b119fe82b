"""The inbox: a person's tasks, page by page, at a cost that does not grow with the pile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    and_,
    ColumnElement,
    func,
    literal,
    or_,
    Row,
    Select,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import BadInput
from perfflow.workflow.access import groups_of_actor
from perfflow.workflow.engine.waits import due_key
from perfflow.workflow.models import table_of, TaskGroup, UserTask

Box = Literal["mine", "groups", "done", "all"]
Enrich = Callable[[Select[Any]], Select[Any]]
"""Lets a caller above join names to the page in the same statement."""
table = table_of(UserTask)
group_table = table_of(TaskGroup)
COUNT_CAP = 1_000
UNION_GROUPS = 40


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """What the list is narrowed to; ``people`` are employee numbers (searched by name above)."""

    definition_key: str | None = None
    element_id: str | None = None
    person: str | None = None
    cycle: str | None = None
    text: str | None = None
    due: Literal["overdue", "soon"] | None = None
    soon_until: datetime | None = None
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page of tasks; ``after`` leads to the next one, None at the end."""

    tasks: list[Row[Any]]
    after: str | None


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """Open work of a person, each number capped at 1,000."""

    mine: int
    mine_overdue: int
    mine_soon: int
    groups: int
    groups_overdue: int


def inbox(
    session: Session,
    actor: Actor,
    now: datetime,
    box: Box = "mine",
    narrowed: InboxFilter | None = None,
    after: str | None = None,
    limit: int = 25,
    enrich: Enrich | None = None,
) -> InboxPage:
    """A page of the box, ordered by due date (``done``: the latest first)."""
    wanted = narrowed or InboxFilter()
    conditions = _conditions(wanted, now)
    if box == "done":
        return _done(session, actor, conditions, after, limit, enrich)
    if box == "all" and actor.has(Role.PROCESS_ADMIN, Role.AUDITOR):
        sources: list[ColumnElement[bool]] = [true()]
    else:
        sources = _sources(session, actor, now, box)
    if not sources:
        return InboxPage([], None)
    if after is not None:
        position = _cursor(after, 2)
        conditions.append(
            tuple_(table.c.due_key, table.c.id)
            > tuple_(literal(position[0]), literal(int(position[1])))
        )
    statement = _page(sources, conditions, limit + 1)
    rows = list(session.execute(enrich(statement) if enrich else statement))
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = f"{last.due_key}~{last.id}"
    return InboxPage(rows[:limit], following)


def _sources(session: Session, actor: Actor, now: datetime, box: Box) -> list[ColumnElement[bool]]:
    """One condition for each index range that the box is made of."""
    sources: list[ColumnElement[bool]] = []
    if box in ("mine", "all") and actor.employee_no is not None:
        sources.append(table.c.assignee_no == actor.employee_no)
    if box in ("groups", "all"):
        groups = sorted(groups_of_actor(session, actor, now))
        ranges: list[ColumnElement[bool]] = (
            [table.c.candidate_group == name for name in groups]
            if len(groups) <= UNION_GROUPS
            else [table.c.candidate_group.in_(groups)]
        )
        free = table.c.assignee_no.is_(None)
        own_case = _not_own_case(actor)
        if groups:
            further = select(group_table.c.task_id).where(group_table.c.group_name.in_(groups))
            ranges.append(
                and_(
                    table.c.id.in_(further),
                    func.coalesce(table.c.candidate_group, "").not_in(groups),
                )
            )
        sources += [and_(found, free, own_case) for found in ranges]
    return sources


def _not_own_case(actor: Actor) -> ColumnElement[bool]:
    """Group work about oneself is not offered: one may not take it anyway."""
    if actor.employee_no is None:
        return true()
    return or_(
        table.c.not_for.is_(None),
        ~func.coalesce(table.c.not_for, "")
        .cast(table.c.name_zh.type)
        .contains(f'"{actor.employee_no}"', autoescape=True),
    )


def _page(
    sources: list[ColumnElement[bool]], conditions: list[ColumnElement[bool]], limit: int
) -> Select[Any]:
    parts = [
        select(table.c.id, table.c.due_key)
        .where(source, table.c.status == "open", *conditions)
        .order_by(table.c.due_key, table.c.id)
        .limit(limit)
        .subquery()
        for source in sources
    ]
    # Each range is read in index order and only as far as one page goes.
    first = union_all(*[select(part.c.id, part.c.due_key) for part in parts]).subquery()
    ids = select(first.c.id).order_by(first.c.due_key, first.c.id).limit(limit).subquery()
    return (
        select(table).where(table.c.id.in_(select(ids.c.id))).order_by(table.c.due_key, table.c.id)
    )


def _conditions(wanted: InboxFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.definition_key:
        found.append(table.c.definition_key == wanted.definition_key)
    if wanted.element_id:
        found.append(table.c.element_id == wanted.element_id)
    if wanted.person:
        found.append(table.c.subject_no == wanted.person)
    if wanted.cycle:
        found.append(
            or_(
                table.c.business_key == wanted.cycle,
                table.c.business_key.startswith(f"{wanted.cycle}/", autoescape=True),
            )
        )
    if wanted.text:
        words = wanted.text.strip()
        matches = [
            column.icontains(words, autoescape=True)
            for column in (table.c.name_zh, table.c.name_en, table.c.business_key)
        ]
        if wanted.people:
            matches.append(table.c.subject_no.in_(wanted.people))
        found.append(or_(*matches))
    if wanted.due == "overdue":
        found.append(table.c.due_key < due_key(now))
    elif wanted.due == "soon":
        found.append(table.c.due_key >= due_key(now))
        found.append(table.c.due_key <= due_key(wanted.soon_until or now))
    return found


def _done(
    session: Session,
    actor: Actor,
    conditions: list[ColumnElement[bool]],
    after: str | None,
    limit: int,
    enrich: Enrich | None = None,
) -> InboxPage:
    if after is not None:
        instant, task_id = _cursor(after, 2)
        try:
            at = datetime.fromisoformat(instant)
        except ValueError:
            raise BadInput("workflow.bad_cursor") from None
        conditions.append(
            or_(
                table.c.completed_at < at,
                and_(table.c.completed_at == at, table.c.id < int(task_id)),
            )
        )
    statement = (
        select(table)
        .where(
            table.c.completed_by == (actor.employee_no or actor.name),
            table.c.status == "completed",
            *conditions,
        )
        .order_by(table.c.completed_at.desc(), table.c.id.desc())
        .limit(limit + 1)
    )
    rows = list(session.execute(enrich(statement) if enrich else statement))
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = f"{last.completed_at.isoformat()}~{last.id}"
    return InboxPage(rows[:limit], following)


def _cursor(text: str, parts: int) -> list[str]:
    pieces = text.split("~")
    if len(pieces) != parts or not pieces[-1].isdecimal():
        raise BadInput("workflow.bad_cursor")
    return pieces


def inbox_counts(
    session: Session, actor: Actor, now: datetime, soon_until: datetime
) -> InboxCounts:
    """Open, overdue and soon due work in one statement."""
    late = InboxFilter(due="overdue")
    soon = InboxFilter(due="soon", soon_until=soon_until)
    mine = _sources(session, actor, now, "mine")
    groups = _sources(session, actor, now, "groups")
    row = session.execute(
        select(
            _count(mine, []).label("mine"),
            _count(mine, _conditions(late, now)).label("mine_overdue"),
            _count(mine, _conditions(replace(soon), now)).label("mine_soon"),
            _count(groups, []).label("groups"),
            _count(groups, _conditions(late, now)).label("groups_overdue"),
        )
    ).one()
    return InboxCounts(*row)


def _count(sources: list[ColumnElement[bool]], conditions: list[ColumnElement[bool]]) -> Any:
    if not sources:
        return literal(0)
    parts = [
        select(table.c.id)
        .where(source, table.c.status == "open", *conditions)
        .limit(COUNT_CAP)
        .subquery()
        for source in sources
    ]
    whole = union_all(*[select(part.c.id) for part in parts]).subquery()
    capped = select(whole.c.id).limit(COUNT_CAP).subquery()
    return select(func.count()).select_from(capped).scalar_subquery()
