"""Pure rules of cycles: packs of steps, due rules, deadlines on a calendar, months, check-ins."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Protocol

from perfflow.kernel.configuration import Reader
from perfflow.kernel.errors import BadInput

_RULE = re.compile(
    r"(?P<anchor>cycle_start|cycle_end|month_end|period_end|prev_done|[A-Z]\d{2})"
    r"(?:\((?P<month>\d{1,2})\))?"
    r"(?:\s*(?P<sign>[+-])\s*(?P<days>\d{1,3})\s*wd)?"
)


class Days(Protocol):
    """What deadlines ask of a calendar."""

    def add_working_days(self, day: date, n: int) -> date: ...


class Overdue(StrEnum):
    """What happens with a step that is late (domain §6.1)."""

    REMIND = "remind"
    ESCALATE = "escalate"
    REASSIGN = "reassign"
    AUTO_SUBMIT_SAVED = "auto_submit_saved"
    DEEMED_CONFIRMED = "deemed_confirmed"
    AUTO_APPROVE = "auto_approve"
    SKIP_WITH_FLAG = "skip_with_flag"
    BLOCK = "block"


NEVER_AUTOMATIC = frozenset(
    {
        "accept_goals",
        "countersign_goals",
        "review_gate",
        "calibrate_unit",
        "calibrate_firm",
        "approve_payout",
        "release_payout",
        "decide_appeal",
    }
)
"""Steps that only people complete, whatever a pack says."""
_AUTOMATIC = frozenset({Overdue.AUTO_SUBMIT_SAVED, Overdue.DEEMED_CONFIRMED, Overdue.AUTO_APPROVE})


@dataclass(frozen=True, slots=True)
class DueRule:
    """``anchor`` and working days: ``cycle_end + 12 wd``; a fixed date has no anchor."""

    anchor: str
    offset: int = 0
    month: int | None = None
    fixed_on: date | None = None

    @property
    def is_dynamic(self) -> bool:
        """True when the date is only known while the cycle runs."""
        return self.anchor in ("prev_done", "period_end") or (
            self.anchor == "month_end" and self.month is None
        )


def parse_due_rule(text: str) -> DueRule:
    """A due rule from its text; raises ``cycles.bad_due_rule``."""
    try:
        return DueRule("", fixed_on=date.fromisoformat(text))
    except ValueError:
        pass
    match = _RULE.fullmatch(text.strip())
    if match is None or (match["month"] and match["anchor"] != "month_end"):
        raise BadInput("cycles.bad_due_rule", got=text)
    days = int(match["days"] or 0)
    return DueRule(
        match["anchor"],
        -days if match["sign"] == "-" else days,
        int(match["month"]) if match["month"] else None,
    )


@dataclass(frozen=True, slots=True)
class PackStep:
    """A step of a pack: where it stands in the processes, who does it, when, what if late."""

    code: str
    name: str
    name_zh: str
    name_en: str
    element: str
    process: str
    role: str
    due: DueRule | None
    overdue: tuple[Overdue, ...]


@dataclass(frozen=True, slots=True)
class CheckInPlan:
    """A check-in at the end of the ``month``-th month of the cycle."""

    month: int
    due: DueRule
    is_mid_year: bool


@dataclass(frozen=True, slots=True)
class Pack:
    """A cycle template (``ANNUAL-STD``): what the cycle consists of, as data.

    ``roll_up`` are the weights of the year's quarters when its totals come from theirs.
    """

    code: str
    version: int
    kind: str
    months: int
    name_zh: str
    name_en: str
    process: str
    participant_process: str
    payout_limit_days: int
    interview_gates_payout: bool
    data_due: DueRule
    check_ins: tuple[CheckInPlan, ...]
    other_deadlines: Mapping[str, DueRule]
    steps: tuple[PackStep, ...]
    roll_up: tuple[int, ...] = ()

    def step(self, name: str) -> PackStep | None:
        """The step of that name, or None."""
        return next((step for step in self.steps if step.name == name), None)


def _due(reader: Reader, key: str) -> DueRule | None:
    value = reader.raw(key)
    if value is None:
        return None
    try:
        return parse_due_rule(str(value))
    except BadInput as error:
        place = reader.at(key)
        raise BadInput(error.code, field=place, got=str(value), path=place) from error


def _step(reader: Reader) -> PackStep:
    overdue = []
    for word in reader.texts("overdue"):
        if word not in set(Overdue):
            raise reader.refuse("overdue", ", ".join(Overdue))
        overdue.append(Overdue(word))
    step = PackStep(
        code=reader.text("code"),
        name=reader.text("name"),
        name_zh=reader.text("name_zh"),
        name_en=reader.text("name_en"),
        element=reader.text("element"),
        process=reader.text("process"),
        role=reader.text("role"),
        due=_due(reader, "due"),
        overdue=tuple(overdue),
    )
    reader.finish()
    if step.name in NEVER_AUTOMATIC and not _AUTOMATIC.isdisjoint(step.overdue):
        raise BadInput("cycles.never_automatic", field=reader.path, step=step.code)
    return step


def _check_in(reader: Reader) -> CheckInPlan:
    due = _due(reader, "due")
    if due is None:
        raise reader.refuse("due", "a due rule")
    plan = CheckInPlan(reader.integer("month"), due, reader.flag("is_mid_year"))
    reader.finish()
    return plan


def parse_pack(data: Any, path: str = "pack") -> Pack:
    """A pack from its YAML mapping; raises ``BadInput`` naming the place."""
    reader = Reader(data, path)
    others = reader.child("other_deadlines")
    other_deadlines = {}
    for key in others.keys():  # noqa: SIM118
        rule = _due(others, key)
        if rule is not None:
            other_deadlines[key] = rule
    data_due = _due(reader, "data_due")
    if data_due is None:
        raise reader.refuse("data_due", "a due rule")
    pack = Pack(
        code=reader.text("code"),
        version=reader.integer("version", 1),
        kind=reader.text("kind"),
        months=reader.integer("months"),
        name_zh=reader.text("name_zh"),
        name_en=reader.text("name_en"),
        process=reader.text("process"),
        participant_process=reader.text("participant_process"),
        payout_limit_days=reader.integer("payout_limit_days", 75),
        interview_gates_payout=reader.flag("interview_gates_payout", True),
        data_due=data_due,
        check_ins=tuple(_check_in(row) for row in reader.readers("check_ins")),
        other_deadlines=other_deadlines,
        steps=tuple(_step(row) for row in reader.readers("steps", required=True)),
        roll_up=_roll_up(reader),
    )
    reader.finish()
    _check_anchors(pack, path)
    return pack


def _roll_up(reader: Reader) -> tuple[int, ...]:
    """Weights of the quarters, whole numbers that are not all 0."""
    weights = list(reader.items("roll_up"))
    wrong = [one for one in weights if isinstance(one, bool) or not isinstance(one, int) or one < 0]
    if wrong or (weights and not any(weights)):
        raise reader.refuse("roll_up", "a list of whole numbers such as [20, 20, 20, 40]")
    return tuple(weights)


def _check_anchors(pack: Pack, path: str) -> None:
    seen: set[str] = set()
    for step in pack.steps:
        anchor = step.due.anchor if step.due else ""
        if re.fullmatch(r"[A-Z]\d{2}", anchor) and anchor not in seen:
            raise BadInput("cycles.unknown_anchor", field=path, step=step.code, anchor=anchor)
        seen.add(step.code)
    names = [step.name for step in pack.steps]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput("cycles.step_twice", field=path, step=twice[0])


def month_end(starts_on: date, number: int) -> date:
    """The last day of the ``number``-th month that begins with the month of ``starts_on``."""
    index = starts_on.month - 1 + number - 1
    year, month = starts_on.year + index // 12, index % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def months_on(starts_on: date, count: int) -> date:
    """The last day of the first ``count`` months of a cycle: 20 October + 3 → 19 January."""
    index = starts_on.month - 1 + count
    year, month = starts_on.year + index // 12, index % 12 + 1
    day = min(starts_on.day, monthrange(year, month)[1])
    return date(year, month, day) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The date of a step; None while it follows another step or a person."""

    step_code: str
    name: str
    due_on: date | None


