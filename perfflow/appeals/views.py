"""Pages of appeals: those of the own units for HR and audit, and one appeal."""

from __future__ import annotations

from flask import Blueprint

from perfflow.appeals import queries, wording
from perfflow.cycles.queries import cycle as cycle_named
from perfflow.kernel.actor import Role
from perfflow.kernel.errors import NotFound
from perfflow.people.access import access_person
from perfflow.people.queries import employees_by_no
from perfflow.reviews.queries import latest_result
from perfflow.web import current_actor, Permission, reading, render, requires, today

blueprint = Blueprint("appeals", __name__, template_folder="templates")


@blueprint.get("/appeals/")
@requires(Permission.APPEALS_APPEAL_VIEW)
def appeals() -> str:
    """The appeals of the own units for HR partners, all of them for auditors."""
    session, actor = reading(), current_actor()
    if actor.has(Role.AUDITOR):
        rows = list(queries.appeals_under(session, None))
    else:
        rows = list(queries.appeals_under(session, actor.unit_scopes))
    rows = [row for row in rows if row.employee_no != actor.employee_no]
    return render(
        "appeals/appeals.html",
        rows=rows,
        people=employees_by_no(session, {row.employee_no for row in rows}),
        grounds=wording.GROUND_TEXTS,
        statuses=wording.STATUS_TEXTS,
    )


@blueprint.get("/appeals/<cycle>/<employee>")
@requires(Permission.INTERVIEWS_RECORD_VIEW)
def appeal(cycle: str, employee: str) -> str:
    """One appeal with its decision."""
    session = reading()
    person, _ = access_person(session, current_actor(), employee, today())
    row = queries.appeal(session, cycle, employee)
    if row is None:
        raise NotFound("appeals.not_found")
    return render(
        "appeals/appeal.html",
        cycle=cycle_named(session, cycle),
        someone=person,
        row=row,
        result=latest_result(session, cycle, employee),
        people=employees_by_no(session, {row.decided_by or ""}),
        grounds=wording.GROUND_TEXTS,
        statuses=wording.STATUS_TEXTS,
    )
