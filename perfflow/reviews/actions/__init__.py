"""What is written in reviews: both voices, the chain of results, publication."""

from perfflow.reviews.actions.closing import (
    announce_results,
    close_review,
    publish_results,
    withdraw_participant,
)
from perfflow.reviews.actions.corrections import correct_result
from perfflow.reviews.actions.results import (
    compute_results,
    record_correction,
    record_result,
    record_results,
    replay,
)
from perfflow.reviews.actions.voices import (
    check_data,
    deem_data_checked,
    manual_lines,
    submit_manager_review,
    submit_self_assessment,
)

__all__ = [
    "announce_results",
    "check_data",
    "close_review",
    "compute_results",
    "correct_result",
    "deem_data_checked",
    "manual_lines",
    "publish_results",
    "record_correction",
    "record_result",
    "record_results",
    "replay",
    "submit_manager_review",
    "submit_self_assessment",
    "withdraw_participant",
]
