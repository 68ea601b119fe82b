"""The golden six, built once a module; every test works in a transaction that is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.db import Database
from perfflow.payouts.models import Pool
from tests.support.golden import build_golden


@pytest.fixture(scope="module")
def golden(databases: Any) -> Iterator[Database]:
    """A database in which the six are reviewed and nothing is paid."""
    with databases.fresh() as database:
        with database.writing() as session:
            build_golden(session)
        yield database


@pytest.fixture
def session(golden: Database) -> Iterator[Session]:
    with Session(golden.engine) as session:
        yield session
        session.rollback()


@pytest.fixture
def pool(session: Session) -> Pool:
    return session.scalars(select(Pool)).one()
