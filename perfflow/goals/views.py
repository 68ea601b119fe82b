"""Pages of goals: my goals, a sheet with its rounds, the alignment tree."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.cycles import queries as cycle_queries
from perfflow.goals import actions, queries
from perfflow.goals.models import TargetRevision
from perfflow.goals.presentation import (
    figure,
    form_sheet_view,
    goal_unit,
    library_view,
    sheet_view,
)
from perfflow.goals.tree import tree_of
from perfflow.kernel.errors import NotFound, RuleViolation
from perfflow.metrics import queries as metric_queries
from perfflow.metrics.rules import MetricDefinition
from perfflow.metrics.units import shown, stored
from perfflow.people import queries as people_queries
from perfflow.people.access import access_person, Relation
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
from perfflow.workflow import queries as workflow_queries

blueprint = Blueprint("goals", __name__, template_folder="templates", url_prefix="/goals")
blueprint.add_app_template_global(form_sheet_view, "goal_sheet_view")
blueprint.add_app_template_global(goal_unit, "goal_unit")
READERS = (Relation.SELF, Relation.LINE, Relation.HR, Relation.AUDITOR)
REVISERS = (Relation.SELF, Relation.MANAGER)
NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)


@blueprint.get("/")
@requires(Permission.GOALS_SHEET_VIEW)
def mine() -> str | Response:
    """My newest sheet, or what will be here; below it the sheets of my reports."""
    session, actor = reading(), current_actor()
    number = actor.employee_no
    sheets = queries.sheets_of(session, number) if number else []
    team = _team(number) if number else []
    if sheets and not team:
        return redirect(url_for("goals.sheet", cycle_code=sheets[0].cycle_code, employee_no=number))
    cycles = {row.code: row for row in cycle_queries.cycles(session)}
    return render("goals/mine.html", sheets=sheets, team=team, cycles=cycles)


def _team(manager_no: str) -> list[dict[str, object]]:
    """The reports of a manager with their newest sheets."""
    session = reading()
    rows: list[dict[str, object]] = []
    for person in people_queries.reports_of(session, manager_no, today()):
        sheets = queries.sheets_of(session, person.no)
        rows.append({"person": person, "sheet": sheets[0] if sheets else None})
    return rows


@blueprint.get("/<cycle_code>/<employee_no>")
@requires(Permission.GOALS_SHEET_VIEW)
def sheet(cycle_code: str, employee_no: str) -> str:
    """One sheet with weights, SMART verdicts, rounds and signatures."""
    session, actor = reading(), current_actor()
    access_person(session, actor, employee_no, today(), READERS)
    view = sheet_view(session, cycle_code, employee_no, current_language())
    instance = workflow_queries.open_tasks_of(session, f"{cycle_code}/{employee_no}")
    my_task = next((task for task in instance if task.assignee_no == actor.employee_no), None)
    person = people_queries.employee(session, employee_no)
    others = queries.sheets_of(session, employee_no)
    return render(
        "goals/sheet.html",
        view=view,
        subject=person,
        my_task=my_task,
        others=others,
        is_mine=actor.employee_no == employee_no,
        mid_year=queries.mid_year_review(session, cycle_code, employee_no),
        cycles={row.code: row for row in cycle_queries.cycles(session)},
    )


@blueprint.get("/<cycle_code>/<employee_no>/library")
@requires(Permission.GOALS_SHEET_VIEW)
def library(cycle_code: str, employee_no: str) -> str:
    """The ready goals of the person's post, while the own goals are a draft."""
    session, actor = reading(), current_actor()
    access_person(session, actor, employee_no, today(), (Relation.SELF,))
    return render("goals/library.html", **library_view(session, cycle_code, employee_no))


@blueprint.post("/<cycle_code>/<employee_no>/library")
@requires(Permission.GOALS_SHEET_DRAFT)
def pick(cycle_code: str, employee_no: str) -> Response:
    """Copy a ready goal into the draft, or take a copied one out."""
    form, actor = request.form, current_actor()
    link, metric = form.get("link", ""), form.get("metric", "")
    with writing() as session:
        access_person(session, actor, employee_no, today(), (Relation.SELF,))
        if link:
            language = current_language()
            actions.pick_goal(session, actor, now(), cycle_code, employee_no, link, language)
        else:
            actions.drop_goal(session, actor, now(), cycle_code, employee_no, metric)
    toast("goals.library_picked" if link else "goals.library_dropped")
    back = url_for("goals.library", cycle_code=cycle_code, employee_no=employee_no)
    return redirect(back, 303)


@blueprint.get("/<cycle_code>/<employee_no>/revisions")
@requires(Permission.GOALS_SHEET_VIEW)
def revisions(cycle_code: str, employee_no: str) -> str:
    """Targets that were revised, who agreed, and a form for another one."""
    return _revisions_page(cycle_code, employee_no, {}, None)


