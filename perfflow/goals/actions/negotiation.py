"""The talk about goals: propose, answer, counter, mediate, decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.goals.actions.versions import append_version
from perfflow.goals.frames import frame, SheetFrame
from perfflow.goals.rules import (
    check_lines,
    differences,
    DraftLine,
    failing,
    LineChange,
    Status,
)
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation, RuleViolations

ANSWERS = ("accept", "counter")
COUNTERS = ("accept", "counter", "mediate")
Extra = Mapping[str, Any] | None


def require_self(actor: Actor, employee_no: str) -> None:
    """What the employee says, only the employee says."""
    if not actor.is_system and actor.employee_no != employee_no:
        raise NotAllowed("goals.employee_only")


def require_other(actor: Actor, employee_no: str) -> None:
    """Nobody answers, decides or signs for the other side of the own sheet."""
    if actor.employee_no == employee_no:
        raise NotAllowed("goals.own_sheet")


def require_status(found: SheetFrame, *allowed: Status) -> None:
    """The sheet must stand where the step expects it."""
    if found.sheet.status not in {status.value for status in allowed}:
        raise Conflict("goals.moved_on", status=found.sheet.status)


def propose_goals(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    lines: Sequence[DraftLine],
    *,
    comment: str | None = None,
    extra: Extra = None,
) -> int:
    """A04: the employee's first proposal; gives the number of the new version."""
    require_self(actor, employee_no)
    found = frame(session, cycle_code, employee_no)
    require_status(found, Status.DRAFT)
    number = _append(session, actor, now, found, lines, "employee", "propose", comment, extra)
    found.sheet.status = Status.PROPOSED.value
    _record(session, actor, now, AuditEvent.GOALS_SHEET_DRAFTED, found, version=number)
    return number


def answer_goals(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    decision: str,
    lines: Sequence[DraftLine],
    *,
    comment: str | None = None,
    extra: Extra = None,
) -> int:
    """A05: the manager accepts the proposal or sends another one; gives the round."""
    require_other(actor, employee_no)
    found = frame(session, cycle_code, employee_no)
    require_status(found, Status.PROPOSED)
    changes = _require_clear(decision, ANSWERS, found, lines)
    found.sheet.round += 1
    if decision == "accept":
        found.sheet.status = Status.AGREED.value
    else:
        _append(session, actor, now, found, lines, "manager", "counter", comment, extra)
        found.sheet.status = Status.COUNTERED.value
    return _record_turn(
        session, actor, now, AuditEvent.GOALS_SHEET_ANSWERED, found, decision, changes
    )


def counter_goals(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    decision: str,
    lines: Sequence[DraftLine],
    *,
    comment: str | None = None,
    extra: Extra = None,
) -> int:
    """A05: the employee accepts the answer, sends another proposal, or asks for mediation."""
    require_self(actor, employee_no)
    found = frame(session, cycle_code, employee_no)
    require_status(found, Status.COUNTERED)
    if decision == "mediate":
        if not (comment or "").strip():
            raise RuleViolation("goals.mediation_reason", field="comment")
        found.sheet.status = Status.MEDIATION.value
        _keep(found, "mediation_asked", {"by": actor.name, "at": now, "comment": comment})
        changes: list[LineChange] = []
    else:
        changes = _require_clear(decision, COUNTERS, found, lines)
        if decision == "accept":
            found.sheet.status = Status.AGREED.value
        else:
            _append(session, actor, now, found, lines, "employee", "counter", comment, extra)
            found.sheet.status = Status.PROPOSED.value
    return _record_turn(
        session, actor, now, AuditEvent.GOALS_SHEET_COUNTERED, found, decision, changes
    )


def _record_turn(
    session: Session,
    actor: Actor,
    now: datetime,
    event: AuditEvent,
    found: SheetFrame,
    decision: str,
    changes: Sequence[LineChange],
) -> int:
    """Note one side's turn; gives the round."""
    turn = {"decision": decision, "changes": len(changes), "round": found.sheet.round}
    _record(session, actor, now, event, found, **turn)
    return found.sheet.round


def mediate_goals(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    heard: str,
    proposal: str,
    extra: Extra = None,
) -> None:
    """A06: the HR partner writes down what both sides said and proposes a way."""
    require_other(actor, employee_no)
    found = frame(session, cycle_code, employee_no)
    require_status(found, Status.PROPOSED, Status.COUNTERED, Status.MEDIATION)
    found.sheet.status = Status.MEDIATION.value
    _keep(
        found,
        "mediation",
        {
            "by": actor.name,
            "at": now,
            "heard": heard,
            "proposal": proposal,
            "extra": dict(extra or {}),
        },
    )
    _record(session, actor, now, AuditEvent.GOALS_SHEET_MEDIATED, found)


def decide_goals(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    lines: Sequence[DraftLine],
    *,
    reason: str,
    dissent: str | None = None,
    extra: Extra = None,
) -> int:
    """A06: the second line settles the goals after a mediation; reasons and dissent are kept."""
    require_other(actor, employee_no)
    found = frame(session, cycle_code, employee_no)
    require_status(found, Status.MEDIATION)
    if not reason.strip():
        raise RuleViolation("goals.reason_needed", field="reason")
    kept = {**dict(extra or {}), "dissent": dissent or None}
    number = _append(session, actor, now, found, lines, "second_line", "decide", reason, kept)
    found.sheet.status = Status.AGREED.value
    _record(session, actor, now, AuditEvent.GOALS_SHEET_DECIDED, found, version=number)
    return number


def _append(
    session: Session,
    actor: Actor,
    now: datetime,
    found: SheetFrame,
    lines: Sequence[DraftLine],
    side: str,
    action: str,
    comment: str | None,
    extra: Extra,
) -> int:
    check_lines(lines, found.template)
    verdicts = {line.metric_code: found.verdicts(line) for line in lines}
    broken = [
        RuleViolation(
            verdict.code, field=f"lines.{index}.{_FIELDS[verdict.letter]}", **dict(verdict.params)
        )
        for index, line in enumerate(lines)
        for verdict in failing(verdicts[line.metric_code])
    ]
    if broken:
        raise broken[0] if len(broken) == 1 else RuleViolations(broken)
    number = found.sheet.current_version + 1
    append_version(
        session,
        now,
        found.sheet,
        number,
        lines,
        verdicts,
        author_no=actor.employee_no,
        side=side,
        action=action,
        comment=comment,
        extra=extra,
    )
    return number


_FIELDS = {"S": "title", "M": "target", "A": "target", "R": "why", "T": "action_due_on"}


def _require_clear(
    decision: str, allowed: Sequence[str], found: SheetFrame, lines: Sequence[DraftLine]
) -> list[LineChange]:
    """Accepting means changing nothing, countering means changing something."""
    if decision not in allowed:
        raise RuleViolation("goals.unknown_decision", field="decision", got=decision)
    changes = differences(found.lines, lines)
    if decision == "accept" and changes:
        raise RuleViolation("goals.accept_with_changes", field="decision", count=len(changes))
    if decision == "counter" and not changes:
        raise RuleViolation("goals.counter_without_changes", field="decision")
    return changes


def _keep(found: SheetFrame, name: str, value: Mapping[str, Any]) -> None:
    found.sheet.extra = {**(found.sheet.extra or {}), name: dict(value)}


def _record(
    session: Session,
    actor: Actor,
    now: datetime,
    event: AuditEvent,
    found: SheetFrame,
    **details: Any,
) -> None:
    key = f"{found.cycle.code}/{found.participant.employee_no}"
    record(session, actor, now, event, key, **details)
