"""Quarterly conduct grades: a new version each time, by compliance, with a reason."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.compliance import queries
from perfflow.compliance.actions.cases import checked_text, name_of
from perfflow.compliance.models import ConductGrade
from perfflow.compliance.rules import CONDUCT_GRADES
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import NotAllowed, RuleViolation
from perfflow.metrics.periods import period_days
from perfflow.notifications import notify
from perfflow.people.models import Employee


def grade_conduct(
    session: Session,
    actor: Actor,
    now: datetime,
    employee_no: str,
    *,
    quarter: str,
    grade: str,
    reason: str,
) -> ConductGrade:
    """Grade a person's conduct in a quarter that has begun; a later grade replaces an earlier one.

    Where the bonus plan lists conduct multipliers, G of the year follows. The person is told.
    """
    if not actor.is_system and not actor.has(Role.COMPLIANCE_OFFICER):
        raise NotAllowed("compliance.officer_only")
    if actor.employee_no is not None and actor.employee_no == employee_no:
        raise NotAllowed("compliance.own_case")
    if session.get(Employee, employee_no) is None:
        raise RuleViolation(
            "compliance.unknown_employee", field="employee_no", employee=employee_no
        )
    if "-Q" not in quarter or period_days(quarter)[0] > local_date(now):
        raise RuleViolation("compliance.no_quarter", field="quarter", got=quarter)
    if grade not in CONDUCT_GRADES:
        raise RuleViolation("compliance.no_grade", field="grade", got=grade)
    words = checked_text(reason, "reason")
    known = queries.conduct_history(session, employee_no, quarter)
    row = ConductGrade(
        employee_no=employee_no,
        quarter=quarter,
        version=len(known) + 1,
        grade=grade,
        reason=words,
        graded_by=name_of(actor),
        graded_at=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.COMPLIANCE_CONDUCT_GRADED,
        f"{employee_no}/{quarter}",
        grade=grade,
        version=row.version,
    )
    notify(
        session,
        now,
        employee_no,
        "compliance.notice_conduct",
        {"quarter": quarter, "grade": grade, "reason": words},
    )
    return row
