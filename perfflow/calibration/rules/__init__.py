"""Pure calibration: distribution against a guide, and leniency of raters."""

from perfflow.calibration.rules.distribution import (
    apportion,
    broken_limits,
    Deviation,
    forced_bands,
    ForcedBands,
    guide,
    guided_deviations,
    MIN_POOL,
    MIN_POOL_FOR_LOWER_BANDS,
    needs_second_approval,
    pooled_units,
    Standing,
    tilted_shares,
)
from perfflow.calibration.rules.fairness import (
    adverse_impact,
    GroupImpact,
    Judged,
    MIN_CELL,
)
from perfflow.calibration.rules.leniency import Flag, Leniency, leniency, ManagerStatistics
from perfflow.calibration.rules.moves import neighbours, total_for_band

__all__ = [
    "MIN_CELL",
    "MIN_POOL",
    "MIN_POOL_FOR_LOWER_BANDS",
    "Deviation",
    "Flag",
    "ForcedBands",
    "GroupImpact",
    "Judged",
    "Leniency",
    "ManagerStatistics",
    "Standing",
    "adverse_impact",
    "apportion",
    "broken_limits",
    "forced_bands",
    "guide",
    "guided_deviations",
    "leniency",
    "needs_second_approval",
    "neighbours",
    "pooled_units",
    "tilted_shares",
    "total_for_band",
]
