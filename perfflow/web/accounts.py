"""Actions on accounts: creating them, signing in, passwords, settings and granted roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.i18n import LANGUAGES
from perfflow.kernel.actor import Actor, Role, SYSTEM
from perfflow.kernel.errors import Conflict, NotFound, RuleViolation
from perfflow.web.models import Account, RoleGrant
from perfflow.web.passwords import decoy_hash, hash_password, matches, require_strong

FAILURES_BEFORE_REST = 5
REST = timedelta(minutes=15)
LOGIN_LENGTH = 64
THEMES = ("system", "light", "dark")
SCOPED_ROLES = frozenset({Role.HR_PARTNER})
"""Roles that always act for a unit and everything below it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a session cookie needs of an account that has just proved its password."""

    account_id: int
    session_version: int
    login: str


def create_account(
    session: Session,
    actor: Actor,
    now: datetime,
    login: str,
    password: str | None = None,
    *,
    employee_no: str | None = None,
    language: str | None = None,
    password_hash: str | None = None,
) -> Account:
    """Create an account; ``password_hash`` instead of ``password`` saves hashing in mass loads."""
    if login == SYSTEM.name or not login.strip():
        raise RuleViolation("web.login_reserved", field="login", login=login)
    if session.scalar(select(Account.id).where(Account.login == login)) is not None:
        raise Conflict("web.login_taken", field="login", login=login)
    if password_hash is None:
        require_strong(password or "", login)
        password_hash = hash_password(password or "")
    account = Account(
        login=login,
        employee_no=employee_no,
        password_hash=password_hash,
        language=language,
        created_at=now,
    )
    session.add(account)
    session.flush()
    record(session, actor, now, AuditEvent.WEB_ACCOUNT_CREATED, login, employee_no=employee_no)
    return account


def identify(session: Session, now: datetime, login: str, password: str) -> Identity | None:
    """The account behind ``login`` and ``password``; reads only.

    Unknown, resting, closed and wrong all answer None after the same amount of hashing.
    """
    account = session.scalar(select(Account).where(Account.login == login))
    is_right = matches(account.password_hash if account else decoy_hash(), password)
    if account is None or not is_right or not account.is_active:
        return None
    if account.locked_until is not None and account.locked_until > now:
        return None
    return Identity(account.id, account.session_version, account.login)


def note_failure(session: Session, now: datetime, login: str) -> None:
    """Count a failed attempt; the fifth in a row lets the account rest for 15 minutes."""
    will_rest = Account.failed_count + 1 >= FAILURES_BEFORE_REST
    session.execute(
        update(Account)
        .where(Account.login == login)
        .values(
            failed_count=case((will_rest, 0), else_=Account.failed_count + 1),
            locked_until=case((will_rest, now + REST), else_=Account.locked_until),
        )
        .execution_options(synchronize_session=False)
    )
    record(session, Actor("anonymous"), now, AuditEvent.WEB_SESSION_REFUSED, login[:LOGIN_LENGTH])


def note_success(session: Session, now: datetime, identity: Identity) -> None:
    """Forget earlier failures of an account that has signed in."""
    session.execute(
        update(Account)
        .where(Account.id == identity.account_id)
        .values(failed_count=0, locked_until=None)
        .execution_options(synchronize_session=False)
    )
    record(session, Actor(identity.login), now, AuditEvent.WEB_SESSION_OPENED, identity.login)


def change_password(
    session: Session, actor: Actor, now: datetime, account_id: int, current: str, new: str
) -> Identity:
    """Set the account's own new password; every other session of the account ends."""
    account = _account(session, account_id)
    if not matches(account.password_hash, current):
        raise RuleViolation("web.current_password_wrong", field="current_password")
    require_strong(new, account.login)
    account.password_hash = hash_password(new)
    account.session_version += 1
    session.flush()
    record(session, actor, now, AuditEvent.WEB_PASSWORD_CHANGED, account.login)
    return Identity(account.id, account.session_version, account.login)


def set_password(session: Session, actor: Actor, now: datetime, login: str, new: str) -> None:
    """Set somebody's password for them (administration); their sessions end, their rest too."""
    account = session.scalar(select(Account).where(Account.login == login))
    if account is None:
        raise NotFound("web.account_not_found", login=login)
    require_strong(new, login)
    account.password_hash = hash_password(new)
    account.session_version += 1
    account.failed_count, account.locked_until = 0, None
    record(session, actor, now, AuditEvent.WEB_PASSWORD_CHANGED, login)


def close_account(session: Session, actor: Actor, now: datetime, login: str) -> None:
    """Let nobody sign in as ``login`` any more; sessions end at once."""
    account = session.scalar(select(Account).where(Account.login == login))
    if account is None:
        raise NotFound("web.account_not_found", login=login)
    account.is_active = False
    account.session_version += 1
    record(session, actor, now, AuditEvent.WEB_ACCOUNT_DISABLED, login)


def choose_language(session: Session, account_id: int, language: str) -> None:
    """Remember the language an account wants."""
    if language not in LANGUAGES:
        raise RuleViolation("web.unknown_language", field="language", got=language)
    _account(session, account_id).language = language


def choose_theme(session: Session, account_id: int, theme: str) -> None:
    """Remember light, dark, or that the system decides."""
    if theme not in THEMES:
        raise RuleViolation("web.unknown_theme", field="theme", got=theme)
    _account(session, account_id).theme = theme


def grant_role(
    session: Session,
    actor: Actor,
    now: datetime,
    role: Role,
    valid_from: date,
    *,
    login: str | None = None,
    employee_no: str | None = None,
    unit_code: str | None = None,
    valid_to: date | None = None,
) -> RoleGrant:
    """Give ``role`` to a login or an employee; an HR partner always gets a unit with it.

    Who may grant, and the record of it, are the people room's action of the same name.
    """
    if (login is None) == (employee_no is None):
        raise RuleViolation("web.grant_needs_one_holder", field="login")
    if role in SCOPED_ROLES and unit_code is None:
        raise RuleViolation("web.grant_needs_unit", field="unit_code", role=role)
    grant = RoleGrant(
        login=login,
        employee_no=employee_no,
        role=role.value,
        unit_code=unit_code,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    session.add(grant)
    session.flush()
    return grant


def _account(session: Session, account_id: int) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("web.account_not_found", login="")
    return account
