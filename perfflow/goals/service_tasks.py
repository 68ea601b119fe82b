"""The steps of the goal processes: service tasks and the look-up of objectives."""

from __future__ import annotations

from typing import Any

from perfflow.forms import form_lookup, FormContext, Option, Text
from perfflow.goals import actions, queries
from perfflow.goals import bindings as bindings  # registers the forms of this room
from perfflow.workflow import service_task, ServiceContext


@service_task("goals.open_sheet", inputs=("cycle", "employee"))
def open_sheet(ctx: ServiceContext, cycle: str, employee: str) -> dict[str, Any]:
    """Create the sheet and version 0 from the card of the post."""
    actions.open_sheet(ctx.session, ctx.actor, ctx.now, cycle, employee)
    return {}


@service_task(
    "goals.needs_countersign", inputs=("cycle", "employee"), outputs=("needs_countersign",)
)
def needs_countersign(ctx: ServiceContext, cycle: str, employee: str) -> dict[str, Any]:
    """Say whether compliance has to countersign."""
    return {"needs_countersign": actions.needs_countersign(ctx.session, cycle, employee)}


@service_task("goals.lock_goal_sheet", inputs=("cycle", "employee"), outputs=("locked",))
def lock_goal_sheet(ctx: ServiceContext, cycle: str, employee: str) -> dict[str, Any]:
    """Lock what both sides signed."""
    actions.lock_goal_sheet(ctx.session, ctx.actor, ctx.now, cycle, employee)
    return {"locked": True}


@form_lookup("objectives")
def objective_options(ctx: FormContext) -> list[Option]:
    """The objectives of the cycle of the form."""
    cycle = ctx.variables.get("cycle")
    if ctx.session is None or not cycle:
        return []
    return [
        Option(row.code, Text(f"{row.code} {row.title_zh}", f"{row.code} {row.title_en}"))
        for row in queries.objectives(ctx.session, cycle)
    ]
