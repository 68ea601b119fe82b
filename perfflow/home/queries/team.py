"""The team board: who belongs to it, and what each member needs on a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from perfflow.calendar import firm_calendar, local_date
from perfflow.checkins.models import CheckIn, ProcessGap
from perfflow.checkins.queries import last_activity_at
from perfflow.cycles import queries as cycle_queries
from perfflow.cycles.models import Cycle
from perfflow.goals.models import GoalSheet
from perfflow.home.rules import Facts, Need, needs_of, urgency
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotFound
from perfflow.people import queries as people_queries
from perfflow.people.access import is_in_hr_scope
from perfflow.people.models import Assignment, Employee, Post
from perfflow.reviews.inputs import gather
from perfflow.reviews.rules import score_person, Stage
from perfflow.workflow.models import table_of, UserTask

task_table = table_of(UserTask)
MOST_BOARDS = 200


@dataclass(frozen=True, slots=True)
class Member:
    """One card of the board."""

    person: Employee
    post: Post | None
    paces: tuple[tuple[str, Decimal], ...]
    open_tasks: int
    overdue: int
    waiting_for_manager: int | None
    sheet_status: str | None
    data_as_of: date | None
    days_since_talk: int | None
    quiet_days: int | None
    gaps: tuple[str, ...]
    needs: tuple[Need, ...]

    @property
    def urgency(self) -> int:
        return urgency(self.needs, self.overdue)


def managers_to_choose(session: Session, actor: Actor, on: date) -> list[Employee]:
    """The people whose board the actor may open: the own one, those below, those in HR scope."""
    numbers: set[str] = set()
    if actor.employee_no is not None:
        numbers |= {actor.employee_no, *people_queries.line_below(session, actor.employee_no, on)}
    if actor.has(Role.HR_PARTNER):
        for code in sorted(actor.unit_scopes):
            numbers |= {row.no for row in people_queries.members_of_unit(session, code, on)}
    leads = {
        number
        for number in session.scalars(
            select(Assignment.manager_no).where(people_queries.valid_on(on)).distinct()
        )
        if number is not None
    }
    found = people_queries.employees_by_no(session, sorted(leads & numbers)[:MOST_BOARDS])
    own = actor.employee_no
    return sorted(found.values(), key=lambda row: (row.no != own, row.no))


def board_of(session: Session, actor: Actor, wanted: str | None, on: date) -> str | None:
    """Whose board is shown: the wanted manager's, or the own; a stranger's is ``NotFound``.

    None when nobody was named and nobody reports to the actor.
    """
    own = actor.employee_no
    if wanted is None:
        return own if own and people_queries.reports_of(session, own, on) else None
    if wanted == own:
        return wanted
    if people_queries.find_employee(session, wanted) is not None:
        if own is not None and people_queries.is_in_line(session, own, wanted, on):
            return wanted
        if is_in_hr_scope(session, actor, wanted, on):
            return wanted
    raise NotFound("people.unknown_employee", employee=wanted)


def cycle_of_board(session: Session, numbers: Collection[str], wanted: str | None) -> Cycle | None:
    """The cycle the board speaks about: the wanted one, else the newest with most locked sheets."""
    cycles = cycle_queries.cycles(session)
    if wanted is not None:
        return cycle_queries.cycle(session, wanted)
    running = [one for one in cycles if one.status != "archived"] or cycles
    locked = select(GoalSheet.cycle_code, func.count()).where(
        GoalSheet.employee_no.in_(sorted(numbers)), GoalSheet.locked_at.is_not(None)
    )
    counts: dict[str, int] = dict(session.execute(locked.group_by(GoalSheet.cycle_code)).all())
    return max(running, key=lambda one: counts.get(one.code, 0), default=None)


def members(session: Session, manager_no: str, cycle: Cycle | None, now: datetime) -> list[Member]:
    """The manager's reports, who needs somebody first; never ordered by score."""
    today = local_date(now)
    people = {row.no: row for row in people_queries.reports_of(session, manager_no, today)}
    if not people:
        return []
    numbers = sorted(people)
    placements = people_queries.placements_on(session, today, numbers)
    posts = {row.code: row for row in people_queries.posts(session)}
    tasks = _task_counts(session, numbers, manager_no, now)
    activity = last_activity_at(session, numbers)
    talks = _last_talks(session, numbers)
    gaps = _gaps(session, numbers, cycle)
    sheets = _sheets(session, numbers, cycle)
    figures = _figures(session, numbers, cycle)
    found = []
    for number in numbers:
        placed = placements.get(number)
        opened, overdue, waiting = tasks.get(number, (0, 0, 0))
        paces, as_of = figures.get(number, ((), None))
        talk = talks.get(number)
        since = (today - local_date(talk)).days if talk else None
        quiet = _quiet_days(session, activity.get(number), people[number], today)
        facts = Facts(
            overdue=overdue,
            takes_part=number in sheets,
            has_goals=sheets.get(number) in ("locked", "closed"),
            gaps=len(gaps.get(number, ())),
            days_since_talk=since,
            days_in_cycle=(today - cycle.starts_on).days if cycle else 0,
            quiet_days=quiet,
            data_age=(today - as_of).days if as_of else None,
        )
        found.append(
            Member(
                person=people[number],
                post=posts.get(placed.assignment.post_code) if placed else None,
                paces=paces,
                open_tasks=opened,
                overdue=overdue,
                waiting_for_manager=waiting,
                sheet_status=sheets.get(number),
                data_as_of=as_of,
                days_since_talk=since,
                quiet_days=quiet,
                gaps=tuple(gaps.get(number, ())),
                needs=needs_of(facts),
            )
        )
    return sorted(found, key=lambda member: (-member.urgency, member.person.no))


