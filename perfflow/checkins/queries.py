"""Reads of check-ins, activities, notes and commitments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from perfflow.calendar import local_date
from perfflow.checkins.models import (
    Activity,
    CheckIn,
    Commitment,
    CommitmentFollowUp,
    Note,
    ProcessGap,
)
from perfflow.checkins.rules import CLOSED
from perfflow.forms import FormDefinition, record_extra
from perfflow.workflow import queries as workflow_queries


def check_in(session: Session, cycle_code: str, employee_no: str, sequence: int) -> CheckIn | None:
    """One check-in, when it has been opened."""
    return session.scalar(
        select(CheckIn).where(
            CheckIn.cycle_code == cycle_code,
            CheckIn.employee_no == employee_no,
            CheckIn.sequence == sequence,
        )
    )


def check_ins(session: Session, cycle_code: str, employee_no: str) -> Sequence[CheckIn]:
    """The check-ins of a person in a cycle, in order."""
    return session.scalars(
        select(CheckIn)
        .where(CheckIn.cycle_code == cycle_code, CheckIn.employee_no == employee_no)
        .order_by(CheckIn.sequence)
    ).all()


def process_gaps(session: Session, cycle_code: str, employee_no: str) -> Sequence[ProcessGap]:
    """Steps of the year that did not happen for a person."""
    return session.scalars(
        select(ProcessGap)
        .where(ProcessGap.cycle_code == cycle_code, ProcessGap.employee_no == employee_no)
        .order_by(ProcessGap.id)
    ).all()


def has_support_record(session: Session, cycle_code: str, employee_no: str) -> bool:
    """True when a held check-in or a commitment shows that somebody helped (domain R54)."""
    held = session.scalar(
        select(func.count())
        .select_from(CheckIn)
        .where(
            CheckIn.cycle_code == cycle_code,
            CheckIn.employee_no == employee_no,
            CheckIn.held_at.is_not(None),
        )
    )
    return bool(held) or bool(commitments_about(session, employee_no, cycle_code))


def activities(
    session: Session, employee_no: str, *, before: datetime | None = None, limit: int = 50
) -> Sequence[Activity]:
    """What a person logged, newest first."""
    query = select(Activity).where(Activity.employee_no == employee_no)
    if before is not None:
        query = query.where(Activity.happened_at < before)
    return session.scalars(
        query.order_by(Activity.happened_at.desc(), Activity.id.desc()).limit(limit)
    ).all()


def last_activity_at(session: Session, employee_nos: Iterable[str]) -> dict[str, datetime]:
    """When each person last did something that was logged."""
    numbers = sorted(set(employee_nos))
    if not numbers:
        return {}
    rows = session.execute(
        select(Activity.employee_no, func.max(Activity.happened_at))
        .where(Activity.employee_no.in_(numbers))
        .group_by(Activity.employee_no)
    )
    return {number: at for number, at in rows if at is not None}


def notes_with(session: Session, employee_no: str, limit: int = 50) -> Sequence[Note]:
    """Notes that a person wrote or got, newest first."""
    return session.scalars(
        select(Note)
        .where(or_(Note.author_no == employee_no, Note.about_no == employee_no))
        .order_by(Note.written_at.desc(), Note.id.desc())
        .limit(limit)
    ).all()


def notes_about(
    session: Session, employee_no: str, author_no: str, limit: int = 20
) -> Sequence[Note]:
    """Notes from one person about another; only these two see them."""
    return session.scalars(
        select(Note)
        .where(Note.author_no == author_no, Note.about_no == employee_no)
        .order_by(Note.written_at.desc(), Note.id.desc())
        .limit(limit)
    ).all()


def my_commitments(
    session: Session, employee_no: str, *, include_closed: bool = False
) -> Sequence[Commitment]:
    """What a person promised or was promised, by due day."""
    query = select(Commitment).where(
        or_(Commitment.owner_no == employee_no, Commitment.about_no == employee_no)
    )
    if not include_closed:
        query = query.where(Commitment.status.not_in(sorted(CLOSED)))
    return session.scalars(query.order_by(Commitment.due_on, Commitment.id)).all()


def commitments_about(
    session: Session,
    employee_no: str,
    cycle_code: str | None = None,
    *,
    source: str | None = None,
    only_open: bool = False,
) -> Sequence[Commitment]:
    """The dated actions about a person; ``source`` is a prefix like ``interview/``."""
    query = select(Commitment).where(Commitment.about_no == employee_no)
    if cycle_code is not None:
        query = query.where(Commitment.cycle_code == cycle_code)
    if source is not None:
        query = query.where(Commitment.source.startswith(source, autoescape=True))
    if only_open:
        query = query.where(Commitment.status.not_in(sorted(CLOSED)))
    return session.scalars(query.order_by(Commitment.id)).all()


def follow_ups(
    session: Session, commitment_ids: Iterable[int]
) -> dict[int, list[CommitmentFollowUp]]:
    """What was said about each commitment, oldest first."""
    ids = sorted(set(commitment_ids))
    found: dict[int, list[CommitmentFollowUp]] = {number: [] for number in ids}
    if ids:
        for row in session.scalars(
            select(CommitmentFollowUp)
            .where(CommitmentFollowUp.commitment_id.in_(ids))
            .order_by(CommitmentFollowUp.id)
        ):
            found[row.commitment_id].append(row)
    return found


def first_plan_day(commitments: Sequence[Commitment]) -> date | None:
    """The local day on which the first of the commitments was made."""
    return min((local_date(row.created_at) for row in commitments), default=None)


def added_fields(
    session: Session,
    business_key: str,
    form_keys: Collection[str],
    extra: Mapping[str, Any] | None,
    language: str,
) -> list[tuple[str, str]]:
    """(label, value) of what the firm added to the forms of a record, as they were then."""
    if not extra:
        return []
    forms: dict[str, FormDefinition | None] = {}
    for row in workflow_queries.submissions_of(session, business_key):
        if row.form_key in form_keys:
            forms[row.form_key] = workflow_queries.bundle_of(session, row.bundle_number).form(
                row.form_key
            )
    found: dict[str, tuple[str, str]] = {}
    for form in forms.values():
        if form is None:
            continue
        known = {key.split(".")[0] for key in form.data_keys()}
        values = {name: value for name, value in extra.items() if name in known}
        for shown in record_extra(form, values, language):
            found[shown.key] = (shown.label, shown.shown)
    for name, value in extra.items():
        if name not in found and value is not None:
            found[name] = (name, str(value))
    return list(found.values())
