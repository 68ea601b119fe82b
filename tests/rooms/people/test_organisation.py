"""Who stands above whom, on which day; and what hires, transfers and leavers change."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from perfflow.audit.models import AuditEntry
from perfflow.db import Database
from perfflow.kernel.actor import Role, SYSTEM
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.people import actions, queries
from perfflow.people.models import Employee
from perfflow.people.rules import LeaverClass, UnitKind
from tests.support.cast import (
    act_as,
    ADVISOR,
    BRANCH_HR,
    CHIEF,
    COLLEAGUE,
    HEAD,
    HR,
    MANAGER,
    OTHER_MANAGER,
    OUTSIDER,
)

TODAY = date(2025, 3, 3)


def test_the_manager_is_the_one_of_the_day(firm: Database, start: datetime) -> None:
    with firm.writing() as session:
        actions.transfer(
            session, act_as(session, HR), start, ADVISOR.no,
            unit_code="T02", manager_no=OTHER_MANAGER.no, on=date(2025, 7, 1),
        )  # fmt: skip
    with firm.reading() as session:
        assert queries.manager_of(session, ADVISOR.no, date(2025, 6, 30)) == MANAGER.no
        assert queries.manager_of(session, ADVISOR.no, date(2025, 7, 1)) == OTHER_MANAGER.no


def test_a_manager_who_has_left_is_replaced_by_the_one_above(
    firm: Database, start: datetime
) -> None:
    with firm.writing() as session:
        actions.leave(
            session, act_as(session, HR), start, MANAGER.no,
            left_on=date(2025, 2, 1), leaver_class=LeaverClass.RESIGNED,
        )  # fmt: skip
    with firm.reading() as session:
        assert queries.manager_of(session, ADVISOR.no, date(2025, 1, 31)) == MANAGER.no
        assert queries.manager_of(session, ADVISOR.no, TODAY) == HEAD.no


def test_the_second_line_is_the_managers_manager_and_at_the_top_the_manager(
    firm: Database,
) -> None:
    with firm.reading() as session:
        assert queries.second_line_of(session, ADVISOR.no, TODAY) == HEAD.no
        assert queries.second_line_of(session, HR.no, TODAY) == CHIEF.no
        assert queries.second_line_of(session, CHIEF.no, TODAY) is None


def test_the_line_below_holds_everybody_under_a_manager(firm: Database) -> None:
    with firm.reading() as session:
        below = queries.line_below(session, HEAD.no, TODAY)
    assert below == [MANAGER.no, ADVISOR.no, COLLEAGUE.no]


def test_members_of_a_unit_include_the_units_below(firm: Database) -> None:
    with firm.reading() as session:
        names = [person.no for person in queries.members_of_unit(session, "B01", TODAY)]
    assert names == [HEAD.no, MANAGER.no, ADVISOR.no, COLLEAGUE.no]


def test_calibration_units_are_the_nearest_branch_or_division(firm: Database) -> None:
    with firm.reading() as session:
        codes = queries.calibration_unit_codes(queries.units_on(session, TODAY))
    assert codes == {
        "FIRM": "FIRM", "B01": "B01", "B02": "B02", "T01": "B01", "T02": "B02", "HQ": "HQ",
    }  # fmt: skip


def test_nobody_may_report_to_her_own_report(firm: Database, start: datetime) -> None:
    with firm.writing() as session, pytest.raises(RuleViolation) as caught:
        actions.transfer(
            session, act_as(session, HR), start, MANAGER.no,
            unit_code="T01", manager_no=ADVISOR.no, on=date(2025, 2, 1),
        )  # fmt: skip
    assert caught.value.code == "people.manager_loop"


def test_working_time_never_exceeds_the_whole(firm: Database, start: datetime) -> None:
    with firm.writing() as session, pytest.raises(RuleViolation) as caught:
        actions.assign(
            session, act_as(session, HR), start, ADVISOR.no, post_code="RM", unit_code="T02",
            manager_no=OTHER_MANAGER.no, valid_from=date(2025, 2, 1), fte_bp=2000,
        )  # fmt: skip
    assert caught.value.code == "people.over_full_time"


def test_hr_of_another_branch_changes_nobody_here(firm: Database, start: datetime) -> None:
    with firm.writing() as session, pytest.raises(NotAllowed):
        actions.transfer(
            session, act_as(session, BRANCH_HR), start, ADVISOR.no,
            unit_code="T02", manager_no=OTHER_MANAGER.no, on=date(2025, 2, 1),
        )  # fmt: skip


def test_a_manager_changes_nobody(firm: Database, start: datetime) -> None:
    with firm.writing() as session, pytest.raises(NotAllowed):
        actions.leave(
            session, act_as(session, MANAGER), start, ADVISOR.no,
            left_on=date(2025, 2, 1), leaver_class=LeaverClass.GOOD,
        )  # fmt: skip


def test_a_leaver_stays_in_the_books_and_out_of_the_reports(
    firm: Database, start: datetime
) -> None:
    with firm.writing() as session:
        actions.leave(
            session, act_as(session, HR), start, COLLEAGUE.no,
            left_on=date(2025, 2, 1), leaver_class=LeaverClass.GOOD,
        )  # fmt: skip
    with firm.reading() as session:
        assert session.get(Employee, COLLEAGUE.no).leaver_class == "good"
        assert [one.no for one in queries.reports_of(session, MANAGER.no, TODAY)] == [ADVISOR.no]
        last = queries.last_assignment(session, COLLEAGUE.no, TODAY)
        assert last is not None
        assert last.valid_to == date(2025, 2, 1)


def test_leaving_twice_is_a_conflict(firm: Database, start: datetime) -> None:
    with firm.writing() as session:
        actions.leave(
            session, SYSTEM, start, COLLEAGUE.no,
            left_on=date(2025, 2, 1), leaver_class=LeaverClass.GOOD,
        )  # fmt: skip
    with firm.writing() as session, pytest.raises(Conflict):
        actions.leave(
            session, SYSTEM, start, COLLEAGUE.no,
            left_on=date(2025, 3, 1), leaver_class=LeaverClass.GOOD,
        )  # fmt: skip


def test_a_role_is_granted_by_an_admin_and_never_to_oneself(
    firm: Database, start: datetime
) -> None:
    with firm.writing() as session:
        with pytest.raises(NotAllowed):
            actions.grant_role(
                session, act_as(session, HR), start, ADVISOR.no, Role.FINANCE,
                valid_from=date(2025, 1, 1),
            )  # fmt: skip
        actions.grant_role(
            session, SYSTEM, start, ADVISOR.no, Role.FINANCE, valid_from=date(2025, 1, 1)
        )


def test_every_movement_leaves_a_record(firm: Database, start: datetime) -> None:
    with firm.writing() as session:
        actions.create_unit(
            session, act_as(session, HR), start, code="T09", name_zh="三组", name_en="Team 9",
            kind=UnitKind.TEAM, parent_code="B01", valid_from=date(2025, 1, 1),
        )  # fmt: skip
    with firm.reading() as session:
        events = session.scalars(select(AuditEntry.event).where(AuditEntry.subject == "T09")).all()
    assert [str(event) for event in events] == ["people:unit:created"]


def test_a_unit_under_an_unknown_parent_is_not_made(firm: Database, start: datetime) -> None:
    with firm.writing() as session, pytest.raises(Exception) as caught:  # noqa: PT011
        actions.create_unit(
            session, SYSTEM, start, code="T10", name_zh="组", name_en="Team", kind=UnitKind.TEAM,
            parent_code="NOWHERE", valid_from=date(2025, 1, 1),
        )  # fmt: skip
    assert getattr(caught.value, "code", None) == "people.unknown_unit"


def test_placements_give_everybody_at_work_once(firm: Database) -> None:
    with firm.reading() as session:
        placements = queries.placements_on(session, TODAY)
    assert placements[OUTSIDER.no].unit_path == "FIRM/B02/T02"
    assert len(placements) == 13
