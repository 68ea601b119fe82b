"""The audit trail for auditors: who did what, filtered, and whether anybody touched it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import request

from perfflow.audit import AuditEvent, trail_counts, verify
from perfflow.audit import trail as entries_of
from perfflow.calendar import start_of_day
from perfflow.home.views.routes import blueprint
from perfflow.people.queries import employees_by_no
from perfflow.web import Permission, reading, render, requires

PAGE = 50


@blueprint.get("/audit/")
@requires(Permission.AUDIT_TRAIL_VIEW)
def trail() -> str:
    """The newest rows first; with ``verify=1`` also the result of checking every hash."""
    session = reading()
    given = {
        name: request.args.get(name, "").strip()[:200]
        for name in ("actor", "event", "subject", "from", "to")
    }
    event = given["event"] if given["event"] in set(AuditEvent) else ""
    first_on, last_on = _day(given["from"]), _day(given["to"])
    before = request.args.get("before", "")
    rows = entries_of(
        session,
        subject=given["subject"] or None,
        event=event or None,
        actor=given["actor"] or None,
        since=start_of_day(first_on) if first_on else None,
        until=start_of_day(last_on + timedelta(days=1)) if last_on else None,
        before_id=int(before) if before.isdecimal() and len(before) < 16 else None,
        limit=PAGE + 1,
    )
    wants_check = request.args.get("verify") == "1"
    return render(
        "home/trail.html",
        rows=rows[:PAGE],
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        given=given,
        events=sorted(AuditEvent),
        bad_day=(given["from"] and not first_on) or (given["to"] and not last_on),
        people=employees_by_no(session, {row.employee_no for row in rows if row.employee_no}),
        counts=trail_counts(session),
        findings=verify(session) if wants_check else None,
    )


def _day(text: str) -> date | None:
    """A day of this century; anything else is no day."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day and 2000 <= day.year < 2100 else None
