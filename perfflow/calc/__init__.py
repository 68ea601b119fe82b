"""``perfflow calc``: evaluates lines {fn, in, out} with the code that production uses."""

from perfflow.calc.command import evaluate, main
from perfflow.calc.registry import FUNCTIONS

__all__ = ["FUNCTIONS", "evaluate", "main"]
