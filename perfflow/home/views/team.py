"""The team board: people by what they need, never by score."""

from __future__ import annotations

from flask import request

from perfflow.home.queries import team as queries
from perfflow.home.rules import Need
from perfflow.home.views.routes import blueprint
from perfflow.people.queries import reports_of
from perfflow.web import current_actor, now, Permission, reading, render, requires
from perfflow.web import today as firm_day

SHOWS = ("all", "need", "silent")


@blueprint.get("/team/")
@requires(Permission.TEAM_BOARD_VIEW)
def team() -> str:
    """The board of the own team, or of a team below or in HR scope."""
    session, actor, on = reading(), current_actor(), firm_day()
    managers = queries.managers_to_choose(session, actor, on)
    wanted = request.args.get("manager") or None
    manager_no = queries.board_of(session, actor, wanted, on)
    if manager_no is None and managers:
        manager_no = managers[0].no
    members, cycle = [], None
    if manager_no is not None:
        numbers = [row.no for row in reports_of(session, manager_no, on)]
        cycle = queries.cycle_of_board(session, numbers, request.args.get("cycle") or None)
        members = queries.members(session, manager_no, cycle, now())
    show = request.args.get("show", "all")
    groups = {
        "all": members,
        "need": [one for one in members if one.needs],
        "silent": [one for one in members if Need.NO_TALK in one.needs],
    }
    return render(
        "home/team.html",
        managers=managers,
        manager=next((one for one in managers if one.no == manager_no), None),
        own_no=actor.employee_no,
        cycle=cycle,
        members=groups.get(show, members),
        counts={name: len(found) for name, found in groups.items()},
        show=show if show in SHOWS else "all",
        as_table=request.args.get("view") == "table",
    )
