"""What notifications ask of the rooms above: where a person is reached and in which language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.orm import Session

from perfflow.i18n import Language


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person is reached; ``language`` is ``zh`` or ``en``, ``names`` has both spellings."""

    mail: str
    name: str
    language: Language
    names: Mapping[Language, str] = field(default_factory=dict)

    def spelled(self) -> dict[str, str]:
        """The name for a message parameter: each reader sees the own spelling."""
        return {"zh": self.names.get("zh", self.name), "en": self.names.get("en", self.name)}


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