@blueprint.post("/<cycle_code>/<employee_no>/revisions")
@requires(Permission.GOALS_SHEET_REVISE)
def propose_revision(cycle_code: str, employee_no: str) -> Response | tuple[str, int]:
    """Propose another target for a locked goal."""
    form = request.form
    try:
        with writing() as session:
            access_person(session, current_actor(), employee_no, today(), REVISERS)
            cycle = queries.cycle_of(session, cycle_code)
            metrics = metric_queries.metric_catalogue(session, cycle.release_number)
            metric = metrics.get(form.get("metric_code", ""))
            actions.propose_revision(
                session,
                current_actor(),
                now(),
                cycle_code,
                employee_no,
                metric_code=form.get("metric_code", ""),
                target=_typed_target(form.get("target", ""), metric),
                effective_on=_typed_day(form.get("effective_on", "")),
                mode=form.get("mode", ""),
                reason_class=form.get("reason_class", ""),
                evidence=form.get("evidence", ""),
            )
    except RuleViolation as error:
        return _revisions_page(cycle_code, employee_no, form.to_dict(), error), 422
    toast("goals.toast_revision_proposed")
    return _to_revisions(cycle_code, employee_no)


@blueprint.post("/<cycle_code>/<employee_no>/revisions/<int:revision_id>")
@requires(Permission.GOALS_SHEET_REVISE)
def decide_revision(
    cycle_code: str, employee_no: str, revision_id: int
) -> Response | tuple[str, int]:
    """Agree to a revision, or refuse it with a note."""
    try:
        with writing() as session:
            row = session.get(TargetRevision, revision_id)
            if row is None or (row.cycle_code, row.employee_no) != (cycle_code, employee_no):
                raise NotFound("goals.no_sheet", cycle=cycle_code, employee=employee_no)
            actions.decide_revision(
                session,
                current_actor(),
                now(),
                revision_id,
                is_approved=request.form.get("outcome") == "approve",
                note=request.form.get("note", ""),
            )
    except RuleViolation as error:
        return _revisions_page(cycle_code, employee_no, {}, error), 422
    toast("goals.toast_revision_decided")
    return _to_revisions(cycle_code, employee_no)


def _typed_target(text: str, metric: MetricDefinition | None) -> Decimal | None:
    """A typed target as it is stored; None for what is no number."""
    plain = text.strip().replace(",", "")
    if metric is None or not NUMBER.fullmatch(plain):
        return None
    return stored(Decimal(plain), metric.unit)


def _typed_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _to_revisions(cycle_code: str, employee_no: str) -> Response:
    return redirect(url_for("goals.revisions", cycle_code=cycle_code, employee_no=employee_no), 303)


def _revisions_page(
    cycle_code: str, employee_no: str, values: dict[str, str], error: RuleViolation | None
) -> str:
    session, actor, language = reading(), current_actor(), current_language()
    rows = queries.revisions(session, cycle_code, employee_no)
    mine = {row.id for row in rows if actions.may_decide(session, actor, row, today())}
    if not mine:
        access_person(session, actor, employee_no, today(), READERS)
    cycle = queries.cycle_of(session, cycle_code)
    goals = queries.locked_lines(session, cycle_code, employee_no)
    names = {row.proposed_by for row in rows}
    names |= {one["by"] for row in rows for one in row.decisions}
    manager = people_queries.manager_of(session, employee_no, today())
    return render(
        "goals/revisions.html",
        cycle=cycle,
        subject=people_queries.employee(session, employee_no),
        rows=list(reversed(rows)),
        mine=mine,
        goals=[goal for goal in goals if goal.target_e6 is not None],
        may_propose=actor.employee_no in (employee_no, manager)
        and cycle.status == "running"
        and bool(goals),
        metrics=metric_queries.metric_catalogue(session, cycle.release_number),
        people=people_queries.employees_by_no(session, names),
        figure=lambda value, metric: figure(value, metric, language),
        # In the unit that the field takes, never in a rounder one of the language.
        typed=lambda value, metric: f"{shown(value, metric.unit):f} {goal_unit(metric, language)}",
        values=values,
        errors={} if error is None else {error.field or "": error},
    )


@blueprint.get("/tree")
@requires(Permission.GOALS_TREE_VIEW)
def tree() -> str:
    """Objectives and how units and people carry them."""
    session = reading()
    cycles = cycle_queries.cycles(session)
    code = request.args.get("cycle") or (cycles[0].code if cycles else "")
    if not code:
        return render("goals/tree.html", cycles=[], cycle=None, tree=None, figure=None)
    found = cycle_queries.cycle(session, code)
    metrics = metric_queries.metric_catalogue(session, found.release_number)
    language = current_language()
    return render(
        "goals/tree.html",
        cycles=cycles,
        cycle=found,
        tree=tree_of(session, code, metrics),
        figure=lambda value, metric: figure(value, metric, language),
    )
