"""Pure scoring: attainment, cards, segments, raters and the result of a person."""

from perfflow.goals.rules.revisions import RevisionMode
from perfflow.reviews.rules.attainment import Kind, Milestone, Step
from perfflow.reviews.rules.card import annual_roll_up, CardRules, CardScore, Row, score_card
from perfflow.reviews.rules.lines import kind_of, LineInputs, LineScore, score_line
from perfflow.reviews.rules.person import (
    calibrate,
    CalibrationLimits,
    PersonInputs,
    PersonScore,
    Quarter,
    score_person,
    ScoringRules,
    SegmentInputs,
    Stage,
)
from perfflow.reviews.rules.raters import multi_rater_mean, RaterGroup
from perfflow.reviews.rules.revisions import (
    revised_target,
    revision_changes,
    TargetChange,
)
from perfflow.reviews.rules.segments import (
    Assignment,
    build_segments,
    Leave,
    present_days,
    present_share,
    prorated_target,
    rating_managers,
    Segment,
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
    "Quarter",
    "RaterGroup",
    "RevisionMode",
    "Row",
    "ScoringRules",
    "Segment",
    "SegmentInputs",
    "Stage",
    "Step",
    "TargetChange",
    "annual_roll_up",
    "build_segments",
    "calibrate",
    "kind_of",
    "multi_rater_mean",
    "present_days",
    "present_share",
    "prorated_target",
    "rating_managers",
    "revised_target",
    "revision_changes",
    "score_card",
    "score_line",
    "score_person",
]
