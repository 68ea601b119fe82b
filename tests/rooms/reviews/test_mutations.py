"""One changed digit of a result, of its inputs or of its tree is found by the check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.reviews import actions, queries
from perfflow.reviews.checks import check_results
from tests.rooms.reviews.test_results import open_case, rate
from tests.support.cast import ADVISOR, COLLEAGUE
from tests.support.year import AFTER, build_year, reach, value_of, YEAR

NUMBERS = ("total_e2", "clean_total_e2", "objective_total_e2", "deduction_e2")
TEXTS = ("band", "clean_band", "gate", "band_cap", "inputs_hash", "release_hash")
TREES = ("inputs", "explanation", "dimensions")
EVERY = 9  # digits of the long texts that are tried, from a different one in each


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A calibrated result with a move, a deduction and a band cap, and a colleague's beside it."""
    with database.writing() as session:
        build_year(session, (ADVISOR, COLLEAGUE))
        for person in (ADVISOR, COLLEAGUE):
            reach(session, person)
        value_of(session, ADVISOR, "RS-01", Decimal("87.3"), version=2)
        open_case(session, ADVISOR, "upheld", 3)
        actions.compute_results(session, SYSTEM, AFTER, YEAR)
        rate(session, ADVISOR, "5")
        actions.record_result(
            session, SYSTEM, AFTER, YEAR, ADVISOR.no, "calibrated",
            points=Decimal("1.25"), reason_code="evidence", reason="两个大客户由她完成",
        )  # fmt: skip
        yield session


def last_id(session: Session) -> int:
    result = queries.latest_result(session, YEAR, ADVISOR.no)
    assert result is not None
    return result.id


def found(session: Session, column: str, value: object, row: int) -> bool:
    """Whether the check complains about this one result once ``column`` says ``value``."""
    session.flush()
    session.expire_all()
    session.execute(
        text(f"UPDATE result SET {column} = :value WHERE id = :row"), {"value": value, "row": row}
    )
    _, findings = check_results(session)
    session.expire_all()
    keys = {finding["key"] for finding in findings}
    return keys == {f"{YEAR}/{ADVISOR.no}/3"}


def stored(session: Session, column: str, row: int) -> object:
    query = text(f"SELECT {column} FROM result WHERE id = :row")
    return session.execute(query, {"row": row}).scalar_one()


def test_an_untouched_chain_is_clean(session: Session) -> None:
    count, findings = check_results(session)
    assert (count, findings) == (4, [])


@pytest.mark.parametrize("column", NUMBERS)
def test_the_smallest_change_of_a_stored_figure_is_found(session: Session, column: str) -> None:
    row = last_id(session)
    value = stored(session, column, row)
    assert isinstance(value, int)
    assert found(session, column, value + 1, row)
    assert found(session, column, None if column != "deduction_e2" else value - 1, row)


@pytest.mark.parametrize("column", TEXTS)
def test_a_changed_band_gate_or_hash_is_found(session: Session, column: str) -> None:
    row = last_id(session)
    value = str(stored(session, column, row))
    other = "C" if len(value) == 1 else value[:-1] + ("0" if value[-1] != "0" else "1")
    assert found(session, column, other, row)


@pytest.mark.parametrize("column", TREES)
def test_every_changed_digit_of_inputs_and_tree_is_found(session: Session, column: str) -> None:
    row = last_id(session)
    whole = str(stored(session, column, row))
    places = [match.start() for match in re.finditer(r"[0-9]", whole)]
    assert len(places) > 15
    missed = []
    for place in places[:: EVERY if len(places) > 200 else 1]:
        digit = str((int(whole[place]) + 1) % 10)
        if not found(session, column, whole[:place] + digit + whole[place + 1 :], row):
            missed.append(whole[max(0, place - 30) : place + 10])
    assert missed == []
