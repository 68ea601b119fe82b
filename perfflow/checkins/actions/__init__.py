"""What people do during the year: check in, log, note, promise and follow up."""

from perfflow.checkins.actions.check_ins import (
    flag_gap,
    flag_missing,
    hold_check_in,
    prepare_check_in,
    sign_check_in,
)
from perfflow.checkins.actions.commitments import (
    create_commitments,
    follow_up,
    next_follow_up_on,
    update_commitment,
)
from perfflow.checkins.actions.daily import log_activity, write_note

__all__ = [
    "create_commitments",
    "flag_gap",
    "flag_missing",
    "follow_up",
    "hold_check_in",
    "log_activity",
    "next_follow_up_on",
    "prepare_check_in",
    "sign_check_in",
    "update_commitment",
    "write_note",
]
