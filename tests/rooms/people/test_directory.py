"""The answers that the engine and the web layer get from people: groups, roles, addresses."""

from __future__ import annotations

from datetime import date, datetime

from perfflow.db import Database
from perfflow.kernel.actor import Role, SYSTEM
from perfflow.people.actions import grant_role
from perfflow.people.address_book import PeopleAddressBook
from perfflow.people.directory import members_of_group, PeopleDirectory
from perfflow.people.principals import PeoplePrincipals
from tests.support.cast import (
    ADVISOR,
    BRANCH_HR,
    CHIEF,
    COMPLIANCE,
    HEAD,
    HR,
    MANAGER,
    OUTSIDER,
)
from tests.support.statements import count_statements

TODAY = date(2025, 3, 3)
DIRECTORY = PeopleDirectory()


def test_the_hr_group_is_that_of_the_nearest_unit_with_an_hr_partner(firm: Database) -> None:
    with firm.reading() as session:
        assert DIRECTORY.hr_group_of(session, ADVISOR.no, TODAY) == "hr-partner/FIRM"
        assert DIRECTORY.hr_group_of(session, OUTSIDER.no, TODAY) == "hr-partner/B02"


def test_hr_of_the_firm_belongs_to_the_groups_of_its_branches_too(firm: Database) -> None:
    with firm.reading() as session:
        groups = DIRECTORY.groups_of(session, HR.no, TODAY)
    assert groups == {"hr-partner", "hr-partner/FIRM", "hr-partner/B02"}


def test_hr_of_a_branch_belongs_to_that_branch_only(firm: Database) -> None:
    with firm.reading() as session:
        assert DIRECTORY.groups_of(session, BRANCH_HR.no, TODAY) == {"hr-partner/B02"}


def test_a_role_without_a_unit_is_the_bare_group(firm: Database) -> None:
    with firm.reading() as session:
        assert DIRECTORY.groups_of(session, COMPLIANCE.no, TODAY) == {"compliance-officer"}


def test_groups_cost_one_statement(firm: Database) -> None:
    with firm.reading() as session, count_statements(firm.engine) as counted:
        DIRECTORY.groups_of(session, HR.no, TODAY)
    assert len(counted.statements) == 1


def test_a_grant_ends_on_its_last_day(firm: Database, start: datetime) -> None:
    with firm.writing() as session:
        grant_role(
            session, SYSTEM, start, ADVISOR.no, Role.FINANCE,
            valid_from=date(2025, 1, 1), valid_to=date(2025, 3, 1),
        )  # fmt: skip
    with firm.reading() as session:
        assert DIRECTORY.groups_of(session, ADVISOR.no, date(2025, 2, 28)) == {"finance"}
        assert DIRECTORY.groups_of(session, ADVISOR.no, date(2025, 3, 1)) == frozenset()


def test_groups_are_known_by_role_code(firm: Database) -> None:
    assert DIRECTORY.known_group("compliance-officer")
    assert DIRECTORY.known_group("hr-partner/B01")
    assert not DIRECTORY.known_group("compliance-officers")


def test_members_of_a_group_are_those_who_would_see_its_tasks(firm: Database) -> None:
    with firm.reading() as session:
        assert members_of_group(session, "hr-partner/B02", TODAY) == [HR.no, BRANCH_HR.no]
        assert members_of_group(session, "hr-partner", TODAY) == [HR.no]


def test_roles_follow_from_the_organisation(firm: Database) -> None:
    principals = PeoplePrincipals()
    with firm.reading() as session:
        held = {
            person.no: principals.standing(session, person.no, TODAY).roles
            for person in (ADVISOR, MANAGER, HEAD, CHIEF)
        }
    assert held[ADVISOR.no] == {Role.EMPLOYEE}
    assert held[MANAGER.no] == {Role.EMPLOYEE, Role.LINE_MANAGER, Role.UNIT_HEAD}
    assert Role.SECOND_LINE in held[HEAD.no]
    assert held[CHIEF.no] == {
        Role.EMPLOYEE, Role.LINE_MANAGER, Role.SECOND_LINE, Role.UNIT_HEAD,
    }  # fmt: skip


def test_a_stranger_has_no_standing(firm: Database) -> None:
    with firm.reading() as session:
        assert PeoplePrincipals().standing(session, "E99999", TODAY) is None


def test_mail_goes_to_the_address_of_the_employee(firm: Database) -> None:
    with firm.reading() as session:
        found = PeopleAddressBook().addresses(session, [ADVISOR.no, "E99999"])
    assert list(found) == [ADVISOR.no]
    assert found[ADVISOR.no].mail == "e00004@firm.example"
    assert found[ADVISOR.no].name == ADVISOR.name_zh
