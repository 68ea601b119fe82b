"""Pages of people: the directory, a person, and the import of people files."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.kernel.errors import NotFound, PerfFlowError
from perfflow.people import queries
from perfflow.people.access import relations
from perfflow.people.actions.imports import import_people, ImportReport
from perfflow.people.schemas import KINDS
from perfflow.web import (
    current_actor,
    now,
    Permission,
    reading,
    render,
    requires,
    toast,
    today,
    writing,
)

blueprint = Blueprint("people", __name__, template_folder="templates", url_prefix="/people")
PAGE = 50


@blueprint.get("/")
@requires(Permission.PEOPLE_DIRECTORY_VIEW)
def directory() -> str:
    """Who works here: name, post, unit, manager; no pay and no results."""
    session = reading()
    search, unit_code = request.args.get("q", "").strip()[:60], request.args.get("unit", "")
    after = request.args.get("after", "")[:16]
    rows = queries.directory_page(
        session, today(), search=search, unit_code=unit_code, after=after, limit=PAGE
    )
    more = len(rows) > PAGE
    shown = rows[:PAGE]
    return render(
        "people/directory.html",
        rows=shown,
        search=search,
        unit_code=unit_code,
        units=queries.units_on(session, today()),
        next_after=shown[-1].employee.no if more else None,
    )


@blueprint.get("/<employee_no>")
@requires(Permission.PEOPLE_DIRECTORY_VIEW)
def person(employee_no: str) -> str:
    """One person; the history of assignments only for herself, her line, HR and auditors."""
    session, actor, on = reading(), current_actor(), today()
    found = queries.find_employee(session, employee_no)
    near = relations(session, actor, employee_no, on)
    # Leavers are shown to those who may still need to know; to others they are not there.
    if found is None or not (near or queries.is_employed(found, on)):
        raise NotFound("people.unknown_employee", employee=employee_no)
    current = queries.last_assignment(session, employee_no, on)
    manager_no = queries.manager_of(session, employee_no, on)
    history = queries.assignments_of(session, employee_no) if near else []
    return render(
        "people/person.html",
        subject=found,
        current=current,
        unit=queries.unit(session, current.unit_code) if current else None,
        post=queries.post(session, current.post_code) if current else None,
        posts={row.code: row for row in queries.posts(session)},
        units={row.code: row for row in queries.units_on(session, date.max)},
        manager=queries.employee(session, manager_no) if manager_no else None,
        reports=queries.reports_of(session, employee_no, on),
        history=list(reversed(history)),
        near=near,
    )


@blueprint.get("/import")
@requires(Permission.PEOPLE_FILE_IMPORT)
def import_page() -> str:
    """Where a file of units, employees or assignments is uploaded."""
    return render("people/import.html", kinds=KINDS, report=None, problem=None)


@blueprint.post("/import")
@requires(Permission.PEOPLE_FILE_IMPORT)
def import_file() -> Response | str | tuple[str, int]:
    """Take a whole file or nothing; errors are listed by row."""
    upload = request.files.get("file")
    kind = request.form.get("kind", "")
    content = upload.read() if upload else b""
    report: ImportReport | None = None
    try:
        with writing() as session:
            report = import_people(
                session, current_actor(), now(), kind, (upload and upload.filename) or "", content
            )
    except PerfFlowError as error:
        return (
            render("people/import.html", kinds=KINDS, report=None, problem=error),
            error.status,
        )
    if report.errors:
        return render("people/import.html", kinds=KINDS, report=report, problem=None), 422
    toast("people.file_taken", count=report.rows)
    return redirect(url_for("people.directory"))
