"""Pure calibration: distribution against a guide, and leniency of raters."""

from perfflow.calibration.rules.distribution import (
    apportion,
    Deviation,
    forced_bands,
    ForcedBands,
    guide,
    guided_deviations,
    MIN_POOL_FOR_LOWER_BANDS,
    needs_second_approval,
    pooled_units,
    Standing,
    tilted_shares,
)
from perfflow.calibration.rules.leniency import Flag, Leniency, leniency, ManagerStatistics

__all__ = [
    "MIN_POOL_FOR_LOWER_BANDS",
    "Deviation",
    "Flag",
    "ForcedBands",
    "Leniency",
    "ManagerStatistics",
    "Standing",
    "apportion",
    "forced_bands",
    "guide",
    "guided_deviations",
    "leniency",
    "needs_second_approval",
    "pooled_units",
    "tilted_shares",
]
