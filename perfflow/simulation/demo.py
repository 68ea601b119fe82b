"""The demo firm on its own day: one cycle before payout, one in goal setting, a pilot under way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from perfflow.config import Settings
from perfflow.cycles.actions.creation import Population
from perfflow.db import Database
from perfflow.kernel.clock import VirtualClock
from perfflow.seed.people import Firm, Window
from perfflow.simulation.driver import Simulation
from perfflow.simulation.progress import Progress
from perfflow.simulation.stage import (
    annual_plan,
    before_answer,
    creation_moment,
    CyclePlan,
    people_the_firm,
    plan_cases,
    plan_movements,
    prepare,
    start_cycle,
)
from perfflow.workflow.models import UserTask

LEFT_TO_VISITORS = frozenset({"run-bonus", "approve-payout", "release-payout"})
"""Steps that the simulated people of the demo do not come to: visitors do."""
NEVER = 40.0


def demo_plans(year: int) -> tuple[CyclePlan, CyclePlan, CyclePlan]:
    """The closing annual cycle, the next one, and a half-year pilot in one branch."""
    pilot_start = date(year, 10, 20)
    pilot = CyclePlan(
        code=f"{year}-PILOT",
        pack="HALF-STD",
        name_zh=f"{year} 半年度试点",
        name_en=f"{year} half-year pilot",
        starts_on=pilot_start,
        ends_on=date(year + 1, 4, 19),
        population=Population(unit_codes=("B001",)),
        is_shadow=True,
    )
    return annual_plan(year), annual_plan(year + 1), pilot


def demo_pace(
    closing: CyclePlan, coming: CyclePlan, pilot: CyclePlan
) -> Callable[[UserTask], float]:
    """The closing cycle hurries, the coming one takes its time, payouts wait for visitors."""

    def pace(task: UserTask) -> float:
        if task.element_id in LEFT_TO_VISITORS:
            return NEVER
        if task.business_key.startswith(closing.code):
            return 0.75 if task.definition_key == "feedback-interview" else 0.4
        if task.business_key.startswith(coming.code) and task.element_id == "draft-goals":
            return 2.4
        if task.definition_key == "check-in" and task.business_key.startswith(pilot.code):
            return 1.8
        return 1.2

    return pace


def build_demo(
    database: Database, settings: Settings, now: datetime, employees: int, seed: int
) -> None:
    """Fill a migrated, empty database and play up to ``now``."""
    year = now.year - 1
    first = datetime(year - 1, 11, 20, 9, tzinfo=now.tzinfo)
    prepare(database, settings, first)
    firm = Firm(seed, employees, Window(year, 24))
    people_the_firm(database, firm, first, date(year - 1, 11, 1))
    closing, coming, pilot = demo_plans(year)
    act = before_answer(firm)
    simulation = Simulation(
        database,
        VirtualClock(first),
        seed,
        pace=demo_pace(closing, coming, pilot),
        before_answer=act,
        is_punctual=lambda task: task.business_key.startswith(closing.code),
    )
    with database.reading() as session:
        moments = [creation_moment(session, plan) for plan in (closing, coming, pilot)]
    for moment, plan in zip(moments, (closing, coming, pilot), strict=True):
        simulation.at(moment, partial(_begin, firm=firm, plan=plan))
    progress = Progress(moments[0], now, "demo")

    def is_over() -> bool:
        progress.show(simulation.clock.now(), simulation.completed)
        return False

    simulation.run(now - timedelta(minutes=1), is_over)
    progress.close()


def _begin(simulation: Simulation, firm: Firm, plan: CyclePlan) -> None:
    start_cycle(simulation, firm, plan)
    if plan.population is None:
        plan_movements(simulation, firm, plan)
        plan_cases(simulation, firm, plan)