def deadlines(pack: Pack, starts_on: date, ends_on: date, calendar: Days) -> list[Deadline]:
    """Every deadline of a cycle that can be known at its start, in the order of the pack."""
    by_code: dict[str, date] = {}

    def resolve(rule: DueRule) -> date | None:
        if rule.fixed_on is not None:
            return rule.fixed_on
        if rule.anchor == "cycle_start":
            base: date | None = starts_on
        elif rule.anchor == "cycle_end":
            base = ends_on
        elif rule.anchor == "month_end" and rule.month is not None:
            base = month_end(starts_on, rule.month)
        else:
            base = by_code.get(rule.anchor)
        return None if base is None else calendar.add_working_days(base, rule.offset)

    found = []
    for step in pack.steps:
        due_on = resolve(step.due) if step.due else None
        if due_on is not None:
            by_code.setdefault(step.code, due_on)
        found.append(Deadline(step.code, step.name, due_on))
    for name, rule in pack.other_deadlines.items():
        found.append(Deadline("", name, resolve(rule)))
    return found


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a cycle and the day its data are due."""

    period: str
    ends_on: date
    due_on: date


def data_months(pack: Pack, starts_on: date, ends_on: date, calendar: Days) -> list[Month]:
    """The months of a cycle with the days on which their data are due."""
    months: list[Month] = []
    number = 1
    while True:
        last = month_end(starts_on, number)
        if last > ends_on:
            return months
        due_on = calendar.add_working_days(last, pack.data_due.offset)
        months.append(Month(f"{last.year:04d}-{last.month:02d}", last, due_on))
        number += 1


@dataclass(frozen=True, slots=True)
class CheckInDate:
    """One check-in of a cycle with its dates; ``sequence`` counts from 1."""

    sequence: int
    period_ends_on: date
    due_on: date
    is_mid_year: bool


def check_in_dates(pack: Pack, starts_on: date, ends_on: date, calendar: Days) -> list[CheckInDate]:
    """The check-ins of a cycle; those after its end are left out."""
    found: list[CheckInDate] = []
    for plan in sorted(pack.check_ins, key=lambda plan: plan.month):
        last = months_on(starts_on, plan.month)
        if last <= ends_on:
            due_on = calendar.add_working_days(last, plan.due.offset)
            found.append(CheckInDate(len(found) + 1, last, due_on, plan.is_mid_year))
    return found


@dataclass(frozen=True, slots=True)
class Timeliness:
    """When the money arrives, counted from the end of the cycle, against the pack's limit."""

    payout_on: date
    days: int
    limit: int

    @property
    def is_kept(self) -> bool:
        return self.days <= self.limit


class Named(Protocol):
    """A named date: a deadline as computed or as stored."""

    @property
    def name(self) -> str: ...

    @property
    def due_on(self) -> date | None: ...


def timeliness(pack: Pack, found: Sequence[Named], ends_on: date) -> Timeliness | None:
    """The payout day of a plan of deadlines, or None when the pack pays nothing."""
    payout_on = next((one.due_on for one in found if one.name == "release_payout"), None)
    if payout_on is None:
        return None
    return Timeliness(payout_on, (payout_on - ends_on).days, pack.payout_limit_days)


JOINERS_DAYS = {"draft_goals": 5, "negotiate_goals": 8, "accept_goals": 10}
"""Working days that a joiner has at least for the steps that come first."""


def joiner_deadlines(dates: Mapping[str, date], joined_on: date, calendar: Days) -> dict[str, date]:
    """The cycle's deadlines, those of the goals moved so that a joiner can keep them."""
    moved = dict(dates)
    for name, days in JOINERS_DAYS.items():
        if name in moved:
            moved[name] = max(moved[name], calendar.add_working_days(joined_on, days))
    return moved
