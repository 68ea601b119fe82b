"""Pages of the plan linter: findings of what runs, overrides, jurisdiction profiles."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.kernel.errors import NotFound, PerfFlowError, RuleViolation
from perfflow.people.queries import employees_by_no
from perfflow.plans import actions, presentation
from perfflow.plans.linting import judged_findings
from perfflow.plans.rules.overrides import LONGEST
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
    today,
    writing,
)
from perfflow.workflow import queries as workflow_queries

blueprint = Blueprint("plans", __name__, template_folder="templates", url_prefix="/plans")


@blueprint.get("/")
@requires(Permission.PLANS_LINTER_VIEW)
def linter() -> str:
    """What the linter says about the catalogue that runs, and every override."""
    return _page({}, {})


@blueprint.post("/overrides/<int:override_id>/<step>")
@requires(Permission.PLANS_OVERRIDE_DECIDE)
def decide(override_id: int, step: str) -> Response | tuple[str, int]:
    """Grant, decline or withdraw."""
    form, actor = request.form, current_actor()
    reason = form.get("reason", "")
    try:
        with writing() as session:
            if step == "grant":
                expires_on = _day(form.get("expires_on", ""))
                row = actions.grant_override(
                    session, actor, now(), override_id, reason=reason, expires_on=expires_on
                )
            elif step == "decline":
                row = actions.decline_override(session, actor, now(), override_id, reason=reason)
            elif step == "withdraw":
                row = actions.withdraw_override(session, actor, now(), override_id, reason=reason)
            else:
                raise NotFound("plans.no_override")
            rule, until = row.code, row.expires_on
    except RuleViolation as error:
        values = {**form.to_dict(), "id": str(override_id), "step": step}
        return _page(values, {error.field or "": error}), error.status
    if step == "grant":
        toast("plans.override_granted", expires_on=until, rule=rule)
    else:
        toast("plans.override_declined" if step == "decline" else "plans.override_withdrawn")
    return redirect(url_for("plans.linter") + "#overrides", 303)


def _page(values: dict[str, str], errors: dict[str, PerfFlowError]) -> str:
    session, actor, language = reading(), current_actor(), current_language()
    release = _release()
    found = judged_findings(session, release, today()) if release else []
    rows = presentation.requests(session, language, today())
    return render(
        "plans/linter.html",
        release=release,
        findings=presentation.shown_findings(found, language),
        requests=rows,
        people=employees_by_no(
            session, {one for row in rows for one in (row.requested_by, row.decided_by) if one}
        ),
        profiles=presentation.in_force(session, release) if release else [],
        unverified=presentation.unverified(session, release) if release else [],
        may_decide=permits(actor, Permission.PLANS_OVERRIDE_DECIDE),
        me=actor.employee_no or actor.name,
        last_day=today() + LONGEST,
        values=values,
        errors=errors,
    )


@blueprint.get("/profiles")
@requires(Permission.PLANS_LINTER_VIEW)
def profiles() -> str:
    """Every jurisdiction profile with its sources, and the thresholds in force."""
    session, language, release = reading(), current_language(), _release()
    return render(
        "plans/profiles.html",
        release=release,
        profiles=presentation.shown_profiles(session, release, language) if release else [],
        thresholds=presentation.shown_thresholds(
            presentation.in_force(session, release) if release else [], language
        ),
    )


def _release() -> int:
    """The number of the catalogue release that runs; 0 before the first deployment."""
    try:
        return workflow_queries.current_release(reading())
    except NotFound:
        return 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
