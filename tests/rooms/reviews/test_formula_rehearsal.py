"""A firm's own formula is tried on last cycle's data before it can be published."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.db import Database
from perfflow.goals.catalogue_gate import CatalogueFinding
from perfflow.i18n import translate
from perfflow.kernel.actor import SYSTEM
from perfflow.plans.queries import card_template
from perfflow.reviews import actions
from perfflow.reviews.inputs.rehearsal import rehearse
from perfflow.reviews.models import Result
from perfflow.studio.queries import catalogue_findings
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow.queries import current_release
from tests.rooms.reviews.test_results import rate
from tests.support.cast import ADVISOR, COLLEAGUE, shipped_files
from tests.support.year import AFTER, build_year, reach, value_of, YEAR

CARD = "catalogue/cards/FA.yaml"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Two advisors with a manager's result; one is behind with net new assets."""
    with database.writing() as session:
        build_year(session, (ADVISOR, COLLEAGUE))
        for person in (ADVISOR, COLLEAGUE):
            reach(session, person)
        value_of(session, ADVISOR, "RS-01", Decimal(80), version=2)
        actions.compute_results(session, SYSTEM, AFTER, YEAR)
        for person in (ADVISOR, COLLEAGUE):
            rate(session, person, "4")
        yield session


def card_with(formula: str) -> dict[str, bytes]:
    text = shipped_files()[CARD].decode()
    return {CARD: f"{text}\noverall: {formula!r}\n".encode()}


def found(session: Session, formula: str) -> list[CatalogueFinding]:
    """The findings about the formula alone."""
    everything = catalogue_findings(session, AFTER, card_with(formula))
    return [one for one in everything if one.code in ("CT-002", "CT-007", "CT-008", "CT-009")]


def test_a_formula_is_tried_and_the_note_says_what_it_would_have_changed(
    session: Session,
) -> None:
    (note,) = found(session, "min(weighted, R - 10)")
    assert (note.code, note.severity, note.path) == ("CT-008", "note", CARD)
    assert note.params["people"] == 2
    assert note.params["moved"] == 2
    said = translate(note.message, dict(note.params), "en")
    assert "tried on 2 people of 2025-ANNUAL" in said
    assert "98.50 → 86.25" in said
    assert "2025-ANNUAL" in translate(note.message, dict(note.params), "zh")


def test_a_formula_that_fails_for_somebody_refuses_the_file(session: Session) -> None:
    (refusal,) = found(session, "if R < 100 then null else R")
    assert (refusal.code, refusal.severity) == ("CT-007", "error")
    assert refusal.params["failed"] == 1
    assert refusal.params["who"] == ADVISOR.no


def test_a_formula_with_an_unknown_name_is_refused_before_it_is_tried(session: Session) -> None:
    (refusal,) = found(session, "R + salary")
    assert (refusal.code, refusal.message) == ("CT-002", "plans.overall_broken")


def test_without_an_earlier_cycle_the_finding_says_so(database: Database) -> None:
    with database.writing() as session:
        build_year(session, (ADVISOR,))
        (warning,) = found(session, "weighted")
    assert (warning.code, warning.severity) == ("CT-009", "warning")


def test_trying_stores_nothing_and_an_unchanged_formula_is_not_tried_again(
    session: Session,
) -> None:
    rows = session.scalar(select(func.count()).select_from(Result))
    found(session, "weighted - 1")
    assert session.scalar(select(func.count()).select_from(Result)) == rows
    workflow_actions.deploy(session, SYSTEM, AFTER, card_with("weighted - 1"))
    assert found(session, "weighted - 1") == []


def test_what_the_rehearsal_says_is_what_the_next_cycle_computes(session: Session) -> None:
    workflow_actions.deploy(session, SYSTEM, AFTER, card_with("weighted - 1"))
    card = card_template(session, current_release(session), "FA-STD")
    result = rehearse(session, card)
    assert result is not None
    assert result.mean_before is not None
    assert result.mean_after == result.mean_before - 1
    assert result.failed == ()
