"""Pages of goals: my goals, a sheet with its rounds, the alignment tree."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from perfflow.cycles import queries as cycle_queries
from perfflow.goals import actions, queries
from perfflow.goals.presentation import (
    figure,
    form_sheet_view,
    goal_unit,
    library_view,
    sheet_view,
)
from perfflow.goals.tree import tree_of
from perfflow.metrics import queries as metric_queries
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