def _task_counts(
    session: Session, numbers: list[str], manager_no: str, now: datetime
) -> dict[str, tuple[int, int, int]]:
    """(open, overdue, of them with the manager) of the tasks about each person."""
    late = func.sum(case((task_table.c.due_at < now, 1), else_=0))
    mine = func.sum(case((task_table.c.assignee_no == manager_no, 1), else_=0))
    rows = session.execute(
        select(task_table.c.subject_no, func.count(), late, mine)
        .where(task_table.c.subject_no.in_(numbers), task_table.c.status == "open")
        .group_by(task_table.c.subject_no)
    )
    return {row[0]: (int(row[1]), int(row[2] or 0), int(row[3] or 0)) for row in rows}


def _last_talks(session: Session, numbers: list[str]) -> Mapping[str, datetime]:
    rows = session.execute(
        select(CheckIn.employee_no, func.max(CheckIn.held_at))
        .where(CheckIn.employee_no.in_(numbers), CheckIn.held_at.is_not(None))
        .group_by(CheckIn.employee_no)
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}


def _gaps(session: Session, numbers: list[str], cycle: Cycle | None) -> dict[str, list[str]]:
    if cycle is None:
        return {}
    found: dict[str, list[str]] = {}
    for row in session.scalars(
        select(ProcessGap)
        .where(ProcessGap.cycle_code == cycle.code, ProcessGap.employee_no.in_(numbers))
        .order_by(ProcessGap.id)
    ):
        found.setdefault(row.employee_no, []).append(row.kind)
    return found


def _sheets(session: Session, numbers: list[str], cycle: Cycle | None) -> dict[str, str]:
    """The state of the goal sheet of those who take part; "" while there is none."""
    if cycle is None:
        return {}
    taking_part = {row.employee_no for row in cycle_queries.participants(session, cycle.code)}
    rows = session.execute(
        select(GoalSheet.employee_no, GoalSheet.status).where(
            GoalSheet.cycle_code == cycle.code, GoalSheet.employee_no.in_(numbers)
        )
    )
    found = {number: "" for number in numbers if number in taking_part}
    return found | {row[0]: row[1] for row in rows}


def _figures(
    session: Session, numbers: list[str], cycle: Cycle | None
) -> dict[str, tuple[tuple[tuple[str, Decimal], ...], date | None]]:
    """(share of the target by dimension, age of the newest figure), from data alone."""
    if cycle is None:
        return {}
    material = gather(session, cycle.code, numbers, Stage.COMPUTED, is_forecast=True)
    found = {}
    for number, one in material.items():
        score = score_person(one.inputs, one.rules)
        paces = tuple(
            (code, value / 100)
            for code in ("R", "C", "K", "G")
            if (value := score.dims.get(code)) is not None
        )
        days = [line.figure.as_of for line in one.lines if line.figure.as_of]
        found[number] = (paces, max(days, default=None))
    return found


def _quiet_days(
    session: Session, last: datetime | None, person: Employee, today: date
) -> int | None:
    """Working days since the last logged activity; None for people who log none at all."""
    if last is None or person.hired_on > today - timedelta(days=30):
        return None
    return firm_calendar(session).working_days_between(local_date(last), today)
