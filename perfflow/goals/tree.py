"""The alignment tree: objectives, the unit goals below them, and how far people's goals cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from perfflow.goals import queries
from perfflow.goals.models import (
    GoalLine,
    GoalSheet,
    GoalSheetVersion,
    StrategyObjective,
    UnitGoal,
)
from perfflow.kernel.rounding import exact, ratio6
from perfflow.metrics.rules import Aggregation, MetricDefinition
from perfflow.people.models import Unit

LOW, HIGH = Decimal("1"), Decimal("1.2")


@dataclass(frozen=True, slots=True)
class GoalNode:
    """A unit goal with what hangs below it; ``coverage`` is Σ below / its own target."""

    goal: UnitGoal
    unit: Unit
    metric: MetricDefinition | None
    people: int
    coverage: Decimal | None
    children: tuple[GoalNode, ...]

    @property
    def is_off(self) -> bool:
        """True outside 100–120 %."""
        return self.coverage is not None and not LOW <= self.coverage <= HIGH


@dataclass(frozen=True, slots=True)
class ObjectiveNode:
    """An objective with the unit goals that carry it."""

    objective: StrategyObjective
    metric: MetricDefinition | None
    coverage: Decimal | None
    children: tuple[GoalNode, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """The whole tree of a cycle and how many personal goals are part of it."""

    objectives: tuple[ObjectiveNode, ...]
    aligned: int
    orphans: int

    @property
    def alignment(self) -> Decimal | None:
        """The share of personal goals that lead to an objective."""
        total = self.aligned + self.orphans
        return ratio6(Fraction(self.aligned, total)) if total else None


def tree_of(session: Session, cycle_code: str, metrics: Mapping[str, MetricDefinition]) -> Tree:
    """The tree of a cycle in four statements, whatever its size."""
    objectives = queries.objectives(session, cycle_code)
    goals = queries.unit_goals(session, cycle_code)
    codes = sorted({goal.unit_code for goal in goals})
    units = {row.code: row for row in session.scalars(select(Unit).where(Unit.code.in_(codes)))}
    carried = _carried(session, cycle_code)
    by_parent: dict[int | None, list[UnitGoal]] = {}
    for goal in goals:
        by_parent.setdefault(goal.parent_id, []).append(goal)

    def node(goal: UnitGoal) -> GoalNode:
        children = tuple(node(child) for child in by_parent.get(goal.id, []))
        people, total = carried.get(goal.id, (0, None))
        below = [child.goal.target_e6 for child in children]
        metric = metrics.get(goal.metric_code)
        return GoalNode(
            goal,
            units[goal.unit_code],
            metric,
            people,
            _coverage(metric, goal.target_e6, [*below, total] if total is not None else below),
            children,
        )

    nodes = []
    for objective in objectives:
        top = tuple(
            node(goal) for goal in by_parent.get(None, []) if goal.objective_id == objective.id
        )
        metric = metrics.get(objective.metric_code or "")
        shared = [
            child.goal.target_e6 for child in top if child.goal.metric_code == objective.metric_code
        ]
        coverage = _coverage(metric, objective.target_e6, shared)
        nodes.append(ObjectiveNode(objective, metric, coverage, top))
    aligned = sum(count for key, (count, _) in carried.items() if key is not None)
    orphans = carried.get(None, (0, None))[0]
    return Tree(tuple(nodes), aligned, orphans)


def _coverage(
    metric: MetricDefinition | None, target: Decimal | None, below: list[Decimal]
) -> Decimal | None:
    """Σ below / target for sums; figures of other kinds do not add up."""
    if metric is None or metric.aggregation is not Aggregation.SUM or not target or not below:
        return None
    return ratio6(sum((exact(one) for one in below), Fraction(0)) / exact(target))


def _carried(session: Session, cycle_code: str) -> dict[int | None, tuple[int, Decimal | None]]:
    """How many personal goals hang below each unit goal, and the sum of their targets."""
    query = (
        select(GoalLine.unit_goal_id, func.count(), func.sum(GoalLine.target_e6))
        .join(GoalSheetVersion, GoalSheetVersion.id == GoalLine.version_id)
        .join(GoalSheet, GoalSheet.id == GoalSheetVersion.sheet_id)
        .where(
            GoalSheet.cycle_code == cycle_code,
            GoalSheetVersion.version == GoalSheet.current_version,
        )
        .group_by(GoalLine.unit_goal_id)
    )
    return {key: (int(count), total) for key, count, total in session.execute(query)}
