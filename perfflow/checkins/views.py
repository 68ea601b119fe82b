"""Pages of the year's conversations: activities, notes, commitments, check-in records."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.calendar import FIRM_ZONE
from perfflow.checkins import actions, queries, wording
from perfflow.checkins.figures import FigureOnDay
from perfflow.checkins.rules import is_effective
from perfflow.cycles.queries import cycle as cycle_named
from perfflow.kernel.errors import NotFound, RuleViolation, RuleViolations
from perfflow.people.access import access_person, Relation
from perfflow.people.queries import employees_by_no, manager_of, reports_of
from perfflow.web import (
    current_actor,
    current_language,
    now,
    Permission,
    reading,
    render,
    requires,
    toast,
    today,
    writing,
)

blueprint = Blueprint("checkins", __name__, template_folder="templates")
FORM_KEYS = ("check-in-preparation", "check-in", "check-in-signature")
LOCAL_TIME = "%Y-%m-%dT%H:%M"


@blueprint.get("/activities/")
@requires(Permission.CHECKINS_ACTIVITY_LOG)
def activities() -> str:
    """My quick log."""
    return _activities_page({}, {})


@blueprint.post("/activities/")
@requires(Permission.CHECKINS_ACTIVITY_LOG)
def log_activity() -> Response | tuple[str, int]:
    """Log what I did."""
    form = request.form
    try:
        with writing() as session:
            actions.log_activity(
                session,
                current_actor(),
                now(),
                kind=form.get("kind", ""),
                happened_at=_instant(form.get("happened_at", "")),
                client_ref=form.get("client_ref", "").strip() or None,
                purpose=form.get("purpose", "").strip() or None,
                outcome=form.get("outcome", "").strip() or None,
            )
    except RuleViolation as error:
        return _activities_page(form.to_dict(), by_field(error)), 422
    toast("checkins.toast_logged")
    return redirect(url_for("checkins.activities"), 303)


def _activities_page(values: dict[str, str], errors: dict[str, RuleViolation]) -> str:
    number = current_actor().employee_no or ""
    rows = [
        (row, is_effective(row.happened_at, row.logged_at, row.outcome))
        for row in queries.activities(reading(), number)
    ]
    return render(
        "checkins/activities.html",
        rows=rows,
        kinds=wording.options(wording.ACTIVITY_TEXTS, current_language()),
        texts=wording.ACTIVITY_TEXTS,
        values={"happened_at": now().astimezone(FIRM_ZONE).strftime(LOCAL_TIME), **values},
        errors=errors,
    )


@blueprint.get("/notes/")
@requires(Permission.CHECKINS_NOTE_WRITE)
def notes() -> str:
    """Notes that I wrote or got, and a new one."""
    return _notes_page({"about_no": request.args.get("about", "")}, {})


@blueprint.post("/notes/")
@requires(Permission.CHECKINS_NOTE_WRITE)
def write_note() -> Response | tuple[str, int]:
    """Write a note; the other person sees it at once."""
    form = request.form
    try:
        with writing() as session:
            actions.write_note(
                session,
                current_actor(),
                now(),
                form.get("about_no", "").strip(),
                kind=form.get("kind", ""),
                text=form.get("text", ""),
            )
    except RuleViolation as error:
        return _notes_page(form.to_dict(), by_field(error)), 422
    toast("checkins.toast_noted")
    return redirect(url_for("checkins.notes"), 303)


def _notes_page(values: dict[str, str], errors: dict[str, RuleViolation]) -> str:
    session, number = reading(), current_actor().employee_no or ""
    rows = queries.notes_with(session, number)
    team = reports_of(session, number, today())
    manager = manager_of(session, number, today())
    people = employees_by_no(
        session, {n for row in rows for n in (row.author_no, row.about_no)} | {manager or ""}
    )
    return render(
        "checkins/notes.html",
        rows=rows,
        people=people,
        suggestions=[*team, *([people[manager]] if manager in people else [])],
        kinds=wording.options(wording.NOTE_TEXTS, current_language()),
        texts=wording.NOTE_TEXTS,
        values=values,
        errors=errors,
        me=number,
    )


@blueprint.get("/commitments/")
@requires(Permission.GOALS_SHEET_VIEW)
def my_commitments() -> Response | str:
    """What I promised and what was promised to me."""
    number = current_actor().employee_no
    if number is None:
        raise NotFound("checkins.employees_only")
    return _commitments_page(number, is_mine=True)


@blueprint.get("/commitments/<employee>")
@requires(Permission.GOALS_SHEET_VIEW)
def commitments(employee: str) -> str:
    """The commitments about a person, for her line, HR and auditors."""
    access_person(reading(), current_actor(), employee, today())
    return _commitments_page(employee, is_mine=employee == current_actor().employee_no)


def _commitments_page(number: str, *, is_mine: bool) -> str:
    session = reading()
    rows = queries.my_commitments(session, number, include_closed=True)
    return render(
        "checkins/commitments.html",
        rows=rows,
        said=queries.follow_ups(session, [row.id for row in rows]),
        people=employees_by_no(session, {n for row in rows for n in (row.owner_no, row.about_no)}),
        statuses=wording.options(wording.STATUS_TEXTS, current_language()),
        texts=wording.STATUS_TEXTS,
        action_texts=wording.ACTION_TEXTS,
        is_mine=is_mine,
        me=current_actor().employee_no,
        number=number,
    )


@blueprint.post("/commitments/<int:commitment>/report")
@requires(Permission.CHECKINS_ACTIVITY_LOG)
def report_commitment(commitment: int) -> Response:
    """The owner says how far it is."""
    with writing() as session:
        actions.update_commitment(
            session,
            current_actor(),
            now(),
            commitment,
            status=request.form.get("status", ""),
            note=request.form.get("note"),
        )
    toast("checkins.toast_reported")
    return redirect(url_for("checkins.my_commitments"), 303)


@blueprint.get("/check-ins/<cycle>/<employee>")
@requires(Permission.GOALS_SHEET_VIEW)
def records(cycle: str, employee: str) -> str:
    """The check-ins of a person in a cycle: two voices side by side."""
    session = reading()
    person, held = access_person(session, current_actor(), employee, today())
    rows = queries.check_ins(session, cycle, employee)
    made = queries.commitments_about(session, employee, cycle, source="check-in/")
    pair = {employee, *(row.manager_no for row in rows if row.manager_no)}
    me = current_actor().employee_no
    notes = []
    if me in pair and me is not None:
        others = pair - {employee} if me == employee else {me}
        notes = [
            note
            for author in sorted(others)
            for note in queries.notes_about(session, employee, author)
        ]
    return render(
        "checkins/records.html",
        cycle=cycle_named(session, cycle),
        someone=person,
        rows=rows,
        figures={
            row.id: [FigureOnDay.from_dict(figure) for figure in row.snapshot or []] for row in rows
        },
        made={row.id: [c for c in made if c.source == f"check-in/{row.id}"] for row in rows},
        added={
            row.id: queries.added_fields(
                session, f"{cycle}/{employee}", FORM_KEYS, row.extra, current_language()
            )
            for row in rows
        },
        gaps=queries.process_gaps(session, cycle, employee),
        notes=notes,
        note_texts=wording.NOTE_TEXTS,
        people=employees_by_no(session, pair),
        status_texts=wording.CHECK_IN_TEXTS,
        pace_texts=wording.PACE_TEXTS,
        is_self=Relation.SELF in held,
    )


def by_field(error: RuleViolation) -> dict[str, RuleViolation]:
    """Field → violation, for a page that shows its form again."""
    violations = error.violations if isinstance(error, RuleViolations) else [error]
    return {one.field or "": one for one in violations}


def _instant(text: str) -> datetime:
    """The firm's local time of a datetime-local input."""
    try:
        return datetime.strptime(text, LOCAL_TIME).replace(tzinfo=FIRM_ZONE)
    except ValueError:
        raise RuleViolation("checkins.bad_time", field="happened_at", got=text) from None
