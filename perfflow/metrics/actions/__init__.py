"""Writes of metric values: loads, corrections, gaps, months, the freeze, progress snapshots."""

from perfflow.metrics.actions.loading import load_batch
from perfflow.metrics.actions.months import confirm_month, freeze, snapshot_progress
from perfflow.metrics.actions.values import correct_value, mark_missing

__all__ = [
    "confirm_month",
    "correct_value",
    "freeze",
    "load_batch",
    "mark_missing",
    "snapshot_progress",
]
