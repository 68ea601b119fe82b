"""FEEL, the expression language of DMN: compile a text once, evaluate it safely many times."""

from perfflow.feel.errors import (
    FeelError,
    FeelLimitError,
    FeelSyntaxError,
    FeelValueError,
    FeelWarning,
)
from perfflow.feel.expression import compile, Expression, Result
from perfflow.feel.values import to_feel, to_python

__all__ = [
    "Expression",
    "FeelError",
    "FeelLimitError",
    "FeelSyntaxError",
    "FeelValueError",
    "FeelWarning",
    "Result",
    "compile",
    "to_feel",
    "to_python",
]
