"""What the engine asks of the rooms above it; the application plugs the answers in at start."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session


class Directory(Protocol):
    """Who leads whom and who belongs to which group, on a day."""

    def manager_of(self, session: Session, employee_no: str, on: date) -> str | None: ...

    def second_line_of(self, session: Session, employee_no: str, on: date) -> str | None: ...

    def hr_group_of(self, session: Session, employee_no: str, on: date) -> str: ...

    def groups_of(self, session: Session, employee_no: str, on: date) -> frozenset[str]: ...

    def members_of(self, session: Session, group: str, on: date) -> list[str]: ...

    def known_group(self, name: str) -> bool: ...

    def unit_path(self, session: Session, employee_no: str, on: date) -> str: ...

    def is_at_work(self, session: Session, employee_no: str, on: date) -> bool: ...

    def deputy_of(self, session: Session, employee_no: str, on: date) -> str | None: ...


class EmptyDirectory:
    """The directory of an application without people: nobody leads, every role code is known."""

    def manager_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return None

    def second_line_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return None

    def hr_group_of(self, session: Session, employee_no: str, on: date) -> str:
        return "hr-partner"

    def groups_of(self, session: Session, employee_no: str, on: date) -> frozenset[str]:
        return frozenset()

    def members_of(self, session: Session, group: str, on: date) -> list[str]:
        return []

    def known_group(self, name: str) -> bool:
        return True

    def unit_path(self, session: Session, employee_no: str, on: date) -> str:
        return ""

    def is_at_work(self, session: Session, employee_no: str, on: date) -> bool:
        return True

    def deputy_of(self, session: Session, employee_no: str, on: date) -> str | None:
        return None


_plugged: list[Directory] = [EmptyDirectory()]


def plug_directory(directory: Directory) -> None:
    """Make ``directory`` the one that processes ask."""
    _plugged[0] = directory


def directory() -> Directory:
    """The plugged directory."""
    return _plugged[0]
