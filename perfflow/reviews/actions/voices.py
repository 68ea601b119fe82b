"""What people say before a result stands: the employee about data and year, then the manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation, RuleViolations
from perfflow.notifications import notify
from perfflow.people.queries import manager_of
from perfflow.reviews import queries
from perfflow.reviews.actions.results import record_result
from perfflow.reviews.models import DataCheck, ManagerReview, Result, SelfAssessment
from perfflow.reviews.rules import Stage

MIN_NOTE = 10
MIN_EVIDENCE = 10
Extra = dict[str, Any] | None


def check_data(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    outcome: str,
    note: str | None,
    extra: Extra = None,
) -> DataCheck:
    """The employee confirms the figures or says what is wrong; HR partners hear of the latter."""
    _guard_self(actor, employee_no)
    if outcome not in ("confirmed", "disputed"):
        raise RuleViolation("reviews.unknown_outcome", field="outcome", outcome=outcome)
    words = (note or "").strip()
    if outcome == "disputed" and len(words) < MIN_NOTE:
        raise RuleViolation("reviews.note_too_short", field="note", least=MIN_NOTE, got=len(words))
    row = _store_check(session, actor, now, cycle_code, employee_no, outcome, words, extra)
    manager = manager_of(session, employee_no, local_date(now)) if outcome == "disputed" else None
    if manager is not None:
        notify(
            session,
            now,
            manager,
            "reviews.notice_disputed",
            {"employee": employee_no, "note": words},
            link=f"/performance/{cycle_code}/{employee_no}",
        )
    return row


def deem_data_checked(
    session: Session, actor: Actor, now: datetime, cycle_code: str, employee_no: str
) -> DataCheck:
    """Nothing was said in time: the figures count as checked, which the person is told."""
    known = queries.data_check(session, cycle_code, employee_no)
    if known is not None:
        return known
    row = _store_check(session, actor, now, cycle_code, employee_no, "deemed", "", None)
    notify(
        session,
        now,
        employee_no,
        "reviews.notice_data_deemed",
        {"cycle": cycle_code},
        link=f"/performance/{cycle_code}/{employee_no}",
    )
    return row


def submit_self_assessment(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    summary: str | None,
    lines: Sequence[Mapping[str, Any]],
    is_auto: bool = False,
    extra: Extra = None,
) -> SelfAssessment:
    """What the employee says about the year; ``is_auto`` when a saved draft was taken."""
    _guard_self(actor, employee_no)
    if queries.self_assessment(session, cycle_code, employee_no) is not None:
        raise Conflict("reviews.self_assessment_there")
    row = SelfAssessment(
        cycle_code=cycle_code,
        employee_no=employee_no,
        summary=(summary or "").strip() or None,
        lines=[dict(line) for line in lines],
        is_auto=is_auto,
        submitted_at=now,
        extra=extra or None,
    )
    session.add(row)
    session.flush()
    event = (
        AuditEvent.REVIEWS_SELF_ASSESSMENT_TAKEN if is_auto else AuditEvent.REVIEWS_SELF_ASSESSED
    )
    record(session, actor, now, event, f"{cycle_code}/{employee_no}")
    return row


def submit_manager_review(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    ratings: Sequence[Mapping[str, Any]],
    comment: str,
    extra: Extra = None,
) -> Result:
    """The manager rates what people must judge; the link ``manager`` of the chain follows."""
    if actor.employee_no is None or actor.employee_no == employee_no:
        raise NotAllowed("reviews.own_review")
    if queries.manager_review(session, cycle_code, employee_no) is not None:
        raise Conflict("reviews.review_there")
    expected = manual_lines(session, cycle_code, employee_no)
    row = ManagerReview(
        cycle_code=cycle_code,
        employee_no=employee_no,
        manager_no=actor.employee_no,
        ratings=_checked_ratings(ratings, expected),
        comment=comment.strip(),
        submitted_at=now,
        extra=extra or None,
    )
    session.add(row)
    session.flush()
    record(session, actor, now, AuditEvent.REVIEWS_MANAGER_REVIEWED, f"{cycle_code}/{employee_no}")
    return record_result(session, actor, now, cycle_code, employee_no, Stage.MANAGER.value)


def manual_lines(session: Session, cycle_code: str, employee_no: str) -> list[tuple[str, str]]:
    """(metric code, title) of the goals that the manager judges."""
    return [
        (metric.code, line.title)
        for line, metric in queries.manual_goals(session, cycle_code, employee_no)
    ]


def _checked_ratings(
    ratings: Sequence[Mapping[str, Any]], expected: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    """One rating 1–5 with evidence for every manual line, in the order of the goals."""
    violations: list[RuleViolation] = []
    found: list[dict[str, Any]] = []
    given = {str(row.get("metric_code")): (index, row) for index, row in enumerate(ratings)}
    for code, title in expected:
        if code not in given:
            violations.append(RuleViolation("reviews.rating_missing", field="ratings", title=title))
            continue
        index, row = given[code]
        rating = str(row.get("rating") or "")
        evidence = str(row.get("evidence") or "").strip()
        if rating not in ("1", "2", "3", "4", "5"):
            violations.append(
                RuleViolation(
                    "reviews.rating_missing", field=f"ratings.{index}.rating", title=title
                )
            )
        elif len(evidence) < MIN_EVIDENCE:
            violations.append(
                RuleViolation(
                    "reviews.evidence_too_short",
                    field=f"ratings.{index}.evidence",
                    least=MIN_EVIDENCE,
                    got=len(evidence),
                )
            )
        else:
            found.append(
                {
                    "metric_code": code,
                    "rating": Decimal(rating),
                    "evidence": evidence,
                    "extra": dict(row.get("extra") or {}) or None,
                }
            )
    violations += [
        RuleViolation("reviews.rating_not_wanted", field="ratings", metric=code)
        for code in sorted(given.keys() - {code for code, _ in expected})
    ]
    if len(violations) == 1:
        raise violations[0]
    if violations:
        raise RuleViolations(violations)
    return found


def _store_check(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    outcome: str,
    note: str,
    extra: Extra,
) -> DataCheck:
    if queries.data_check(session, cycle_code, employee_no) is not None:
        raise Conflict("reviews.data_checked_before")
    row = DataCheck(
        cycle_code=cycle_code,
        employee_no=employee_no,
        outcome=outcome,
        note=note or None,
        at=now,
        extra=extra or None,
    )
    session.add(row)
    session.flush()
    event = {
        "confirmed": AuditEvent.REVIEWS_DATA_CHECKED,
        "disputed": AuditEvent.REVIEWS_DATA_DISPUTED,
        "deemed": AuditEvent.REVIEWS_DATA_DEEMED_CHECKED,
    }[outcome]
    record(session, actor, now, event, f"{cycle_code}/{employee_no}")
    return row


def _guard_self(actor: Actor, employee_no: str) -> None:
    if not actor.is_system and actor.employee_no != employee_no:
        raise NotAllowed("reviews.self_only")
