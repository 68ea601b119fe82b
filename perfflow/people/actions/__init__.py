"""Writes of people: units, hires, transfers, leavers, and whole files of them."""

from perfflow.people.actions.hand_over import hand_over_tasks, record_absence
from perfflow.people.actions.movements import (
    assign,
    grant_role,
    hire,
    leave,
    transfer,
)
from perfflow.people.actions.units import appoint_head, create_post, create_unit

__all__ = [
    "appoint_head",
    "assign",
    "create_post",
    "create_unit",
    "grant_role",
    "hand_over_tasks",
    "hire",
    "leave",
    "record_absence",
    "transfer",
]
