"""Reads of interviews: one record with its rights, what still has to happen, the payout gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.cycles.models import Participant
from perfflow.interviews.models import Interview, ResultConfirmation
from perfflow.reviews.queries import dimension_scores, latest_result

INTERVIEW = "INTERVIEW"
APPEAL = "APPEAL"
DONE_STATUSES = frozenset({"held", "signed", "excused"})
CONFIRMING_OUTCOMES = frozenset({"confirmed", "deemed", "appealed"})


def interview(session: Session, cycle_code: str, employee_no: str) -> Interview | None:
    """The record of a person in a cycle."""
    return session.scalar(
        select(Interview).where(
            Interview.cycle_code == cycle_code, Interview.employee_no == employee_no
        )
    )


def confirmation(session: Session, cycle_code: str, employee_no: str) -> ResultConfirmation | None:
    """What the person said to the result."""
    return session.scalar(
        select(ResultConfirmation).where(
            ResultConfirmation.cycle_code == cycle_code,
            ResultConfirmation.employee_no == employee_no,
        )
    )


def open_interviews(session: Session, cycle_code: str) -> Sequence[str]:
    """Active participants without an interview held or excused; they keep the cycle open."""
    finished = select(Interview.employee_no).where(
        Interview.cycle_code == cycle_code, Interview.status.in_(("signed", "excused"))
    )
    return session.scalars(
        select(Participant.employee_no)
        .where(
            Participant.cycle_code == cycle_code,
            Participant.status == "active",
            Participant.employee_no.not_in(finished),
        )
        .order_by(Participant.employee_no)
    ).all()


def payout_gates(
    session: Session, cycle_code: str, employee_nos: Iterable[str]
) -> dict[str, str | None]:
    """Why the award of each person must wait, None where it need not.

    INTERVIEW holds all of it, APPEAL only what is disputed.
    """
    numbers = sorted(set(employee_nos))
    talks: dict[str, Interview] = {}
    answers: dict[str, ResultConfirmation] = {}
    for start in range(0, len(numbers), 400):
        chunk = numbers[start : start + 400]
        for talk in session.scalars(
            select(Interview).where(
                Interview.cycle_code == cycle_code, Interview.employee_no.in_(chunk)
            )
        ):
            talks[talk.employee_no] = talk
        for answer in session.scalars(
            select(ResultConfirmation).where(
                ResultConfirmation.cycle_code == cycle_code,
                ResultConfirmation.employee_no.in_(chunk),
            )
        ):
            answers[answer.employee_no] = answer
    return {number: _gate(talks.get(number), answers.get(number)) for number in numbers}


def payout_gate(session: Session, cycle_code: str, employee_no: str) -> str | None:
    """Why the award of one person must wait, or None."""
    return payout_gates(session, cycle_code, [employee_no])[employee_no]


def _gate(talk: Interview | None, answer: ResultConfirmation | None) -> str | None:
    if talk is None or talk.status not in ("signed", "excused"):
        return INTERVIEW
    if answer is None or answer.outcome not in CONFIRMING_OUTCOMES:
        return INTERVIEW
    if answer.outcome == "appealed" and answer.appeal_closed_at is None:
        return APPEAL
    return None


def scores_of(session: Session, cycle_code: str, employee_no: str) -> Mapping[str, Decimal]:
    """The dimension scores that the talk is about."""
    result = latest_result(session, cycle_code, employee_no)
    return dimension_scores(result) if result is not None else {}


def summaries_by(session: Session, cycle_code: str, manager_no: str, but_not: str) -> Sequence[str]:
    """The manager's summaries for other people in the cycle."""
    rows = session.scalars(
        select(Interview.manager_summary).where(
            Interview.cycle_code == cycle_code,
            Interview.manager_no == manager_no,
            Interview.employee_no != but_not,
            Interview.manager_summary.is_not(None),
        )
    )
    return [text for text in rows if text]


def employee_part_for(row: Interview, *, is_pair: bool) -> dict[str, Any]:
    """The employee's section; the private note never leaves the pair."""
    part = dict(row.employee_part or {})
    if not is_pair:
        part.pop("private_note", None)
    return part
