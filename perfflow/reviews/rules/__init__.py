"""Pure scoring: attainment, cards, segments, raters and the result of a person."""

from perfflow.reviews.rules.attainment import Kind, Milestone, Step
from perfflow.reviews.rules.card import CardRules, CardScore, Row, annual_roll_up, score_card
from perfflow.reviews.rules.lines import LineInputs, LineScore, score_line
from perfflow.reviews.rules.person import (
    CalibrationLimits,
    PersonInputs,
    PersonScore,
    ScoringRules,
    SegmentInputs,
    Stage,
    calibrate,
    score_person,
)
from perfflow.reviews.rules.raters import RaterGroup, multi_rater_mean
from perfflow.reviews.rules.segments import (
    Assignment,
    Leave,
    Segment,
    build_segments,
    present_days,
    present_share,
    prorated_target,
    rating_managers,
)

__all__ = [
    "Assignment",
    "CalibrationLimits",
    "CardRules",
    "CardScore",
    "Kind",
    "Leave",
    "LineInputs",
    "LineScore",
    "Milestone",
    "PersonInputs",
    "PersonScore",
    "RaterGroup",
    "Row",
    "ScoringRules",
    "Segment",
    "SegmentInputs",
    "Stage",
    "Step",
    "annual_roll_up",
    "build_segments",
    "calibrate",
    "multi_rater_mean",
    "present_days",
    "present_share",
    "prorated_target",
    "rating_managers",
    "score_card",
    "score_line",
    "score_person",
]
