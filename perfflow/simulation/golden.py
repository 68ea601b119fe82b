"""The golden scenario (domain §5.11): six people through a whole cycle, once per veto mode."""

from __future__ import annotations

import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from perfflow.calendar import end_of_day, FIRM_ZONE
from perfflow.checks import run_checks
from perfflow.config import Settings
from perfflow.db import Database
from perfflow.db.migrate import downgrade, upgrade
from perfflow.kernel.clock import VirtualClock
from perfflow.payouts.models import Award, PayoutRun, Pool, Tranche
from perfflow.plans.rules.bonus import VetoShare
from perfflow.simulation.answers import ACCEPTS_EVERYTHING
from perfflow.simulation.driver import Simulation
from perfflow.simulation.golden_cast import CYCLE, golden_firm, open_golden_cases, PEOPLE
from perfflow.simulation.golden_year import before_golden_answer, golden_answers, start_golden_cycle
from perfflow.simulation.stage import prepare

POOL_FEN = 35_000_000
FIRST = datetime(2024, 11, 20, 9, tzinfo=FIRM_ZONE)
LAST = end_of_day(date(2026, 4, 30))


def golden(settings: Settings, database_url: str | None) -> dict[str, Any]:
    """Both modes on a fresh database each; exactly the tables of the specification."""
    modes: dict[str, Any] = {}
    findings, name = 0, "sqlite"
    for mode in (VetoShare.REDISTRIBUTE, VetoShare.RETURN):
        with tempfile.TemporaryDirectory(prefix="perfflow-") as folder:
            url = database_url or f"sqlite:///{Path(folder) / 'golden.db'}"
            database = _fresh(url)
            try:
                play(database, settings, mode)
                with database.reading() as session:
                    modes[mode.value] = outcome(session)
                    findings += len(run_checks(session)["findings"])
                name = database.engine.dialect.name
            finally:
                database.dispose()
    return {
        "scenario": "golden",
        "database": name,
        "pool_fen": POOL_FEN,
        "modes": modes,
        "check": {"ok": findings == 0, "findings": findings},
    }


def _fresh(url: str) -> Database:
    """A migrated database without rows, whatever was in it before (it belongs to the scenario)."""
    database = Database(make_url(url).render_as_string(hide_password=False))
    upgrade(database)
    downgrade(database, "base")
    upgrade(database)
    return database


def play(database: Database, settings: Settings, mode: VetoShare) -> None:
    """The whole cycle, by the real processes."""
    prepare(database, settings, FIRST)
    with database.writing() as session:
        golden_firm(session, FIRST)
    simulation = Simulation(
        database,
        VirtualClock(FIRST),
        seed=42,
        pace=lambda task: 0.6 if task.definition_key == "payout" else 0.1,
        before_answer=before_golden_answer,
        change_answer=golden_answers(mode, POOL_FEN),
        agreeable=ACCEPTS_EVERYTHING,
        is_punctual=lambda task: True,
    )
    start_golden_cycle(simulation)
    open_golden_cases(simulation)
    simulation.run(LAST)


def outcome(session: Session) -> dict[str, Any]:
    """One column of the answer: k, the six people, and the sums."""
    run = session.scalars(
        select(PayoutRun)
        .join(Pool, Pool.id == PayoutRun.pool_id)
        .where(
            Pool.cycle_code == CYCLE,
            PayoutRun.kind == "main",
            PayoutRun.status.in_(("booked", "released")),
        )
    ).one()
    awards = {
        award.employee_no: award
        for award in session.scalars(select(Award).where(Award.run_id == run.id))
    }
    people = {one.no: _person(session, awards[one.no]) for one in PEOPLE}
    return {
        "k": run.k,
        "people": people,
        "award_sum_fen": sum(award.award_fen for award in awards.values()),
        "returned_fen": run.returned_fen,
        "surplus_fen": run.surplus_fen,
    }


def _person(session: Session, award: Award) -> dict[str, Any]:
    tranches = session.scalars(
        select(Tranche.amount_fen).where(Tranche.award_id == award.id).order_by(Tranche.number)
    ).all()
    return {
        "band": award.band,
        "clean_band": award.clean_band,
        "raw_fen": award.raw_fen,
        "clean_raw_fen": award.clean_raw_fen,
        "award_fen": award.award_fen,
        "deferred_fen": award.deferred_fen,
        "tranches_fen": list(tranches),
        "now_fen": award.now_fen,
        "held_fen": award.held_fen,
        "returned_fen": award.returned_fen,
        "net_fen": award.net_fen,
    }
