"""Taking ready goals from the library of the post into the own draft, and out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.goals.actions.negotiation import require_self, require_status
from perfflow.goals.actions.versions import append_version
from perfflow.goals.frames import form_row, frame, SheetFrame
from perfflow.goals.rules import DraftLine, is_picked, PICKED, SMALLEST_BP, Status
from perfflow.kernel.actor import Actor
from perfflow.kernel.errors import NotFound, RuleViolation
from perfflow.plans.queries import library_goal
from perfflow.plans.rules import LibraryGoal
from perfflow.workflow.actions import save_draft
from perfflow.workflow.models import TaskDraft, UserTask

FORM = "goal-sheet"


def pick_goal(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    link: str,
    language: str,
) -> int:
    """Copy a ready goal into the draft; gives the number of the new version.

    A goal on a metric of the sheet replaces its reason, action and target; another metric joins
    the sheet with the smallest weight, and the weights have to be evened out before sending. The
    copy keeps the link to the library's version that it came from.
    """
    require_self(actor, employee_no)
    found = frame(session, cycle_code, employee_no)
    require_status(found, Status.DRAFT)
    hit = library_goal(session, found.cycle.release_number, link)
    if hit is None or hit[0].post != found.participant.post_code:
        raise NotFound("goals.no_library_goal", link=link[:60])
    picked = _copied(found, hit[1], link, language)
    lines = [line for line in found.lines if line.metric_code != picked.metric_code]
    at = next(
        (i for i, line in enumerate(found.lines) if line.metric_code == picked.metric_code),
        len(lines),
    )
    lines.insert(at, picked)
    number = _append(session, actor, now, found, lines, "pick")
    record(
        session,
        actor,
        now,
        AuditEvent.GOALS_LIBRARY_PICKED,
        f"{cycle_code}/{employee_no}",
        goal=link,
        metric=picked.metric_code,
    )
    metric = found.metrics.get(picked.metric_code)
    _follow_draft(session, actor, now, employee_no, form_row(picked, metric, language), None)
    return number


def drop_goal(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    employee_no: str,
    metric_code: str,
) -> int:
    """Take a goal out again that came from the library and is not on the card of the post."""
    require_self(actor, employee_no)
    found = frame(session, cycle_code, employee_no)
    require_status(found, Status.DRAFT)
    if metric_code not in {line.metric_code for line in dropable(found)}:
        raise RuleViolation("goals.not_picked", metric=metric_code[:8])
    lines = [line for line in found.lines if line.metric_code != metric_code]
    number = _append(session, actor, now, found, lines, "drop")
    record(
        session,
        actor,
        now,
        AuditEvent.GOALS_LIBRARY_DROPPED,
        f"{cycle_code}/{employee_no}",
        metric=metric_code,
    )
    _follow_draft(session, actor, now, employee_no, None, metric_code)
    return number


def dropable(found: SheetFrame) -> list[DraftLine]:
    """The goals that came from the library beside the card."""
    card = {line.metric_code for line in found.template}
    return [line for line in found.lines if is_picked(line) and line.metric_code not in card]


def _copied(found: SheetFrame, goal: LibraryGoal, link: str, language: str) -> DraftLine:
    is_chinese = language.startswith("zh")
    metric = found.metrics[goal.metric]
    known = next((line for line in found.lines if line.metric_code == goal.metric), None)
    line = known or DraftLine(
        metric_code=goal.metric,
        title=metric.name_zh,
        dimension=metric.dimension.value,
        weight_bp=SMALLEST_BP,
        target=None,
        baseline=None,
        curve=metric.default_curve,
        why="",
    )
    return line.changed(
        why=goal.why_zh if is_chinese else goal.why_en,
        action=(goal.action_zh if is_chinese else goal.action_en) or line.action,
        target=line.target if goal.target is None else goal.target,
        extra={
            **dict(line.extra),
            PICKED: {"from": link, "title_zh": goal.title_zh, "title_en": goal.title_en},
        },
    )


def _append(
    session: Session,
    actor: Actor,
    now: datetime,
    found: SheetFrame,
    lines: Sequence[DraftLine],
    action: str,
) -> int:
    number = found.sheet.current_version + 1
    append_version(
        session,
        now,
        found.sheet,
        number,
        lines,
        {line.metric_code: found.verdicts(line) for line in lines},
        author_no=actor.employee_no,
        side="employee",
        action=action,
    )
    return number


def _follow_draft(
    session: Session,
    actor: Actor,
    now: datetime,
    employee_no: str,
    row: dict[str, Any] | None,
    dropped: str | None,
) -> None:
    """What was typed and not sent stays, with the goal in or out of it."""
    draft = session.execute(
        select(TaskDraft.task_id, TaskDraft.data)
        .join(UserTask, UserTask.id == TaskDraft.task_id)
        .where(
            TaskDraft.employee_no == actor.employee_no,
            UserTask.subject_no == employee_no,
            UserTask.form_key == FORM,
            UserTask.status == "open",
        )
    ).one_or_none()
    if draft is None:
        return
    typed = draft.data.get("lines")
    rows = [dict(one) for one in typed] if isinstance(typed, list) else []
    if not rows:
        return
    gone = row["metric_code"] if row else dropped
    kept: list[dict[str, Any]] = []
    for one in rows:
        if one.get("metric_code") != gone:
            kept.append(one)
        elif row is not None:
            # Reason, action and target are the library's now; the weight stays as typed.
            kept.append({**row, "weight": one.get("weight", row["weight"])})
            row = None
    if row is not None:
        kept.append(row)
    data = {name: value for name, value in draft.data.items() if name in ("comment", "extra")}
    save_draft(session, actor, now, draft.task_id, {**data, "lines": kept})
