"""Hand-overs: open tasks that followed the organisation, and taking one back."""

from __future__ import annotations

from flask import g, redirect, url_for
from werkzeug.wrappers import Response

from perfflow.home.queries.monitor import is_firm_wide
from perfflow.home.views.routes import blueprint
from perfflow.kernel.errors import NotFound
from perfflow.people.access import is_in_hr_scope
from perfflow.people.queries import employees_by_no
from perfflow.web import (
    current_actor,
    now,
    Permission,
    permits,
    reading,
    render,
    requires,
    toast,
    today,
    writing,
)
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries


@blueprint.get("/handovers")
@requires(Permission.CYCLES_MONITOR_VIEW)
def handovers() -> str:
    """What went to whom and why; HR partners see the people of their units."""
    session = reading()
    rows = [row for row in workflow_queries.reroutings(session) if _may_see(row)]
    numbers = {
        number
        for row in rows
        for number in (row.subject_no, row.old_assignee_no, row.new_assignee_no)
        if number
    }
    g.nav_endpoint = "home.monitor"
    return render(
        "home/handovers.html",
        rows=rows,
        people=employees_by_no(session, numbers),
        manages=permits(current_actor(), Permission.CYCLES_MONITOR_MANAGE),
    )


def _may_see(row: object) -> bool:
    session, actor = reading(), current_actor()
    if is_firm_wide(session, actor):
        return True
    person = row.subject_no or row.old_assignee_no  # type: ignore[attr-defined]
    return bool(person) and is_in_hr_scope(session, actor, person, today())


@blueprint.post("/handovers/<int:number>/undo")
@requires(Permission.CYCLES_MONITOR_MANAGE)
def undo_handover(number: int) -> Response:
    """Give a task back to whom it was with."""
    known = {row.id: row for row in workflow_queries.reroutings(reading())}
    if number not in known or not _may_see(known[number]):
        raise NotFound("workflow.no_rerouting", rerouting=number)
    with writing() as session:
        workflow_actions.undo_rerouting(session, current_actor(), now(), number)
    toast("home.handover_undone")
    return redirect(url_for("home.handovers"), 303)
