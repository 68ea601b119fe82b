"""Pure calibration: distribution against a guide, and leniency of raters."""

from perfflow.calibration.rules.distribution import (
    apportion,
    Deviation,
    forced_bands,
    ForcedBands,
    guided_deviations,
    needs_second_approval,
    pooled_units,
    Standing,
    tilted_shares,
)
from perfflow.calibration.rules.leniency import Flag, Leniency, leniency, ManagerStatistics

__all__ = [
    "Deviation",
    "Flag",
    "ForcedBands",
    "Leniency",
    "ManagerStatistics",
    "Standing",
    "apportion",
    "forced_bands",
    "guided_deviations",
    "leniency",
    "needs_second_approval",
    "pooled_units",
    "tilted_shares",
]
