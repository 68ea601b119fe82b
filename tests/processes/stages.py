"""The stages that walks start from: a firm, a cycle, agreed goals, a year of data, results."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import TypeVar

from sqlalchemy import select

from perfflow.calendar import FIRM_ZONE
from perfflow.cycles.actions import create_cycle
from perfflow.cycles.actions.creation import Population
from perfflow.db import Database
from perfflow.goals.models import GoalLine, GoalSheet, GoalSheetVersion
from perfflow.kernel.actor import Role, SYSTEM
from perfflow.metrics.queries import metric_catalogue
from perfflow.payouts.models import BonusBase, OrganisationFactor
from perfflow.people.models import Unit
from perfflow.simulation.stage import annual_plan
from perfflow.web import accounts
from tests.processes.playing import play
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
CALIBRATOR_TWO = Person(
    "E00026", "孟长青", "Meng Changqing", "HQ", "HQ", "E00001",
    ((Role.CALIBRATION_COMMITTEE, None),),
)  # fmt: skip
REMUNERATION = Person(
    "E00024",
    "江望舒",
    "Jiang Wangshu",
    "HQ",
    "HQ",
    "E00001",
    ((Role.REMUNERATION_COMMITTEE, None),),
)
REMUNERATION_TWO = Person(
    "E00027", "顾南乔", "Gu Nanqiao", "HQ", "HQ", "E00001", ((Role.REMUNERATION_COMMITTEE, None),)
)
PANEL = Person("E00028", "沈确", "Shen Que", "HQ", "HQ", "E00001", ((Role.APPEAL_PANEL, None),))
COMPLIANCE_TWO = Person(
    "E00025", "秦若水", "Qin Ruoshui", "RC", "HQ", "E00001", ((Role.COMPLIANCE_OFFICER, None),)
)
EVERYBODY = (
    *CAST,
    FINANCE,
    FINANCE_TWO,
    CALIBRATOR,
    CALIBRATOR_TWO,
    REMUNERATION,
    REMUNERATION_TWO,
    PANEL,
    COMPLIANCE_TWO,
)
Test = TypeVar("Test", bound=Callable[..., None])
APPRAISED = (ADVISOR, COLLEAGUE, MANAGER, OUTSIDER, OTHER_MANAGER)
CREATED = datetime(2024, 12, 2, 9, tzinfo=FIRM_ZONE)
UNUSED_HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$unused"


def _firm(database: Database) -> None:
    with database.writing() as session:
        build_firm(session, EVERYBODY)
        deploy_all(session)
        session.get_one(Unit, "B02").head_no = OTHER_MANAGER.no
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
            base = 20_000_000 if person.post == "TL" else 6_000_000
            session.add(
                BonusBase(cycle_code=YEAR, employee_no=person.no, base_fen=base, source="contract")
            )
        for unit in ("FIRM", "B01", "B02", "T01", "T02"):
            session.add(
                OrganisationFactor(cycle_code=YEAR, unit_code=unit, factor_e4=Decimal("1.0"))
            )


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


def until(day: date, *stops: str) -> Callable[[Database], None]:
    """A builder that plays on until one of some steps is open, or the day has come."""
    return partial(play, until=datetime.combine(day, time(0), FIRM_ZONE), stops=stops)


def _measured(database: Database) -> None:
    load_figures(database)
    until(date(2026, 2, 1), "freeze-data")(database)


def from_stage(stage: Stage) -> Callable[[Test], Test]:
    """Let one test begin at another stage than its module."""

    def mark(test: Test) -> Test:
        test.stage = stage  # type: ignore[attr-defined]
        return test

    return mark


FIRM = Stage("firm", _firm)
"""People, accounts and everything that is shipped, in December 2024."""
CREATED_CYCLE = Stage("cycle", _cycle, FIRM)
"""The annual cycle waits for its plan."""
CASCADING = Stage("cascading", until(date(2025, 1, 31), "cascade-goals"), CREATED_CYCLE)
"""The heads of the two branches are to settle their goals."""
LAUNCHED = Stage("launched", until(date(2025, 1, 31), "draft-goals"), CASCADING)
"""Everybody's appraisal has begun: the goals are to be drafted."""
AGREED = Stage("agreed", until(date(2025, 3, 1), "load-data"), LAUNCHED)
"""All goals are locked; January's data are to be loaded."""
FIRST_QUARTER = Stage("first_quarter", until(date(2025, 5, 1), "prepare-check-in"), AGREED)
"""The first check-in has begun."""
MID_YEAR = Stage("mid_year", until(date(2025, 9, 1), "review-mid-year"), FIRST_QUARTER)
"""Somebody's mid-year review is open."""
MEASURED = Stage("measured", _measured, MID_YEAR)
"""The year is over; the data wait to be frozen."""
FROZEN = Stage("frozen", until(date(2026, 2, 1), "check-data"), MEASURED)
"""The data are frozen: everybody is to check them."""
SCORED = Stage("scored", until(date(2026, 5, 1), "review-gate"), FROZEN)
"""A unit's reviews are in: its gate review is open."""
CALIBRATED = Stage("calibrated", until(date(2026, 5, 1), "publish-results"), SCORED)
"""The committee has closed all sessions; results are to be published."""
PUBLISHED = Stage("published", until(date(2026, 5, 1), "run-bonus"), CALIBRATED)
"""Results are published, pools are open."""
PAID = Stage("paid", until(date(2026, 8, 1), "archive-cycle"), PUBLISHED)
"""All pools are released; the cycle is to be archived."""
FOLLOWED = Stage("followed", until(date(2026, 8, 1), "follow-up-actions"), PAID)
"""The first follow-up of agreed actions is open."""
