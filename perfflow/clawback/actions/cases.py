"""Opens a case, sets who bears what, hears the people, and ends a case without recovery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.clawback import queries
from perfflow.clawback.models import ClawbackCase, ClawbackEvent, ClawbackShare
from perfflow.clawback.rules import (
    check_ratio,
    demand,
    mode_of,
    next_status,
    Situation,
)
from perfflow.compliance.models import GateCase
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotAllowed, RuleViolation
from perfflow.notifications import notify
from perfflow.payouts.actions import lift_stops, place_stop
from perfflow.payouts.rules.recovery import RecoveryMode
from perfflow.people.queries import find_employee
from perfflow.plans.queries import bonus_plan, deferral_policy
from perfflow.workflow import actions as workflow_actions

PROCESS = "clawback"
MIN_TEXT = 10


@dataclass(frozen=True, slots=True)
class Bearer:
    """A person of a case as the liability form names her; empty ratio: the usual one."""

    employee_no: str
    liability: str
    ratio_bp: int | None = None
    correct_fen: int | None = None


def open_case(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    situation: str,
    starts_on: date,
    ends_on: date,
    summary: str,
    gate_case_no: str | None = None,
) -> ClawbackCase:
    """Open a case about the pay of a period and start its process; nobody is named yet."""
    if not (actor.is_system or actor.has(Role.COMPLIANCE_OFFICER, Role.FINANCE)):
        raise NotAllowed("clawback.only_keepers_open")
    if situation not in set(Situation):
        raise RuleViolation("clawback.situation_missing", field="situation")
    if ends_on < starts_on:
        raise RuleViolation("clawback.period_in_order", field="ends_on")
    gate = None
    if gate_case_no:
        gate = session.scalar(select(GateCase.id).where(GateCase.case_no == gate_case_no))
        if gate is None:
            raise RuleViolation("clawback.no_gate_case", field="gate_case_no", case=gate_case_no)
    case = ClawbackCase(
        case_no=queries.next_case_no(session, local_date(now).year),
        situation=situation,
        status="opened",
        starts_on=starts_on,
        ends_on=ends_on,
        gate_case_id=gate,
        summary=checked_text(summary, "summary"),
        opened_by=name_of(actor),
        opened_at=now,
    )
    session.add(case)
    session.flush()
    log(session, actor, now, case, "open", note=case.summary)
    workflow_actions.start_instance(
        session, actor, now, PROCESS, case_key(case), {"case": case.case_no}
    )
    record(session, actor, now, AuditEvent.CLAWBACK_CASE_OPENED, case.case_no, situation=situation)
    return case


def case_key(case: ClawbackCase) -> str:
    """The business key of a case's process."""
    return f"clawback/{case.case_no}"


def set_liability(
    session: Session, actor: Actor, now: datetime, case_no: str, bearers: Sequence[Bearer]
) -> ClawbackCase:
    """Name the people of a case and compute what each of them bears; they are to be heard.

    Their deferred parts stop vesting until the case is decided. Refused when nobody is named,
    somebody is named twice, or the actor is one of them.
    """
    case = queries.locked_case(session, case_no)
    guard_role(actor, Role.COMPLIANCE_OFFICER)
    status = next_status("set_liability", case.status)
    numbers = [bearer.employee_no for bearer in bearers]
    if not numbers:
        raise RuleViolation("clawback.nobody_named", field="people")
    if actor.employee_no in numbers:
        raise NotAllowed("clawback.own_case")
    lift_stops(session, now, stop_key(case))
    session.execute(delete(ClawbackShare).where(ClawbackShare.case_id == case.id))
    seen: set[str] = set()
    for place, bearer in enumerate(bearers):
        if bearer.employee_no in seen:
            raise RuleViolation(
                "clawback.named_twice",
                field=f"people.{place}.employee_no",
                employee=bearer.employee_no,
            )
        seen.add(bearer.employee_no)
        session.add(_share(session, now, case, bearer, place))
        place_stop(session, now, bearer.employee_no, stop_key(case))
    case.status = status
    log(session, actor, now, case, "set_liability", note=", ".join(numbers))
    session.flush()
    for number in numbers:
        _tell(session, now, case, number, "clawback.notice_hearing")
    record(
        session, actor, now, AuditEvent.CLAWBACK_LIABILITY_SET, case.case_no, people=len(numbers)
    )
    return case


