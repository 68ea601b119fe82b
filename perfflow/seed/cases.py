"""The planted gate cases of the synthetic firm: reported, heard and decided by two officers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from perfflow.calendar import FIRM_ZONE
from perfflow.compliance import actions
from perfflow.kernel.actor import Actor, Role
from perfflow.seed.people import Firm, Person
from perfflow.seed.roles import grants
from perfflow.seed.streams import Stream

CLAWBACK_EVERY = 500
MAJOR = 4
DAYS_TO_REPORT = 14
DAYS_TO_DECIDE = 40


@dataclass(frozen=True, slots=True)
class PlantedCase:
    """A case about one person; a clawback case is a major one of the first year of figures."""

    person: Person
    severity: int
    conduct_on: date
    is_clawback: bool = False


def planted_cases(firm: Firm) -> Iterator[PlantedCase]:
    """The cases of the last year, and one of the first year for every five hundred seats."""
    last = firm.window.last_day
    for person in firm.people():
        if person.case_severity is not None:
            stream = Stream(firm.seed, "case-day", f"seed/{person.no}")
            conduct = date(last.year, 1, 1) + timedelta(days=20 + stream.index(280))
            if person.works_on(conduct):
                yield PlantedCase(person, person.case_severity, conduct)
    for number in range(CLAWBACK_EVERY, len(firm.organisation.seats) + 1, CLAWBACK_EVERY):
        yield from _clawback(firm, number)


def _clawback(firm: Firm, seat: int) -> Iterator[PlantedCase]:
    """The nearest advisor at or before ``seat`` who worked in the first months of figures."""
    conduct = firm.window.first_day + timedelta(days=45)
    for number in range(seat, 0, -1):
        person = firm.occupants[number][0]
        if person.seat.post == "FA" and person.works_on(conduct):
            yield PlantedCase(person, MAJOR, conduct, is_clawback=True)
            return


def load_cases(session: Session, firm: Firm) -> int:
    """Write the planted cases through the actions of compliance; returns how many.

    A firm too small for two compliance officers has its cases reported but not decided.
    """
    officers = [
        Actor(
            holder.name_en,
            holder.no,
            frozenset({Role.EMPLOYEE, Role.COMPLIANCE_OFFICER}),
        )
        for grant in grants(firm.organisation)
        if grant.role is Role.COMPLIANCE_OFFICER
        for holder in firm.occupants[grant.seat][:1]
    ]
    count = 0
    for case in planted_cases(firm):
        able = [one for one in officers if one.employee_no != case.person.no]
        if able:
            _load(session, case, able)
            count += 1
    return count


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10), FIRM_ZONE)


def _load(session: Session, case: PlantedCase, officers: list[Actor]) -> None:
    reported = _at(case.conduct_on + timedelta(days=DAYS_TO_REPORT))
    decided = _at(case.conduct_on + timedelta(days=DAYS_TO_DECIDE))
    first, second = officers[0], officers[-1]
    row = actions.open_case(
        session,
        first,
        reported,
        case.person.no,
        potential_severity=case.severity,
        conduct_on=case.conduct_on,
        summary="质检抽查发现销售过程与规定不一致，需要核实。",
    )
    number = row.case_no
    actions.triage_case(session, first, reported, number, potential_severity=case.severity)
    if first == second:
        return
    note = "已听取本人陈述，录音与单据互相印证。"
    actions.investigate_case(session, first, reported, number)
    actions.call_hearing(session, first, reported, number, note=note)
    actions.propose_decision(
        session, first, decided, number, outcome="upheld", severity=case.severity, note=note
    )
    actions.confirm_decision(session, second, decided, number, agrees=True)
