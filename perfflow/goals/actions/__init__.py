"""Writes of goals: objectives and cascades, opening, negotiating and locking of sheets."""

from perfflow.goals.actions.agreement import (
    accept_goals,
    countersign_goals,
    lock_goal_sheet,
    needs_countersign,
    record_mid_year_review,
    sign_goals,
)
from perfflow.goals.actions.negotiation import (
    answer_goals,
    counter_goals,
    decide_goals,
    mediate_goals,
    propose_goals,
)
from perfflow.goals.actions.objectives import cascade_unit_goals, publish_objectives
from perfflow.goals.actions.opening import open_sheet
from perfflow.goals.actions.picking import drop_goal, pick_goal
from perfflow.goals.actions.revisions import decide_revision, may_decide, propose_revision

__all__ = [
    "accept_goals",
    "answer_goals",
    "cascade_unit_goals",
    "counter_goals",
    "countersign_goals",
    "decide_goals",
    "decide_revision",
    "drop_goal",
    "lock_goal_sheet",
    "may_decide",
    "mediate_goals",
    "needs_countersign",
    "open_sheet",
    "pick_goal",
    "propose_goals",
    "propose_revision",
    "publish_objectives",
    "record_mid_year_review",
    "sign_goals",
]
