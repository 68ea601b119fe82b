"""A locked target may be revised: who proposes, who agrees, and what scoring makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from perfflow.calendar import FIRM_ZONE
from perfflow.db import Database
from perfflow.goals import actions, queries
from perfflow.goals.models import TargetRevision
from perfflow.goals.rules.revisions import Approval, approvals_needed, is_late
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.reviews.inputs import gather
from perfflow.reviews.rules import Stage
from tests.support.cast import act_as, ADVISOR, COLLEAGUE, COMPLIANCE, HEAD, MANAGER, Person
from tests.support.pages import open_pages, Pages
from tests.support.year import build_year, reach, YEAR

JULY = datetime(2025, 7, 1, 10, tzinfo=FIRM_ZONE)
LATE = datetime(2025, 12, 10, 10, tzinfo=FIRM_ZONE)
WHY = "六月起两只主力产品停售，可售规模减少"
ADDRESS = f"/goals/{YEAR}/{ADVISOR.no}/revisions"


@pytest.fixture
def pages(database: Database) -> Pages:
    with database.writing() as session:
        build_year(session)
        reach(session, ADVISOR)
    return open_pages(database, JULY, "goals")


@pytest.fixture
def session(pages: Pages) -> Iterator[Session]:
    with pages.database.writing() as session:
        yield session


def propose(
    session: Session, by: Person = MANAGER, now: datetime = JULY, **more: Any
) -> TargetRevision:
    given: dict[str, Any] = {
        "metric_code": "RS-01",
        "target": Decimal(90),
        "effective_on": date(2025, 7, 1),
        "mode": "split",
        "reason_class": "market",
        "evidence": WHY,
        **more,
    }
    return actions.propose_revision(session, act_as(session, by), now, YEAR, ADVISOR.no, **given)


def decide(session: Session, row: TargetRevision, by: Person, *, yes: bool = True) -> None:
    actions.decide_revision(
        session, act_as(session, by), JULY, row.id, is_approved=yes, note="" if yes else "依据不足"
    )


def target_of(session: Session, code: str = "RS-01") -> Any:
    material = gather(session, YEAR, [ADVISOR.no], Stage.COMPUTED)[ADVISOR.no]
    (segment,) = material.inputs.segments
    return next(line for line in segment.lines if line.metric == code)


def test_a_small_change_by_the_manager_holds_at_once_and_counts_by_days(session: Session) -> None:
    row = propose(session)
    assert (row.status, row.waiting_for) == ("approved", [])
    line = target_of(session)
    assert line.target * 365 == 100 * 181 + 90 * 184
    assert line.target_source == "goals v1 +1"


def test_what_the_employee_proposes_waits_for_the_manager(session: Session) -> None:
    row = propose(session, ADVISOR)
    assert row.waiting_for == ["manager"]
    assert target_of(session).target == 100
    with pytest.raises(NotAllowed):
        decide(session, row, ADVISOR)
    decide(session, row, MANAGER)
    assert row.status == "approved"
    assert [one["by"] for one in row.decisions] == [MANAGER.no]


def test_more_than_twenty_per_cent_waits_for_the_second_line(session: Session) -> None:
    row = propose(session, target=Decimal(79))
    assert row.waiting_for == ["second_line"]
    with pytest.raises(NotAllowed):
        decide(session, row, MANAGER)
    decide(session, row, HEAD)
    assert row.status == "approved"


def test_a_compliance_goal_waits_for_compliance(session: Session) -> None:
    row = propose(session, metric_code="CP-03", target=Decimal(95))
    assert row.waiting_for == ["compliance"]
    decide(session, row, COMPLIANCE)
    assert row.status == "approved"


def test_a_refusal_needs_a_note_and_changes_nothing(session: Session) -> None:
    row = propose(session, ADVISOR)
    with pytest.raises(RuleViolation) as refused:
        actions.decide_revision(
            session, act_as(session, MANAGER), JULY, row.id, is_approved=False, note=" "
        )
    assert refused.value.field == "note"
    decide(session, row, MANAGER, yes=False)
    assert row.status == "refused"
    assert target_of(session).target == 100
    with pytest.raises(Conflict):
        decide(session, row, MANAGER)


def test_replace_makes_the_new_target_hold_for_the_whole_cycle(session: Session) -> None:
    propose(session, mode="replace")
    assert target_of(session).target == 90


def test_a_goal_is_revised_twice_at_most_and_the_second_starts_from_the_first(
    session: Session,
) -> None:
    propose(session)
    second = propose(session, target=Decimal(95), effective_on=date(2025, 10, 1))
    assert second.old_target_e6 == 90
    line = target_of(session)
    assert line.target * 365 == 100 * 181 + 90 * 92 + 95 * 92
    with pytest.raises(RuleViolation) as refused:
        propose(session, target=Decimal(99), effective_on=date(2025, 11, 1))
    assert refused.value.code == "goals.revision_twice"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"metric_code": "XX-01"}, "metric_code"),
        ({"target": None}, "target"),
        ({"target": Decimal(100)}, "target"),
        ({"target": Decimal(-1)}, "target"),
        ({"effective_on": date(2026, 1, 1)}, "effective_on"),
        ({"effective_on": None}, "effective_on"),
        ({"mode": "other"}, "mode"),
        ({"reason_class": "mood"}, "reason_class"),
        ({"evidence": "短"}, "evidence"),
    ],
)
def test_what_is_wrong_is_named(session: Session, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        propose(session, **wrong)
    assert refused.value.field == field
    assert queries.revisions(session, YEAR, ADVISOR.no) == []


def test_only_the_two_sides_propose(session: Session) -> None:
    for person in (COLLEAGUE, HEAD, COMPLIANCE):
        with pytest.raises(NotAllowed):
            propose(session, person)


def test_the_last_thirty_days_need_the_committee(session: Session) -> None:
    row = propose(session, now=LATE, effective_on=date(2025, 12, 15))
    assert row.waiting_for == ["committee"]
    assert is_late(date(2025, 12, 2), date(2025, 12, 31))
    assert not is_late(date(2025, 12, 1), date(2025, 12, 31))


def test_approvals_come_in_their_order() -> None:
    needed = approvals_needed(100, 130, dimension="K", is_by_manager=False, is_late=True)
    assert needed == list(Approval)
    assert approvals_needed(100, 120, dimension="R", is_by_manager=True, is_late=False) == []
    assert approvals_needed(0, 1, dimension="R", is_by_manager=True, is_late=False) == [
        Approval.SECOND_LINE
    ]


def test_the_page_takes_a_proposal_and_the_decision_of_the_one_it_waits_for(pages: Pages) -> None:
    employee, boss = pages.visit(ADVISOR, "zh"), pages.visit(MANAGER, "zh")
    given = {
        "metric_code": "RS-01", "target": "92.5", "effective_on": "2025-07-01", "mode": "split",
        "reason_class": "market", "evidence": WHY,
    }  # fmt: skip
    assert employee.post(ADDRESS, **{**given, "target": "abc"}).status_code == 422
    assert employee.post(ADDRESS, **given).status_code == 303
    assert "同意</button>" not in employee.get(ADDRESS).text
    page = boss.get(ADDRESS).text
    assert WHY in page
    assert "同意</button>" in page
    assert boss.post(f"{ADDRESS}/1", outcome="approve").status_code == 303
    assert "已生效" in employee.get(ADDRESS).text
    assert f'href="{ADDRESS}"' in employee.get(f"/goals/{YEAR}/{ADVISOR.no}").text


def test_strangers_find_nothing_there(pages: Pages) -> None:
    assert pages.visit(COLLEAGUE).get(ADDRESS).status_code == 404
    assert pages.visit(COLLEAGUE).post(ADDRESS, metric_code="RS-01").status_code == 404
