"""Sets the stage of a simulated year: configuration, calendars, people, pay bases, cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy import insert
from sqlalchemy.orm import Session

from perfflow.calendar import firm_calendar, local_date
from perfflow.calendar.actions import load_calendars
from perfflow.calibration import actions as calibration_actions
from perfflow.calibration import queries as calibration_queries
from perfflow.calibration.actions.adjusting import unapproved_moves
from perfflow.calibration.models import CalibrationSession
from perfflow.compliance import actions as compliance_actions
from perfflow.config import Settings
from perfflow.cycles.actions import add_participant, create_cycle
from perfflow.cycles.actions.creation import Population
from perfflow.cycles.queries import find_participant
from perfflow.db import Database
from perfflow.kernel.actor import Actor, Role, SYSTEM
from perfflow.kernel.errors import PerfFlowError
from perfflow.payouts.models import BonusBase, OrganisationFactor
from perfflow.people.actions import hand_over_tasks
from perfflow.people.models import Employee
from perfflow.reviews.actions import withdraw_participant
from perfflow.seed.figures import load_month, load_months
from perfflow.seed.load import in_chunks, load_firm
from perfflow.seed.measures import Market
from perfflow.seed.people import BONUS_MONTHS, Firm, Person
from perfflow.seed.streams import Stream
from perfflow.simulation.driver import BeforeAnswer, Simulation
from perfflow.simulation.timing import working_moment
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.deployments import read_paths
from perfflow.workflow.models import UserTask

CREATED_BEFORE = -22  # working days before the cycle starts
LAST_JOIN_MONTH = 9


@dataclass(frozen=True, slots=True)
class CyclePlan:
    """A cycle that a simulation plays."""

    code: str
    pack: str
    name_zh: str
    name_en: str
    starts_on: date
    ends_on: date
    population: Population | None = None
    is_shadow: bool = False


def annual_plan(year: int, pack: str = "ANNUAL-STD") -> CyclePlan:
    """The annual cycle of a calendar year."""
    return CyclePlan(
        code=f"{year}-ANNUAL",
        pack=pack,
        name_zh=f"{year} 年度考核",
        name_en=f"{year} annual review",
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
    )


def prepare(database: Database, settings: Settings, now: datetime) -> None:
    """Deploy what is shipped and load the calendars into a migrated database."""
    files = read_paths([settings.processes, settings.forms, settings.catalogue])
    calendars = {path: text for path, text in files.items() if "/calendars/" in path}
    with database.writing() as session:
        workflow_actions.deploy(session, SYSTEM, now, files)
        load_calendars(session, SYSTEM, now, calendars)


def people_the_firm(database: Database, firm: Firm, now: datetime, history_until: date) -> None:
    """Load everybody, and the figures of the months up to ``history_until``."""
    with database.writing() as session:
        load_firm(session, now, firm)
    for month in firm.window.month_starts():
        if month <= history_until:
            with database.writing() as session:
                load_months(session, firm, month, month)


def creation_moment(session: Session, plan: CyclePlan) -> datetime:
    """When HR creates the cycle: early enough for step A01."""
    calendar = firm_calendar(session)
    day = calendar.add_working_days(plan.starts_on, CREATED_BEFORE)
    return working_moment(calendar, day)


def start_cycle(simulation: Simulation, firm: Firm, plan: CyclePlan) -> None:
    """HR creates the cycle now; finance loads target bonuses and unit factors."""
    now = simulation.clock.now()
    with simulation.database.writing() as session:
        actor = holder(simulation, session, Role.HR_PARTNER)
        create_cycle(
            session,
            actor,
            now,
            code=plan.code,
            pack=plan.pack,
            name_zh=plan.name_zh,
            name_en=plan.name_en,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            population=plan.population,
            is_shadow=plan.is_shadow,
        )
        load_pay(session, firm, plan)


def holder(simulation: Simulation, session: Session, role: Role, rank: int = 0) -> Actor:
    """The holder of a role, as an actor."""
    on = local_date(simulation.clock.now())
    numbers = simulation.cast.members(session, role.value, on)
    actor = simulation.cast.actor(session, numbers[rank % len(numbers)], on)
    assert actor is not None
    return actor


def load_pay(session: Session, firm: Firm, plan: CyclePlan) -> None:
    """Target bonus = months of salary by post; a factor for each unit, two decimals."""
    share = Decimal((plan.ends_on - plan.starts_on).days + 1) / 365
    bases = (
        {
            "cycle_code": plan.code,
            "employee_no": person.no,
            "base_fen": int(person.salary_fen * BONUS_MONTHS[person.seat.post] * share),
            "source": f"{BONUS_MONTHS[person.seat.post]} months of salary",
        }
        for person in firm.people()
        if person.left_on is None or person.left_on > plan.starts_on
    )
    for chunk in in_chunks(bases):
        session.execute(insert(BonusBase), chunk)
    factors = (
        {
            "cycle_code": plan.code,
            "unit_code": unit.code,
            "factor_e4": _unit_factor(firm.seed, plan.code, unit.code),
        }
        for unit in firm.organisation.units
    )
    for chunk in in_chunks(factors):
        session.execute(insert(OrganisationFactor), chunk)


def _unit_factor(seed: int, cycle: str, unit: str) -> Decimal:
    drawn = Stream(seed, "unit-factor", f"{cycle}/{unit}").normal(1.0, 0.06)
    return Decimal(round(drawn * 100)).scaleb(-2)


# -- what happens beside the tasks ------------------------------------------------------------
def plan_movements(simulation: Simulation, firm: Firm, plan: CyclePlan) -> None:
    """Joiners enter on their day, leavers leave the cycle and hand over what they had open."""
    with simulation.database.reading() as session:
        calendar = firm_calendar(session)
    for person in firm.people():
        joins = plan.starts_on < person.hired_on <= plan.ends_on
        if joins and person.hired_on.month <= LAST_JOIN_MONTH:
            moment = working_moment(calendar, person.hired_on)
            simulation.at(moment, partial(_join, plan=plan, number=person.no))
        if person.left_on is not None and plan.starts_on < person.left_on <= plan.ends_on:
            moment = working_moment(calendar, person.left_on)
            simulation.at(moment, partial(_leave, plan=plan, number=person.no))


def _join(simulation: Simulation, plan: CyclePlan, number: str) -> None:
    now = simulation.clock.now()
    with simulation.database.writing() as session:
        actor = holder(simulation, session, Role.HR_PARTNER)
        if find_participant(session, plan.code, number) is None:
            add_participant(session, actor, now, plan.code, number)


def _leave(simulation: Simulation, plan: CyclePlan, number: str) -> None:
    now = simulation.clock.now()
    with simulation.database.writing() as session:
        actor = holder(simulation, session, Role.HR_PARTNER)
        member = find_participant(session, plan.code, number)
        if member is not None and member.status == "active":
            withdraw_participant(session, actor, now, plan.code, number, "离职 / left the firm")
        hand_over_tasks(session, now, session.get_one(Employee, number))


def plan_cases(simulation: Simulation, firm: Firm, plan: CyclePlan) -> None:
    """The planted gate cases of the year: opened, heard and decided by two officers.

    One serious case stays open over the year end, so that a freeze can be seen.
    """
    with simulation.database.reading() as session:
        calendar = firm_calendar(session)
    for person in firm.people():
        if person.case_severity is None or not person.works_on(plan.ends_on):
            continue
        stream = Stream(firm.seed, "case-day", f"{plan.code}/{person.no}")
        conduct = plan.starts_on + timedelta(days=20 + stream.index(280))
        if not person.works_on(conduct):
            continue
        opened = working_moment(calendar, conduct + timedelta(days=14))
        stays_open = person.case_severity == 3 and stream.chance(0.5)
        case = partial(_case, person=person, conduct_on=conduct, stays_open=stays_open)
        simulation.at(opened, case)


def _case(simulation: Simulation, person: Person, conduct_on: date, stays_open: bool) -> None:
    now, severity = simulation.clock.now(), person.case_severity or 0
    with simulation.database.writing() as session:
        first = holder(simulation, session, Role.COMPLIANCE_OFFICER)
        second = holder(simulation, session, Role.COMPLIANCE_OFFICER, 1)
        case = compliance_actions.open_case(
            session,
            first,
            now,
            person.no,
            potential_severity=severity,
            conduct_on=conduct_on,
            summary="质检抽查发现销售过程与适当性要求不一致，需要核实。",
        )
        number = case.case_no
        compliance_actions.triage_case(session, first, now, number, potential_severity=severity)
        compliance_actions.investigate_case(session, first, now, number)
        if stays_open or first == second:
            return  # a decision takes two officers
        note = "已听取本人陈述，录音与单据互相印证。"
        compliance_actions.call_hearing(session, first, now, number, note=note)
        compliance_actions.propose_decision(
            session, first, now, number, outcome="upheld", severity=severity, note=note
        )
        compliance_actions.confirm_decision(session, second, now, number, agrees=True)


def before_answer(firm: Firm) -> BeforeAnswer:
    """What people do in the same sitting before they hand a form in."""
    market = Market(firm)

    def act(simulation: Simulation, session: Session, actor: Actor, task: UserTask) -> None:
        now = simulation.clock.now()
        if task.element_id == "load-data" and task.locals:
            month = date.fromisoformat(f"{task.locals['period']}-01")
            if month in firm.window.month_starts():
                load_month(session, actor, now, firm, market, month)
        if task.element_id in ("calibrate-unit", "calibrate-firm"):
            _calibrate(simulation, session, actor, task)

    return act


def _calibrate(simulation: Simulation, session: Session, actor: Actor, task: UserTask) -> None:
    """The committee moves one person in twelve by two points, within the limits."""
    cycle, _, unit = task.business_key.split("/")
    row = calibration_queries.session_named(session, cycle, unit)
    if task.element_id == "calibrate-unit":
        for seat in calibration_queries.board(session, row, but_not=actor.employee_no):
            _consider(simulation, session, actor, row, seat)
    _second_approval(simulation, session, actor, row)


def _consider(
    simulation: Simulation,
    session: Session,
    actor: Actor,
    row: CalibrationSession,
    seat: calibration_queries.Seat,
) -> None:
    number = seat.participant.employee_no
    stream = Stream(simulation.seed, "calibration", f"{row.cycle_code}/{number}")
    if seat.total is None or seat.result.gate == "VETO" or not stream.chance(1 / 12):
        return
    points = Decimal(2) if stream.chance(0.5) else Decimal(-2)
    try:
        calibration_actions.adjust(
            session,
            actor,
            simulation.clock.now(),
            row,
            number,
            to_total=seat.total + points,
            reason_code="leniency" if points < 0 else "severity",
            reason="与同岗位相比，定性评分的尺度需要统一。",
        )
    except PerfFlowError:
        return  # a cap or the end of the scale: the committee leaves it


def _second_approval(
    simulation: Simulation, session: Session, actor: Actor, row: CalibrationSession
) -> None:
    """Where many were moved, the other members stand for it before the session ends."""
    on = local_date(simulation.clock.now())
    for number in simulation.cast.members(session, Role.CALIBRATION_COMMITTEE.value, on):
        other = simulation.cast.actor(session, number, on)
        if not unapproved_moves(session, row):
            return
        if other is not None and number != actor.employee_no:
            calibration_actions.approve_adjustments(session, other, simulation.clock.now(), row)
