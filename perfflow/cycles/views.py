"""Pages of cycles: the list, creating one with its dates, adding and taking out people."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.calendar import firm_calendar
from perfflow.cycles import actions, queries
from perfflow.cycles.actions import Population
from perfflow.cycles.rules import deadlines, timeliness
from perfflow.jobs.queries import running_batches
from perfflow.kernel.errors import PerfFlowError, RuleViolation
from perfflow.people import queries as people_queries
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
from perfflow.workflow import queries as workflow_queries

blueprint = Blueprint("cycles", __name__, template_folder="templates", url_prefix="/cycles")


@blueprint.get("/")
@requires(Permission.CYCLES_MONITOR_VIEW)
def index() -> str:
    """All cycles, the latest first."""
    return render("cycles/index.html", cycles=queries.cycles(reading()))


@blueprint.get("/new")
@requires(Permission.CYCLES_MONITOR_MANAGE)
def new() -> str:
    """The form for a cycle; with a pack and dates it shows every deadline beforehand."""
    return _form(request.args)


def _form(given: object, problem: PerfFlowError | None = None) -> str:
    session = reading()
    values = {key: given.get(key, "") for key in FIELDS}  # type: ignore[attr-defined]
    packs = queries.packs(session, workflow_queries.current_release(session))
    preview = paid = None
    uncovered: list[int] = []
    pack = packs.get(values["pack"])
    try:
        starts_on, ends_on = _dates(values)
    except RuleViolation:
        pack = None
    if pack is not None:
        calendar = firm_calendar(session)
        preview = deadlines(pack, starts_on, ends_on, calendar)
        paid = timeliness(pack, preview, ends_on)
        years = {one.due_on.year for one in preview if one.due_on} | {starts_on.year}
        uncovered = sorted(year for year in years if not calendar.is_covered(year))
    return render(
        "cycles/new.html",
        values=values,
        packs=packs,
        pack=pack,
        preview=preview,
        paid=paid,
        uncovered=uncovered,
        problem=problem,
        units=people_queries.units_on(session, today()),
        posts=people_queries.posts(session),
    )


FIELDS = ("code", "pack", "name_zh", "name_en", "starts_on", "ends_on", "unit", "post")


def _dates(values: dict[str, str]) -> tuple[date, date]:
    found = []
    for name in ("starts_on", "ends_on"):
        try:
            found.append(date.fromisoformat(values[name]))
        except ValueError as error:
            raise RuleViolation("cycles.bad_date", field=name, got=values[name]) from error
    return found[0], found[1]


@blueprint.post("/new")
@requires(Permission.CYCLES_MONITOR_MANAGE)
def create() -> Response | tuple[str, int]:
    """Create the cycle and start its process."""
    form = request.form
    values = {key: form.get(key, "").strip() for key in FIELDS}
    try:
        starts_on, ends_on = _dates(values)
        for name in ("name_zh", "name_en"):
            if not values[name]:
                raise RuleViolation("cycles.name_missing", field=name)
        with writing() as session:
            actions.create_cycle(
                session,
                current_actor(),
                now(),
                code=values["code"],
                pack=values["pack"],
                name_zh=values["name_zh"],
                name_en=values["name_en"],
                starts_on=starts_on,
                ends_on=ends_on,
                population=Population(
                    tuple(unit for unit in form.getlist("unit") if unit),
                    tuple(post for post in form.getlist("post") if post),
                ),
            )
    except PerfFlowError as error:
        return _form(form, error), error.status
    toast("cycles.created", cycle=values["code"])
    return redirect(url_for("cycles.show", cycle_code=values["code"]))


@blueprint.get("/<cycle_code>")
@requires(Permission.CYCLES_MONITOR_VIEW)
def show(cycle_code: str) -> str:
    """One cycle: its dates and who takes part."""
    return _show(cycle_code)


def _show(cycle_code: str, problem: PerfFlowError | None = None) -> str:
    session = reading()
    found = queries.cycle(session, cycle_code)
    pack = queries.pack(session, found.pack_code, found.release_number)
    everybody = queries.participants(session, cycle_code, status=None)
    away = [row for row in everybody if row.status != queries.ACTIVE]
    return render(
        "cycles/show.html",
        cycle=found,
        pack=pack,
        dates={row.name: row.due_on for row in queries.deadline_rows(session, cycle_code)},
        count=len(everybody),
        away=away[:100],
        people=people_queries.employees_by_no(session, [row.employee_no for row in away[:100]]),
        problem=problem,
        given=request.form,
        units=people_queries.units_on(session, today()),
        work=running_batches(session, cycle_code),
    )


@blueprint.post("/<cycle_code>/people")
@requires(Permission.CYCLES_MONITOR_MANAGE)
def change_people(cycle_code: str) -> Response | tuple[str, int]:
    """Take a joiner in, or somebody out with a reason."""
    employee_no = request.form.get("employee_no", "").strip()
    try:
        with writing() as session:
            if request.form.get("act") == "exclude":
                actions.exclude_participant(
                    session,
                    current_actor(),
                    now(),
                    cycle_code,
                    employee_no,
                    request.form.get("reason", ""),
                )
            else:
                actions.add_participant(session, current_actor(), now(), cycle_code, employee_no)
    except PerfFlowError as error:
        return _show(cycle_code, error), error.status
    toast("cycles.people_changed", employee=employee_no)
    return redirect(url_for("cycles.show", cycle_code=cycle_code))


@blueprint.post("/<cycle_code>/deadlines")
@requires(Permission.CYCLES_MONITOR_MANAGE)
def move_deadline(cycle_code: str) -> Response | tuple[str, int]:
    """Give a step another due date: for everybody, a unit, or one person."""
    form = request.form
    try:
        try:
            due_on = date.fromisoformat(form.get("due_on", ""))
        except ValueError as error:
            raise RuleViolation(
                "cycles.bad_date", field="due_on", got=form.get("due_on", "")
            ) from error
        with writing() as session:
            batch = actions.move_cycle_deadline(
                session,
                current_actor(),
                now(),
                cycle_code,
                form.get("step", ""),
                due_on,
                form.get("reason", ""),
                unit_code=form.get("unit") or None,
                employee_no=form.get("person", "").strip() or None,
            )
    except PerfFlowError as error:
        return _show(cycle_code, error), error.status
    toast("cycles.deadline_moved" if batch is None else "cycles.deadline_moving", on=due_on)
    return redirect(url_for("cycles.show", cycle_code=cycle_code), 303)
