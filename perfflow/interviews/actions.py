"""What happens around the talk: open, prepare, hold, sign, excuse, confirm the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.checkins.actions import create_commitments
from perfflow.checkins.rules import promises_from_rows
from perfflow.interviews import queries
from perfflow.interviews.models import Interview, ResultConfirmation
from perfflow.interviews.rules import (
    check_record,
    Flag,
    is_copy,
    is_signed_too_fast,
    low_dimensions,
    Outcome,
)
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation
from perfflow.notifications import notify
from perfflow.people.access import access_person, Relation
from perfflow.people.queries import manager_of
from perfflow.workflow import actions as workflow_actions

MIN_REASON = 10
SHORT_PART = 40
Extra = dict[str, Any] | None


def open_interview(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str
) -> Interview:
    """Open the record once the results are published."""
    row = queries.interview(session, cycle_code, employee_no)
    if row is None:
        row = Interview(
            cycle_code=cycle_code,
            employee_no=employee_no,
            manager_no=manager_of(session, employee_no, local_date(now)),
            status="preparing",
        )
        session.add(row)
        session.flush()
        record(session, actor, now, AuditEvent.INTERVIEWS_INTERVIEW_OPENED, _key(row))
    return row


def prepare_interview(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    part: Mapping[str, Any],
    extra: Extra = None,
) -> Interview:
    """The employee's section, written before the manager's exists."""
    _guard_self(actor, employee_no)
    row = _row(session, cycle_code, employee_no)
    if row.status != "preparing":
        raise Conflict("interviews.already_prepared")
    row.employee_part = dict(part)
    row.prepared_at = now
    row.status = "prepared"
    row.extra = _merged(row.extra, extra)
    record(session, actor, now, AuditEvent.INTERVIEWS_INTERVIEW_PREPARED, _key(row))
    return row


def hold_interview(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    achievements: Sequence[Mapping[str, Any]],
    gaps: Sequence[Mapping[str, Any]],
    actions: Sequence[Mapping[str, Any]],
    support: str | None,
    career: str | None,
    summary: str,
    extra: Extra = None,
) -> Interview:
    """The manager's record of the talk: achievements, gaps with causes, the plan."""
    row = _row(session, cycle_code, employee_no)
    if actor.employee_no == employee_no:
        raise NotAllowed("interviews.own_interview")
    if row.status not in ("prepared", "held"):
        raise Conflict("interviews.employee_writes_first")
    today = local_date(now)
    scores = queries.scores_of(session, cycle_code, employee_no)
    check_record(achievements, gaps, actions, low_dimensions(scores), today)
    promises_from_rows(
        actions, field="actions", today=today, employee_no=employee_no, manager_no=row.manager_no
    )
    row.manager_no = actor.employee_no or row.manager_no
    row.achievements = [dict(item) for item in achievements]
    row.gaps = [dict(item) for item in gaps]
    row.actions = [dict(item) for item in actions]
    row.support, row.career, row.manager_summary = support, career, summary.strip()
    row.opened_at = row.opened_at or now
    row.held_at = now
    row.status = "held"
    row.extra = _merged(row.extra, extra)
    row.flags = _quality_flags(session, row)
    record(
        session,
        actor,
        now,
        AuditEvent.INTERVIEWS_INTERVIEW_RECORDED,
        _key(row),
        actions=len(actions),
    )
    notify(session, now, employee_no, "interviews.notice_held", {}, link=record_link(row))
    return row


def sign_interview(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    outcome: str,
    note: str | None,
    rating: int | None,
    extra: Extra = None,
) -> Interview:
    """The employee signs; from now on the planned actions are commitments."""
    _guard_self(actor, employee_no)
    row = _row(session, cycle_code, employee_no)
    if row.status != "held" or row.held_at is None:
        raise Conflict("interviews.not_held")
    if outcome not in set(Outcome):
        raise RuleViolation("interviews.unknown_outcome", field="outcome", outcome=outcome)
    words = (note or "").strip()
    if outcome != Outcome.AGREE and not words:
        raise RuleViolation("interviews.note_missing", field="employee_note")
    if rating is not None and rating not in range(1, 6):
        raise RuleViolation("interviews.rating_out_of_range", field="rating", got=rating)
    row.outcome, row.employee_note, row.rating = outcome, words or None, rating
    row.signed_at = now
    row.status = "signed"
    row.extra = _merged(row.extra, extra)
    if is_signed_too_fast(row.held_at, now):
        row.flags = [*(row.flags or []), Flag.SIGNED_TOO_FAST.value]
    promises = promises_from_rows(
        row.actions or [],
        field="actions",
        # The plan was checked on the day of the talk; signing late must not undo it.
        today=local_date(row.held_at),
        employee_no=employee_no,
        manager_no=row.manager_no,
    )
    create_commitments(
        session,
        actor,
        now,
        promises,
        about_no=employee_no,
        source=f"interview/{row.id}",
        cycle_code=cycle_code,
    )
    record(session, actor, now, AuditEvent.INTERVIEWS_INTERVIEW_SIGNED, _key(row), outcome=outcome)
    if outcome == Outcome.DISAGREE and row.manager_no:
        notify(
            session,
            now,
            row.manager_no,
            "interviews.notice_objection",
            {"employee": employee_no},
            link=record_link(row),
        )
    return row


