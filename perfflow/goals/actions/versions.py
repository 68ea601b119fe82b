"""Appending a proposal to a sheet: the version, its lines, their verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import insert, Table
from sqlalchemy.orm import Session

from perfflow.goals.models import GoalLine, GoalSheet, GoalSheetVersion
from perfflow.goals.rules import content_hash, DraftLine, Verdict

Verdicts = Mapping[str, Mapping[str, Verdict]]
LINES = cast(Table, GoalLine.__table__)


def append_version(
    session: Session,
    now: datetime,
    sheet: GoalSheet,
    number: int,
    lines: Sequence[DraftLine],
    verdicts: Verdicts,
    *,
    author_no: str | None,
    side: str,
    action: str,
    comment: str | None = None,
    extra: Mapping[str, Any] | None = None,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
) -> GoalSheetVersion:
    """Add one full proposal; earlier ones are never touched."""
    version = GoalSheetVersion(
        sheet_id=sheet.id,
        version=number,
        round=sheet.round,
        author_no=author_no,
        author_side=side,
        action=action,
        comment=comment or None,
        content_hash=content_hash(lines),
        created_at=now,
        extra=dict(extra) if extra else None,
    )
    session.add(version)
    session.flush()
    rows = [
        _row(version.id, position, line, verdicts.get(line.metric_code, {}), facts)
        for position, line in enumerate(lines)
    ]
    # The table, not the class: an ORM insert would split the rows by which values are missing.
    session.execute(insert(LINES), rows)
    sheet.current_version = number
    return version


def _row(
    version_id: int,
    position: int,
    line: DraftLine,
    verdicts: Mapping[str, Verdict],
    facts: Mapping[str, Mapping[str, Any]] | None,
) -> dict[str, Any]:
    smart: dict[str, Any] = {
        "letters": {letter: verdict.to_json() for letter, verdict in verdicts.items()}
    }
    if facts is not None:
        smart["facts"] = dict(facts.get(line.metric_code, {}))
    return {
        "version_id": version_id,
        "position": position,
        "metric_code": line.metric_code,
        "title": line.title,
        "dimension": line.dimension,
        "weight_bp": line.weight_bp,
        "target_e6": line.target,
        "baseline_e6": line.baseline,
        "curve": line.curve,
        "why": line.why,
        "unit_goal_id": line.unit_goal_id,
        "action": line.action or None,
        "action_due_on": line.action_due_on,
        "smart": smart,
        "extra": dict(line.extra) if line.extra else None,
    }
