"""What the calibration board shows: people in bands, raters, fairness."""

from perfflow.calibration.presentation.board import (
    Board,
    board_page,
    factors_of,
    preview,
    steps_of,
    total_in_band,
)
from perfflow.calibration.presentation.fairness import fairness
from perfflow.calibration.presentation.raters import raters

__all__ = [
    "Board",
    "board_page",
    "factors_of",
    "fairness",
    "preview",
    "raters",
    "steps_of",
    "total_in_band",
]
