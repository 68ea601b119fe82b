"""What a result is made of, gathered for many people at once."""

from perfflow.reviews.inputs.gathering import gather, Material, min_present_days, scoring_rules
from perfflow.reviews.inputs.parts import Forecast, Line, source_text

__all__ = [
    "Forecast",
    "Line",
    "Material",
    "gather",
    "min_present_days",
    "scoring_rules",
    "source_text",
]
