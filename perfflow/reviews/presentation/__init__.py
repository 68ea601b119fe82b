"""What people see of a result: the table, the tree, what would change it, the chain."""

from perfflow.reviews.presentation.corrections import Correction, corrections
from perfflow.reviews.presentation.page import performance_page, PerformancePage
from perfflow.reviews.presentation.trial import Trial, trial_page

__all__ = [
    "Correction",
    "PerformancePage",
    "Trial",
    "corrections",
    "performance_page",
    "trial_page",
]
