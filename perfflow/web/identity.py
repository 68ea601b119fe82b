"""Who is asking: from the session cookie to an account, a standing in the firm and an actor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor, Role
from perfflow.web.models import Account, RoleGrant
from perfflow.web.ports import AnySelect, JoinedPrincipals, Principals, Standing


@dataclass(frozen=True, slots=True)
class Person:
    """The signed-in person of a request: what the shell shows and what the rooms may ask."""

    account_id: int
    login: str
    language: str | None
    theme: str
    actor: Actor
    standing: Standing | None


def load_person(
    session: Session, principals: Principals, account_id: int, session_version: int, on: date
) -> Person | None:
    """The person behind a session cookie, mostly in one statement; None for an ended session."""
    query: AnySelect = (
        select(Account, RoleGrant)
        .outerjoin(
            RoleGrant,
            and_(
                or_(
                    RoleGrant.login == Account.login,
                    RoleGrant.employee_no == Account.employee_no,
                ),
                RoleGrant.valid_from <= on,
                or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > on),
            ),
        )
        .where(Account.id == account_id)
    )
    joined = principals if isinstance(principals, JoinedPrincipals) else None
    if joined is not None:
        query = joined.joined(query, Account.employee_no, on)
    rows = session.execute(query).all()
    if not rows:
        return None
    account: Account = rows[0][0]
    if not account.is_active or account.session_version != session_version:
        return None
    standing = None
    if joined is not None:
        standing = joined.standing_in(rows[0], on)
    elif account.employee_no is not None:
        standing = principals.standing(session, account.employee_no, on)
    grants = [row[1] for row in rows if row[1] is not None]
    return Person(
        account_id=account.id,
        login=account.login,
        language=account.language,
        theme=account.theme,
        actor=actor_of(account, grants, standing),
        standing=standing,
    )


def actor_of(account: Account, grants: list[RoleGrant], standing: Standing | None) -> Actor:
    """The actor with granted roles and those that follow from the organisation."""
    roles = {Role(grant.role) for grant in grants}
    if standing is not None:
        roles |= standing.roles
    scopes = {
        grant.unit_code
        for grant in grants
        if grant.role == Role.HR_PARTNER and grant.unit_code is not None
    }
    return Actor(
        name=account.login,
        employee_no=account.employee_no,
        roles=frozenset(roles),
        unit_scopes=frozenset(scopes),
    )
