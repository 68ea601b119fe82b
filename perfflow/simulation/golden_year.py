"""How the golden year is played: agreed goals, figures that give the bands, the fixed pool."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.calendar import firm_calendar
from perfflow.cycles.actions import add_participant, create_cycle
from perfflow.goals.models import GoalLine, GoalSheet, GoalSheetVersion
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.rounding import round_half_up
from perfflow.metrics.actions import load_batch
from perfflow.metrics.queries import metric_catalogue
from perfflow.metrics.rules import Aggregation, Direction
from perfflow.payouts.models import BonusBase, EarlierBand, OrganisationFactor
from perfflow.plans.rules.bonus import VetoShare
from perfflow.simulation.driver import Simulation
from perfflow.simulation.golden_cast import BRANCH, BY_NO, CYCLE, GoldenPerson, PEOPLE, ROOT, TEAM
from perfflow.simulation.stage import annual_plan, creation_moment, holder
from perfflow.simulation.timing import working_moment
from perfflow.workflow.models import UserTask

SURVEYED = "CL-01"
FACTORS = {TEAM: Decimal("1.10"), BRANCH: Decimal("1.00"), ROOT: Decimal("1.00")}


def start_golden_cycle(simulation: Simulation) -> None:
    """Plan the creation of the cycle, and E2's first day."""
    plan = annual_plan(2025)
    with simulation.database.reading() as session:
        moment = creation_moment(session, plan)
        first_day = working_moment(firm_calendar(session), BY_NO["E2"].hired_on)
    simulation.at(moment, _create)
    simulation.at(first_day, partial(_join, number="E2"))


def _create(simulation: Simulation) -> None:
    plan = annual_plan(2025)
    with simulation.database.writing() as session:
        actor = holder(simulation, session, Role.HR_PARTNER)
        create_cycle(
            session,
            actor,
            simulation.clock.now(),
            code=CYCLE,
            pack=plan.pack,
            name_zh=plan.name_zh,
            name_en=plan.name_en,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
        )
        for one in PEOPLE:
            session.add(
                BonusBase(
                    cycle_code=CYCLE, employee_no=one.no, base_fen=one.base_fen, source="scenario"
                )
            )
            for back, band in enumerate(one.earlier, start=1):
                session.add(
                    EarlierBand(employee_no=one.no, year=2025 - back, band=band, source="scenario")
                )
        for unit, factor in FACTORS.items():
            session.add(OrganisationFactor(cycle_code=CYCLE, unit_code=unit, factor_e4=factor))


def _join(simulation: Simulation, number: str) -> None:
    with simulation.database.writing() as session:
        actor = holder(simulation, session, Role.HR_PARTNER)
        add_participant(session, actor, simulation.clock.now(), CYCLE, number)


def before_golden_answer(
    simulation: Simulation, session: Session, actor: Actor, task: UserTask
) -> None:
    """With December's load come the figures of the year, made to give each person's band."""
    is_december = task.locals is not None and task.locals.get("period") == "2025-12"
    if task.element_id != "load-data" or not is_december:
        return
    lines = ["employee_no,metric_code,period,value,numerator,denominator"]
    for one in PEOPLE:
        lines += _figures(session, one)
    load_batch(
        session,
        actor,
        simulation.clock.now(),
        source="CORE",
        file_name="year.csv",
        content="\n".join(lines).encode(),
    )


def _figures(session: Session, one: GoldenPerson) -> list[str]:
    """A value for each locked line: target × attainment (lower is better: × (2 − attainment))."""
    metrics = metric_catalogue(session)
    cycle_days, days = 365, (date(2026, 1, 1) - max(one.hired_on, date(2025, 1, 1))).days
    rows = []
    for line in _locked_lines(session, one.no):
        metric = metrics[line.metric_code]
        if line.metric_code == SURVEYED or metric.direction is Direction.RATING:
            continue
        assert line.target_e6 is not None
        factor = one.attainment
        if metric.direction is Direction.LB:
            factor = 2 - factor
        value = line.target_e6 * factor
        if metric.aggregation is Aggregation.SUM:
            value = value * days / cycle_days  # flow targets count the days present
        shown = round_half_up(value, 6)
        if metric.aggregation is Aggregation.RATIO:
            rows.append(f"{one.no},{line.metric_code},2025-12,,{shown * 1000},1000")
        else:
            rows.append(f"{one.no},{line.metric_code},2025-12,{shown},,")
    return rows


def _locked_lines(session: Session, number: str) -> list[GoalLine]:
    sheet = session.scalars(
        select(GoalSheet).where(GoalSheet.cycle_code == CYCLE, GoalSheet.employee_no == number)
    ).one()
    version = session.scalars(
        select(GoalSheetVersion).where(
            GoalSheetVersion.sheet_id == sheet.id,
            GoalSheetVersion.version == sheet.locked_version,
        )
    ).one()
    return list(session.scalars(select(GoalLine).where(GoalLine.version_id == version.id)))


def golden_answers(mode: VetoShare, pool_fen: int) -> Callable[[UserTask, dict[str, Any]], None]:
    """Everybody agrees; ratings and the pool are those of the specification."""

    def change(task: UserTask, values: dict[str, Any]) -> None:
        match task.element_id:
            case "countersign-goals" | "approve-payout":
                values["decision"] = "approve"
                values.pop("comment", None)
                values.pop("note", None)
            case "score-review":
                rating = BY_NO[task.subject_no or ""].rating
                for row in values.get("ratings", []):
                    row["rating"] = rating
            case "check-data":
                values.update(outcome="confirmed")
                values.pop("note", None)
            case "confirm-result":
                values.update(outcome="confirmed")
                values.pop("ground", None)
                values.pop("text", None)
            case "run-bonus":
                values["amount"] = Decimal(pool_fen).scaleb(-2)
                values["veto_share"] = mode.value

    return change
