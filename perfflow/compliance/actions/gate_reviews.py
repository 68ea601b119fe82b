"""The statement of compliance that the cases of a unit have been gone through (A18)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.compliance import queries
from perfflow.compliance.actions.cases import checked_text, name_of
from perfflow.compliance.models import GateReview
from perfflow.compliance.rules import CaseStatus
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation


def review_gate(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    unit_code: str,
    *,
    statement: str,
    extra: dict[str, Any] | None = None,
) -> GateReview:
    """State that the open and decided cases of a unit have been gone through (A18)."""
    if not actor.is_system and not actor.has(Role.COMPLIANCE_OFFICER):
        raise NotAllowed("compliance.officer_only")
    cases = queries.cases_of_unit(session, cycle_code, unit_code)
    waiting = [case.case_no for case in cases if case.status == CaseStatus.REPORTED]
    if waiting:
        raise RuleViolation("compliance.untriaged_cases", cases=", ".join(waiting))
    own = [case.case_no for case in cases if case.employee_no == actor.employee_no]
    if own:
        raise NotAllowed("compliance.own_case")
    if queries.gate_review(session, cycle_code, unit_code) is not None:
        raise Conflict("compliance.gate_reviewed", unit=unit_code)
    review = GateReview(
        cycle_code=cycle_code,
        unit_code=unit_code,
        reviewed_by=name_of(actor),
        reviewed_at=now,
        statement=checked_text(statement, "statement"),
        cases=[
            {"case_no": case.case_no, "status": case.status, "severity": case.severity}
            for case in cases
        ],
        extra=extra or None,
    )
    session.add(review)
    record(
        session,
        actor,
        now,
        AuditEvent.COMPLIANCE_GATE_REVIEWED,
        f"{cycle_code}/{unit_code}",
        cases=len(cases),
    )
    return review
