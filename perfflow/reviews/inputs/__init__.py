"""What a result is made of, gathered for many people at once."""

from perfflow.reviews.inputs.gathering import gather, Material, min_present_days, scoring_rules
from perfflow.reviews.inputs.parts import FLOWS, Forecast, Line, source_text

__all__ = [
    "FLOWS",
    "Forecast",
    "Line",
    "Material",
    "gather",
    "min_present_days",
    "scoring_rules",
    "source_text",
]
