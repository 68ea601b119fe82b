"""The team board: whose it is, who stands first, what a card says."""

from __future__ import annotations

from datetime import datetime

import pytest

from perfflow.calendar import FIRM_ZONE
from perfflow.checkins.models import CheckIn, ProcessGap
from perfflow.goals.models import GoalSheet
from perfflow.home.queries import team as queries
from perfflow.home.rules import Need
from tests.rooms.home.conftest import House, SUMMER
from tests.support.cast import (
    act_as,
    ADMIN,
    ADVISOR,
    AUDITOR,
    BRANCH_HR,
    CHIEF,
    COLLEAGUE,
    HEAD,
    HR,
    MANAGER,
    OTHER_MANAGER,
    OUTSIDER,
    Person,
)
from tests.support.year import YEAR

DAY = SUMMER.date()


def board(house: House, manager: Person = MANAGER) -> dict[str, queries.Member]:
    with house.database.reading() as session:
        cycle = queries.cycle_of_board(session, [ADVISOR.no], YEAR)
        found = queries.members(session, manager.no, cycle, SUMMER)
        session.expunge_all()
    return {one.person.no: one for one in found}


def talk(house: House, person: Person, held_at: datetime) -> None:
    with house.database.writing() as session:
        session.add(
            CheckIn(
                cycle_code=YEAR, employee_no=person.no, sequence=1, status="signed",
                period_ends_on=DAY, held_at=held_at,
            )
        )  # fmt: skip


def test_a_board_holds_the_direct_reports_and_nobody_else(house: House) -> None:
    assert set(board(house)) == {ADVISOR.no, COLLEAGUE.no}


def test_who_has_an_overdue_step_stands_first(house: House) -> None:
    members = list(board(house).values())
    assert members[0].person.no == ADVISOR.no
    assert Need.OVERDUE in members[0].needs
    assert (members[0].open_tasks, members[0].overdue) == (1, 1)
    assert members[1].overdue == 0


def test_scores_do_not_move_anybody_up_or_down(house: House) -> None:
    talk(house, COLLEAGUE, SUMMER)
    found = board(house)
    assert found[ADVISOR.no].paces
    assert list(found) == sorted(found, key=lambda no: -found[no].urgency)


def test_the_last_talk_counts_in_days_and_its_lack_is_a_need(house: House) -> None:
    talk(house, COLLEAGUE, datetime(2025, 7, 21, 10, tzinfo=FIRM_ZONE))
    found = board(house)
    assert found[COLLEAGUE.no].days_since_talk == 10
    assert Need.NO_TALK not in found[COLLEAGUE.no].needs
    assert found[ADVISOR.no].days_since_talk is None
    assert Need.NO_TALK in found[ADVISOR.no].needs


def test_a_sheet_that_is_not_locked_is_a_need(house: House) -> None:
    with house.database.writing() as session:
        sheet = session.query(GoalSheet).filter_by(employee_no=COLLEAGUE.no).one()
        sheet.status, sheet.locked_at = "countered", None
    assert Need.NO_GOALS in board(house)[COLLEAGUE.no].needs
    assert "No agreed goals" in house.page(MANAGER, "/team/")


def test_a_missed_talk_is_a_flag(house: House) -> None:
    with house.database.writing() as session:
        session.add(
            ProcessGap(
                cycle_code=YEAR, employee_no=COLLEAGUE.no, kind="check_in:1", flagged_at=SUMMER
            )
        )
    assert Need.GAP in board(house)[COLLEAGUE.no].needs


def test_a_reader_of_both_views_finds_the_same_people(house: House) -> None:
    for view in ("", "?view=table"):
        page = house.page(MANAGER, f"/team/{view}")
        assert ADVISOR.name_en in page
        assert COLLEAGUE.name_en in page
        assert OUTSIDER.name_en not in page


def test_the_views_of_need_and_silence_narrow_the_board(house: House) -> None:
    talk(house, COLLEAGUE, SUMMER)
    silent = house.page(MANAGER, "/team/?show=silent")
    assert ADVISOR.name_en in silent
    assert COLLEAGUE.name_en not in silent
    assert COLLEAGUE.name_en in house.page(MANAGER, "/team/?show=nonsense")


@pytest.mark.parametrize("reader", [HEAD, CHIEF, HR])
def test_the_line_above_and_hr_open_the_board_of_a_manager(house: House, reader: Person) -> None:
    assert ADVISOR.name_en in house.page(reader, f"/team/?manager={MANAGER.no}")


@pytest.mark.parametrize("reader", [OTHER_MANAGER, BRANCH_HR])
def test_a_manager_elsewhere_and_hr_of_another_branch_find_nothing(
    house: House, reader: Person
) -> None:
    assert house.status(reader, f"/team/?manager={MANAGER.no}") == 404
    assert house.status(reader, "/team/?manager=E99999") == 404


@pytest.mark.parametrize("reader", [ADVISOR, AUDITOR, ADMIN])
def test_who_leads_nobody_has_no_board(house: House, reader: Person) -> None:
    assert house.status(reader, "/team/") == 403


def test_hr_of_a_branch_begins_with_a_manager_of_that_branch(house: House) -> None:
    page = house.page(BRANCH_HR, "/team/")
    assert OTHER_MANAGER.name_en in page
    assert OUTSIDER.name_en in page
    assert MANAGER.name_en not in page


def test_boards_to_choose_are_the_own_one_and_those_below(house: House) -> None:
    with house.database.reading() as session:
        below = queries.managers_to_choose(session, act_as(session, HEAD), DAY)
        own = queries.managers_to_choose(session, act_as(session, MANAGER), DAY)
        assert [one.no for one in below] == [HEAD.no, MANAGER.no]
        assert [one.no for one in own] == [MANAGER.no]


def test_an_unknown_cycle_is_not_found(house: House) -> None:
    assert house.status(MANAGER, "/team/?cycle=1999-ANNUAL") == 404
