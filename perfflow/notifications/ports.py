"""What notifications ask of the rooms above: where a person is reached and in which language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from perfflow.i18n import Language


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person is reached; ``language`` is ``zh`` or ``en``."""

    mail: str
    name: str
    language: Language


class AddressBook(Protocol):
    """Finds the addresses of employees; who has none (a leaver) is not in the answer."""

    def addresses(
        self, session: Session, employee_nos: Collection[str]
    ) -> Mapping[str, Address]: ...


class EmptyAddressBook:
    """The address book of an application without people."""

    def addresses(self, session: Session, employee_nos: Collection[str]) -> Mapping[str, Address]:
        return {}


_plugged: list[AddressBook] = [EmptyAddressBook()]


def plug_address_book(book: AddressBook) -> None:
    """Make ``book`` the one that mail is addressed by."""
    _plugged[0] = book


def address_book() -> AddressBook:
    """The plugged address book."""
    return _plugged[0]
