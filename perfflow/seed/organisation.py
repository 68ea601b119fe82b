"""The organisation: seats in a fixed order, so that a larger firm only adds seats at the end.

Seat 1 is the chief executive, 2 the chief risk officer, 3 the chief operating officer. From
then on posts are dealt by a smooth weighted round-robin; front-line seats fill teams, teams
fill branches, branches fill regions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from perfflow.seed.names import branch_name
from perfflow.seed.streams import Stream

REGION_SIZE = 1500
PILOT_BRANCH_FRONT = 18
BRANCH_FRONT = 54  # about 80 staff with their share of the middle and back office
MIX = (("FRONT", 67), ("OP", 12), ("HQ", 9), ("RC", 6), ("PD", 6))
ROOT = "FIRM"
DIVISIONS = {
    "RC": ("D-RISK", "风险合规部", "Risk and compliance", 2),
    "OP": ("D-OPS", "运营部", "Operations", 3),
    "PD": ("D-PROD", "产品与投顾部", "Products and advice", 1),
    "HQ": ("D-HQ", "综合管理部", "Head office functions", 3),
}
"""Post → unit code, names, and the seat that heads the head of the division."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the tree; ``head_seat`` is the seat that leads it."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    parent_code: str | None
    path: str
    head_seat: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in the organisation; people come and go, the seat stays."""

    number: int
    post: str
    unit_code: str
    manager_seat: int | None
    is_stable: bool  # holders of heads' and role seats do not leave


@dataclass(slots=True)
class Organisation:
    """Units and seats of a firm of a given size."""

    units: list[UnitRow] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)


@dataclass(slots=True)
class _Front:
    """Where the next front-line seat goes."""

    region: int = 0
    branch: int = 0
    branch_code: str = ""
    branch_path: str = ""
    branch_head: int = 0
    branch_room: int = 0
    team: int = 0
    team_code: str = ""
    team_room: int = 0
    lead: int = 0


class _Builder:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.organisation = Organisation()
        self.front = _Front()
        self.heads: dict[str, int] = {}
        self.counts: dict[str, int] = {}

    def unit(
        self, code: str, names: tuple[str, str], kind: str, parent: UnitRow | None, head: int
    ) -> UnitRow:
        path = code if parent is None else f"{parent.path}/{code}"
        row = UnitRow(code, *names, kind, parent.code if parent else None, path, head)
        self.organisation.units.append(row)
        return row

    def seat(self, post: str, unit: str, manager: int | None, stable: bool = False) -> int:
        number = len(self.organisation.seats) + 1
        self.organisation.seats.append(Seat(number, post, unit, manager, stable))
        return number

    def find(self, code: str) -> UnitRow:
        return next(unit for unit in self.organisation.units if unit.code == code)

    def board(self) -> None:
        root = self.unit(ROOT, ("远岭财富", "Yuanling Wealth"), "firm", None, 1)
        self.seat("EX", ROOT, None, stable=True)
        self.seat("EX", ROOT, 1, stable=True)
        self.seat("EX", ROOT, 1, stable=True)
        self.open_region(root, 1)

    def open_region(self, root: UnitRow, head: int) -> None:
        self.front.region += 1
        number = self.front.region
        names = (f"第{number}大区", f"Region {number}")
        self.region = self.unit(f"R{number:02d}", names, "region", root, head)

    def office_seat(self, post: str) -> None:
        """A seat in a division of the head office; the first of its kind heads it."""
        code, name_zh, name_en, chief = DIVISIONS[post]
        count = self.counts[post] = self.counts.get(post, 0) + 1
        if count == 1:
            head = len(self.organisation.seats) + 1
            self.unit(code, (name_zh, name_en), "division", self.find(ROOT), head)
            self.heads[post] = self.seat(post, code, chief, stable=True)
        else:
            # The first ten of each division hold the roles of the firm.
            self.seat(post, code, self.heads[post], stable=count <= 10)

    def open_branch(self) -> None:
        front = self.front
        if len(self.organisation.seats) >= front.region * REGION_SIZE:
            head = self.seat("EX", ROOT, 1, stable=True)
            self.open_region(self.find(ROOT), head)
        front.branch += 1
        front.branch_code = f"B{front.branch:03d}"
        head = len(self.organisation.seats) + 1
        names = branch_name(front.branch)
        unit = self.unit(front.branch_code, names, "branch", self.region, head)
        front.branch_path = unit.path
        manager = self.region.head_seat
        front.branch_head = self.seat("TL", front.branch_code, manager, stable=True)
        front.branch_room = (PILOT_BRANCH_FRONT if front.branch <= 2 else BRANCH_FRONT) - 1
        front.team = 0
        front.team_room = 0

    def open_team(self) -> None:
        front = self.front
        front.team += 1
        front.team_code = f"{front.branch_code}T{front.team:02d}"
        span = Stream(self.seed, "team", front.team_code).normal(8.0, 2.0)
        front.team_room = min(max(round(span), 5), 12) - 1
        front.lead = len(self.organisation.seats) + 1
        branch = self.find(front.branch_code)
        names = (f"财富{front.team}组", f"Wealth team {front.team}")
        self.unit(front.team_code, names, "team", branch, front.lead)
        self.seat("TL", front.team_code, front.branch_head)

    def front_seat(self) -> None:
        front = self.front
        if front.branch_room <= 0:
            self.open_branch()
            return
        front.branch_room -= 1
        if front.team_room <= 0:
            self.open_team()
            return
        front.team_room -= 1
        number = len(self.organisation.seats) + 1
        post = "FA" if Stream(self.seed, "post", number).chance(0.70) else "RM"
        self.seat(post, front.team_code, front.lead)


def _dealt() -> Iterator[str]:
    """Kinds in a smooth weighted round-robin."""
    credit = dict.fromkeys((kind for kind, _ in MIX), 0)
    total = sum(weight for _, weight in MIX)
    while True:
        for kind, weight in MIX:
            credit[kind] += weight
        chosen = max(credit, key=lambda kind: credit[kind])
        credit[chosen] -= total
        yield chosen


def build_organisation(seed: int, employees: int) -> Organisation:
    """Units and ``employees`` seats; the first seats do not depend on ``employees``."""
    builder = _Builder(seed)
    builder.board()
    kinds = _dealt()
    while len(builder.organisation.seats) < employees:
        kind = next(kinds)
        if kind == "FRONT":
            builder.front_seat()
        else:
            builder.office_seat(kind)
    del builder.organisation.seats[employees:]
    return builder.organisation
