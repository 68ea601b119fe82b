"""The people of a simulation as actors: roles from the organisation, grants, group members."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor
from perfflow.people.principals import PeoplePrincipals
from perfflow.web.identity import actor_of
from perfflow.web.models import Account, RoleGrant
from perfflow.workflow.ports import directory


class Cast:
    """Looks actors up as the login does, and keeps them for the month."""

    def __init__(self) -> None:
        self._actors: dict[tuple[str, int, int], Actor | None] = {}
        self._members: dict[tuple[str, int, int], tuple[str, ...]] = {}
        self._principals = PeoplePrincipals()

    def actor(self, session: Session, employee_no: str, on: date) -> Actor | None:
        """The actor behind an employee on a day; None when she has no account."""
        key = (employee_no, on.year, on.month)
        if key not in self._actors:
            self._actors[key] = self._load(session, employee_no, on)
        return self._actors[key]

    def _load(self, session: Session, employee_no: str, on: date) -> Actor | None:
        account = session.scalar(select(Account).where(Account.employee_no == employee_no))
        if account is None:
            return None
        grants = session.scalars(
            select(RoleGrant).where(
                RoleGrant.employee_no == employee_no, RoleGrant.valid_from <= on
            )
        ).all()
        current = [grant for grant in grants if grant.valid_to is None or grant.valid_to > on]
        return actor_of(account, current, self._principals.standing(session, employee_no, on))

    def members(self, session: Session, group: str, on: date) -> tuple[str, ...]:
        """Who may claim from a candidate group, by number."""
        key = (group, on.year, on.month)
        if key not in self._members:
            holders = session.scalars(
                select(RoleGrant.employee_no)
                .where(
                    RoleGrant.role == group.partition("/")[0], RoleGrant.employee_no.is_not(None)
                )
                .distinct()
                .order_by(RoleGrant.employee_no)
            ).all()
            known = directory()
            self._members[key] = tuple(
                number
                for number in holders
                if number is not None and group in known.groups_of(session, number, on)
            )
        return self._members[key]
