"""Writes of people: units, hires, transfers, leavers, and whole files of them."""

from perfflow.people.actions.movements import (
    assign,
    grant_role,
    hand_over_tasks,
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
    "transfer",
]
