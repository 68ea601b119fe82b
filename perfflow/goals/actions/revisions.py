"""Revising a locked target: proposed by either side, agreed step by step, never overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.calendar import local_date
from perfflow.cycles.models import Cycle
from perfflow.goals import queries
from perfflow.goals.models import GoalLine, TargetRevision
from perfflow.goals.rules.revisions import (
    Approval,
    approvals_needed,
    check_revision,
    is_late,
    RevisionMode,
)
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.notifications import notify
from perfflow.people.directory import members_of_group
from perfflow.people.queries import manager_of, second_line_of

GROUPS = {
    Approval.COMPLIANCE: Role.COMPLIANCE_OFFICER,
    Approval.COMMITTEE: Role.CALIBRATION_COMMITTEE,
}
OPEN_CYCLES = frozenset({"running"})


def propose_revision(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    *,
    metric_code: str,
    target: Decimal | None,
    effective_on: date | None,
    mode: str,
    reason_class: str,
    evidence: str,
) -> TargetRevision:
    """The employee or her manager proposes another target for one locked goal."""
    cycle, goal = _revisable(session, actor, now, cycle_code, employee_no, metric_code)
    if mode not in set(RevisionMode):
        raise RuleViolation("goals.revision_mode", field="mode")
    earlier = queries.revisions(session, cycle_code, employee_no, metric_code)
    old = _target_that_holds(goal, earlier)
    check_revision(
        old=old,
        new=target,
        effective_on=effective_on,
        first_on=cycle.starts_on,
        last_on=cycle.ends_on,
        reason_class=reason_class,
        evidence=evidence,
        earlier=[row.effective_on for row in earlier if row.status != "refused"],
    )
    needed = approvals_needed(
        old,
        target or Decimal(0),
        dimension=goal.dimension,
        is_by_manager=actor.employee_no != employee_no,
        is_late=is_late(local_date(now), cycle.ends_on),
    )
    row = TargetRevision(
        cycle_code=cycle_code,
        employee_no=employee_no,
        metric_code=metric_code,
        effective_on=effective_on,
        old_target_e6=old,
        new_target_e6=target,
        mode=mode,
        reason_class=reason_class,
        evidence=evidence.strip(),
        status="proposed" if needed else "approved",
        waiting_for=[step.value for step in needed],
        decisions=[],
        proposed_by=actor.employee_no,
        proposed_at=now,
        decided_at=None if needed else now,
    )
    session.add(row)
    session.flush()
    _tell_next(session, now, row)
    key = f"{cycle_code}/{employee_no}/{metric_code}"
    record(session, actor, now, AuditEvent.GOALS_REVISION_PROPOSED, key, old=old, new=target)
    return row


def _target_that_holds(goal: GoalLine, earlier: Sequence[TargetRevision]) -> Decimal:
    """The target of the last revision that was approved, else the locked one."""
    approved = [row.new_target_e6 for row in earlier if row.status == "approved"]
    return approved[-1] if approved else goal.target_e6 or Decimal(0)


def _revisable(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    metric_code: str,
) -> tuple[Cycle, GoalLine]:
    """The running cycle and the locked goal that this actor may propose another target for."""
    manager = manager_of(session, employee_no, local_date(now))
    if actor.employee_no is None or actor.employee_no not in (employee_no, manager):
        raise NotAllowed("goals.revision_sides")
    cycle = queries.cycle_of(session, cycle_code)
    if cycle.status not in OPEN_CYCLES:
        raise Conflict("goals.revision_closed", cycle=cycle_code)
    lines = {row.metric_code: row for row in queries.locked_lines(session, cycle_code, employee_no)}
    goal = lines.get(metric_code)
    if goal is None or goal.target_e6 is None:
        raise RuleViolation("goals.revision_goal", field="metric_code")
    return cycle, goal


def decide_revision(
    session: Session,
    actor: Actor,
    now: datetime,
    revision_id: int,
    *,
    is_approved: bool,
    note: str,
) -> TargetRevision:
    """The next one in the row agrees or refuses; the last agreement makes the target hold."""
    row = session.get(TargetRevision, revision_id, with_for_update=True)
    if row is None or row.status != "proposed":
        raise Conflict("goals.revision_decided")
    step = Approval(row.waiting_for[0])
    if not may_decide(session, actor, row, local_date(now)):
        raise NotAllowed("goals.revision_not_yours")
    if not is_approved and not note.strip():
        raise RuleViolation("goals.revision_note", field="note")
    decision = {
        "step": step.value,
        "by": actor.employee_no or actor.name,
        "at": now,
        "approved": is_approved,
        "note": note.strip() or None,
    }
    row.decisions = [*row.decisions, decision]
    row.waiting_for = row.waiting_for[1:] if is_approved else []
    if not is_approved:
        row.status = "refused"
    elif not row.waiting_for:
        row.status = "approved"
    if row.status != "proposed":
        row.decided_at = now
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.GOALS_REVISION_DECIDED,
        f"{row.cycle_code}/{row.employee_no}/{row.metric_code}",
        step=step.value,
        approved=is_approved,
        status=row.status,
    )
    _tell_next(session, now, row)
    return row


def may_decide(session: Session, actor: Actor, row: TargetRevision, on: date) -> bool:
    """True for the one whom the next step waits for; nobody decides twice or the own goal."""
    number = actor.employee_no
    if row.status != "proposed" or number is None or number == row.employee_no:
        return False
    step = Approval(row.waiting_for[0])
    if step is Approval.MANAGER:
        return number == manager_of(session, row.employee_no, on)
    if step is Approval.SECOND_LINE:
        return number == second_line_of(session, row.employee_no, on)
    return actor.has(GROUPS[step])


def _tell_next(session: Session, now: datetime, row: TargetRevision) -> None:
    """Tell who is to decide by name, and both sides how it ended."""
    link = f"/goals/{row.cycle_code}/{row.employee_no}/revisions"
    today = local_date(now)
    for number in _next_ones(session, row, today):
        notify(
            session,
            now,
            number,
            "goals.notice_revision",
            {"employee": row.employee_no, "metric": row.metric_code},
            link=link,
        )
    if row.status == "proposed":
        return
    for number in sorted({row.employee_no, row.proposed_by}):
        notify(
            session,
            now,
            number,
            f"goals.notice_revision_{row.status}",
            {"metric": row.metric_code, "day": row.effective_on},
            link=link,
        )


def _next_ones(session: Session, row: TargetRevision, on: date) -> list[str]:
    """Whom the next step waits for: one person of the line, or everybody of a group."""
    if not row.waiting_for:
        return []
    step = Approval(row.waiting_for[0])
    group = GROUPS.get(step)
    if group is not None:
        return [
            number
            for number in members_of_group(session, group.value, on)
            if number != row.employee_no
        ]
    find = manager_of if step is Approval.MANAGER else second_line_of
    found = find(session, row.employee_no, on)
    return [] if found is None else [found]
