"""The record of a feedback interview: two voices side by side, and HR's excuse."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.calendar import local_date
from perfflow.checkins import wording as checkin_words
from perfflow.checkins.queries import added_fields, commitments_about
from perfflow.cycles.queries import cycle as cycle_named
from perfflow.interviews import actions, queries, wording
from perfflow.kernel.errors import NotFound, RuleViolation
from perfflow.people.access import access_person, Relation
from perfflow.people.queries import employees_by_no
from perfflow.reviews.queries import latest_result, publication
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

blueprint = Blueprint("interviews", __name__, template_folder="templates")
FORM_KEYS = ("interview-preparation", "interview", "interview-signature")


@blueprint.get("/interviews/<cycle>/<employee>")
@requires(Permission.INTERVIEWS_RECORD_VIEW)
def record(cycle: str, employee: str) -> str:
    """The record of one talk."""
    return _record_page(cycle, employee, None)


@blueprint.post("/interviews/<cycle>/<employee>/excuse")
@requires(Permission.INTERVIEWS_RECORD_VIEW)
def excuse(cycle: str, employee: str) -> Response | tuple[str, int]:
    """HR excuses a talk that cannot take place."""
    try:
        with writing() as session:
            actions.excuse_interview(
                session,
                current_actor(),
                now(),
                cycle,
                employee,
                reason=request.form.get("reason", ""),
            )
    except RuleViolation as error:
        return _record_page(cycle, employee, error), 422
    toast("interviews.toast_excused")
    return redirect(url_for("interviews.record", cycle=cycle, employee=employee), 303)


def _record_page(cycle: str, employee: str, error: RuleViolation | None) -> str:
    session, actor = reading(), current_actor()
    person, held = access_person(session, actor, employee, today())
    found_cycle = cycle_named(session, cycle)
    row = queries.interview(session, cycle, employee)
    if row is None and publication(session, cycle) is None and Relation.SELF not in held:
        raise NotFound("interviews.not_open")
    is_pair = Relation.SELF in held or (row is not None and row.manager_no == actor.employee_no)
    # The manager's part is not shown before the employee has handed over the own one.
    is_shown = row is not None and row.held_at is not None
    result = latest_result(session, cycle, employee) if publication(session, cycle) else None
    answer = queries.confirmation(session, cycle, employee)
    promised = (
        commitments_about(session, employee, cycle, source=f"interview/{row.id}") if row else []
    )
    return render(
        "interviews/record.html",
        cycle=found_cycle,
        someone=person,
        row=row,
        own=queries.employee_part_for(row, is_pair=is_pair) if row else {},
        is_pair=is_pair,
        is_shown=is_shown,
        may_excuse=Relation.HR in held
        and Relation.SELF not in held
        and row is not None
        and row.status in ("preparing", "prepared"),
        # Marks of quality help HR to coach managers; they are nobody's score.
        flags=(row.flags or []) if row and held & {Relation.HR, Relation.AUDITOR} else [],
        result=result,
        answer=answer,
        answered_on=local_date(answer.at) if answer else None,
        promised=promised,
        people=employees_by_no(
            session,
            {row.manager_no or "", row.excused_by or ""} | {one.owner_no for one in promised}
            if row
            else set(),
        ),
        causes={str(key): text for key, text in wording.CAUSE_TEXTS.items()},
        dimensions=wording.DIMENSION_TEXTS,
        action_texts=checkin_words.ACTION_TEXTS,
        status_texts=checkin_words.STATUS_TEXTS,
        added=added_fields(session, f"{cycle}/{employee}", FORM_KEYS, row.extra, current_language())
        if row
        else [],
        error=error,
    )
