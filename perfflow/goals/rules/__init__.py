"""Pure rules of goals: weights, proposals and their differences, the SMART verdict."""

from perfflow.goals.rules.sheets import (
    bp_of,
    check_lines,
    content_hash,
    differences,
    dimension_shares,
    DraftLine,
    is_picked,
    LineChange,
    MAX_ROUNDS,
    percent_of,
    PICKED,
    SMALLEST_BP,
    Status,
    suggested_target,
    weight_total,
)
from perfflow.goals.rules.smart import Evidence, failing, smart_verdict, text_width, Verdict

__all__ = [
    "MAX_ROUNDS",
    "PICKED",
    "SMALLEST_BP",
    "DraftLine",
    "Evidence",
    "LineChange",
    "Status",
    "Verdict",
    "bp_of",
    "check_lines",
    "content_hash",
    "differences",
    "dimension_shares",
    "failing",
    "is_picked",
    "percent_of",
    "smart_verdict",
    "suggested_target",
    "text_width",
    "weight_total",
]
