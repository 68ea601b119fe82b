"""The list of waiting and finished work: tabs, filters, paging, several tasks at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response

from perfflow.calendar import firm_calendar, local_date
from perfflow.i18n import formats, localized, translate_plural
from perfflow.inbox import queries
from perfflow.inbox.rules import Due, due_of, DueGroup
from perfflow.inbox.views.routes import blueprint
from perfflow.kernel.errors import PerfFlowError
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
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.queries import InboxFilter
from perfflow.workflow.queries.inbox import Box

BOXES: tuple[Box, ...] = ("mine", "groups", "done")
BULK_LIMIT = 100
ICONS = {
    "negotiation": "handshake",
    "check-in": "chat",
    "review": "clipboard",
    "interview": "bubble",
    "calibration": "sliders",
    "payout": "calculator",
    "appeal": "gavel",
    "confirmation": "check-circle",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One task of the list, in the reader's language."""

    task: Row[Any]
    title: str
    note: str
    person: dict[str, str] | None
    icon: str
    due: Due
    due_text: str
    badge: tuple[str, str | None]
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter: its name in the address, its values with labels, and the chosen one."""

    name: str
    chosen: str | None
    options: list[tuple[str, str]]


@blueprint.get("/")
@requires(Permission.INBOX_TASK_VIEW)
def tasks() -> str:
    """The inbox of the reader."""
    actor, at, session = current_actor(), now(), reading()
    box: Box = next((name for name in BOXES if name == request.args.get("box")), "mine")
    words = request.args.get("q", "").strip()[:80]
    narrowed = InboxFilter(
        definition_key=_argument("process"),
        element_id=_argument("step"),
        person=_argument("person"),
        cycle=_argument("cycle"),
        text=words or None,
        people=queries.people_called(session, words) if words else (),
    )
    page = queries.page(session, actor, at, box, narrowed, _argument("after"))
    lines = [_line(row) for row in page.tasks]
    return render(
        "inbox/list.html",
        box=box,
        due_groups=_grouped(lines) if box != "done" else [(None, lines)],
        lines=lines,
        counts=queries.counts(session, actor, at),
        words=words,
        filters=_filters(lines, narrowed),
        is_narrowed=narrowed != InboxFilter(),
        after=page.after,
        headings=HEADINGS,
    )


HEADINGS = {
    DueGroup.OVERDUE: "Overdue",
    DueGroup.TODAY: "Today",
    DueGroup.WEEK: "This week",
    DueGroup.LATER: "Later",
    DueGroup.UNDATED: "No due date",
}


def _argument(name: str) -> str | None:
    return request.args.get(name, "").strip()[:120] or None


def _line(row: Row[Any]) -> Line:
    language = current_language()
    due = due_of(row.due_at, now(), firm_calendar(reading()))
    person = None
    if row.subject_zh:
        person = {"name_zh": row.subject_zh, "name_en": row.subject_en}
    is_done = row.status != "open"
    url = url_for("inbox.task", task_id=row.id)
    if is_done and row.submission_id:
        url = url_for("inbox.record", submission_id=row.submission_id)
    cycle = row.business_key.split("/")[0]
    return Line(
        task=row,
        title=localized(row, "name", language),
        note=" · ".join(part for part in (localized(row, "process", language), cycle) if part),
        person=person,
        icon=ICONS.get(row.stage or "", "file-check" if is_done else "clipboard"),
        due=due,
        due_text=_done_text(row) if is_done else due_text(due),
        badge=("ok", None) if is_done else badge_of(due),
        url=url,
    )


def badge_of(due: Due) -> tuple[str, str | None]:
    """Kind and icon of the badge that a due date wears."""
    kinds: dict[DueGroup, tuple[str, str | None]] = {
        DueGroup.OVERDUE: ("bad", None),
        DueGroup.TODAY: ("warn", "clock-fill"),
    }
    return kinds.get(due.group, ("", "clock"))


def due_text(due: Due) -> str:
    """A due date in a few words: ``逾期 1 个工作日``, ``今天``, ``10月20日 · 3 天``."""
    language = current_language()
    if due.on is None:
        return "—"
    if due.group is DueGroup.OVERDUE:
        return formats.working_days_left(due.days, language)
    if due.group is DueGroup.TODAY:
        return "今天" if language == "zh" else "Today"
    day = formats.day(due.on, language, year=local_date(now()))
    left = translate_plural("%(count)s day", "%(count)s days", due.days, {}, language)
    return f"{day} · {left}"


def _done_text(row: Row[Any]) -> str:
    if row.completed_at is None:
        return "—"
    return formats.instant(row.completed_at, current_language(), year=local_date(now()))


def _grouped(lines: Iterable[Line]) -> list[tuple[DueGroup, list[Line]]]:
    found: dict[DueGroup, list[Line]] = {}
    for line in lines:
        found.setdefault(line.due.group, []).append(line)
    return [(group, found[group]) for group in DueGroup if group in found]


def _filters(lines: list[Line], narrowed: InboxFilter) -> list[Choice]:
    """Filters offer what the page shows, and what is chosen: no statement of their own."""
    steps = {line.task.element_id: line.title for line in lines}
    cycles = {line.note.rsplit(" · ", 1)[-1]: "" for line in lines}
    language = current_language()
    people = {
        line.task.subject_no: localized(line.person, "name", language)
        for line in lines
        if line.person
    }
    return [
        _choice("cycle", narrowed.cycle, {code: code for code in cycles}),
        _choice("step", narrowed.element_id, steps),
        _choice("person", narrowed.person, people),
    ]


def _choice(name: str, chosen: str | None, known: dict[str, str]) -> Choice:
    if chosen and chosen not in known:
        known = {**known, chosen: chosen}
    return Choice(name, chosen, sorted(known.items(), key=lambda pair: pair[1]))


@blueprint.post("/selected")
@requires(Permission.INBOX_TASK_CLAIM)
def act_on_selected() -> Response:
    """Claim or release the ticked tasks; each for itself, and the toast counts what was done."""
    actor, at = current_actor(), now()
    act = {"claim": workflow_actions.claim_task, "release": workflow_actions.release_task}.get(
        request.form.get("act", "")
    )
    wanted = [int(text) for text in request.form.getlist("task") if text.isdecimal()][:BULK_LIMIT]
    done, failed = 0, 0
    for task_id in wanted if act else []:
        try:
            with writing() as session:
                act(session, actor, at, task_id)  # type: ignore[misc]
            done += 1
        except PerfFlowError:
            failed += 1
    if done:
        code = "inbox.claimed_several" if request.form.get("act") == "claim" else None
        toast(code or "inbox.released_several", count=done)
    if failed:
        toast("inbox.not_taken", count=failed)
    target = local_path(request.form.get("next")) or url_for("inbox.tasks")
    return redirect(target, 303)
