"""What both sides of a check-in do: prepare, hold, sign; and what is flagged when they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.checkins import queries
from perfflow.checkins.actions.commitments import create_commitments
from perfflow.checkins.models import CheckIn, ProcessGap
from perfflow.checkins.rules import promises_from_rows
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.notifications import notify

Extra = dict[str, Any] | None
GAP_EVENTS = {"mid_year": AuditEvent.CHECKINS_MID_YEAR_SKIPPED}


def prepare_check_in(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    sequence: int,
    period_ends_on: date,
    part: Mapping[str, Any],
    extra: Extra = None,
) -> CheckIn:
    """The employee writes first."""
    _guard_self(actor, employee_no)
    row = queries.check_in(session, cycle_code, employee_no, sequence)
    if row is None:
        row = CheckIn(
            cycle_code=cycle_code,
            employee_no=employee_no,
            sequence=sequence,
            period_ends_on=period_ends_on,
            status="open",
        )
        session.add(row)
    elif row.status not in ("open", "prepared"):
        raise Conflict("checkins.already_held", sequence=sequence)
    row.employee_part = dict(part)
    row.prepared_at = now
    row.status = "prepared"
    row.extra = _merged(row.extra, extra)
    session.flush()
    record(session, actor, now, AuditEvent.CHECKINS_CHECK_IN_PREPARED, _key(row))
    return row


def hold_check_in(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    sequence: int,
    part: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    snapshot: Sequence[Mapping[str, Any]],
    extra: Extra = None,
) -> CheckIn:
    """The manager answers; commitments become dated tasks of their own."""
    row = _existing(session, cycle_code, employee_no, sequence)
    if actor.employee_no == employee_no:
        raise NotAllowed("checkins.own_check_in")
    if row.status not in ("prepared", "held"):
        raise Conflict("checkins.not_prepared", sequence=sequence)
    promises = promises_from_rows(
        rows,
        field="commitments",
        today=local_date(now),
        employee_no=employee_no,
        manager_no=actor.employee_no,
    )
    row.manager_part = dict(part)
    row.manager_no = actor.employee_no
    row.snapshot = [dict(figure) for figure in snapshot]
    row.held_at = now
    row.status = "held"
    row.extra = _merged(row.extra, extra)
    session.flush()
    create_commitments(
        session,
        actor,
        now,
        promises,
        about_no=employee_no,
        source=f"check-in/{row.id}",
        cycle_code=cycle_code,
    )
    record(
        session,
        actor,
        now,
        AuditEvent.CHECKINS_CHECK_IN_HELD,
        _key(row),
        commitments=len(promises),
    )
    notify(
        session,
        now,
        employee_no,
        "checkins.notice_held",
        {"sequence": sequence},
        link=f"/check-ins/{cycle_code}/{employee_no}",
    )
    return row


def sign_check_in(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    sequence: int,
    *,
    agreed: str,
    note: str | None,
    extra: Extra = None,
) -> CheckIn:
    """The employee signs: agreed, or read with a note."""
    _guard_self(actor, employee_no)
    row = _existing(session, cycle_code, employee_no, sequence)
    if row.status != "held":
        raise Conflict("checkins.not_held", sequence=sequence)
    if agreed == "agree_with_note" and not (note or "").strip():
        raise RuleViolation("checkins.note_missing", field="note")
    row.employee_part = {**(row.employee_part or {}), "agreed": agreed, "note": note}
    row.signed_at = now
    row.status = "signed"
    row.extra = _merged(row.extra, extra)
    record(session, actor, now, AuditEvent.CHECKINS_CHECK_IN_SIGNED, _key(row), agreed=agreed)
    return row


def flag_missing(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str, sequence: int
) -> None:
    """The time for a check-in passed: 过程缺失, shown with the result and in calibration."""
    row = queries.check_in(session, cycle_code, employee_no, sequence)
    if row is not None and row.status == "signed":
        return
    if row is not None and row.status != "held":
        # A talk that took place and only lacks the signature stays "held".
        row.status = "missing"
    flag_gap(session, actor, now, cycle_code, employee_no, f"check_in:{sequence}")


def flag_gap(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str, kind: str
) -> None:
    """Remember once that a step of the year did not happen."""
    if any(gap.kind == kind for gap in queries.process_gaps(session, cycle_code, employee_no)):
        return
    session.add(
        ProcessGap(cycle_code=cycle_code, employee_no=employee_no, kind=kind, flagged_at=now)
    )
    session.flush()
    record(
        session,
        actor,
        now,
        GAP_EVENTS.get(kind, AuditEvent.CHECKINS_CHECK_IN_MISSED),
        f"{cycle_code}/{employee_no}",
        kind=kind,
    )


def _existing(session: Session, cycle_code: str, employee_no: str, sequence: int) -> CheckIn:
    row = queries.check_in(session, cycle_code, employee_no, sequence)
    if row is None:
        raise Conflict("checkins.not_prepared", sequence=sequence)
    return row


def _guard_self(actor: Actor, employee_no: str) -> None:
    if not actor.is_system and actor.employee_no != employee_no:
        raise NotAllowed("checkins.self_only")


def _key(row: CheckIn) -> str:
    return f"{row.cycle_code}/{row.employee_no}/{row.sequence}"


def _merged(old: Extra, new: Extra) -> Extra:
    return {**(old or {}), **(new or {})} or None
