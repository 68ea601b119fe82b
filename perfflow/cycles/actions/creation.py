"""Creating a cycle: its deadlines, its population, and the process that drives it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import firm_calendar, WorkingCalendar
from perfflow.cycles import queries
from perfflow.cycles.models import Cycle, CycleDeadline
from perfflow.cycles.rules import check_in_dates, data_months, deadlines, Pack
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.people import queries as people_queries
from perfflow.workflow import actions as workflow_actions
from perfflow.workflow import queries as workflow_queries

CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,31}")
CREATORS = (Role.HR_PARTNER, Role.PROCESS_ADMIN)


@dataclass(frozen=True, slots=True)
class Population:
    """Who takes part: everybody with a card, or only some units (with what is below) or posts."""

    unit_codes: tuple[str, ...] = ()
    post_codes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"units": list(self.unit_codes), "posts": list(self.post_codes)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Population:
        found = data or {}
        return cls(tuple(found.get("units") or ()), tuple(found.get("posts") or ()))

    def holds(self, unit_path: str, post_code: str) -> bool:
        """True when somebody of that unit and post takes part."""
        in_unit = not self.unit_codes or not set(self.unit_codes).isdisjoint(unit_path.split("/"))
        return in_unit and (not self.post_codes or post_code in self.post_codes)


def create_cycle(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    code: str,
    pack: str,
    name_zh: str,
    name_en: str,
    starts_on: date,
    ends_on: date,
    population: Population | None = None,
    is_shadow: bool = False,
    release_number: int | None = None,
    bundle_number: int | None = None,
) -> Cycle:
    """Create a cycle from a pack and start its process; it pins today's bundle and release."""
    wanted = population or Population()
    _guard(session, actor, code, starts_on, ends_on, wanted)
    release = release_number or workflow_queries.current_release(session)
    bundle = bundle_number or workflow_queries.current_bundle(session)
    template = queries.pack(session, pack, release)
    calendar = firm_calendar(session)
    found = Cycle(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        pack_code=template.code,
        kind=template.kind,
        starts_on=starts_on,
        ends_on=ends_on,
        status="preparing",
        bundle_number=bundle,
        release_number=release,
        is_shadow=is_shadow,
        created_by=actor.name,
        created_at=now,
        extra={"population": wanted.to_json()},
    )
    session.add(found)
    session.flush()
    _store_deadlines(session, template, found, calendar)
    record(
        session,
        actor,
        now,
        AuditEvent.CYCLES_CYCLE_CREATED,
        code,
        pack=template.code,
        release=release,
        bundle=bundle,
    )
    variables = cycle_variables(template, found, calendar)
    workflow_actions.start_instance(
        session, actor, now, template.process, code, variables, bundle_number=bundle
    )
    return found


def _store_deadlines(
    session: Session, template: Pack, found: Cycle, calendar: WorkingCalendar
) -> None:
    session.add_all(
        CycleDeadline(
            cycle_code=found.code, step_code=one.step_code, name=one.name, due_on=one.due_on
        )
        for one in deadlines(template, found.starts_on, found.ends_on, calendar)
    )
    session.flush()


def _guard(
    session: Session, actor: Actor, code: str, starts_on: date, ends_on: date, wanted: Population
) -> None:
    if not actor.is_system and not actor.has(*CREATORS):
        raise NotAllowed("cycles.operators_only")
    if CODE.fullmatch(code) is None:
        raise RuleViolation("cycles.bad_code", field="code", got=code)
    if session.get(Cycle, code) is not None:
        raise Conflict("cycles.cycle_exists", field="code", cycle=code)
    if ends_on <= starts_on:
        raise RuleViolation("cycles.dates_out_of_order", field="ends_on", first=starts_on)
    for unit_code in wanted.unit_codes:
        people_queries.unit(session, unit_code)
    for post_code in wanted.post_codes:
        people_queries.post(session, post_code)


def cycle_variables(template: Pack, found: Cycle, calendar: WorkingCalendar) -> dict[str, Any]:
    """The variables that the cycle's process starts with."""
    dates = deadlines(template, found.starts_on, found.ends_on, calendar)
    months = data_months(template, found.starts_on, found.ends_on, calendar)
    return {
        "cycle": found.code,
        "deadlines": {one.name: one.due_on for one in dates if one.due_on is not None},
        "data_months": [
            {"period": month.period, "ends_on": month.ends_on, "due_on": month.due_on}
            for month in months
        ],
        "month_no": 0,
    }


def check_in_variables(
    template: Pack, found: Cycle, calendar: WorkingCalendar
) -> list[dict[str, Any]]:
    """The list ``check_ins`` of everybody's appraisal."""
    return [
        {
            "sequence": one.sequence,
            "period_ends_on": one.period_ends_on,
            "due_on": one.due_on,
            "is_mid_year": one.is_mid_year,
        }
        for one in check_in_dates(template, found.starts_on, found.ends_on, calendar)
    ]
