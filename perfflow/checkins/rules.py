"""What makes a check-in, a commitment, an activity or a note acceptable; no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from perfflow.kernel.errors import RuleViolation, RuleViolations

FOLLOW_UP_DAYS = (30, 60, 90)
LOG_WINDOW = timedelta(hours=48)
"""An activity logged later than this does not count as an effective visit (CL-06)."""
OLDEST_ACTIVITY = timedelta(days=31)
MISSES_BEFORE_SECOND_LINE = 2
LONGEST_PROMISE = timedelta(days=400)


class ActionType(StrEnum):
    """The kinds of development action of domain §6.6."""

    TRAINING = "training"
    MENTOR_PAIRING = "mentor_pairing"
    JOINT_VISIT = "joint_visit"
    SCRIPT_PRACTICE = "script_practice"
    PRODUCT_TEST = "product_test"
    ROTATION = "rotation"
    PROCESS_IMPROVEMENT = "process_improvement"
    WRITTEN_REVIEW = "written_review"
    OTHER = "other"


class ActivityKind(StrEnum):
    """What a person logs about her day."""

    VISIT = "visit"
    CALL = "call"
    PLAN_DELIVERED = "plan_delivered"
    TRAINING = "training"
    OTHER = "other"


class NoteKind(StrEnum):
    """The three tones of a quick note."""

    PRAISE = "praise"
    NUDGE = "nudge"
    OBSERVATION = "observation"


class CommitmentStatus(StrEnum):
    """How far a promise is."""

    OPEN = "open"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    DONE = "done"
    MISSED = "missed"


CLOSED = frozenset({CommitmentStatus.DONE, CommitmentStatus.MISSED})
CLIENT_KINDS = frozenset({ActivityKind.VISIT, ActivityKind.CALL, ActivityKind.PLAN_DELIVERED})


@dataclass(frozen=True, slots=True)
class Promise:
    """One dated action as the forms bring it, checked and ready to be stored."""

    action_type: ActionType
    text: str
    measure: str
    owner_no: str
    due_on: date
    support: str | None


def promises_from_rows(
    rows: Sequence[Mapping[str, Any]],
    *,
    field: str,
    today: date,
    employee_no: str,
    manager_no: str | None,
) -> list[Promise]:
    """Check the rows of a plan; every broken row is named at once.

    ``owner`` in a row is ``employee`` or ``manager``; the due day lies after today.
    """
    violations: list[RuleViolation] = []
    promises: list[Promise] = []
    owners = {"employee": employee_no, "manager": manager_no or employee_no}
    for index, row in enumerate(rows):
        at = f"{field}.{index}"
        due_on = row.get("due_on")
        text = str(row.get("text") or "").strip()
        measure = str(row.get("measure") or "").strip()
        if not text:
            violations.append(RuleViolation("checkins.action_text_missing", field=f"{at}.text"))
        if not measure:
            violations.append(RuleViolation("checkins.measure_missing", field=f"{at}.measure"))
        if not isinstance(due_on, date) or due_on <= today:
            violations.append(
                RuleViolation("checkins.due_not_ahead", field=f"{at}.due_on", today=today)
            )
        elif due_on > today + LONGEST_PROMISE:
            violations.append(
                RuleViolation(
                    "checkins.due_too_far", field=f"{at}.due_on", latest=today + LONGEST_PROMISE
                )
            )
        owner = str(row.get("owner") or "employee")
        kind = str(row.get("action_type") or ActionType.OTHER)
        if owner not in owners:
            violations.append(
                RuleViolation("checkins.unknown_owner", field=f"{at}.owner", owner=owner)
            )
        if kind not in set(ActionType):
            violations.append(
                RuleViolation("checkins.unknown_action", field=f"{at}.action_type", action=kind)
            )
        if violations:
            continue
        assert isinstance(due_on, date)
        promises.append(
            Promise(
                action_type=ActionType(kind),
                text=text,
                measure=measure,
                owner_no=owners[owner],
                due_on=due_on,
                support=str(row.get("support") or "").strip() or None,
            )
        )
    raise_all(violations)
    return promises


def raise_all(violations: list[RuleViolation]) -> None:
    """Raise what was found: nothing, the one violation, or all of them together."""
    if len(violations) == 1:
        raise violations[0]
    if violations:
        raise RuleViolations(violations)


def check_activity(
    kind: str, happened_at: datetime, now: datetime, client_ref: str | None, purpose: str | None
) -> None:
    """Refuse activities of the future, of long ago, or without the client they are about."""
    violations: list[RuleViolation] = []
    if kind not in set(ActivityKind):
        violations.append(RuleViolation("checkins.unknown_activity", field="kind", kind=kind))
    if happened_at > now:
        violations.append(RuleViolation("checkins.activity_in_future", field="happened_at"))
    elif now - happened_at > OLDEST_ACTIVITY:
        violations.append(
            RuleViolation(
                "checkins.activity_too_old", field="happened_at", days=OLDEST_ACTIVITY.days
            )
        )
    if kind in CLIENT_KINDS and not client_ref:
        violations.append(RuleViolation("checkins.client_missing", field="client_ref"))
    if not purpose:
        violations.append(RuleViolation("checkins.purpose_missing", field="purpose"))
    raise_all(violations)


def is_effective(happened_at: datetime, logged_at: datetime, outcome: str | None) -> bool:
    """True for an activity with an outcome that was logged within 48 hours (CL-06)."""
    return bool(outcome) and logged_at - happened_at <= LOG_WINDOW


def next_day_mark(done: int) -> int | None:
    """The day of the follow-up after ``done`` of them: 30, 60, 90, then none."""
    return FOLLOW_UP_DAYS[done] if 0 <= done < len(FOLLOW_UP_DAYS) else None