def _share(
    session: Session, now: datetime, case: ClawbackCase, bearer: Bearer, place: int
) -> ClawbackShare:
    at = f"people.{place}"
    number = bearer.employee_no
    if find_employee(session, number) is None:
        raise RuleViolation("clawback.unknown_employee", field=f"{at}.employee_no", employee=number)
    liability, ratio = check_ratio(
        bearer.liability, bearer.ratio_bp, f"{at}.ratio", queries.decisions_of(session, case)
    )
    mode = mode_of(Situation(case.situation))
    if mode is RecoveryMode.EXCESS_ONLY and bearer.correct_fen is None:
        raise RuleViolation("clawback.correct_missing", field=f"{at}.correct")
    _guard_window(session, now, case, number, f"{at}.employee_no")
    basis = queries.basis_of(session, number, case.starts_on, case.ends_on)
    if not basis.paid_fen + basis.unvested_fen:
        raise RuleViolation("clawback.nothing_paid", field=f"{at}.employee_no", employee=number)
    correct = bearer.correct_fen if mode is RecoveryMode.EXCESS_ONLY else None
    found = demand(basis, mode, ratio, correct)
    return ClawbackShare(
        case_id=case.id,
        employee_no=number,
        liability=liability.value,
        ratio_bp=ratio,
        correct_fen=correct,
        basis=basis.to_dict(),
        target_fen=found.target_fen,
        malus_fen=found.malus_fen,
        clawback_fen=found.clawback_fen,
        explanation=found.tree.to_dict(),
        notified_on=local_date(now),
    )


def _guard_window(
    session: Session, now: datetime, case: ClawbackCase, number: str, field: str
) -> None:
    """Refuse a person whose last award of the period vested too long ago for the policy."""
    last = queries.last_vest_on(session, number, case.starts_on, case.ends_on)
    awards = queries.awards_of_period(session, number, case.starts_on, case.ends_on)
    if last is None or not awards:
        return
    cycle = awards[-1][1]
    plan = bonus_plan(session, cycle.release_number)
    policy = deferral_policy(session, cycle.release_number, plan.deferral)
    years = policy.clawback_years_after_last_vest
    today = local_date(now)
    if (today.year - years, today.month, today.day) > (last.year, last.month, last.day):
        raise RuleViolation("clawback.window_over", field=field, employee=number, years=years)


def hear_people(
    session: Session,
    actor: Actor,
    now: datetime,
    case_no: str,
    notes: Mapping[str, tuple[date | None, str]],
) -> ClawbackCase:
    """Record what everybody of a case said, and when; nobody is decided about unheard."""
    case = queries.locked_case(session, case_no)
    guard_role(actor, Role.COMPLIANCE_OFFICER)
    case.status = next_status("hear", case.status)
    for place, share in enumerate(queries.shares_of(session, case.id)):
        heard_on, note = notes.get(share.employee_no, (None, ""))
        told_on = share.notified_on or local_date(case.opened_at)
        if heard_on is None or not told_on <= heard_on <= local_date(now):
            raise RuleViolation("clawback.heard_when", field=f"people.{place}.heard_on")
        share.heard_on = heard_on
        share.heard_note = checked_text(note, f"people.{place}.note")
        log(session, actor, now, case, "hear", share.employee_no, share.heard_note)
    record(session, actor, now, AuditEvent.CLAWBACK_PEOPLE_HEARD, case.case_no)
    return case


def guard_role(actor: Actor, *roles: Role) -> None:
    """Refuse whoever has none of the roles."""
    if not actor.has(*roles):
        raise NotAllowed("clawback.not_your_step")


def stop_key(case: ClawbackCase) -> str:
    """What the people's vesting waits for."""
    return f"clawback/{case.case_no}"


def name_of(actor: Actor) -> str:
    return actor.employee_no or actor.name


def checked_text(text: str | None, field: str) -> str:
    """The cleaned text; refused when it is too short to mean anything."""
    words = (text or "").strip()
    if len(words) < MIN_TEXT:
        raise RuleViolation("clawback.text_too_short", field=field, least=MIN_TEXT)
    return words


def log(
    session: Session,
    actor: Actor,
    now: datetime,
    case: ClawbackCase,
    step: str,
    employee_no: str | None = None,
    note: str | None = None,
) -> None:
    """One line of the case's history."""
    session.add(
        ClawbackEvent(
            case_id=case.id,
            at=now,
            by=name_of(actor),
            step=step,
            employee_no=employee_no,
            note=note,
        )
    )


def _tell(session: Session, now: datetime, case: ClawbackCase, number: str, code: str) -> None:
    notify(
        session, now, number, code, {"case": case.case_no}, link=f"/clawback/mine/{case.case_no}"
    )


def tell_everybody(session: Session, now: datetime, case: ClawbackCase, code: str) -> None:
    """A notice to each person of a case."""
    for share in queries.shares_of(session, case.id):
        _tell(session, now, case, share.employee_no, code)
