"""Scenarios: process definitions tested by stories that name steps and what must follow."""

from perfflow.workflow.scenarios.children import run_entries
from perfflow.workflow.scenarios.notation import Entry, parse_scenarios, read_scenarios, SUFFIX
from perfflow.workflow.scenarios.outcome import Outcome
from perfflow.workflow.scenarios.setting import Setting

__all__ = [
    "SUFFIX",
    "Entry",
    "Outcome",
    "Setting",
    "parse_scenarios",
    "read_scenarios",
    "run_entries",
]
