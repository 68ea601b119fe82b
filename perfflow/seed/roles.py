"""Who holds which role in the synthetic firm: role seats, and the grants that follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from perfflow.kernel.actor import Role
from perfflow.seed.organisation import Organisation, ROOT

# (role, post, rank among the seats of that post): the first ten of each post never leave.
FIRM_ROLES = (
    (Role.HR_PARTNER, "HQ", 2),
    (Role.PROCESS_ADMIN, "HQ", 3),
    (Role.METRIC_OWNER, "OP", 2),
    (Role.FINANCE, "HQ", 4),
    (Role.FINANCE, "OP", 3),
    (Role.COMPLIANCE_OFFICER, "RC", 1),
    (Role.COMPLIANCE_OFFICER, "RC", 2),
    (Role.AUDITOR, "RC", 3),
    (Role.EXECUTIVE, "EX", 1),
    (Role.EXECUTIVE, "EX", 2),
    (Role.EXECUTIVE, "EX", 3),
    (Role.CALIBRATION_COMMITTEE, "EX", 2),
    (Role.CALIBRATION_COMMITTEE, "EX", 3),
    (Role.CALIBRATION_COMMITTEE, "PD", 1),
    (Role.REMUNERATION_COMMITTEE, "EX", 1),
    (Role.REMUNERATION_COMMITTEE, "EX", 2),
    (Role.APPEAL_PANEL, "EX", 3),
    (Role.APPEAL_PANEL, "PD", 2),
    (Role.APPEAL_PANEL, "HQ", 1),
)
SCOPED_HR_FROM = 11  # head-office seats beyond the first ten: every third serves one branch


@dataclass(frozen=True, slots=True)
class Grant:
    """A role for the first holder of a seat, in a unit and everything below it."""

    seat: int
    role: Role
    unit_code: str | None


def grants(organisation: Organisation) -> Iterator[Grant]:
    """All role grants; HR partners of the firm serve it all, later ones one branch each."""
    ranks: dict[str, list[int]] = {}
    for seat in organisation.seats:
        ranks.setdefault(seat.post, []).append(seat.number)
    given: set[Grant] = set()
    for role, post, rank in FIRM_ROLES:
        # A firm below fifty has not every seat; its roles go to the nearest one there is.
        seats = ranks.get(post) or ranks["EX"]
        unit = ROOT if role is Role.HR_PARTNER else None
        grant = Grant(seats[min(rank, len(seats)) - 1], role, unit)
        if grant not in given:
            given.add(grant)
            yield grant
    branches = [unit.code for unit in organisation.units if unit.kind == "branch"]
    partners = ranks.get("HQ", [])[SCOPED_HR_FROM - 1 :: 3]
    for seat_number, branch in zip(partners, branches, strict=False):
        yield Grant(seat_number, Role.HR_PARTNER, branch)
