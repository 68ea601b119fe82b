"""The golden six with an open session, built once a module; tests take back what they do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.calibration.models import CalibrationSession
from perfflow.db import Database
from tests.support.board import build_sessions


@pytest.fixture(scope="module")
def calibrated(databases: Any) -> Iterator[Database]:
    with databases.fresh() as database:
        with database.writing() as session:
            build_sessions(session)
        yield database


@pytest.fixture
def session(calibrated: Database) -> Iterator[Session]:
    with Session(calibrated.engine) as session:
        yield session
        session.rollback()


@pytest.fixture
def row(session: Session) -> CalibrationSession:
    return session.scalars(
        select(CalibrationSession).where(CalibrationSession.unit_code == "B01")
    ).one()
