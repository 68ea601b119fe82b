"""Accounts: who can be identified, when an account rests, what a password must be."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from perfflow.audit import AuditEvent, trail
from perfflow.db import Database
from perfflow.kernel.actor import Actor, Role, SYSTEM
from perfflow.kernel.errors import Conflict, NotFound, RuleViolation
from perfflow.web import accounts
from perfflow.web.identity import load_person
from perfflow.web.models import Account, RoleGrant
from perfflow.web.ports import NoPrincipals
from tests.rooms.web.conftest import PASSWORD

LOGIN = "han.zijin"
ADMIN = Actor("admin")


@pytest.fixture
def account(database: Database, now: datetime) -> Account:
    with database.writing() as session:
        return accounts.create_account(session, SYSTEM, now, LOGIN, PASSWORD)


def account_row(database: Database) -> Account:
    with database.reading() as session:
        found = session.scalars(select(Account).where(Account.login == LOGIN)).one()
        session.expunge_all()
        return found


def fail_times(database: Database, now: datetime, times: int) -> None:
    for _ in range(times):
        with database.writing() as session:
            accounts.note_failure(session, now, LOGIN)


@pytest.mark.both_databases
def test_the_right_password_identifies_the_account(
    database: Database, account: Account, now: datetime
) -> None:
    with database.reading() as session:
        identity = accounts.identify(session, now, LOGIN, PASSWORD)
    assert identity == accounts.Identity(account.id, 1, LOGIN)


@pytest.mark.parametrize(
    ("login", "password"),
    [(LOGIN, "wrong password"), ("nobody", PASSWORD), (LOGIN, ""), ("", ""), (LOGIN.upper(), "x")],
)
def test_anything_else_identifies_nobody(
    database: Database, account: Account, now: datetime, login: str, password: str
) -> None:
    with database.reading() as session:
        assert accounts.identify(session, now, login, password) is None


def test_an_unknown_login_costs_one_hash_like_a_wrong_password(
    database: Database, account: Account, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.setattr(accounts, "matches", lambda stored, given: checked.append(stored) is None)
    with database.reading() as session:
        accounts.identify(session, now, LOGIN, "wrong password")
        accounts.identify(session, now, "nobody", "wrong password")
    assert len(checked) == 2
    assert {stored.split("$")[3] for stored in checked} == {"m=65536,t=3,p=4"}


@pytest.mark.both_databases
def test_the_fifth_failure_lets_the_account_rest_and_time_wakes_it(
    database: Database, account: Account, now: datetime
) -> None:
    fail_times(database, now, 4)
    with database.reading() as session:
        assert accounts.identify(session, now, LOGIN, PASSWORD) is not None
    fail_times(database, now, 1)
    with database.reading() as session:
        almost = now + timedelta(minutes=15) - timedelta(seconds=1)
        assert accounts.identify(session, almost, LOGIN, PASSWORD) is None
        assert accounts.identify(session, now + accounts.REST, LOGIN, PASSWORD) is not None


def test_signing_in_forgets_earlier_failures(
    database: Database, account: Account, now: datetime
) -> None:
    fail_times(database, now, 4)
    with database.writing() as session:
        accounts.note_success(session, now, accounts.Identity(account.id, 1, LOGIN))
    fail_times(database, now, 4)
    assert account_row(database).locked_until is None
    assert account_row(database).failed_count == 4


def test_a_failure_on_an_unknown_login_changes_no_account(
    database: Database, account: Account, now: datetime
) -> None:
    with database.writing() as session:
        accounts.note_failure(session, now, "nobody")
    assert account_row(database).failed_count == 0


def test_refused_attempts_and_sign_ins_are_on_the_trail(
    database: Database, account: Account, now: datetime
) -> None:
    fail_times(database, now, 1)
    with database.writing() as session:
        accounts.note_success(session, now, accounts.Identity(account.id, 1, LOGIN))
    with database.reading() as session:
        events = {entry.event for entry in trail(session, subject=LOGIN)}
    assert events == {
        AuditEvent.WEB_ACCOUNT_CREATED,
        AuditEvent.WEB_SESSION_REFUSED,
        AuditEvent.WEB_SESSION_OPENED,
    }


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "web.password_length"),
        ("x" * 257, "web.password_length"),
        ("HAN.Zijin-2026", "web.password_has_login"),
    ],
)
def test_weak_passwords_are_refused(
    database: Database, now: datetime, password: str, code: str
) -> None:
    with database.writing() as session, pytest.raises(RuleViolation) as refusal:
        accounts.create_account(session, SYSTEM, now, LOGIN, password)
    assert (refusal.value.code, refusal.value.field) == (code, "new_password")


def test_a_login_is_taken_once(database: Database, account: Account, now: datetime) -> None:
    with database.reading() as session, pytest.raises(Conflict):
        accounts.create_account(session, SYSTEM, now, LOGIN, PASSWORD)


@pytest.mark.parametrize("login", ["system", "", "  "])
def test_nobody_can_be_called_like_the_system(
    database: Database, now: datetime, login: str
) -> None:
    with database.reading() as session, pytest.raises(RuleViolation) as refusal:
        accounts.create_account(session, SYSTEM, now, login, PASSWORD)
    assert refusal.value.code == "web.login_reserved"


def test_changing_a_password_ends_other_sessions(
    database: Database, account: Account, now: datetime
) -> None:
    with database.writing() as session:
        identity = accounts.change_password(
            session, ADMIN, now, account.id, PASSWORD, "a new calm sentence"
        )
    assert identity.session_version == 2
    with database.reading() as session:
        old = load_person(session, NoPrincipals(), account.id, 1, now.date())
        new = load_person(session, NoPrincipals(), account.id, 2, now.date())
        assert (old, new is not None) == (None, True)
        assert accounts.identify(session, now, LOGIN, PASSWORD) is None


def test_the_current_password_must_be_right_to_change_it(
    database: Database, account: Account, now: datetime
) -> None:
    with database.reading() as session, pytest.raises(RuleViolation) as refusal:
        accounts.change_password(session, ADMIN, now, account.id, "guess", "a new calm sentence")
    assert refusal.value.field == "current_password"


def test_administration_sets_a_password_and_wakes_a_resting_account(
    database: Database, account: Account, now: datetime
) -> None:
    fail_times(database, now, 5)
    with database.writing() as session:
        accounts.set_password(session, ADMIN, now, LOGIN, "given on the phone")
    with database.reading() as session:
        assert accounts.identify(session, now, LOGIN, "given on the phone") is not None


def test_a_closed_account_cannot_sign_in_and_has_no_session(
    database: Database, account: Account, now: datetime
) -> None:
    with database.writing() as session:
        accounts.close_account(session, ADMIN, now, LOGIN)
    with database.reading() as session:
        assert accounts.identify(session, now, LOGIN, PASSWORD) is None
        assert load_person(session, NoPrincipals(), account.id, 2, now.date()) is None


def test_accounts_that_do_not_exist_cannot_be_changed(database: Database, now: datetime) -> None:
    with database.reading() as session:
        for act in (
            lambda: accounts.set_password(session, ADMIN, now, "nobody", PASSWORD),
            lambda: accounts.close_account(session, ADMIN, now, "nobody"),
            lambda: accounts.choose_theme(session, 99, "dark"),
        ):
            with pytest.raises(NotFound):
                act()


def test_only_known_languages_and_themes_are_remembered(
    database: Database, account: Account
) -> None:
    with database.reading() as session:
        with pytest.raises(RuleViolation):
            accounts.choose_language(session, account.id, "fr")
        with pytest.raises(RuleViolation):
            accounts.choose_theme(session, account.id, "sepia")


@pytest.mark.both_databases
def test_granted_roles_count_from_their_first_day_to_before_their_last(
    database: Database, account: Account, now: datetime
) -> None:
    with database.writing() as session:
        accounts.grant_role(
            session,
            ADMIN,
            now,
            Role.HR_PARTNER,
            date(2025, 1, 13),
            login=LOGIN,
            unit_code="R01",
            valid_to=date(2025, 2, 1),
        )
    found = {}
    with database.reading() as session:
        for day in (date(2025, 1, 12), date(2025, 1, 13), date(2025, 1, 31), date(2025, 2, 1)):
            person = load_person(session, NoPrincipals(), account.id, 1, day)
            assert person is not None
            found[day.isoformat()] = (person.actor.roles, person.actor.unit_scopes)
    held = (frozenset({Role.HR_PARTNER}), frozenset({"R01"}))
    nothing = (frozenset(), frozenset())
    assert list(found.values()) == [nothing, held, held, nothing]


def test_a_grant_has_one_holder_and_an_hr_partner_a_unit(database: Database, now: datetime) -> None:
    with database.reading() as session:
        for holder in ({}, {"login": LOGIN, "employee_no": "E1"}):
            with pytest.raises(RuleViolation, match=r"web\.grant_needs_one_holder"):
                accounts.grant_role(session, ADMIN, now, Role.FINANCE, date(2025, 1, 1), **holder)
        with pytest.raises(RuleViolation, match=r"web\.grant_needs_unit"):
            accounts.grant_role(session, ADMIN, now, Role.HR_PARTNER, date(2025, 1, 1), login=LOGIN)
        assert session.scalars(select(RoleGrant)).all() == []
