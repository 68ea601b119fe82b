"""Decision models of DMN 1.1 to 1.5: read a file, evaluate its decisions, check its tables."""

from perfflow.feel.decisions.checks import Finding
from perfflow.feel.decisions.model import DecisionModel, load_dmn
from perfflow.feel.decisions.session import DecisionResult
from perfflow.feel.decisions.tables import MatchedRule, TableTrace

__all__ = ["DecisionModel", "DecisionResult", "Finding", "MatchedRule", "TableTrace", "load_dmn"]
