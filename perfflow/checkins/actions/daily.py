"""What people write down in passing: activities and notes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.checkins.models import Activity, Note
from perfflow.checkins.rules import check_activity, NoteKind
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import NotAllowed, RuleViolation
from perfflow.notifications import notify
from perfflow.people.access import Relation, relations
from perfflow.people.models import Employee


def log_activity(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    kind: str,
    happened_at: datetime,
    client_ref: str | None,
    purpose: str | None,
    outcome: str | None,
) -> Activity:
    """A person logs what she did; nobody can log for somebody else."""
    if actor.employee_no is None:
        raise NotAllowed("checkins.employees_only")
    check_activity(kind, happened_at, now, client_ref, purpose)
    row = Activity(
        employee_no=actor.employee_no,
        kind=kind,
        client_ref=client_ref or None,
        happened_at=happened_at,
        logged_at=now,
        purpose=purpose or None,
        outcome=outcome or None,
    )
    session.add(row)
    session.flush()
    record(session, actor, now, AuditEvent.CHECKINS_ACTIVITY_LOGGED, f"activity/{row.id}")
    return row


def write_note(
    session: Session, actor: Actor, now: datetime, about_no: str, *, kind: str, text: str
) -> Note:
    """Praise anybody; nudge or observe only people of the own line. Both sides see the note."""
    if actor.employee_no is None:
        raise NotAllowed("checkins.employees_only")
    if kind not in set(NoteKind):
        raise RuleViolation("checkins.unknown_note", field="kind", kind=kind)
    if actor.employee_no == about_no:
        raise RuleViolation("checkins.note_to_self", field="about_no")
    if session.get(Employee, about_no) is None:
        raise RuleViolation("checkins.unknown_person", field="about_no", employee=about_no)
    if kind != NoteKind.PRAISE and Relation.LINE not in relations(
        session, actor, about_no, local_date(now)
    ):
        raise RuleViolation("checkins.note_line_only", field="kind")
    words = text.strip()
    if not words:
        raise RuleViolation("checkins.note_empty", field="text")
    row = Note(
        author_no=actor.employee_no, about_no=about_no, kind=kind, text=words, written_at=now
    )
    session.add(row)
    session.flush()
    record(session, actor, now, AuditEvent.CHECKINS_NOTE_WRITTEN, f"note/{row.id}", kind=kind)
    notify(session, now, about_no, "checkins.notice_note", {}, link="/notes/")
    return row
