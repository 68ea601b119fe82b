"""A year may be rolled up from its quarters, where its pack says so (domain §5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from perfflow.cycles.models import Cycle
from perfflow.cycles.rules import parse_pack
from perfflow.db import Database
from perfflow.kernel.actor import SYSTEM
from perfflow.kernel.configuration import load_configuration
from perfflow.kernel.errors import BadInput
from perfflow.people.access import Relation
from perfflow.people.models import Employee
from perfflow.reviews import actions, queries
from perfflow.reviews.checks import check_results
from perfflow.reviews.models import Result
from perfflow.reviews.presentation import performance_page
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.queries import current_release
from tests.support.cast import ADVISOR, COLLEAGUE, shipped_files
from tests.support.year import AFTER, build_year, reach, YEAR

PACK = "catalogue/packs/ANNUAL-STD.yaml"
TOTALS = ("96.00", "101.50", "88.25", "99.10")


def pack_with(weights: str) -> bytes:
    return shipped_files()[PACK] + f"roll_up: {weights}\n".encode()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """The year of two people whose pack rolls up four quarters that are over."""
    with database.writing() as session:
        year = build_year(session, (ADVISOR, COLLEAGUE))
        for person in (ADVISOR, COLLEAGUE):
            reach(session, person)
        workflow_actions.deploy(session, SYSTEM, AFTER, {PACK: pack_with("[20, 20, 20, 40]")})
        year.release_number = current_release(session)
        session.flush()
        actions.compute_results(session, SYSTEM, AFTER, YEAR)
        yield session


def quarter(session: Session, number: int, total: str | None, deduction: str = "0.00") -> None:
    """A quarter that is over, with a result of the advisor."""
    year = session.get_one(Cycle, YEAR)
    first = date(2025, 3 * number - 2, 1)
    last = date(2025, 3 * number, {1: 31, 2: 30, 3: 30, 4: 31}[number])
    code = f"2025-Q{number}"
    session.add(
        Cycle(
            code=code, name_zh=code, name_en=code, pack_code="QUARTER-STD", kind="QUARTER",
            starts_on=first, ends_on=last, status="archived", bundle_number=year.bundle_number,
            release_number=year.release_number, created_by="E00006", created_at=AFTER,
        )
    )  # fmt: skip
    session.flush()
    model = queries.latest_result(session, YEAR, ADVISOR.no)
    assert model is not None
    kept = {column.name: getattr(model, column.name) for column in Result.__table__.columns}
    value = None if total is None else Decimal(total)
    kept |= {
        "id": None, "cycle_code": code, "version": 1, "stage": "calibrated", "total_e2": value,
        "clean_total_e2": value, "deduction_e2": Decimal(deduction),
    }  # fmt: skip
    session.add(Result(**kept))
    session.flush()


def year_total(session: Session) -> Result:
    actions.record_results(session, SYSTEM, AFTER, YEAR, [ADVISOR.no], "manager")
    found = queries.latest_result(session, YEAR, ADVISOR.no)
    assert found is not None
    return found


def test_without_a_quarter_the_cards_of_the_year_count(session: Session) -> None:
    assert year_total(session).total_e2 == Decimal("100.00")


def test_four_quarters_weigh_twenty_twenty_twenty_forty(session: Session) -> None:
    for number, total in enumerate(TOTALS, start=1):
        quarter(session, number, total)
    result = year_total(session)
    assert (result.total_e2, result.band) == (Decimal("96.79"), "A")
    assert "reviews.explain.quarter" in str(result.explanation)
    wrong = [one for one in check_results(session)[1] if one["key"].startswith(YEAR)]
    assert wrong == []


def test_a_quarter_without_rating_leaves_its_weight_to_the_rest(session: Session) -> None:
    for number, total in enumerate((TOTALS[0], None, TOTALS[2], TOTALS[3]), start=1):
        quarter(session, number, total)
    expected = (Decimal("96.00") * 20 + Decimal("88.25") * 20 + Decimal("99.10") * 40) / 80
    assert year_total(session).total_e2 == expected.quantize(Decimal("0.01"))


def test_conduct_deductions_of_a_quarter_are_not_taken_twice(session: Session) -> None:
    quarter(session, 1, "91.00", deduction="5.00")
    assert year_total(session).total_e2 == Decimal("96.00")


def test_the_page_shows_the_quarters_and_they_add_up(session: Session) -> None:
    for number, total in enumerate(TOTALS, start=1):
        quarter(session, number, total)
    for stage in ("manager", "calibrated"):
        actions.record_results(session, SYSTEM, AFTER, YEAR, [ADVISOR.no, COLLEAGUE.no], stage)
    actions.publish_results(session, SYSTEM, AFTER, YEAR, statement=None)
    cycle, person = session.get_one(Cycle, YEAR), session.get_one(Employee, ADVISOR.no)
    page = performance_page(session, cycle, person, frozenset({Relation.SELF}), "en")
    assert page is not None
    parts = page.tree["children"]
    assert [part["label"] for part in parts[:4]] == [f"2025-Q{n}" for n in (1, 2, 3, 4)]
    assert sum(Decimal(part["value"]) for part in parts) == Decimal("96.79")


@pytest.mark.parametrize("weights", ["[0, 0]", "[20, -1]", "[a]", "[1.5]", "[true]"])
def test_weights_are_whole_numbers_that_are_not_all_nothing(weights: str) -> None:
    with pytest.raises(BadInput):
        parse_pack(load_configuration(pack_with(weights).decode()))
