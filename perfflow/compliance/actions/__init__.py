"""What compliance officers do: gate cases, gate reviews, conduct grades."""

from perfflow.compliance.actions.cases import (
    appeal_case,
    attach_joint_liability,
    call_hearing,
    close_case,
    confirm_decision,
    investigate_case,
    open_case,
    propose_decision,
    triage_case,
)
from perfflow.compliance.actions.conduct import grade_conduct
from perfflow.compliance.actions.gate_reviews import review_gate

__all__ = [
    "appeal_case",
    "attach_joint_liability",
    "call_hearing",
    "close_case",
    "confirm_decision",
    "grade_conduct",
    "investigate_case",
    "open_case",
    "propose_decision",
    "review_gate",
    "triage_case",
]
