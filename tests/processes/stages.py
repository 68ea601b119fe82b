"""The stages that walks start from: a firm, a cycle, agreed goals, a year of data, results."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from perfflow.calendar import FIRM_ZONE
from perfflow.cycles.actions import create_cycle
from perfflow.cycles.actions.creation import Population
from perfflow.db import Database
from perfflow.goals.models import GoalLine, GoalSheet, GoalSheetVersion
from perfflow.kernel.actor import Role, SYSTEM
from perfflow.kernel.clock import VirtualClock
from perfflow.metrics.queries import metric_catalogue
from perfflow.payouts.models import BonusBase, OrganisationFactor
from perfflow.simulation.answers import ACCEPTS_EVERYTHING
from perfflow.simulation.driver import Simulation
from perfflow.simulation.stage import annual_plan
from perfflow.web import accounts
from perfflow.workflow.models import UserTask
from tests.processes.walk import time_of
from tests.support.cast import (
    act_as,
    ADVISOR,
    build_firm,
    CAST,
    COLLEAGUE,
    deploy_all,
    HR,
    MANAGER,
    OTHER_MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.databases import Stage
from tests.support.year import value_of, YEAR

FINANCE = Person("E00021", "林清和", "Lin Qinghe", "HQ", "HQ", "E00001", ((Role.FINANCE, None),))
FINANCE_TWO = Person(
    "E00022", "周见微", "Zhou Jianwei", "HQ", "HQ", "E00001", ((Role.FINANCE, None),)
)
CALIBRATOR = Person(
    "E00023", "何以安", "He Yian", "HQ", "HQ", "E00001", ((Role.CALIBRATION_COMMITTEE, None),)
)
REMUNERATION = Person(
    "E00024",
    "江望舒",
    "Jiang Wangshu",
    "HQ",
    "HQ",
    "E00001",
    ((Role.REMUNERATION_COMMITTEE, None),),
)
COMPLIANCE_TWO = Person(
    "E00025", "秦若水", "Qin Ruoshui", "RC", "HQ", "E00001", ((Role.COMPLIANCE_OFFICER, None),)
)
EVERYBODY = (*CAST, FINANCE, FINANCE_TWO, CALIBRATOR, REMUNERATION, COMPLIANCE_TWO)
APPRAISED = (ADVISOR, COLLEAGUE, MANAGER, OUTSIDER, OTHER_MANAGER)
CREATED = datetime(2024, 12, 2, 9, tzinfo=FIRM_ZONE)
UNUSED_HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$unused"


def _firm(database: Database) -> None:
    with database.writing() as session:
        build_firm(session, EVERYBODY)
        deploy_all(session)
        for person in EVERYBODY:
            accounts.create_account(
                session, SYSTEM, CREATED, person.no, employee_no=person.no,
                password_hash=UNUSED_HASH,
            )  # fmt: skip


def _cycle(database: Database) -> None:
    """HR has created the annual cycle of the two teams; nothing else has happened."""
    plan = annual_plan(2025)
    with database.writing() as session:
        create_cycle(
            session,
            act_as(session, HR, CREATED.date()),
            CREATED,
            code=plan.code,
            pack=plan.pack,
            name_zh=plan.name_zh,
            name_en=plan.name_en,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            population=Population(unit_codes=("T01", "T02")),
        )
        for person in APPRAISED:
            session.add(
                BonusBase(
                    cycle_code=YEAR, employee_no=person.no, base_fen=6_000_000, source="contract"
                )
            )
        for unit in ("FIRM", "B01", "B02", "T01", "T02"):
            session.add(
                OrganisationFactor(cycle_code=YEAR, unit_code=unit, factor_e4=Decimal("1.0"))
            )


def play(database: Database, until: datetime, *stops: str) -> None:
    """Everybody agrees and is punctual until one of the steps ``stops`` is open."""
    simulation = Simulation(
        database,
        VirtualClock(time_of(database)),
        seed=42,
        pace=lambda task: 0.2,
        change_answer=_agree,
        agreeable=ACCEPTS_EVERYTHING,
        is_punctual=lambda task: True,
    )

    def is_over() -> bool:
        if not stops:
            return False
        with database.reading() as session:
            wanted = select(UserTask.id).where(
                UserTask.element_id.in_(stops), UserTask.status == "open"
            )
            return session.scalar(wanted.limit(1)) is not None

    simulation.run(until, is_over)


def _agree(task: UserTask, values: dict[str, Any]) -> None:
    match task.element_id:
        case "countersign-goals" | "approve-payout":
            values["decision"] = "approve"
            values.pop("comment", None)
            values.pop("note", None)
        case "score-review":
            for row in values.get("ratings", []):
                row["rating"] = "4"
        case "check-data":
            values["outcome"] = "confirmed"
            values.pop("note", None)
        case "confirm-result":
            values["outcome"] = "confirmed"
            values.pop("ground", None)
            values.pop("text", None)


def load_figures(database: Database, share: Decimal = Decimal("1.0")) -> None:
    """A value of the year for every locked line that is not rated: target × share."""
    with database.writing() as session:
        metrics = metric_catalogue(session)
        for person in APPRAISED:
            lines = session.scalars(
                select(GoalLine)
                .join(GoalSheetVersion, GoalSheetVersion.id == GoalLine.version_id)
                .join(GoalSheet, GoalSheet.id == GoalSheetVersion.sheet_id)
                .where(
                    GoalSheet.cycle_code == YEAR,
                    GoalSheet.employee_no == person.no,
                    GoalSheetVersion.version == GoalSheet.locked_version,
                )
            ).all()
            for line in lines:
                if not metrics[line.metric_code].is_manual and line.target_e6 is not None:
                    value_of(session, person, line.metric_code, line.target_e6 * share)


def _launched(database: Database) -> None:
    play(database, datetime(2025, 1, 31, tzinfo=FIRM_ZONE), "draft-goals")


def _agreed(database: Database) -> None:
    play(database, datetime(2025, 3, 1, tzinfo=FIRM_ZONE), "load-data")


def _measured(database: Database) -> None:
    load_figures(database)
    play(database, datetime(2026, 2, 1, tzinfo=FIRM_ZONE), "freeze-data")


def _scored(database: Database) -> None:
    play(database, datetime(2026, 5, 1, tzinfo=FIRM_ZONE), "review-gate")


def _published(database: Database) -> None:
    play(database, datetime(2026, 5, 1, tzinfo=FIRM_ZONE), "run-bonus")


FIRM = Stage("firm", _firm)
"""People, accounts and everything that is shipped, in December 2024."""
CREATED_CYCLE = Stage("cycle", _cycle, FIRM)
"""The annual cycle waits for its plan."""
LAUNCHED = Stage("launched", _launched, CREATED_CYCLE)
"""Everybody's appraisal has begun: the goals are to be drafted."""
AGREED = Stage("agreed", _agreed, LAUNCHED)
"""All goals are locked; January's data are to be loaded."""
MEASURED = Stage("measured", _measured, AGREED)
"""The year is over; the data wait to be frozen."""
SCORED = Stage("scored", _scored, MEASURED)
"""A unit's reviews are in: its gate review is open."""
PUBLISHED = Stage("published", _published, SCORED)
"""Results are published, pools are open."""
