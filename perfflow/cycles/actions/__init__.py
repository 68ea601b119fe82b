"""Writes of cycles: creating, publishing, launching, announcing, closing."""

from perfflow.cycles.actions.creation import create_cycle, Population
from perfflow.cycles.actions.deadlines import move_cycle_deadline
from perfflow.cycles.actions.running import (
    add_participant,
    announce_data_frozen,
    archive_cycle,
    close_participant,
    close_unit_cascade,
    exclude_participant,
    launch_participants,
    missing_participants,
    open_unit_cascades,
    publish_plan,
)

__all__ = [
    "Population",
    "add_participant",
    "announce_data_frozen",
    "archive_cycle",
    "close_participant",
    "close_unit_cascade",
    "create_cycle",
    "exclude_participant",
    "launch_participants",
    "missing_participants",
    "move_cycle_deadline",
    "open_unit_cascades",
    "publish_plan",
]
