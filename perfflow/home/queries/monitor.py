"""The cycle monitor: the funnel, how warm each step is, what is stuck and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup
from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.cycles import queries as cycle_queries
from perfflow.cycles.models import Cycle
from perfflow.cycles.queries import FunnelRow, StuckCase
from perfflow.cycles.rules import Timeliness, timeliness
from perfflow.home.rules import heat
from perfflow.i18n import Language
from perfflow.kernel.actor import Actor, Role
from perfflow.people import queries as people_queries
from perfflow.people.models import Employee
from perfflow.workflow import queries as workflow_queries
from perfflow.workflow.models import Incident, ProcessInstance
from perfflow.workflow.picture import picture, process_name
from perfflow.workflow.ports import directory

STUCK_AFTER = timedelta(days=7)
SHOWN_CASES = 40


@dataclass(frozen=True, slots=True)
class ShownProcess:
    """A process of the cycle: its name and how many of its steps wait."""

    key: str
    name: str
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A stuck case with the person it is about and who could take it over."""

    case: StuckCase
    subject: Employee | None
    heir: Employee | None


def cycle_to_watch(session: Session, code: str | None) -> Cycle | None:
    """The named cycle, else the newest one that runs, else the newest."""
    if code is not None:
        return cycle_queries.cycle(session, code)
    found = cycle_queries.cycles(session)
    running = [one for one in found if one.status == "running"]
    return next(iter(running or found), None)


def processes_of(
    session: Session, cycle: Cycle, rows: list[FunnelRow], language: Language
) -> list[ShownProcess]:
    """The processes that have steps in the funnel, in the order of the pack."""
    bundle = workflow_queries.bundle_of(session, cycle.bundle_number)
    found = []
    for key in dict.fromkeys(row.definition_key for row in rows):
        mine = [row for row in rows if row.definition_key == key]
        process = bundle.processes.get(key)
        found.append(
            ShownProcess(
                key,
                process_name(process, language) if process else key,
                sum(row.open for row in mine),
                sum(row.overdue for row in mine),
            )
        )
    return found


def heat_picture(
    session: Session, cycle: Cycle, key: str, rows: list[FunnelRow], language: Language
) -> Markup:
    """The process with a figure and a warmth on every step; empty when it has no diagram."""
    bundle = workflow_queries.bundle_of(session, cycle.bundle_number)
    process = bundle.processes.get(key)
    if process is None:
        return Markup("")
    waiting = {row.element_id: row.open for row in rows if row.definition_key == key}
    # A step that calls another process is as warm as everything that waits inside it.
    inside: dict[str, int] = {}
    for row in rows:
        inside[row.definition_key] = inside.get(row.definition_key, 0) + row.open
    for element in process.elements.values():
        if element.kind == "userTask":
            waiting.setdefault(element.id, 0)
        elif element.kind == "callActivity":
            waiting[element.id] = inside.get(element.called_process or "", 0)
    return Markup(picture(bundle, key, language, counts=waiting, heat=heat(waiting)))


def plan_of_payment(session: Session, cycle: Cycle) -> Timeliness | None:
    """When the bonus is to be paid, in days after the end of the period, against the limit."""
    pack = cycle_queries.pack(session, cycle.pack_code, cycle.release_number)
    rows = cycle_queries.deadline_rows(session, cycle.code)
    return timeliness(pack, rows, cycle.ends_on)


def stuck(session: Session, actor: Actor, cycle: Cycle, now: datetime) -> list[ShownCase]:
    """What does not move by itself; HR partners see the people of their units."""
    on = local_date(now)
    cases = cycle_queries.stuck_cases(session, cycle.code, now, on, now - STUCK_AFTER)
    numbers = {case.business_key.rsplit("/", 1)[-1] for case in cases}
    people = people_queries.employees_by_no(session, numbers)
    if not is_firm_wide(session, actor):
        mine = _people_in_scope(session, actor, on)
        cases = [one for one in cases if one.business_key.rsplit("/", 1)[-1] in mine]
    shown = []
    for case in cases[:SHOWN_CASES]:
        subject = people.get(case.business_key.rsplit("/", 1)[-1])
        shown.append(ShownCase(case, subject, _heir(session, case, subject, on)))
    return shown


def is_firm_wide(session: Session, actor: Actor) -> bool:
    """True for who watches the whole firm: process admins, auditors, HR of the firm itself."""
    if actor.has(Role.PROCESS_ADMIN, Role.AUDITOR):
        return True
    return people_queries.root_unit(session).code in actor.unit_scopes


def _people_in_scope(session: Session, actor: Actor, on: date) -> set[str]:
    return {
        person.no
        for code in sorted(actor.unit_scopes)
        for person in people_queries.members_of_unit(session, code, on)
    }


def _heir(session: Session, case: StuckCase, subject: Employee | None, on: date) -> Employee | None:
    """Who could take the task over: whoever now leads the holder; never the person judged."""
    holder = case.assignee.no if case.assignee else (subject.no if subject else None)
    if holder is None:
        return None
    above = directory().manager_of(session, holder, on)
    if above is None or (subject is not None and above == subject.no):
        return None
    return people_queries.find_employee(session, above)


def incidents(
    session: Session, actor: Actor, cycle: Cycle
) -> list[tuple[Incident, ProcessInstance]]:
    """Steps that failed by themselves; only for who watches the whole firm."""
    if not is_firm_wide(session, actor):
        return []
    return cycle_queries.open_incidents(session, cycle.code)
