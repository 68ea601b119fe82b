"""Who acts: a person with roles, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Role codes of domain §1.4; also the candidate groups of the process definitions."""

    EMPLOYEE = "employee"
    LINE_MANAGER = "line-manager"
    SECOND_LINE = "second-line"
    HR_PARTNER = "hr-partner"
    PROCESS_ADMIN = "process-admin"
    METRIC_OWNER = "metric-owner"
    COMPLIANCE_OFFICER = "compliance-officer"
    CALIBRATION_COMMITTEE = "calibration-committee"
    REMUNERATION_COMMITTEE = "remuneration-committee"
    FINANCE = "finance"
    APPEAL_PANEL = "appeal-panel"
    AUDITOR = "auditor"
    EXECUTIVE = "executive"
    UNIT_HEAD = "unit-head"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or the system) on whose behalf something happens.

    ``employee_no`` is None for the system and for accounts without an employee record.
    ``unit_scopes`` are the unit codes under which an HR partner may act (sub-tree included).
    """

    name: str
    employee_no: str | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    unit_scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_system(self) -> bool:
        return self.name == "system"

    def has(self, *roles: Role) -> bool:
        """True when the actor holds at least one of ``roles``."""
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor("system")
