"""What happens to a dated promise: it is made, reported on, followed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import firm_calendar, local_date
from perfflow.checkins import queries
from perfflow.checkins.models import Commitment, CommitmentFollowUp
from perfflow.checkins.rules import (
    CLOSED,
    CommitmentStatus,
    MISSES_BEFORE_SECOND_LINE,
    next_day_mark,
    Promise,
    raise_all,
)
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotAllowed, NotFound, RuleViolation
from perfflow.notifications import notify
from perfflow.people.queries import second_line_of


def create_commitments(
    session: Session,
    actor: Actor,
    now: datetime,
    promises: Sequence[Promise],
    *,
    about_no: str,
    source: str,
    cycle_code: str | None,
) -> list[Commitment]:
    """Turn a plan into dated commitments of their owners."""
    rows = [
        Commitment(
            cycle_code=cycle_code,
            about_no=about_no,
            owner_no=promise.owner_no,
            source=source,
            action_type=promise.action_type,
            text=promise.text,
            measure=promise.measure,
            support=promise.support,
            due_on=promise.due_on,
            status=CommitmentStatus.OPEN,
            created_at=now,
        )
        for promise in promises
    ]
    session.add_all(rows)
    session.flush()
    return rows


def follow_up(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    day_mark: int,
    items: Sequence[Mapping[str, Any]],
) -> int:
    """Say how each open commitment stands; two misses of one reach the second line."""
    if actor.employee_no == employee_no:
        raise NotAllowed("checkins.own_follow_up")
    rows = queries.commitments_about(session, employee_no, cycle_code, only_open=True)
    if len(items) != len(rows):
        raise Conflict("checkins.commitments_changed", expected=len(rows), got=len(items))
    violations: list[RuleViolation] = []
    for index, item in enumerate(items):
        status = str(item.get("status") or "")
        if status not in set(CommitmentStatus):
            violations.append(
                RuleViolation("checkins.status_missing", field=f"items.{index}.status")
            )
        elif status in ("at_risk", "missed") and not str(item.get("note") or "").strip():
            violations.append(RuleViolation("checkins.note_missing", field=f"items.{index}.note"))
    raise_all(violations)
    earlier = queries.follow_ups(session, [row.id for row in rows])
    for row, item in zip(rows, items, strict=True):
        status = str(item["status"])
        session.add(
            CommitmentFollowUp(
                commitment_id=row.id,
                day_mark=day_mark,
                status=status,
                note=str(item.get("note") or "").strip() or None,
                by_no=actor.employee_no or actor.name,
                at=now,
            )
        )
        _apply_status(row, status, now)
        misses = sum(entry.status == "missed" for entry in earlier[row.id]) + (status == "missed")
        if misses >= MISSES_BEFORE_SECOND_LINE:
            _tell_second_line(session, now, row)
    record(
        session,
        actor,
        now,
        AuditEvent.CHECKINS_FOLLOW_UP_DONE,
        f"{cycle_code}/{employee_no}",
        day_mark=day_mark,
        items=len(items),
    )
    return len(items)


def update_commitment(
    session: Session,
    actor: Actor,
    now: datetime,
    commitment_id: int,
    *,
    status: str,
    note: str | None,
) -> Commitment:
    """The owner reports on the own commitment between the follow-ups."""
    row = session.get(Commitment, commitment_id, with_for_update=True)
    if row is None or actor.employee_no not in (row.owner_no, row.about_no):
        raise NotFound("checkins.commitment_not_found")
    if actor.employee_no != row.owner_no:
        raise NotAllowed("checkins.owner_only")
    if row.status in CLOSED:
        raise Conflict("checkins.commitment_closed")
    if status not in set(CommitmentStatus):
        raise RuleViolation("checkins.status_missing", field="status")
    session.add(
        CommitmentFollowUp(
            commitment_id=row.id,
            day_mark=(local_date(now) - local_date(row.created_at)).days,
            status=status,
            note=(note or "").strip() or None,
            by_no=row.owner_no,
            at=now,
        )
    )
    _apply_status(row, status, now)
    record(
        session,
        actor,
        now,
        AuditEvent.CHECKINS_FOLLOW_UP_DONE,
        f"commitment/{row.id}",
        status=status,
    )
    return row


def next_follow_up_on(
    session: Session, now: datetime, cycle_code: str, employee_no: str, done: int
) -> date | None:
    """The day of the next follow-up while actions are open; None when there is nothing to ask.

    The days count from the first action of the interview, or of the cycle where the interview
    made none; a day that is past already becomes today.
    """
    mark = next_day_mark(done)
    if mark is None:
        return None
    if not queries.commitments_about(session, employee_no, cycle_code, only_open=True):
        return None
    plan = queries.commitments_about(session, employee_no, cycle_code, source="interview/")
    start = queries.first_plan_day(
        plan or queries.commitments_about(session, employee_no, cycle_code)
    )
    wanted = (start or local_date(now)) + timedelta(days=mark)
    return firm_calendar(session).add_working_days(max(wanted, local_date(now)), 0)


def _apply_status(row: Commitment, status: str, now: datetime) -> None:
    # A miss at a follow-up leaves the promise open: it is asked about again at the next mark.
    row.status = CommitmentStatus.AT_RISK if status == "missed" else status
    if status == CommitmentStatus.DONE:
        row.closed_at = now


def _tell_second_line(session: Session, now: datetime, row: Commitment) -> None:
    second_line = second_line_of(session, row.about_no, local_date(now))
    if second_line is not None:
        notify(
            session,
            now,
            second_line,
            "checkins.notice_missed_twice",
            {"action": row.text},
            link=f"/commitments/{row.about_no}",
            dedupe_key=f"commitment/{row.id}/missed-twice",
        )
