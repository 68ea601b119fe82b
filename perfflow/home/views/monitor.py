"""The cycle monitor and its remedies."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.cycles import queries as cycle_queries
from perfflow.home.actions import remind_holder
from perfflow.home.queries import monitor as queries
from perfflow.home.views.routes import blueprint
from perfflow.kernel.actor import Role
from perfflow.kernel.errors import NotAllowed, RuleViolation
from perfflow.people.queries import find_employee, is_employed
from perfflow.web import (
    current_actor,
    current_language,
    now,
    Permission,
    reading,
    render,
    requires,
    toast,
    writing,
)
from perfflow.web import today as firm_day
from perfflow.workflow import actions as workflow_actions

MOST_AT_ONCE = 200


@blueprint.get("/monitor")
@blueprint.get("/cycles/<code>/monitor")
@requires(Permission.CYCLES_MONITOR_VIEW)
def monitor(code: str | None = None) -> str:
    """How far every step of a cycle is, and what is stuck; no pay figures."""
    session, actor, at, language = reading(), current_actor(), now(), current_language()
    cycle = queries.cycle_to_watch(session, code)
    cycles = cycle_queries.cycles(session)
    if cycle is None:
        return render("home/monitor.html", cycle=None, cycles=[])
    rows = cycle_queries.funnel(session, cycle.code, at)
    processes = queries.processes_of(session, cycle, rows, language)
    busiest = max(processes, key=lambda one: one.open, default=None)
    wanted = request.args.get("process")
    chosen = next((one for one in processes if one.key == wanted), busiest)
    picture = queries.heat_picture(session, cycle, chosen.key, rows, language) if chosen else ""
    return render(
        "home/monitor.html",
        cycle=cycle,
        cycles=cycles,
        rows=rows,
        processes=processes,
        chosen=chosen,
        picture=picture,
        timeliness=queries.plan_of_payment(session, cycle),
        cases=queries.stuck(session, actor, cycle, at),
        incidents=queries.incidents(session, actor, cycle),
        people=len(cycle_queries.participants(session, cycle.code, status=None)),
        may_resolve=actor.has(Role.PROCESS_ADMIN),
        may_export=actor.has(Role.HR_PARTNER, Role.AUDITOR),
    )


@blueprint.post("/cycles/<code>/monitor/remind")
@requires(Permission.CYCLES_MONITOR_MANAGE)
def remind(code: str) -> Response:
    """Remind the holders of the ticked tasks, at most once a day each."""
    wanted = [int(text) for text in request.form.getlist("task") if _is_number(text)]
    told = 0
    with writing() as session:
        cycle_queries.cycle(session, code)
        for task_id in wanted[:MOST_AT_ONCE]:
            told += remind_holder(session, current_actor(), now(), task_id)
    toast("home.reminded" if told else "home.reminded_already", count=told)
    return redirect(url_for("home.monitor", code=code), 303)


@blueprint.post("/cycles/<code>/monitor/reassign")
@requires(Permission.CYCLES_MONITOR_MANAGE)
def reassign(code: str) -> Response:
    """Give a stuck task to whoever was proposed."""
    task, to = request.form.get("task", ""), request.form.get("to", "").strip()
    if not _is_number(task):
        raise RuleViolation("home.no_task_named", field="task")
    with writing() as session:
        cycle_queries.cycle(session, code)
        heir = find_employee(session, to)
        if heir is None or not is_employed(heir, firm_day()):
            raise RuleViolation("home.heir_gone", field="to", employee=to)
        workflow_actions.reassign_task(
            session, current_actor(), now(), int(task), to, request.form.get("reason", "")
        )
    toast("home.reassigned")
    return redirect(url_for("home.monitor", code=code), 303)


@blueprint.post("/cycles/<code>/monitor/incident")
@requires(Permission.CYCLES_MONITOR_MANAGE)
def resolve(code: str) -> Response:
    """Note that somebody has looked after an incident."""
    actor, number = current_actor(), request.form.get("incident", "")
    if not actor.has(Role.PROCESS_ADMIN):
        raise NotAllowed("home.incidents_for_admins")
    if not _is_number(number):
        raise RuleViolation("home.no_task_named", field="incident")
    with writing() as session:
        workflow_actions.resolve_incident(session, actor, now(), int(number))
    toast("home.incident_resolved")
    return redirect(url_for("home.monitor", code=code), 303)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
