"""What the firm wants and how units share it: publishing objectives, cascading them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from perfflow.audit import AuditEvent, record
from perfflow.cycles import queries as cycle_queries
from perfflow.cycles.models import Cycle
from perfflow.goals import queries
from perfflow.goals.models import StrategyObjective, UnitGoal
from perfflow.goals.rules import text_width
from perfflow.kernel.actor import Actor, Role
from perfflow.kernel.errors import Conflict, NotAllowed, RuleViolation
from perfflow.metrics import queries as metric_queries
from perfflow.people import queries as people_queries

SHORTEST_WHY = 20


@dataclass(frozen=True, slots=True)
class ObjectiveInput:
    """An objective as it is published; ``target`` as it is stored."""

    code: str
    title_zh: str
    title_en: str
    metric_code: str | None
    target: Decimal | None
    why: str
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnitGoalInput:
    """A unit's share of an objective."""

    objective_code: str
    metric_code: str
    target: Decimal
    why: str
    extra: Mapping[str, Any] = field(default_factory=dict)


def publish_objectives(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    rows: Sequence[ObjectiveInput],
) -> list[StrategyObjective]:
    """A02: the objectives of a cycle, each with its reason; once a cycle."""
    if not actor.is_system and not actor.has(Role.EXECUTIVE):
        raise NotAllowed("goals.executives_only")
    cycle = cycle_queries.cycle(session, cycle_code)
    if queries.objectives(session, cycle_code):
        raise Conflict("goals.objectives_published", cycle=cycle_code)
    if not rows:
        raise RuleViolation("goals.no_objectives", field="objectives")
    metrics = metric_queries.metric_catalogue(session, cycle.release_number)
    seen: set[str] = set()
    owner = actor.employee_no or _head_of_firm(session)
    found = []
    for index, row in enumerate(rows):
        place = f"objectives.{index}"
        if row.code in seen:
            raise RuleViolation("goals.code_twice", field=f"{place}.code", got=row.code)
        if row.metric_code and row.metric_code not in metrics:
            raise RuleViolation(
                "goals.unknown_metric", field=f"{place}.metric_code", got=row.metric_code
            )
        if text_width(row.why) < SHORTEST_WHY:
            raise RuleViolation("goals.why_short", field=f"{place}.why", length=SHORTEST_WHY)
        seen.add(row.code)
        found.append(
            StrategyObjective(
                cycle_code=cycle_code,
                code=row.code,
                title_zh=row.title_zh,
                title_en=row.title_en,
                metric_code=row.metric_code,
                target_e6=row.target,
                why=row.why,
                owner_no=owner,
                status="live",
                published_at=now,
                extra=dict(row.extra) if row.extra else None,
            )
        )
    session.add_all(found)
    session.flush()
    record(
        session,
        actor,
        now,
        AuditEvent.GOALS_OBJECTIVES_PUBLISHED,
        cycle_code,
        codes=sorted(seen),
    )
    return found


def _head_of_firm(session: Session) -> str:
    head = people_queries.root_unit(session).head_no
    if head is None:
        raise RuleViolation("goals.no_head")
    return head


def cascade_unit_goals(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle_code: str,
    unit_code: str,
    rows: Sequence[UnitGoalInput],
) -> list[UnitGoal]:
    """A03: what a unit carries of each objective; the goal of a unit above becomes the parent."""
    cycle = cycle_queries.cycle(session, cycle_code)
    unit = people_queries.unit(session, unit_code)
    if not actor.is_system and actor.employee_no is None:
        raise NotAllowed("goals.head_only")
    if queries.unit_goals(session, cycle_code, [unit_code]):
        raise Conflict("goals.cascaded_already", unit=unit_code)
    if not rows:
        raise RuleViolation("goals.no_unit_goals", field="goals")
    found = _unit_goals(session, actor, now, cycle, unit_code, rows)
    session.add_all(found)
    session.flush()
    _link(session, cycle_code)
    record(
        session,
        actor,
        now,
        AuditEvent.GOALS_CASCADE_AGREED,
        f"{cycle_code}/{unit.code}",
        goals=len(found),
    )
    return found


def _link(session: Session, cycle_code: str) -> None:
    """Hang every unit goal below the nearest unit above with a goal for the same objective.

    Units cascade in any order, so goals of units below may have been there first.
    """
    rows = queries.unit_goals(session, cycle_code)
    paths = {
        unit.code: unit.path
        for unit in people_queries.units_under(session, people_queries.root_unit(session).code)
    }
    for row in rows:
        above = paths[row.unit_code].split("/")[:-1]
        nearest: tuple[int, UnitGoal] | None = None
        for other in rows:
            if other.objective_id != row.objective_id or other.unit_code not in above:
                continue
            if nearest is None or above.index(other.unit_code) > nearest[0]:
                nearest = (above.index(other.unit_code), other)
        row.parent_id = nearest[1].id if nearest else None
    session.flush()


def _unit_goals(
    session: Session,
    actor: Actor,
    now: datetime,
    cycle: Cycle,
    unit_code: str,
    rows: Sequence[UnitGoalInput],
) -> list[UnitGoal]:
    """The rows as goals of the unit; every broken one is named at its place."""
    metrics = metric_queries.metric_catalogue(session, cycle.release_number)
    by_code = {row.code: row for row in queries.objectives(session, cycle.code)}
    found = []
    seen: set[tuple[str, str]] = set()
    for index, row in enumerate(rows):
        place = f"goals.{index}"
        objective = by_code.get(row.objective_code)
        if objective is None:
            raise RuleViolation(
                "goals.unknown_objective", field=f"{place}.objective_code", got=row.objective_code
            )
        if row.metric_code not in metrics:
            raise RuleViolation(
                "goals.unknown_metric", field=f"{place}.metric_code", got=row.metric_code
            )
        if (row.objective_code, row.metric_code) in seen:
            raise RuleViolation(
                "goals.code_twice", field=f"{place}.metric_code", got=row.metric_code
            )
        seen.add((row.objective_code, row.metric_code))
        found.append(
            UnitGoal(
                cycle_code=cycle.code,
                unit_code=unit_code,
                objective_id=objective.id,
                parent_id=None,
                metric_code=row.metric_code,
                target_e6=row.target,
                why=row.why,
                created_by=actor.name,
                created_at=now,
                extra=dict(row.extra) if row.extra else None,
            )
        )
    return found
