"""Gathers what a run needs: people with their factors, and what has changed since the main run."""

from perfflow.payouts.gathering.corrections import (
    change_of,
    compute_correction,
    GATE,
    HOLD_ENDED,
    is_stopping,
    LEAVER,
    Proposal,
    proposals,
)
from perfflow.payouts.gathering.members import gather, Gathered, member_from, stored_member
from perfflow.payouts.gathering.ratings import Rated, ratings_of

__all__ = [
    "GATE",
    "HOLD_ENDED",
    "LEAVER",
    "Gathered",
    "Proposal",
    "Rated",
    "change_of",
    "compute_correction",
    "gather",
    "is_stopping",
    "member_from",
    "proposals",
    "ratings_of",
    "stored_member",
]
