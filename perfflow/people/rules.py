"""Pure rules of the organisation: no loops in reporting lines, paths of units, leaver classes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from perfflow.kernel.errors import RuleViolation


class UnitKind(StrEnum):
    """The levels of the organisation tree."""

    FIRM = "firm"
    DIVISION = "division"
    REGION = "region"
    BRANCH = "branch"
    TEAM = "team"


class LeaverClass(StrEnum):
    """How somebody left; decides about awards and deferred pay (domain §5.5)."""

    GOOD = "good"
    RESIGNED = "resigned"
    DISMISSED = "dismissed"


def require_no_loop(employee_no: str, manager_no: str | None, managers: Mapping[str, str]) -> None:
    """Refuse a manager who would, over any number of steps, report to the person herself."""
    current, steps = manager_no, 0
    while current is not None and steps <= len(managers) + 1:
        if current == employee_no:
            raise RuleViolation(
                "people.manager_loop", field="manager_no", employee=employee_no, manager=manager_no
            )
        current, steps = managers.get(current), steps + 1


def unit_path(code: str, parent_path: str | None) -> str:
    """The path of a unit below its parent: ``FIRM/R01/B001``."""
    if "/" in code:
        raise RuleViolation("people.unit_code_slash", field="code", unit=code)
    return code if parent_path is None else f"{parent_path}/{code}"
