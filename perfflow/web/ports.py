"""What the web layer asks of the rooms above it: who a person is in the firm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import Row, Select, SQLColumnExpression
from sqlalchemy.orm import Session

from perfflow.kernel.actor import Actor, Role

AnySelect = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A person on one day: names to show, and the roles that follow from the organisation.

    ``roles`` holds what the organisation gives: employee for everybody at work, line-manager for
    who has reports, second-line for whose reports have reports, unit-head for who heads a unit.
    """

    name_zh: str
    name_en: str
    post_zh: str = ""
    post_en: str = ""
    unit_zh: str = ""
    unit_en: str = ""
    roles: frozenset[Role] = field(default_factory=frozenset)


class Principals(Protocol):
    """Knows people; plugged in by the application with the people room."""

    def standing(self, session: Session, employee_no: str, on: date) -> Standing | None:
        """Who ``employee_no`` is on ``on``, in one statement; None when not there."""
        ...


@runtime_checkable
class JoinedPrincipals(Protocol):
    """Principals that answer inside the statement that reads the account."""

    def joined(
        self, query: AnySelect, employee_no: SQLColumnExpression[str | None], on: date
    ) -> AnySelect:
        """``query`` with what ``standing_in`` needs; it may have more rows than before."""
        ...

    def standing_in(self, row: Row[Any], on: date) -> Standing | None:
        """Who the person of a row of that query is on ``on``; None when not there."""
        ...


class WaitingCounts(Protocol):
    """Says how much work waits behind navigation entries (endpoint → count)."""

    def __call__(self, session: Session, actor: Actor) -> Mapping[str, int]: ...


class NoPrincipals:
    """A firm without people: accounts have only the roles that were granted to them."""

    def standing(self, session: Session, employee_no: str, on: date) -> Standing | None:
        return None
