"""One simulated cycle from an empty database to its report."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from perfflow.calendar import end_of_day, FIRM_ZONE
from perfflow.config import Settings
from perfflow.cycles.models import Cycle
from perfflow.db import Database
from perfflow.db.migrate import upgrade
from perfflow.kernel.clock import VirtualClock
from perfflow.kernel.errors import BadInput
from perfflow.seed.people import Firm, Window
from perfflow.simulation import report
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

FOLLOW_UP_DAYS = 180
LENGTHS = {"ANNUAL-STD": 12, "HALF-STD": 6, "QUARTER-STD": 3}
SMALLEST_FIRM, LARGEST_FIRM = 12, 50_000


def plan_of(template: str, year: int) -> CyclePlan:
    """The first cycle of ``year`` for a pack that can be simulated."""
    if template not in LENGTHS:
        raise BadInput("simulation.unknown_template", got=template, known=", ".join(LENGTHS))
    plan = annual_plan(year, template)
    months = LENGTHS[template]
    if months == 12:
        return plan
    last = date(year, months + 1, 1) - timedelta(days=1)
    suffix = {6: "H1", 3: "Q1"}[months]
    return replace(
        plan,
        code=f"{year}-{suffix}",
        name_zh=f"{year} {'上半年' if months == 6 else '一季度'}考核",
        name_en=f"{year} {suffix} review",
        ends_on=last,
    )


def simulate_cycle(
    database: Database, settings: Settings, template: str, employees: int, seed: int, year: int
) -> dict[str, Any]:
    """Play one whole cycle on an empty database; the report is what ``--json`` prints."""
    if not SMALLEST_FIRM <= employees <= LARGEST_FIRM:
        raise BadInput("simulation.bad_size", got=employees, least=SMALLEST_FIRM, most=LARGEST_FIRM)
    plan = plan_of(template, year)
    started = time.perf_counter()
    upgrade(database)
    first = datetime(year - 1, 11, 20, 9, tzinfo=FIRM_ZONE)
    prepare(database, settings, first)
    firm = Firm(seed, employees, Window(year, 24))
    people_the_firm(database, firm, first, date(year - 1, 11, 1))
    simulation = Simulation(database, VirtualClock(first), seed, before_answer=before_answer(firm))
    _play(simulation, firm, plan)
    wall = time.perf_counter() - started
    return _report(simulation, plan, template, employees, seed, year, wall)


def _play(simulation: Simulation, firm: Firm, plan: CyclePlan) -> None:
    with simulation.database.reading() as session:
        moment = creation_moment(session, plan)

    def begin(run: Simulation) -> None:
        start_cycle(run, firm, plan)
        plan_movements(run, firm, plan)
        plan_cases(run, firm, plan)

    simulation.at(moment, begin)
    last = end_of_day(plan.ends_on + timedelta(days=FOLLOW_UP_DAYS))
    progress = Progress(moment, last, plan.code)

    def is_over() -> bool:
        progress.show(simulation.clock.now(), simulation.completed)
        return False

    simulation.run(last, is_over)
    progress.close()


def _report(
    simulation: Simulation,
    plan: CyclePlan,
    template: str,
    employees: int,
    seed: int,
    year: int,
    wall: float,
) -> dict[str, Any]:
    with simulation.database.reading() as session:
        cycle = session.get_one(Cycle, plan.code)
        events, digest = report.event_digest(session)
        return {
            "template": template,
            "employees": employees,
            "seed": seed,
            "year": year,
            "database": simulation.database.engine.dialect.name,
            "events": events,
            "event_log_sha256": digest,
            "tasks": report.task_rows(session, cycle),
            "bands": report.band_counts(session, cycle),
            "pay": report.pay_totals(session, cycle),
            "timeliness": report.timeliness(session, cycle),
            "incidents": report.incident_count(session),
            "wall_s": round(wall, 2),
            "seconds_per_task": round(wall / max(simulation.completed, 1), 4),
            "peak_rss_mib": peak_rss_mib(),
        }


def peak_rss_mib() -> int:
    """The largest resident memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 if sys.platform != "darwin" else 1024 * 1024)
