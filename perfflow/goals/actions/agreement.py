"""From agreed goals to a locked sheet: countersign, accept, sign, lock; and the mid-year review."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.goals import queries
from perfflow.goals.actions.negotiation import require_other, require_self, require_status
from perfflow.goals.frames import frame, SheetFrame
from perfflow.goals.models import GoalAcceptance, MidYearReview
from perfflow.goals.rules import differences, Status
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, RuleViolation
from perfflow.notifications import notify

COUNTERSIGN_DECISIONS = ("approve", "return")
SAMPLE_ONE_IN = 10
SHORTEST_RESTATEMENT = 10
_COUNTED = frozenset({"target", "weight_bp"})
VERDICTS = ("keep", "revise")


def needs_countersign(session: Session, cycle_code: str, employee_no: str) -> bool:
    """True when a compliance goal differs from the card, and for a fixed sample of one in ten."""
    found = frame(session, cycle_code, employee_no)
    compliance = {line.metric_code for line in found.template if line.dimension == "K"}
    changes = differences(found.template, found.lines)
    if any(one.metric_code in compliance and one.field in _COUNTED for one in changes):
        return True
    digest = hashlib.sha256(f"{cycle_code}/{employee_no}".encode()).digest()
    return digest[0] % SAMPLE_ONE_IN == 0


def countersign_goals(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    decision: str,
    *,
    comment: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """A07: compliance approves the goals or returns them to the talk with a reason."""
    require_other(actor, employee_no)
    found = frame(session, cycle_code, employee_no)
    require_status(found, Status.AGREED)
    if decision not in COUNTERSIGN_DECISIONS:
        raise RuleViolation("goals.unknown_decision", field="decision", got=decision)
    key = f"{cycle_code}/{employee_no}"
    if decision == "return":
        if not (comment or "").strip():
            raise RuleViolation("goals.return_reason", field="comment")
        found.sheet.status = Status.PROPOSED.value
        found.sheet.extra = {
            **(found.sheet.extra or {}),
            "returned": {"by": actor.name, "at": now, "comment": comment},
        }
        record(session, actor, now, AuditEvent.GOALS_SHEET_RETURNED, key, comment=comment)
        return
    _sign(session, actor, now, found, "compliance", True, comment, extra)
    found.sheet.status = Status.COUNTERSIGNED.value
    record(session, actor, now, AuditEvent.GOALS_SHEET_COUNTERSIGNED, key)


def accept_goals(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    understands_why: bool,
    restatement: str,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """A08: the employee signs, knowing why; never done by the system."""
    require_self(actor, employee_no)
    found = frame(session, cycle_code, employee_no)
    require_status(found, Status.AGREED, Status.COUNTERSIGNED)
    if not understands_why:
        raise RuleViolation("goals.why_not_understood", field="understands_why")
    if len(restatement.strip()) < SHORTEST_RESTATEMENT:
        raise RuleViolation(
            "goals.restatement_short", field="restatement", length=SHORTEST_RESTATEMENT
        )
    _sign(session, actor, now, found, "employee", True, restatement, extra)
    found.sheet.status = Status.ACCEPTED.value
    record(
        session,
        actor,
        now,
        AuditEvent.GOALS_SHEET_ACCEPTED,
        f"{cycle_code}/{employee_no}",
        version=found.current.version,
        content_hash=found.current.content_hash,
    )


def sign_goals(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    comment: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """A08: the manager signs the same proposal."""
    require_other(actor, employee_no)
    found = frame(session, cycle_code, employee_no)
    require_status(found, Status.ACCEPTED)
    _sign(session, actor, now, found, "manager", True, comment, extra)
    record(
        session,
        actor,
        now,
        AuditEvent.GOALS_SHEET_SIGNED,
        f"{cycle_code}/{employee_no}",
        version=found.current.version,
    )


def _sign(
    session: Session,
    actor: Actor,
    now: datetime,
    found: SheetFrame,
    side: str,
    understands_why: bool,
    restatement: str | None,
    extra: Mapping[str, Any] | None,
) -> None:
    if actor.employee_no is None:
        raise RuleViolation("goals.signer_unknown")
    session.add(
        GoalAcceptance(
            version_id=found.current.id,
            employee_no=actor.employee_no,
            side=side,
            content_hash=found.current.content_hash,
            understands_why=understands_why,
            restatement=restatement or None,
            accepted_at=now,
            extra=dict(extra) if extra else None,
        )
    )
    session.flush()


def lock_goal_sheet(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str
) -> int:
    """Lock what both sides signed; gives the locked version."""
    found = frame(session, cycle_code, employee_no)
    if found.sheet.status == Status.LOCKED.value:
        raise Conflict("goals.locked_already", cycle=cycle_code, employee=employee_no)
    signed = queries.acceptances(session, found.current.id)
    for side in ("employee", "manager"):
        signature = signed.get(side)
        if signature is None or signature.content_hash != found.current.content_hash:
            raise RuleViolation("goals.signature_missing", side=side)
    found.sheet.status = Status.LOCKED.value
    found.sheet.locked_version = found.current.version
    found.sheet.locked_at = now
    record(
        session,
        actor,
        now,
        AuditEvent.GOALS_SHEET_LOCKED,
        f"{cycle_code}/{employee_no}",
        version=found.current.version,
        content_hash=found.current.content_hash,
    )
    notify(
        session,
        now,
        employee_no,
        "goals.sheet_locked",
        {"cycle": {"zh": found.cycle.name_zh, "en": found.cycle.name_en}},
        link=f"/goals/{cycle_code}/{employee_no}",
        dedupe_key=f"goals-locked/{cycle_code}/{employee_no}",
    )
    return found.current.version


def record_mid_year_review(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    verdict: str,
    summary: str,
    reason_class: str | None = None,
    proposal: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """A12: do the goals still fit; a wanted revision is kept with its reason."""
    require_other(actor, employee_no)
    if verdict not in VERDICTS:
        raise RuleViolation("goals.unknown_decision", field="verdict", got=verdict)
    if verdict == "revise" and not (proposal or "").strip():
        raise RuleViolation("goals.revision_reason", field="proposal")
    if queries.mid_year_review(session, cycle_code, employee_no) is not None:
        raise Conflict("goals.reviewed_already", cycle=cycle_code, employee=employee_no)
    session.add(
        MidYearReview(
            cycle_code=cycle_code,
            employee_no=employee_no,
            verdict=verdict,
            summary=summary,
            reason_class=reason_class if verdict == "revise" else None,
            proposal=proposal if verdict == "revise" else None,
            reviewed_by=actor.name,
            reviewed_at=now,
            extra=dict(extra) if extra else None,
        )
    )
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.GOALS_MID_YEAR_REVIEWED,
        f"{cycle_code}/{employee_no}",
        verdict=verdict,
    )
