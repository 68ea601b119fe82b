"""What compliance officers do with a gate case: open, investigate, hear, decide in twos, close."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.compliance.lifecycle import next_status
from perfflow.compliance.models import GateCase, GateCaseEvent
from perfflow.compliance.queries import points_of
from perfflow.compliance.rules import CaseStatus, joint_liability
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation
from perfflow.notifications import notify
from perfflow.people.models import Employee
from perfflow.people.queries import managers_above

MIN_SUMMARY = 10
STEP_EVENTS = {
    "dismiss": AuditEvent.COMPLIANCE_CASE_DECIDED,
    "uphold": AuditEvent.COMPLIANCE_CASE_DECIDED,
    "appeal": AuditEvent.COMPLIANCE_CASE_APPEALED,
    "close": AuditEvent.COMPLIANCE_CASE_CLOSED,
}


def open_case(
    session: Session,
    actor: Actor,
    now: datetime,
    employee_no: str,
    *,
    potential_severity: int,
    conduct_on: date,
    summary: str,
    is_self_reported: bool = False,
) -> GateCase:
    """Register a report about a person; nothing happens to her yet."""
    _guard_officer(actor, employee_no)
    if session.get(Employee, employee_no) is None:
        raise RuleViolation(
            "compliance.unknown_employee", field="employee_no", employee=employee_no
        )
    _check_severity(potential_severity, "potential_severity")
    if conduct_on > local_date(now):
        raise RuleViolation(
            "compliance.conduct_in_future", field="conduct_on", conduct_on=conduct_on
        )
    text = checked_text(summary, "summary")
    case = GateCase(
        case_no=_next_case_no(session, now),
        employee_no=employee_no,
        status=CaseStatus.REPORTED,
        potential_severity=potential_severity,
        is_self_reported=is_self_reported,
        summary=text,
        conduct_on=conduct_on,
        opened_by=name_of(actor),
        opened_at=now,
    )
    session.add(case)
    session.flush()
    _log(session, actor, now, case, None, note=text)
    record(session, actor, now, AuditEvent.COMPLIANCE_CASE_OPENED, case.case_no)
    return case


def triage_case(
    session: Session,
    actor: Actor,
    now: datetime,
    case_no: str,
    *,
    potential_severity: int,
    note: str | None = None,
) -> GateCase:
    """Set how grave the case could be, before anybody investigates."""
    case = _case_for(session, actor, case_no)
    _check_severity(potential_severity, "potential_severity")
    case.potential_severity = potential_severity
    return _step(session, actor, now, case, "triage", note)


def investigate_case(
    session: Session, actor: Actor, now: datetime, case_no: str, *, note: str | None = None
) -> GateCase:
    """Start the investigation; from potential severity 3 on the award is frozen."""
    return _step(session, actor, now, _case_for(session, actor, case_no), "investigate", note)


def call_hearing(
    session: Session, actor: Actor, now: datetime, case_no: str, *, note: str
) -> GateCase:
    """Invite the person to be heard; from here on she sees the case herself."""
    case = _case_for(session, actor, case_no)
    _step(session, actor, now, case, "hear", checked_text(note, "note"))
    notify(
        session,
        now,
        case.employee_no,
        "compliance.notice_hearing",
        {"case": case.case_no},
        link=f"/compliance/mine/{case.case_no}",
    )
    return case


def propose_decision(
    session: Session,
    actor: Actor,
    now: datetime,
    case_no: str,
    *,
    outcome: str,
    severity: int | None,
    note: str,
) -> GateCase:
    """The first of the two deciders proposes; nothing takes effect before the second agrees."""
    case = _case_for(session, actor, case_no)
    if case.status != CaseStatus.HEARING:
        raise Conflict("compliance.step_not_possible", step="decide", status=case.status)
    if case.decided_by is not None:
        raise Conflict("compliance.decision_waits", decided_by=case.decided_by)
    if outcome not in (CaseStatus.UNFOUNDED, CaseStatus.UPHELD):
        raise RuleViolation("compliance.unknown_outcome", field="outcome", outcome=outcome)
    if outcome == CaseStatus.UPHELD:
        if severity is None:
            raise RuleViolation("compliance.severity_missing", field="severity")
        _check_severity(severity, "severity")
    text = checked_text(note, "note")
    case.proposed_outcome = outcome
    case.proposed_severity = severity if outcome == CaseStatus.UPHELD else None
    case.decided_by = name_of(actor)
    _log(session, actor, now, case, CaseStatus.HEARING, note=text, severity=case.proposed_severity)
    record(session, actor, now, AuditEvent.COMPLIANCE_DECISION_PROPOSED, case.case_no)
    return case


def confirm_decision(
    session: Session,
    actor: Actor,
    now: datetime,
    case_no: str,
    *,
    agrees: bool,
    note: str | None = None,
) -> GateCase:
    """The second decider agrees, and the decision takes effect; or sends it back to the hearing."""
    case = _case_for(session, actor, case_no)
    if case.status != CaseStatus.HEARING or case.decided_by is None:
        raise Conflict("compliance.nothing_proposed")
    if case.decided_by == name_of(actor):
        raise NotAllowed("compliance.second_person_needed", decided_by=case.decided_by)
    if not agrees:
        case.decided_by = case.proposed_outcome = case.proposed_severity = None
        _log(session, actor, now, case, CaseStatus.HEARING, note=checked_text(note, "note"))
        record(session, actor, now, AuditEvent.COMPLIANCE_DECISION_RETURNED, case.case_no)
        return case
    upheld = case.proposed_outcome == CaseStatus.UPHELD
    case.second_decider = name_of(actor)
    case.decided_at = now
    case.severity = case.proposed_severity if upheld else None
    if upheld and case.points_e2 is None:
        case.points_e2 = points_of(case)
    _step(session, actor, now, case, "uphold" if upheld else "dismiss", note)
    notify(
        session,
        now,
        case.employee_no,
        "compliance.notice_decided",
        {"case": case.case_no},
        link=f"/compliance/mine/{case.case_no}",
    )
    return case


def attach_joint_liability(
    session: Session, actor: Actor, now: datetime, case_no: str, manager_no: str, *, note: str
) -> GateCase:
    """Propose the manager's share of an upheld case: 30 % of the points, severity one lower.

    The joint case starts at the hearing with this officer's proposal, so a second person still
    has to agree and the manager is heard first.
    """
    case = _case_for(session, actor, case_no)
    if case.status not in (CaseStatus.UPHELD, CaseStatus.APPEALED, CaseStatus.FINAL):
        raise Conflict("compliance.step_not_possible", step="joint", status=case.status)
    if not case.severity:
        raise RuleViolation("compliance.nothing_to_share", case=case_no)
    if manager_no not in managers_above(session, case.employee_no, case.conduct_on):
        raise RuleViolation("compliance.not_in_line", field="manager_no", manager=manager_no)
    _guard_officer(actor, manager_no)
    existing = session.scalar(
        select(GateCase.case_no).where(
            GateCase.joint_of_id == case.id, GateCase.employee_no == manager_no
        )
    )
    if existing is not None:
        raise Conflict("compliance.joint_exists", case=existing)
    severity, points = joint_liability(case.severity, case.points_e2 or Decimal(0))
    joint = GateCase(
        case_no=_next_case_no(session, now),
        employee_no=manager_no,
        status=CaseStatus.HEARING,
        potential_severity=severity,
        joint_of_id=case.id,
        points_e2=points,
        summary=checked_text(note, "note"),
        conduct_on=case.conduct_on,
        proposed_outcome=CaseStatus.UPHELD,
        proposed_severity=severity,
        opened_by=name_of(actor),
        opened_at=now,
        decided_by=name_of(actor),
    )
    session.add(joint)
    session.flush()
    _log(session, actor, now, joint, None, note=note, severity=joint.proposed_severity)
    record(session, actor, now, AuditEvent.COMPLIANCE_JOINT_ATTACHED, joint.case_no, of=case_no)
    return joint


def appeal_case(
    session: Session, actor: Actor, now: datetime, case_no: str, *, note: str
) -> GateCase:
    """The person appeals an upheld case; the effects stay until it is closed."""
    case = case_by_no(session, case_no)
    if actor.employee_no != case.employee_no and not actor.has(Role.COMPLIANCE_OFFICER):
        raise NotFound("compliance.case_not_found", case=case_no)
    return _step(session, actor, now, case, "appeal", checked_text(note, "note"))


def close_case(
    session: Session,
    actor: Actor,
    now: datetime,
    case_no: str,
    *,
    severity: int | None,
    note: str,
) -> GateCase:
    """Make the outcome final; after an appeal somebody decides who had no part before."""
    case = _case_for(session, actor, case_no)
    if case.status == CaseStatus.APPEALED:
        if name_of(actor) in (case.decided_by, case.second_decider):
            raise NotAllowed("compliance.fresh_person_needed")
        if severity is not None:
            _check_severity(severity, "severity")
            if case.severity is not None and severity > case.severity:
                raise RuleViolation("compliance.appeal_cannot_worsen", field="severity")
        changed = severity != case.severity
        case.severity = severity
        if changed:
            case.points_e2 = None if severity is None else points_of(case)
    return _step(session, actor, now, case, "close", checked_text(note, "note"))


def case_by_no(session: Session, case_no: str) -> GateCase:
    """The case, locked for the change to come; NotFound when there is none."""
    case = session.scalar(select(GateCase).where(GateCase.case_no == case_no).with_for_update())
    if case is None:
        raise NotFound("compliance.case_not_found", case=case_no)
    return case


def _case_for(session: Session, actor: Actor, case_no: str) -> GateCase:
    case = case_by_no(session, case_no)
    _guard_officer(actor, case.employee_no)
    return case


def _guard_officer(actor: Actor, employee_no: str) -> None:
    if actor.is_system:
        return
    if not actor.has(Role.COMPLIANCE_OFFICER):
        raise NotAllowed("compliance.officer_only")
    if actor.employee_no == employee_no:
        raise NotAllowed("compliance.own_case")


def _step(
    session: Session, actor: Actor, now: datetime, case: GateCase, step: str, note: str | None
) -> GateCase:
    before = case.status
    case.status = next_status(step, before)
    _log(session, actor, now, case, before, note=note, severity=case.severity)
    record(
        session,
        actor,
        now,
        STEP_EVENTS.get(step, AuditEvent.COMPLIANCE_CASE_CHANGED),
        case.case_no,
        from_status=str(before),
        to_status=str(case.status),
        severity=case.severity,
    )
    session.flush()
    return case


def _log(
    session: Session,
    actor: Actor,
    now: datetime,
    case: GateCase,
    before: str | None,
    *,
    note: str | None = None,
    severity: int | None = None,
) -> None:
    session.add(
        GateCaseEvent(
            case_id=case.id,
            at=now,
            by=name_of(actor),
            from_status=before,
            to_status=str(case.status),
            severity=severity,
            note=note,
        )
    )


def name_of(actor: Actor) -> str:
    return actor.employee_no or actor.name


def checked_text(text: str | None, field: str) -> str:
    cleaned = (text or "").strip()
    if len(cleaned) < MIN_SUMMARY:
        raise RuleViolation(
            "compliance.text_too_short", field=field, least=MIN_SUMMARY, got=len(cleaned)
        )
    return cleaned


def _check_severity(severity: int, field: str) -> None:
    if severity not in range(5):
        raise RuleViolation("compliance.severity_out_of_range", field=field, got=severity)


def _next_case_no(session: Session, now: datetime) -> str:
    year = local_date(now).year
    last = session.scalar(
        select(func.max(GateCase.case_no)).where(GateCase.case_no.like(f"GC-{year}-%"))
    )
    number = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return f"GC-{year}-{number:05d}"
