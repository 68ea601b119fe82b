"""The first page of everybody, and the list of notifications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from perfflow.calendar import firm_calendar, FIRM_ZONE, local_date
from perfflow.cycles.queries import telling_participation
from perfflow.home.queries import today as queries
from perfflow.home.rules import part_of_day
from perfflow.home.views.routes import blueprint
from perfflow.i18n import formats, translate
from perfflow.kernel.actor import Actor, Role
from perfflow.notifications.actions import mark_all_read, mark_read
from perfflow.notifications.models import Notification
from perfflow.notifications.queries import latest_notifications, unread_count
from perfflow.people.models import Employee
from perfflow.people.queries import employees_by_no, find_employee
from perfflow.web import (
    current_actor,
    current_language,
    local_path,
    now,
    Permission,
    reading,
    render,
    requires,
    toast,
    writing,
)
from perfflow.web import today as firm_day

LINE = (Role.LINE_MANAGER, Role.SECOND_LINE, Role.UNIT_HEAD, Role.EXECUTIVE)
ON_FIRST_PAGE = 4
PAGE = 30


@dataclass(frozen=True, slots=True)
class ShownDue:
    """A due date for a badge: text, kind and icon."""

    text: str
    kind: str
    icon: str


@blueprint.get("/")
@requires(Permission.HOME_PAGE_VIEW)
def today() -> str:
    """The next thing to do, the own figures, one suggestion, one strength, who waits."""
    session, actor, at, language = reading(), current_actor(), now(), current_language()
    first, others = queries.next_and_others(session, actor, at, language)
    me = find_employee(session, actor.employee_no) if actor.employee_no else None
    waiting: list[queries.WaitingCase] = []
    stuck: list[queries.WaitingCase] = []
    if me is not None and actor.has(*LINE):
        waiting, stuck = queries.team_waiting(session, me.no, at, firm_day())
    subjects = [row.subject_no for row in others]
    if first is not None:
        subjects.append(first.view.row.subject_no)
    return render(
        "home/today.html",
        greeting=part_of_day(at.astimezone(FIRM_ZONE).hour),
        me=me,
        first=first,
        others=others,
        due_of=due_of,
        people=employees_by_no(session, [number for number in subjects if number]),
        waiting=waiting,
        stuck=stuck,
        leads=bool(waiting or stuck) or actor.has(Role.LINE_MANAGER),
        **_figures(session, actor, me),
        **_news(session, me),
    )


def _figures(session: Session, actor: Actor, me: Employee | None) -> dict[str, object]:
    """Score, pace, suggestion, strength and milestone of the person; empty for who has no goals."""
    empty: dict[str, object] = {"page": None, "cycle": None, "promises": []}
    if me is None:
        return empty
    language, on = current_language(), firm_day()
    promises = queries.due_commitments(session, me.no, on)
    part = telling_participation(session, me.no, firm_day())
    if part is None:
        return {**empty, "promises": promises}
    cycle = part[1]
    page = queries.own_page(session, cycle, me, language)
    best, worst = queries.standing_out(page) if page else (None, None)
    return {
        "cycle": cycle,
        "page": page,
        "paces": queries.paces(page) if page else [],
        "best": best,
        "worst": worst,
        "praise": queries.latest_praise(session, me.no),
        "milestone": queries.milestone_of(session, cycle, me.no, on, language),
        "promises": promises,
    }


def _news(session: Session, me: Employee | None) -> dict[str, object]:
    if me is None:
        return {"news": [], "unread": 0}
    rows = latest_notifications(session, me.no, limit=ON_FIRST_PAGE)
    unread = [row for row in rows if row.read_at is None]
    return {"news": worded(unread), "unread": unread_count(session, me.no)}


def due_of(due_at: datetime | None) -> ShownDue | None:
    """A due date in date and working days, with the badge it wears."""
    if due_at is None:
        return None
    language, day = current_language(), local_date(due_at)
    days = firm_calendar(reading()).working_days_between(firm_day(), day)
    if due_at < now():
        return ShownDue(formats.working_days_left(min(days, -1), language), "bad", "error-fill")
    text = formats.due(day, language, days)
    return ShownDue(text, "warn", "clock-fill") if days <= 1 else ShownDue(text, "", "clock")


def worded(rows: list[Notification]) -> list[tuple[Notification, str]]:
    """Notifications with their sentence in the reader's language."""
    language = current_language()
    return [(row, translate(row.code, row.params, language)) for row in rows]


@blueprint.get("/notifications")
@requires(Permission.HOME_PAGE_VIEW)
def notifications() -> str:
    """What the person was told, newest first."""
    number = current_actor().employee_no
    before = request.args.get("before", "")
    rows: list[Notification] = []
    unread = 0
    if number is not None:
        session = reading()
        before_id = int(before) if before.isdecimal() and len(before) < 16 else None
        rows = latest_notifications(session, number, before_id=before_id, limit=PAGE + 1)
        unread = unread_count(session, number)
    older = rows[PAGE - 1].id if len(rows) > PAGE else None
    return render("home/notifications.html", news=worded(rows[:PAGE]), unread=unread, older=older)


@blueprint.post("/notifications")
@requires(Permission.HOME_PAGE_VIEW)
def read_notifications() -> Response:
    """Mark one's own notifications as read: one, then on to what it is about, or all."""
    number, wanted = current_actor().employee_no, request.form.get("id", "")
    target = url_for("home.notifications")
    if number is not None:
        with writing() as session:
            if wanted.isdecimal() and len(wanted) < 16:
                mark_read(session, now(), number, [int(wanted)])
                target = local_path(request.form.get("next")) or target
            else:
                toast("home.marked_read", count=mark_all_read(session, now(), number))
    return redirect(target, 303)
