"""What may be done in calibration: open and close sessions, adjust with a reason."""

from perfflow.calibration.actions.adjusting import adjust, approve_adjustments, REASON_CODES
from perfflow.calibration.actions.sessions import (
    close_session,
    open_session,
    open_sessions,
    sum_up_session,
)

__all__ = [
    "REASON_CODES",
    "adjust",
    "approve_adjustments",
    "close_session",
    "open_session",
    "open_sessions",
    "sum_up_session",
]