def excuse_interview(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    reason: str,
) -> Interview:
    """HR excuses a talk that cannot take place, with a reason; the process goes on."""
    access_person(session, actor, employee_no, local_date(now), {Relation.HR})
    if actor.employee_no == employee_no:
        raise NotAllowed("interviews.own_interview")
    words = reason.strip()
    if len(words) < MIN_REASON:
        raise RuleViolation(
            "interviews.reason_too_short", field="reason", least=MIN_REASON, got=len(words)
        )
    row = queries.interview(session, cycle_code, employee_no)
    if row is None:
        raise NotFound("interviews.not_open")
    if row.status not in ("preparing", "prepared"):
        raise Conflict("interviews.already_held")
    row.status = "excused"
    row.excuse_reason = words
    row.excused_by = actor.employee_no or actor.name
    record(session, actor, now, AuditEvent.INTERVIEWS_INTERVIEW_EXCUSED, _key(row))
    workflow_actions.publish_message(
        session, actor, now, "interview-excused", _key(row), dedupe_id=f"excused/{_key(row)}"
    )
    return row


def confirm_result(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    outcome: str,
    note: str | None,
    extra: Extra = None,
) -> ResultConfirmation:
    """The employee confirms the result or objects; said once."""
    _guard_self(actor, employee_no)
    if outcome not in ("confirmed", "appealed"):
        raise RuleViolation("interviews.unknown_outcome", field="outcome", outcome=outcome)
    return _confirm(session, actor, now, cycle_code, employee_no, outcome, note, extra)


def deem_confirmed(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str
) -> ResultConfirmation:
    """The time passed in silence: the result counts as confirmed, which is said to the person."""
    known = queries.confirmation(session, cycle_code, employee_no)
    if known is not None:
        return known
    row = _confirm(session, actor, now, cycle_code, employee_no, "deemed", None, None)
    notify(
        session,
        now,
        employee_no,
        "interviews.notice_deemed",
        {"cycle": cycle_code},
        link=f"/performance/{cycle_code}/{employee_no}",
    )
    return row


def close_objection(session: Session, now: datetime, cycle_code: str, employee_no: str) -> None:
    """The appeal was decided: it no longer holds the award."""
    row = queries.confirmation(session, cycle_code, employee_no)
    if row is not None:
        row.appeal_closed_at = now


def record_link(row: Interview) -> str:
    """Where the record is read."""
    return f"/interviews/{row.cycle_code}/{row.employee_no}"


def _confirm(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    outcome: str,
    note: str | None,
    extra: Extra,
) -> ResultConfirmation:
    if queries.confirmation(session, cycle_code, employee_no) is not None:
        raise Conflict("interviews.already_confirmed")
    row = ResultConfirmation(
        cycle_code=cycle_code,
        employee_no=employee_no,
        outcome=outcome,
        note=(note or "").strip() or None,
        at=now,
        extra=extra or None,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.INTERVIEWS_RESULT_DEEMED_CONFIRMED
        if outcome == "deemed"
        else AuditEvent.INTERVIEWS_RESULT_CONFIRMED,
        f"{cycle_code}/{employee_no}",
        outcome=outcome,
    )
    return row


def _quality_flags(session: Session, row: Interview) -> list[str] | None:
    flags: list[str] = []
    if row.manager_no and is_copy(
        row.manager_summary or "",
        queries.summaries_by(session, row.cycle_code, row.manager_no, row.employee_no),
    ):
        flags.append(Flag.COPIED.value)
    own = row.employee_part or {}
    if sum(len(text) for text in own.values() if isinstance(text, str)) < SHORT_PART:
        flags.append(Flag.EMPLOYEE_PART_SHORT.value)
    return flags or None


def _row(session: Session, cycle_code: str, employee_no: str) -> Interview:
    row = queries.interview(session, cycle_code, employee_no)
    if row is None:
        raise Conflict("interviews.not_open")
    return row


def _guard_self(actor: Actor, employee_no: str) -> None:
    if not actor.is_system and actor.employee_no != employee_no:
        raise NotAllowed("interviews.self_only")


def _key(row: Interview) -> str:
    return f"{row.cycle_code}/{row.employee_no}"


def _merged(old: Extra, new: Extra) -> Extra:
    return {**(old or {}), **(new or {})} or None
