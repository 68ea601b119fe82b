"""Background work: what runs, how far it is, what failed; found again after one has left."""

from __future__ import annotations

from flask import g, make_response, redirect, url_for
from werkzeug.wrappers import Response

from perfflow.home.views.routes import blueprint
from perfflow.jobs import cancel_batch, queries, try_again
from perfflow.people.queries import employees_by_no
from perfflow.web import (
    current_actor,
    current_language,
    now,
    Permission,
    permits,
    reading,
    render,
    requires,
    toast,
    writing,
)

SHOWN = 50
REFRESH_SECONDS = "4"


@blueprint.get("/background/")
@requires(Permission.CYCLES_MONITOR_VIEW)
def work() -> Response:
    """Everything that was asked for, the newest first."""
    session = reading()
    rows = queries.batches(session, SHOWN)
    page = render(
        "home/work.html",
        rows=rows,
        people=employees_by_no(session, {row.requested_by for row in rows}),
    )
    return _renewed(page, any(row.status == "running" for row in rows))


@blueprint.get("/background/<int:batch_id>")
@requires(Permission.CYCLES_MONITOR_VIEW)
def work_one(batch_id: int) -> Response:
    """One piece of work: its progress, what it came to, and what failed with the reason."""
    session = reading()
    row = queries.batch(session, batch_id)
    g.nav_endpoint = "home.work"
    page = render(
        "home/work_one.html",
        row=row,
        asker=employees_by_no(session, {row.requested_by}).get(row.requested_by),
        failures=queries.failures(session, batch_id, current_language()),
        manages=permits(current_actor(), Permission.CYCLES_MONITOR_MANAGE),
    )
    return _renewed(page, row.status == "running")


def _renewed(page: str, is_running: bool) -> Response:
    """While work runs the browser asks again by itself, with or without scripts."""
    response = make_response(page)
    if is_running:
        response.headers["Refresh"] = REFRESH_SECONDS
    return response


@blueprint.post("/background/<int:batch_id>/cancel")
@requires(Permission.CYCLES_MONITOR_MANAGE)
def cancel_work(batch_id: int) -> Response:
    """Take back what nobody has begun."""
    with writing() as session:
        left = cancel_batch(session, current_actor(), now(), batch_id)
    toast("home.work_cancelled", count=left)
    return redirect(url_for("home.work_one", batch_id=batch_id), 303)


@blueprint.post("/background/<int:batch_id>/again")
@requires(Permission.CYCLES_MONITOR_MANAGE)
def retry_work(batch_id: int) -> Response:
    """Try what failed once more."""
    with writing() as session:
        count = try_again(session, current_actor(), now(), batch_id)
    toast("home.work_again", count=count)
    return redirect(url_for("home.work_one", batch_id=batch_id), 303)
